//! How a user gets to the point of registering a passkey.

use super::page::{PASSES, PASSKEYS, STRENGTHS_WORK};
use super::rule::{Layer, Rule, Source};
use crate::confidence::Confidence;

pub(super) const BOOTSTRAP_RULES: &[&Rule] = &[
    &MFA_NOT_FRESH,
    &NO_WAY_TO_BEGIN,
    &ONE_TIME_WINDOW,
    &PASS_KIND,
    &PASS_NOT_VALID,
    &INTERRUPT_MODE,
];

/// Multi-factor authentication is older than five minutes.
pub const MFA_NOT_FRESH: Rule = Rule {
    code: "PK040",
    name: "multi-factor authentication may be too old",
    layer: Layer::Bootstrap,
    best: Confidence::Possible,
    means: "A passkey is added within five minutes after multi-factor authentication, or the site asks for it again.",
    todo: "Sign in with multi-factor authentication once more and start at once.",
    flip: "Sign in with multi-factor authentication now.",
    source: Source {
        page: &PASSKEYS,
        says: "Users must have completed multi-factor authentication within the past five minutes.",
    },
};

/// No method, and no pass.
pub const NO_WAY_TO_BEGIN: Rule = Rule {
    code: "PK041",
    name: "there is no way to begin",
    layer: Layer::Bootstrap,
    best: Confidence::Certain,
    means: "The first passkey needs another method before it. This user has none and can be given no Temporary Access Pass.",
    todo: "An administrator enables Temporary Access Passes for the user and issues one.",
    flip: "Enable Temporary Access Passes for the user.",
    source: Source {
        page: &PASSES,
        says: "A user without another method bootstraps with a pass, which the policy must allow for this user.",
    },
};

/// Ten minutes after a one-time pass.
pub const ONE_TIME_WINDOW: Rule = Rule {
    code: "PK042",
    name: "a one-time pass leaves ten minutes",
    layer: Layer::Bootstrap,
    best: Confidence::Certain,
    means: "After signing in with a one-time pass registration must be finished within ten minutes, and the pass cannot be used again.",
    todo: "Have everything ready first, or ask for a pass that can be used more than once.",
    flip: "Use a new pass, or one for several uses.",
    source: Source {
        page: &PASSES,
        says: "With a one-time pass a passkey must be registered within ten minutes of signing in; this does not hold for multi-use passes.",
    },
};

/// Policy, pass and strength want different kinds.
pub const PASS_KIND: Rule = Rule {
    code: "PK043",
    name: "the kind of pass does not fit",
    layer: Layer::Bootstrap,
    best: Confidence::Certain,
    means: "The policy issues one-time passes alone, and what is there or asked for is a pass for several uses.",
    todo: "Issue a one-time pass, or let the policy or the strength take both kinds.",
    flip: "Set isUsableOnce to false in the policy of passes.",
    source: Source {
        page: &PASSES,
        says: "If the policy requires one-time use, passes for several uses cannot sign in.",
    },
};

/// Expired, not yet valid, or used.
pub const PASS_NOT_VALID: Rule = Rule {
    code: "PK044",
    name: "the pass is not valid now",
    layer: Layer::Bootstrap,
    best: Confidence::Certain,
    means: "The user's Temporary Access Pass has expired, is not valid yet, or cannot be used.",
    todo: "An administrator issues a new pass.",
    flip: "Issue a new pass.",
    source: Source {
        page: &PASSES,
        says: "A pass is valid from its start for its lifetime.",
    },
};

/// A registration that the sign-in asks for cannot add passkeys.
pub const INTERRUPT_MODE: Rule = Rule {
    code: "PK045",
    name: "registration during sign-in cannot add a passkey",
    layer: Layer::Bootstrap,
    best: Confidence::Possible,
    means: "When a sign-in is interrupted to register methods, passkeys are not offered; they are added in Security info alone.",
    todo: "Let users add passkeys in Security info before a strength asks for them.",
    flip: "Let the strength accept another method or a pass as well.",
    source: Source {
        page: &STRENGTHS_WORK,
        says: "Passkeys cannot be registered in interrupt mode, and a strength can ask for one that is not there.",
    },
};
