//! The exit codes that scripts rely on.

use std::process::ExitCode;

/// The exit codes of every command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Exit {
    /// Done.
    Done = 0,
    /// The phone or the person declined; a policy refuses, or something was found in it.
    Declined = 1,
    /// Wrong usage or input.
    Usage = 2,
    /// A prerequisite failed; for a verdict an input is missing.
    Prerequisite = 3,
    /// Timed out.
    TimedOut = 4,
    /// Our own defect.
    Defect = 5,
    /// Done on the phone, but the answer could not be written.
    Unwritten = 6,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
