//! What a user is asked, and what they say.

use std::fmt;

/// A command as a user would be asked about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Prompt {
    /// The name of the command, as in the specification without "authenticator".
    pub command: &'static str,
    /// The relying party, when the command names one.
    pub rp_id: Option<String>,
}

/// What the user said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Consent {
    /// They agree, and unlocked the phone for it.
    Approved,
    /// They do not agree.
    Denied,
}

impl fmt::Display for Prompt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} for {}",
            self.command,
            self.rp_id.as_deref().unwrap_or("an unnamed site")
        )
    }
}
