//! What was given, and what is missing of it.

use super::page::{DERIVED, PASSKEYS, SCHEMA, TWO_SOURCES, WEBAUTHN};
use super::rule::{Layer, Rule, Source};
use crate::confidence::Confidence;

pub(super) const INPUT_RULES: &[&Rule] = &[
    &NO_POLICY,
    &DOUBTFUL_INPUT,
    &MEMBERSHIP_UNKNOWN,
    &TWO_SOURCES_DISAGREE,
    &GENERIC_SITE,
];

/// No export of the methods policy.
pub const NO_POLICY: Rule = Rule {
    code: "PK001",
    name: "no policy was given",
    layer: Layer::Input,
    best: Confidence::Unknown,
    means: "What the organisation accepts cannot be determined without an export of the authentication methods policy.",
    todo: "Ask an administrator for the export; `hybridd policy how-to-export` prints the commands.",
    flip: "Give the export of the authentication methods policy.",
    source: Source {
        page: &DERIVED,
        says: "The policy is not visible to clients, so only an export shows it.",
    },
};

/// An export or a fact is old, incomplete, unreadable or missing.
pub const DOUBTFUL_INPUT: Rule = Rule {
    code: "PK002",
    name: "an input is missing, incomplete or old",
    layer: Layer::Input,
    best: Confidence::Certain,
    means: "What an export leaves out is unknown, not false. Results that depend on it are less certain.",
    todo: "Export again as raw JSON with all pages, and give the facts that are named as missing.",
    flip: "Give the input that is named as missing.",
    source: Source {
        page: &SCHEMA,
        says: "Graph marks further pages by @odata.nextLink and newer values by unknownFutureValue; flat settings stop returning data on 2027-10-15.",
    },
};

/// It depends on groups that are not known.
pub const MEMBERSHIP_UNKNOWN: Rule = Rule {
    code: "PK003",
    name: "the user's groups are not known",
    layer: Layer::Input,
    best: Confidence::Unknown,
    means: "The policy refers to groups, and the user's membership is not known.",
    todo: "Give the ids of the user's groups, or the export of transitiveMemberOf.",
    flip: "Say whether the user belongs to the named groups.",
    source: Source {
        page: &PASSKEYS,
        says: "Passkeys are enabled for groups, and profiles are assigned to groups.",
    },
};

/// Flat settings and the default profile differ.
pub const TWO_SOURCES_DISAGREE: Rule = Rule {
    code: "PK004",
    name: "flat settings and the default profile disagree",
    layer: Layer::Capability,
    best: Confidence::Certain,
    means: "The tenant has profiles, which take effect. The deprecated flat settings differ and have no effect.",
    todo: "Rely on the profiles, change only the profiles, and expect the flat settings to disappear on 2027-10-15.",
    flip: "Set the default profile and the flat settings to the same values.",
    source: Source {
        page: &TWO_SOURCES,
        says: "A change of the default profile had no effect while flat settings were sent as well.",
    },
};

/// The site is not Microsoft Entra.
pub const GENERIC_SITE: Rule = Rule {
    code: "PK300",
    name: "the site is not Microsoft Entra",
    layer: Layer::Input,
    best: Confidence::Certain,
    means: "The exports describe only Microsoft Entra. This site can be judged only by what the standard requires.",
    todo: "Ask whoever runs the site which passkeys it accepts.",
    flip: "Ask about a passkey for Microsoft Entra.",
    source: Source {
        page: &WEBAUTHN,
        says: "Each relying party decides which authenticators and attestations it accepts.",
    },
};
