//! Revoked contact ids on disk: one SHA-256 in hex a line, only ever appended to, so that they survive a restart.

use crate::contacts::Mark;
use core::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The file's name in the folder that the setting `state` names.
const NAME: &str = "revoked";

/// The file; without a folder there is none, and revocations last until the relay stops.
#[derive(Debug)]
pub(crate) struct Store(Option<PathBuf>);

/// What tells that the file was changed: when it was last written, its length, its identity.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Stamp(SystemTime, u64, u64);

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
    /// Reads what was revoked and makes sure that more can be written, so that a lack of permission shows before anything is
    /// served.
    pub(crate) fn open(folder: Option<&Path>) -> Result<(Self, Vec<Mark>), BadState> {
        let Some(folder) = folder else {
            return Ok((Self(None), Vec::new()));
        };
        let path = folder.join(NAME);
        let io = |error| BadState::Io(path.clone(), error);
        fs::create_dir_all(folder).map_err(|error| BadState::Io(folder.to_owned(), error))?;
        let file = append_to(&path).map_err(io)?;
        let text = fs::read(&path).map_err(io)?;
        // A line that a loss of power cut short was never confirmed to its phone.
        let whole = whole_lines(&text);
        if whole.len() < text.len() {
            file.set_len(whole.len() as u64).map_err(io)?;
        }
        let marks = marks(&path, whole)?;
        Ok((Self(Some(path)), marks))
    }

    /// Reads it again: others may have written to it, the nodes that share the folder or the operator.
    pub(crate) fn read(&self) -> Result<Vec<Mark>, BadState> {
        let Some(path) = &self.0 else {
            return Ok(Vec::new());
        };
        let text = fs::read(path).map_err(|error| BadState::Io(path.clone(), error))?;
        marks(path, whole_lines(&text))
    }

    /// Whether it changed is whether this did.
    pub(crate) fn stamp(&self) -> Option<Stamp> {
        let file = self.0.as_ref()?.metadata().ok()?;
        Some(Stamp(file.modified().ok()?, file.len(), file.ino()))
    }

    /// Writes one more, down to the disk. Blocks.
    pub(crate) fn append(&self, mark: Mark) -> io::Result<()> {
        let Some(path) = &self.0 else {
            return Ok(());
        };
        // Opened each time, because it may have been put back from a backup.
        let mut file = append_to(path)?;
        file.write_all(format!("{}\n", hex::encode(mark.0)).as_bytes())?;
        file.sync_data()
    }
}

fn append_to(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true).mode(0o600).open(path)
}

fn whole_lines(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    text.get(..end).unwrap_or_default()
}

fn marks(path: &Path, text: &[u8]) -> Result<Vec<Mark>, BadState> {
    let mut marks = Vec::new();
    for (at, line) in text.split(|byte| *byte == b'\n').enumerate() {
        let mut mark = [0; 32];
        match hex::decode_to_slice(line, &mut mark) {
            Ok(()) => marks.push(Mark(mark)),
            Err(_) if line.is_empty() => {}
            Err(_) => return Err(BadState::Line(path.to_owned(), at + 1)),
        }
    }
    Ok(marks)
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

    #[test]
    fn what_others_write_is_read_again_and_a_line_that_is_being_written_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (store, _) = Store::open(Some(folder.path())).unwrap();
        let before = store.stamp();
        let (other, _) = Store::open(Some(folder.path())).unwrap();
        other.append(Mark([1; 32])).unwrap();
        assert_ne!(store.stamp(), before);
        let path = folder.path().join(NAME);
        let half = [fs::read(&path).unwrap(), b"abab".to_vec()].concat();
        fs::write(&path, &half).unwrap();
        assert_eq!(store.read().unwrap(), [Mark([1; 32])]);
        assert_eq!(fs::read(&path).unwrap(), half);
    }

    #[test]
    fn a_file_that_was_put_back_is_written_to() {
        let folder = tempfile::tempdir().unwrap();
        let (store, _) = Store::open(Some(folder.path())).unwrap();
        let path = folder.path().join(NAME);
        let backup = folder.path().join("backup");
        fs::write(&backup, format!("{}\n", "ab".repeat(32))).unwrap();
        fs::rename(&backup, &path).unwrap();
        store.append(Mark([1; 32])).unwrap();
        assert_eq!(store.read().unwrap(), [Mark([0xab; 32]), Mark([1; 32])]);
    }
}
