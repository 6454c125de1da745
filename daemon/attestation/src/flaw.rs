//! Why an attestation is not verified: something in it is wrong, or this program cannot tell.

use std::fmt;

/// Why an attestation statement is not verified.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Flaw {
    /// This part is not what it has to be.
    Malformed(&'static str),
    /// A signature is not of the key that it has to be of: whose it is.
    Signature(&'static str),
    /// Two parts differ that have to be the same; a sentence.
    Differs(&'static str),
    /// A certificate breaks a rule of its format; a sentence.
    Certificate(&'static str),
    /// The credential's key breaks a rule; a sentence.
    Key(&'static str),
    /// This part has a member twice, so that nobody can say which of the two counts.
    Doubled(&'static str),
    /// A format, an algorithm or a kind of key that this program does not verify.
    Unsupported(String),
    /// Without this there is nothing to verify against.
    Missing(&'static str),
}

impl Flaw {
    /// Whether something is wrong, and not merely beyond this program.
    pub const fn is_wrong(&self) -> bool {
        match self {
            Self::Malformed(_)
            | Self::Signature(_)
            | Self::Differs(_)
            | Self::Certificate(_)
            | Self::Key(_)
            | Self::Doubled(_) => true,
            Self::Unsupported(_) | Self::Missing(_) => false,
        }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(part) => write!(f, "{part} is malformed"),
            Self::Signature(whose) => write!(f, "the signature is not of {whose}"),
            Self::Differs(what) | Self::Certificate(what) | Self::Key(what) => f.write_str(what),
            Self::Doubled(part) => write!(
                f,
                "{part} has a member twice, and programs differ in which of the two they read"
            ),
            Self::Unsupported(what) => write!(f, "this program does not verify {what}"),
            Self::Missing(what) => write!(f, "{what} is missing"),
        }
    }
}

impl std::error::Error for Flaw {}
