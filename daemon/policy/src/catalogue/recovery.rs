//! What happens when a device is lost, a name changes, or a policy is changed.

use super::page::{DERIVED, PASSKEYS};
use super::rule::{Layer, Rule, Source};
use crate::confidence::Confidence;

pub(super) const RECOVERY_RULES: &[&Rule] = &[
    &NAME_CHANGED,
    &NO_EMERGENCY_ACCOUNT,
    &SINGLE_PASSKEY,
    &LOCKED_OUT,
];

/// Another user name than at registration.
pub const NAME_CHANGED: Rule = Rule {
    code: "PK031",
    name: "the user's name has changed",
    layer: Layer::Recovery,
    best: Confidence::Likely,
    means: "The user principal name in the passkey differs from the user's.",
    todo: "Delete the passkey and register again under the new name.",
    flip: "Register again under the new name.",
    source: Source {
        page: &PASSKEYS,
        says: "When the user principal name changes, delete the passkey and add it again.",
    },
};

/// No account is left out.
pub const NO_EMERGENCY_ACCOUNT: Rule = Rule {
    code: "PK213",
    name: "a policy for all users excludes no account",
    layer: Layer::Recovery,
    best: Confidence::Possible,
    means: "The policy applies to all users without an exclusion, so a mistake in it can lock everyone out.",
    todo: "Exclude emergency access accounts.",
    flip: "Exclude one emergency account.",
    source: Source {
        page: &DERIVED,
        says: "A policy for all users without an exclusion includes the emergency accounts.",
    },
};

/// One device-bound passkey, and no pass.
pub const SINGLE_PASSKEY: Rule = Rule {
    code: "PK220",
    name: "one lost device locks the user out",
    layer: Layer::Recovery,
    best: Confidence::Certain,
    means: "The user has one passkey, bound to one device, and the tenant issues no Temporary Access Passes.",
    todo: "Register a second passkey, or enable Temporary Access Passes.",
    flip: "Register a second passkey.",
    source: Source {
        page: &DERIVED,
        says: "A device-bound passkey is lost with its device.",
    },
};

/// The change takes sign-in away.
pub const LOCKED_OUT: Rule = Rule {
    code: "PK221",
    name: "the change locks out passkeys",
    layer: Layer::Recovery,
    best: Confidence::Certain,
    means: "The old state accepts these sign-ins, and the new one refuses them or leaves it open. Type and AAGUID are checked at every sign-in, exclusion takes precedence, and a Conditional Access policy lets nobody in without what it requires.",
    todo: "Give these users another method before the change takes effect, and exclude emergency access accounts.",
    flip: "Leave out the named part of the change.",
    source: Source {
        page: &PASSKEYS,
        says: "Removing an AAGUID or synced blocks existing passkeys, while attestation is checked only at registration.",
    },
};
