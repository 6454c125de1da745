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
    means: "A passkey must be added within five minutes of multi-factor authentication; otherwise the site asks for it again.",
    todo: "Sign in with multi-factor authentication again and start immediately.",
    flip: "Sign in with multi-factor authentication now.",
    source: Source {
        page: &PASSKEYS,
        says: "Users must have completed multi-factor authentication within the past five minutes.",
    },
};

/// No method, and no pass.
pub const NO_WAY_TO_BEGIN: Rule = Rule {
    code: "PK041",
    name: "a user without a method cannot start",
    layer: Layer::Bootstrap,
    best: Confidence::Certain,
    means: "Registering the first passkey requires another method. This user has none, and no Temporary Access Pass can be issued.",
    todo: "Ask an administrator to enable Temporary Access Passes for the user and to issue one.",
    flip: "Enable Temporary Access Passes for the user.",
    source: Source {
        page: &PASSES,
        says: "A user without another method bootstraps with a pass, which the policy must allow for this user.",
    },
};

/// Ten minutes after a one-time pass.
pub const ONE_TIME_WINDOW: Rule = Rule {
    code: "PK042",
    name: "a one-time pass allows ten minutes",
    layer: Layer::Bootstrap,
    best: Confidence::Certain,
    means: "Registration must be finished within ten minutes of signing in with a one-time pass, and the pass cannot be used again.",
    todo: "Prepare everything before using the pass, or ask for a multi-use pass.",
    flip: "Use a new pass or a multi-use pass.",
    source: Source {
        page: &PASSES,
        says: "With a one-time pass a passkey must be registered within ten minutes of signing in; this does not hold for multi-use passes.",
    },
};

/// Policy, pass and strength want different kinds.
pub const PASS_KIND: Rule = Rule {
    code: "PK043",
    name: "the type of pass is not accepted",
    layer: Layer::Bootstrap,
    best: Confidence::Certain,
    means: "The policy allows only one-time passes, and the pass that exists or is required is a multi-use pass.",
    todo: "Issue a one-time pass, or allow both types in the policy or the strength.",
    flip: "Set isUsableOnce to false in the Temporary Access Pass policy.",
    source: Source {
        page: &PASSES,
        says: "If the policy requires one-time use, multi-use passes cannot sign in.",
    },
};

/// Expired, not yet valid, or used.
pub const PASS_NOT_VALID: Rule = Rule {
    code: "PK044",
    name: "the pass is not valid now",
    layer: Layer::Bootstrap,
    best: Confidence::Certain,
    means: "The user's Temporary Access Pass has expired, is not valid yet, or cannot be used.",
    todo: "Ask an administrator for a new pass.",
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
    means: "When a sign-in is interrupted to register methods, passkeys are not offered; they can only be added in Security info.",
    todo: "Have users add passkeys in Security info before a strength requires them.",
    flip: "Allow another method or a pass in the strength.",
    source: Source {
        page: &STRENGTHS_WORK,
        says: "Passkeys cannot be registered in interrupt mode, and a strength can require one that does not exist.",
    },
};
