//! Why a ceremony is not kept, or what is kept cannot be read.

use super::header::VERSION;
use crate::private_file::NotPrivate;
use std::fmt;
use std::io;

/// Why a ceremony is not kept, or what is kept cannot be read.
#[derive(Debug)]
pub enum NotKept {
    /// A newer version of hybridd wrote the file, which is left as it is.
    Newer(u64),
    /// The file is no history, and left as it is.
    Foreign,
    /// It cannot be read.
    Unreadable(io::Error),
    /// It cannot be written.
    Unwritten(NotPrivate),
}

impl fmt::Display for NotKept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Newer(version) => write!(
                f,
                "it was written by a newer hybridd (version {version} of the history, this one knows up to {VERSION}); it is left as it is"
            ),
            Self::Foreign => {
                f.write_str("it is no history that this hybridd understands; it is left as it is")
            }
            Self::Unreadable(error) => write!(f, "it cannot be read: {error}"),
            Self::Unwritten(error) => write!(f, "it cannot be written: {error}"),
        }
    }
}

impl std::error::Error for NotKept {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Newer(_) | Self::Foreign => None,
            Self::Unreadable(error) => Some(error),
            Self::Unwritten(error) => Some(error),
        }
    }
}
