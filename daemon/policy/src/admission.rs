//! How a question about a passkey comes out.

/// An outcome.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Admission {
    /// No objection.
    Accepted,
    /// At least one rule refuses, likely or certainly.
    Refused,
    /// A file could not be used.
    Input,
    /// An input is missing, and named.
    Undetermined,
}

impl Admission {
    /// The word in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Input => "input",
            Self::Undetermined => "undetermined",
        }
    }

    /// The exit status of a command that asks.
    pub const fn exit_status(self) -> u8 {
        match self {
            Self::Accepted => 0,
            Self::Refused => 1,
            Self::Input => 2,
            Self::Undetermined => 3,
        }
    }
}
