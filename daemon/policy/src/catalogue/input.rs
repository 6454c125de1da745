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
    means: "Without an export of the authentication methods policy nothing can be said about what the organisation accepts.",
    todo: "Ask an administrator for the export; `hybridd policy how-to-export` prints the commands.",
    flip: "Give the export of the authentication methods policy.",
    source: Source {
        page: &DERIVED,
        says: "The policy is not visible to clients, so only an export tells it.",
    },
};

/// An export or a fact is old, incomplete, unreadable or missing.
pub const DOUBTFUL_INPUT: Rule = Rule {
    code: "PK002",
    name: "an input is missing, incomplete or old",
    layer: Layer::Input,
    best: Confidence::Certain,
    means: "What an export leaves out is unknown and not false. Whatever rests on it is less sure.",
    todo: "Export again as raw JSON, all pages of it, and give the facts that are named as missing.",
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
    means: "The policy speaks of groups, and it is not known whether the user belongs to them.",
    todo: "Give the ids of the user's groups, or the export of transitiveMemberOf.",
    flip: "Say whether the user belongs to the groups that are named.",
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
    means: "The tenant has profiles, which decide. The deprecated flat settings say something else and decide nothing.",
    todo: "Judge by the profiles, change the profiles alone, and expect the flat settings to vanish on 2027-10-15.",
    flip: "Bring the default profile and the flat settings to the same values.",
    source: Source {
        page: &TWO_SOURCES,
        says: "A change of the default profile did not take while flat settings were sent as well.",
    },
};

/// The site is not Microsoft Entra.
pub const GENERIC_SITE: Rule = Rule {
    code: "PK300",
    name: "the site is not Microsoft Entra",
    layer: Layer::Input,
    best: Confidence::Certain,
    means: "The exports speak for Microsoft Entra alone. Of this site only what the standard asks for can be judged.",
    todo: "Ask whoever runs the site which passkeys it accepts.",
    flip: "Ask about a passkey for Microsoft Entra.",
    source: Source {
        page: &WEBAUTHN,
        says: "Each relying party decides by itself which authenticators and attestations it accepts.",
    },
};
