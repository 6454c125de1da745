//! Where a setting comes from, and what is wrong there.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::PathBuf;

/// Where a setting comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SettingSource {
    /// Nobody has set it.
    Default,
    /// A line of a settings file.
    File {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// An environment variable.
    Variable(&'static str),
    /// An option of the command line, without its dashes.
    Flag(&'static str),
}

impl fmt::Display for SettingSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Variable(name) => f.write_str(name),
            Self::Flag(name) => write!(f, "--{name}"),
        }
    }
}

/// Settings that cannot be used: where it stands, and what is wrong there.
#[derive(Debug)]
pub struct SettingsProblem {
    place: String,
    why: String,
    cause: Option<io::Error>,
}

impl SettingsProblem {
    pub(super) fn new(place: impl fmt::Display, why: impl Into<String>) -> Self {
        Self {
            place: place.to_string(),
            why: why.into(),
            cause: None,
        }
    }

    pub(super) fn unread(place: impl fmt::Display, error: io::Error) -> Self {
        Self {
            place: place.to_string(),
            why: format!("the settings cannot be read: {error}"),
            cause: Some(error),
        }
    }
}

impl fmt::Display for SettingsProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.why)
    }
}

impl Error for SettingsProblem {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause
            .as_ref()
            .map(|error| error as &(dyn Error + 'static))
    }
}
