//! Why an input holds no evidence.

use crate::intake::IntakeError;
use std::fmt;

/// Why an input says nothing that a policy can be asked about.
#[derive(Debug)]
pub enum NoEvidence {
    /// It cannot be read.
    Intake(IntakeError),
    /// A response whose bytes cannot be read; what was expected there.
    Broken(String),
    /// More than one passkey or site.
    Several,
    /// Neither a response nor options.
    Nothing,
}

impl fmt::Display for NoEvidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Intake(error) => error.fmt(f),
            Self::Broken(why) => f.write_str(why),
            Self::Several => f.write_str(
                "expected one passkey or the options of one site, got several; a policy is asked about one at a time",
            ),
            Self::Nothing => f.write_str(
                "expected a response, options, a record or a model's id (AAGUID), got only client data",
            ),
        }
    }
}

impl std::error::Error for NoEvidence {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Intake(error) => Some(error),
            Self::Broken(_) | Self::Several | Self::Nothing => None,
        }
    }
}
