//! Revoked contact ids on disk: one SHA-256 in hex a line, only ever appended to, so that they survive a restart.

use crate::contacts::Mark;
use core::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// The file's name in the folder that the setting `state` names.
const NAME: &str = "revoked";

/// Where revocations are kept; without a folder they last until the relay stops.
#[derive(Debug)]
pub(crate) struct Store(Option<File>);

/// Why the folder of the setting `state` cannot be used.
#[derive(Debug)]
#[non_exhaustive]
pub enum BadState {
    /// A file or folder cannot be read, made or written.
    Io(PathBuf, io::Error),
    /// A line of the file of revocations is none.
    Line(PathBuf, usize),
}

impl Store {
    /// Reads what was revoked and opens the file for more, so that a lack of permission shows before anything is served.
    pub(crate) fn open(folder: Option<&Path>) -> Result<(Self, Vec<Mark>), BadState> {
        let Some(folder) = folder else {
            return Ok((Self(None), Vec::new()));
        };
        let path = folder.join(NAME);
        let io = |error| BadState::Io(path.clone(), error);
        fs::create_dir_all(folder).map_err(|error| BadState::Io(folder.to_owned(), error))?;
        let mut options = OpenOptions::new();
        let file = options.create(true).append(true).read(true).mode(0o600).open(&path);
        let file = file.map_err(io)?;
        let text = fs::read(&path).map_err(io)?;
        // A line that a loss of power cut short was never confirmed to its phone.
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        if whole < text.len() {
            file.set_len(whole as u64).map_err(io)?;
        }
        let mut marks = Vec::new();
        for (at, line) in text
            .get(..whole)
            .unwrap_or_default()
            .split(|byte| *byte == b'\n')
            .enumerate()
        {
            let mut mark = [0; 32];
            match hex::decode_to_slice(line, &mut mark) {
                Ok(()) => marks.push(Mark(mark)),
                Err(_) if line.is_empty() => {}
                Err(_) => return Err(BadState::Line(path.clone(), at + 1)),
            }
        }
        Ok((Self(Some(file)), marks))
    }

    /// Writes one more, down to the disk. Blocks.
    pub(crate) fn append(&self, mark: Mark) -> io::Result<()> {
        let Some(mut file) = self.0.as_ref() else {
            return Ok(());
        };
        file.write_all(format!("{}\n", hex::encode(mark.0)).as_bytes())?;
        file.sync_data()
    }
}

impl fmt::Display for BadState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(path, error) => write!(f, "{}: cannot be used: {error}", path.display()),
            Self::Line(path, line) => write!(
                f,
                "{}, line {line}: expected 64 hex digits, the SHA-256 of a revoked contact id",
                path.display()
            ),
        }
    }
}

impl core::error::Error for BadState {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_revoked_is_known_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state");
        let (store, marks) = Store::open(Some(&state)).unwrap();
        assert!(marks.is_empty());
        store.append(Mark([1; 32])).unwrap();
        store.append(Mark([2; 32])).unwrap();
        let (_, marks) = Store::open(Some(&state)).unwrap();
        assert_eq!(marks, [Mark([1; 32]), Mark([2; 32])]);
    }

    #[test]
    fn a_line_that_was_cut_short_is_dropped_and_a_foreign_line_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(NAME);
        fs::write(&path, format!("{}\n{}", "ab".repeat(32), "cd".repeat(20))).unwrap();
        let (store, marks) = Store::open(Some(folder.path())).unwrap();
        assert_eq!(marks, [Mark([0xab; 32])]);
        store.append(Mark([3; 32])).unwrap();
        assert_eq!(Store::open(Some(folder.path())).unwrap().1.len(), 2);
        fs::write(&path, format!("{}\nhello\n", "ab".repeat(32))).unwrap();
        let error = Store::open(Some(folder.path())).unwrap_err().to_string();
        assert!(error.contains("line 2: expected 64 hex digits"), "{error}");
    }
}
