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
    means: "The passkey holds another user principal name than the user has.",
    todo: "Delete the passkey and register again under the new name.",
    flip: "Register again under the new name.",
    source: Source {
        page: &PASSKEYS,
        says: "When the user principal name changes, the passkey is deleted and added anew.",
    },
};

/// No account is left out.
pub const NO_EMERGENCY_ACCOUNT: Rule = Rule {
    code: "PK213",
    name: "a policy for everyone leaves no account out",
    layer: Layer::Recovery,
    best: Confidence::Possible,
    means: "The policy applies to all users without an exclusion, so a mistake in it can lock everyone out.",
    todo: "Exclude emergency access accounts.",
    flip: "Exclude one emergency account.",
    source: Source {
        page: &DERIVED,
        says: "A policy for all users without an exclusion has the emergency accounts as well.",
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
        says: "A passkey that is bound to a device is lost with it.",
    },
};

/// The change takes sign-in away.
pub const LOCKED_OUT: Rule = Rule {
    code: "PK221",
    name: "the change locks passkeys out",
    layer: Layer::Recovery,
    best: Confidence::Certain,
    means: "Passkeys that sign in today cannot after the change: types and AAGUIDs are checked at every sign-in, and exclusion wins.",
    todo: "Give these users another method before the change is saved.",
    flip: "Leave out the part of the change that is named.",
    source: Source {
        page: &PASSKEYS,
        says: "Taking away an AAGUID or synced blocks existing passkeys, while attestation counts at registration alone.",
    },
};
