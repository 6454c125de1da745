//! Which of the two kinds options are of.

use std::fmt;

/// What a site's options ask for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OptionsKind {
    /// `PublicKeyCredentialCreationOptionsJSON`.
    Registration,
    /// `PublicKeyCredentialRequestOptionsJSON`.
    SignIn,
}

impl OptionsKind {
    /// The members without which options of this kind are none.
    pub(crate) const fn needed(self) -> &'static str {
        match self {
            Self::Registration => "challenge, rp and user",
            Self::SignIn => "challenge",
        }
    }
}

impl fmt::Display for OptionsKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Registration => "registration",
            Self::SignIn => "sign-in",
        })
    }
}
