//! The WebAuthn options of `register` and `sign-in`, from a file or standard input.

use super::say::say;
use crate::session::Ask;
use hybrid_webauthn::{OptionsError, decode_options};
use std::fmt;
use std::io::{self, IsTerminal as _, Read as _};
use std::path::Path;
use std::time::Instant;
use tokio::sync::mpsc;
use tokio::task::JoinError;

/// Larger than any options of a real site by far.
const MAX_OPTIONS: u64 = 1 << 20;

/// Why there are no options.
pub(super) enum NoOptions {
    Wrong(OptionsUnread),
    Stopped,
    TimedOut,
}

/// Reads the options, which may come late or never; the person can stop it, and so does
/// `--seconds`.
pub(super) async fn read_by(
    limit: Option<Instant>,
    path: &Path,
    asks: &mut mpsc::Receiver<Ask>,
) -> Result<String, NoOptions> {
    if path == Path::new("-") && io::stdin().is_terminal() {
        say(
            "Waiting for the WebAuthn options (JSON) on standard input: paste them, then press Enter and Ctrl-D. To read a file, use --options FILE.",
        );
    }
    let path = path.to_owned();
    let read = tokio::task::spawn_blocking(move || read(&path));
    let over = async {
        match limit {
            Some(limit) => tokio::time::sleep_until(limit.into()).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        read = read => read.unwrap_or_else(|error| Err(OptionsUnread::BrokenOff(error))).map_err(NoOptions::Wrong),
        _ = asks.recv() => Err(NoOptions::Stopped),
        () = over => Err(NoOptions::TimedOut),
    }
}

fn read(path: &Path) -> Result<String, OptionsUnread> {
    let mut bytes = Vec::new();
    let name = named(path);
    let read = if path == Path::new("-") {
        io::stdin().take(MAX_OPTIONS + 1).read_to_end(&mut bytes)
    } else {
        hybrid_process::open(path)
            .and_then(|file| file.take(MAX_OPTIONS + 1).read_to_end(&mut bytes))
    };
    if let Err(error) = read {
        return Err(OptionsUnread::Io { name, error });
    }
    let text = match decode_options(&bytes) {
        Ok(text) => text,
        Err(error) => return Err(OptionsUnread::Unusable { name, error }),
    };
    if text.trim().is_empty() {
        return Err(OptionsUnread::Empty { name });
    }
    Ok(text)
}

/// Where options come from, for a person.
fn named(path: &Path) -> String {
    if path == Path::new("-") {
        "standard input".to_owned()
    } else {
        path.display().to_string()
    }
}

/// What is wrong with the options, or with where they come from.
#[derive(Debug)]
pub(super) enum OptionsUnread {
    Empty {
        name: String,
    },
    Io {
        name: String,
        error: io::Error,
    },
    /// They are no text, or do not say what a ceremony needs.
    Unusable {
        name: String,
        error: OptionsError,
    },
    /// The thread that read them ended without a result.
    BrokenOff(JoinError),
}

impl OptionsUnread {
    pub(super) fn unusable(path: &Path, error: OptionsError) -> Self {
        let name = named(path);
        Self::Unusable { name, error }
    }
}

impl fmt::Display for OptionsUnread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty { name } => {
                write!(f, "{name}: expected WebAuthn options as JSON, got nothing")
            }
            Self::Io { name, error } => write!(f, "cannot read the options from {name}: {error}"),
            Self::Unusable { name, error } => write!(f, "{name}: {error}"),
            Self::BrokenOff(error) => write!(f, "cannot read the options: {error}"),
        }
    }
}

impl std::error::Error for OptionsUnread {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Empty { .. } => None,
            Self::Io { error, .. } => Some(error),
            Self::Unusable { error, .. } => Some(error),
            Self::BrokenOff(error) => Some(error),
        }
    }
}
