//! The files that a person names: read with their age, standard input once.

use super::super::inspect::NotInspected;
use super::super::say::say;
use crate::export_files::{self, FileRead, NoExports};
use hybrid_attestation::NoEvidence;
use hybrid_policy::Judgement;
use std::fmt;
use std::io::{self, IsTerminal as _, Read as _};
use std::path::Path;

/// The files of one command.
#[derive(Default)]
pub(super) struct Input {
    stdin_taken: bool,
}

impl Input {
    /// Reads a file; `-` is standard input, which can be read once.
    ///
    /// # Errors
    /// [`NoInput`] says which file, and why.
    pub(super) fn read(&mut self, path: &Path, most: u64) -> Result<FileRead, NoInput> {
        if path != Path::new("-") {
            return export_files::read_file(path, most).map_err(NoInput::Files);
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
            Err(error) => Err(NoInput::Files(NoExports::Io { name, error })),
        }
    }
}

/// Why a question cannot be asked.
#[derive(Debug)]
pub(in crate::cli) enum NoInput {
    Files(NoExports),
    /// Two arguments name it.
    StdinTwice,
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
    /// A question without exports that could answer it.
    NoPolicy,
    /// Exports of several users, by a file of each.
    SeveralUsers(Vec<String>),
    /// No passkey, or more than one, is the wanted one; those that there are.
    Method {
        file: String,
        listed: Vec<String>,
    },
    /// There is no export that a passkey could be chosen from.
    NoMethods,
}

impl fmt::Display for NoInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Files(error) => error.fmt(f),
            Self::StdinTwice => f.write_str(
                "standard input (-) can be read once: save all but one of these inputs to files",
            ),
            Self::Evidence {
                name,
                error: NoEvidence::Several,
            } => write!(
                f,
                "{name}: {}. A user's methods belong to --policy: then each passkey is judged, or the one that \
                 --method NAME chooses",
                NoEvidence::Several
            ),
            Self::Evidence { name, error } => write!(f, "{name}: {error}"),
            Self::Other { name, expected } => {
                write!(f, "{name}: expected {expected}, got something else")
            }
            Self::Metadata(error) => error.fmt(f),
            Self::NoPolicy => f.write_str(
                "there is a question for the organisation's policy, but no export: give --policy FILE, too",
            ),
            Self::SeveralUsers(files) => write!(
                f,
                "{}: these are of different users, or do not say of whom (@odata.context); check judges one person: \
                 give one user's methods",
                files.join(", ")
            ),
            Self::Method { file, listed } if listed.is_empty() => {
                write!(f, "--method: {file} has no passkey")
            }
            Self::Method { file, listed } => write!(
                f,
                "--method: expected the name or id of one passkey of {file}, which has {}",
                listed.join(", ")
            ),
            Self::NoMethods => f.write_str(
                "--method chooses a passkey from an export of the user's methods: give it to --policy \
                 (hybridd policy how-to-export)",
            ),
        }
    }
}

impl std::error::Error for NoInput {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Files(error) => Some(error),
            Self::Evidence { error, .. } => Some(error),
            Self::Metadata(error) => Some(error),
            Self::StdinTwice
            | Self::Other { .. }
            | Self::NoPolicy
            | Self::SeveralUsers(_)
            | Self::Method { .. }
            | Self::NoMethods => None,
        }
    }
}

/// A judgement, unless the question and the files contradict each other.
pub(super) fn usable(judgement: Judgement) -> Result<Judgement, NoInput> {
    match judgement.errors.is_empty() {
        true => Ok(judgement),
        false => Err(NoInput::Files(NoExports::Unusable(judgement.errors))),
    }
}
