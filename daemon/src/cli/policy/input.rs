//! The files that a person names: read with their age, standard input once.

use super::super::inspect::NotInspected;
use super::super::say::say;
use hybrid_attestation::NoEvidence;
use hybrid_policy::{ImportError, Moment};
use std::fmt;
use std::io::{self, IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// The files of one command.
#[derive(Default)]
pub(super) struct Input {
    stdin_taken: bool,
}

/// A file that was read.
pub(super) struct FileRead {
    /// As the person named it.
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
    /// When it was written, which nobody knows of standard input.
    pub(super) written: Option<Moment>,
}

impl Input {
    /// Reads a file; `-` is standard input, which can be read once.
    ///
    /// # Errors
    /// [`NoInput`] says which file, and why.
    pub(super) fn read(&mut self, path: &Path, most: u64) -> Result<FileRead, NoInput> {
        if path != Path::new("-") {
            let name = path.display().to_string();
            return match hybrid_process::read(path, most) {
                Ok(bytes) => Ok(FileRead {
                    name,
                    bytes,
                    written: written(path),
                }),
                Err(error) => Err(NoInput::Io { name, error }),
            };
        }
        let name = "standard input".to_owned();
        if self.stdin_taken {
            return Err(NoInput::StdinTwice);
        }
        self.stdin_taken = true;
        if io::stdin().is_terminal() {
            say("Waiting for JSON on standard input: paste it, then press Enter and Ctrl-D.");
        }
        let mut bytes = Vec::new();
        match io::stdin().take(most + 1).read_to_end(&mut bytes) {
            Ok(_) => Ok(FileRead {
                name,
                bytes,
                written: None,
            }),
            Err(error) => Err(NoInput::Io { name, error }),
        }
    }
}

/// The clock.
pub(super) fn now() -> Moment {
    moment(SystemTime::now()).unwrap_or(Moment(0))
}

fn written(path: &Path) -> Option<Moment> {
    moment(std::fs::metadata(path).ok()?.modified().ok()?)
}

fn moment(time: SystemTime) -> Option<Moment> {
    let since = time.duration_since(UNIX_EPOCH).ok()?;
    Some(Moment(i64::try_from(since.as_secs()).ok()?))
}

/// Why a question cannot be asked.
#[derive(Debug)]
pub(in crate::cli) enum NoInput {
    Io {
        name: String,
        error: io::Error,
    },
    /// Two arguments name it.
    StdinTwice,
    /// A folder without any export.
    EmptyFolder(PathBuf),
    Exports(Vec<ImportError>),
    Evidence {
        name: String,
        error: NoEvidence,
    },
    /// Something else was expected in this file.
    Other {
        name: String,
        expected: &'static str,
    },
    Metadata(NotInspected),
}

impl fmt::Display for NoInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { name, error } => write!(f, "cannot read {name}: {error}"),
            Self::StdinTwice => f.write_str(
                "standard input (-) can be read once: save all but one of these inputs to files",
            ),
            Self::EmptyFolder(path) => {
                write!(
                    f,
                    "{}: no file in this folder ends in .json",
                    path.display()
                )
            }
            Self::Exports(errors) => {
                for (place, error) in errors.iter().enumerate() {
                    let separator = if place == 0 { "" } else { "\n  " };
                    write!(f, "{separator}{error}")?;
                }
                Ok(())
            }
            Self::Evidence { name, error } => write!(f, "{name}: {error}"),
            Self::Other { name, expected } => {
                write!(f, "{name}: expected {expected}, got something else")
            }
            Self::Metadata(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for NoInput {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { error, .. } => Some(error),
            Self::Evidence { error, .. } => Some(error),
            Self::Metadata(error) => Some(error),
            Self::Exports(errors) => errors.first().map(|error| error as _),
            Self::StdinTwice | Self::EmptyFolder(_) | Self::Other { .. } => None,
        }
    }
}
