//! Where Conditional Access asks for a passkey, and whether this one is enough there.

use super::page::{AUTHENTICATOR, DERIVED, SCHEMA, STRENGTH_SCHEMA, STRENGTHS, STRENGTHS_WORK};
use super::rule::{Layer, Rule, Source};
use crate::confidence::Confidence;

pub(super) const ENFORCEMENT_RULES: &[&Rule] = &[
    &NOT_REQUIRED,
    &SATISFIED,
    &STRENGTH_MODEL,
    &STRENGTH_WITHOUT_PASSKEY,
    &REPORT_ONLY,
    &CONJUNCTION,
    &OPEN_CONDITIONS,
    &LOOP_OF_STRENGTH,
    &LOOP_OF_APP_PROTECTION,
    &STRENGTH_UNREACHABLE,
];

/// Nothing asks for a passkey.
pub const NOT_REQUIRED: Rule = Rule {
    code: "PK200",
    name: "no policy requires a passkey",
    layer: Layer::Enforcement,
    best: Confidence::Likely,
    means: "Enabling a method does not enforce it: weaker methods remain sufficient wherever the user signs in.",
    todo: "To require passkeys, add a Conditional Access policy with an authentication strength.",
    flip: "Enable a policy with a phishing-resistant strength for the user.",
    source: Source {
        page: &STRENGTHS,
        says: "Authentication strengths in Conditional Access define which methods are sufficient.",
    },
};

/// All strengths accept it.
pub const SATISFIED: Rule = Rule {
    code: "PK201",
    name: "the passkey satisfies what is required",
    layer: Layer::Enforcement,
    best: Confidence::Likely,
    means: "Every enabled policy that matches accepts this passkey. Conditional Access runs after the first factor, so the user may still be asked for a password.",
    todo: "The strengths need no change. If another verdict refuses, follow that one.",
    flip: "Remove the AAGUID or the method from the named strength.",
    source: Source {
        page: &STRENGTHS_WORK,
        says: "All policies that apply must be satisfied, and one method can satisfy several strengths.",
    },
};

/// The strength lists other models.
pub const STRENGTH_MODEL: Rule = Rule {
    code: "PK202",
    name: "a strength does not list the model",
    layer: Layer::Enforcement,
    best: Confidence::Certain,
    means: "A sign-in with this passkey fails where this strength is required, whatever the methods policy accepts.",
    todo: "Use a provider that the strength lists, or have its AAGUID added.",
    flip: "Add the AAGUID to allowedAAGUIDs of the strength.",
    source: Source {
        page: &STRENGTH_SCHEMA,
        says: "A strength's configuration for fido2 lists the AAGUIDs that are sufficient.",
    },
};

/// The policy has no place for passkeys.
pub const STRENGTH_WITHOUT_PASSKEY: Rule = Rule {
    code: "PK203",
    name: "a policy does not accept passkeys",
    layer: Layer::Enforcement,
    best: Confidence::Likely,
    means: "A passkey cannot satisfy the policy: its strength lacks fido2, or it blocks access or requires something else.",
    todo: "Use a method that the policy accepts, or have fido2 added to its strength. Where it blocks access, only a change of the policy helps.",
    flip: "Add fido2 to allowedCombinations of the strength.",
    source: Source {
        page: &STRENGTHS_WORK,
        says: "A method that is not in a strength does not satisfy it.",
    },
};

/// Report-only.
pub const REPORT_ONLY: Rule = Rule {
    code: "PK204",
    name: "a policy is in report-only mode",
    layer: Layer::Enforcement,
    best: Confidence::Certain,
    means: "The policy is in report-only mode: it evaluates its requirement and enforces nothing yet.",
    todo: "Check its results in the sign-in logs before you enable it.",
    flip: "Set the policy's state to enabled.",
    source: Source {
        page: &SCHEMA,
        says: "A policy in the state enabledForReportingButNotEnforced is evaluated and not enforced.",
    },
};

/// Two strengths with nothing in common.
pub const CONJUNCTION: Rule = Rule {
    code: "PK205",
    name: "two strengths have no method in common",
    layer: Layer::Enforcement,
    best: Confidence::Likely,
    means: "Both policies apply, so the user must sign in with a method of each.",
    todo: "Give both policies a method in common.",
    flip: "Add a method of one strength to the other.",
    source: Source {
        page: &STRENGTHS_WORK,
        says: "All strengths that apply must be satisfied.",
    },
};

/// Conditions that no export decides.
pub const OPEN_CONDITIONS: Rule = Rule {
    code: "PK206",
    name: "exports cannot show whether a policy applies",
    layer: Layer::Enforcement,
    best: Confidence::Unknown,
    means: "The policy depends on risk, location, device, filters or memberships that the exports do not contain.",
    todo: "Check the named conditions, or use the What If tool of the admin centre.",
    flip: "Give the named conditions.",
    source: Source {
        page: &DERIVED,
        says: "No export contains the conditions of a session.",
    },
};

/// The strength needs what it keeps from being registered.
pub const LOOP_OF_STRENGTH: Rule = Rule {
    code: "PK210",
    name: "a passkey is needed to register the first passkey",
    layer: Layer::Enforcement,
    best: Confidence::Likely,
    means: "Registration itself, or all resources with it, requires a strength that no pass satisfies, so users without a passkey cannot register one.",
    todo: "Add Temporary Access Passes to the strength, or create a policy for registering security info that accepts passes.",
    flip: "Add temporaryAccessPassOneTime to allowedCombinations of the strength.",
    source: Source {
        page: &AUTHENTICATOR,
        says: "A phishing-resistant strength on all resources keeps users from registering; a strength with passes avoids this.",
    },
};

/// App protection on all resources.
pub const LOOP_OF_APP_PROTECTION: Rule = Rule {
    code: "PK211",
    name: "app protection prevents registration in Authenticator",
    layer: Layer::Enforcement,
    best: Confidence::Likely,
    means: "All resources require an approved or protected app, and Authenticator does not count as one while it registers a passkey.",
    todo: "Accept a compliant device as well, or exclude the app Microsoft Authenticator Credential Registration (6aa00308-ea33-4caa-90d6-ae905d8cb51b), provisioned first.",
    flip: "Exclude the app 6aa00308-ea33-4caa-90d6-ae905d8cb51b.",
    source: Source {
        page: &AUTHENTICATOR,
        says: "Policies that require an approved app or app protection for all resources block registration in Authenticator.",
    },
};

/// Nobody can comply.
pub const STRENGTH_UNREACHABLE: Rule = Rule {
    code: "PK212",
    name: "a strength requires models that nobody can register",
    layer: Layer::Enforcement,
    best: Confidence::Certain,
    means: "No assigned profile accepts any of the AAGUIDs that the strength lists, so no passkey can ever satisfy it.",
    todo: "Align the strength and the profiles: each has its own list of AAGUIDs.",
    flip: "Add one AAGUID of the strength to aaGuids of an assigned profile.",
    source: Source {
        page: &DERIVED,
        says: "Strengths and profiles list AAGUIDs independently of each other.",
    },
};
