//! Revoked contact ids on disk: one SHA-256 in hex a line, only ever appended to, so that they
//! survive a restart.
//!
//! Nodes may share the file. Who writes holds an exclusive lock on it, who reads a shared one, so
//! that nobody sees or cuts what another has not finished. A line is written whole or not at all,
//! and what is no line takes no other line with it.

pub(crate) mod append;
pub(crate) mod lines;

use crate::phones::contacts::Mark;
use append::append;
use core::fmt;
use core::time::Duration;
use lines::lines;
use rustix::fs::{FlockOperation, OFlags, flock};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Instant, SystemTime};

pub(crate) use lines::BadLines;

/// The file's name in the folder that the setting `state` names.
const NAME: &str = "revoked";

/// How long another node may hold the lock: it writes one line, or reads.
const LOCK: Duration = Duration::from_secs(5);

/// How long to wait before the next try for the lock.
const AGAIN: Duration = Duration::from_millis(5);

/// How often the file may be replaced while we wait for its lock.
const REPLACED: u32 = 8;

/// The file; without a folder there is none, and revocations last until the relay stops.
#[derive(Debug)]
pub(crate) struct RevocationFile(Option<PathBuf>);

/// What tells that the file was changed: when it was last written, its length, its identity.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Stamp(SystemTime, u64, u64);

/// Why the folder of the setting `state` cannot be used.
#[derive(Debug)]
#[non_exhaustive]
pub enum BadState {
    /// A file or folder cannot be read, made or written.
    Io(PathBuf, io::Error),
}

impl RevocationFile {
    /// Reads what was revoked and makes sure that more can be written, so that a lack of permission
    /// shows before anything is served.
    pub(crate) fn open(folder: Option<&Path>) -> Result<(Self, Vec<Mark>, BadLines), BadState> {
        let store = Self(folder.map(|folder| folder.join(NAME)));
        if let (Some(folder), Some(path)) = (folder, &store.0) {
            fs::create_dir_all(folder).map_err(|error| BadState::Io(folder.to_owned(), error))?;
            let file = writable(path).map_err(|error| BadState::Io(path.clone(), error))?;
            match flock(&file, FlockOperation::NonBlockingLockShared) {
                // Somebody writes, so it can be locked.
                Ok(()) | Err(rustix::io::Errno::WOULDBLOCK) => {}
                Err(error) => return Err(BadState::Io(path.clone(), error.into())),
            }
        }
        let mut marks = Vec::new();
        let bad = store.read(|more| marks.extend(more))?;
        Ok((store, marks, bad))
    }

    /// Reads it again, piece by piece: others may have written to it, the nodes that share the
    /// folder or the operator. Blocks.
    pub(crate) fn read(&self, marks: impl FnMut(Vec<Mark>)) -> Result<BadLines, BadState> {
        let Some(path) = &self.0 else {
            return Ok(BadLines::default());
        };
        let read = || {
            let file = regular(OpenOptions::new().read(true), path)?;
            // Whoever holds it for so long is stuck, and what is whole already is better known than
            // not.
            let _ = wait(&file, FlockOperation::NonBlockingLockShared);
            lines(&mut BufReader::with_capacity(64 * 1024, file), marks)
        };
        read().map_err(|error| BadState::Io(path.clone(), error))
    }

    /// Whether it changed is whether this did.
    pub(crate) fn stamp(&self) -> Option<Stamp> {
        let file = self.0.as_ref()?.metadata().ok()?;
        Some(Stamp(file.modified().ok()?, file.len(), file.ino()))
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        self.0.as_deref().unwrap_or(Path::new(""))
    }

    /// Writes one more, down to the disk, or leaves the file as it was. Blocks.
    pub(crate) fn append(&self, mark: Mark) -> io::Result<()> {
        let Some(path) = &self.0 else {
            return Ok(());
        };
        let mut file = locked(path)?;
        if file.metadata()?.len() == 0
            && let Some(folder) = path.parent()
        {
            // A new file survives a loss of power when its folder knows of it.
            File::open(folder)?.sync_all()?;
        }
        append(&mut file, mark)
    }
}

/// Opens the file each time, because it may have been put back from a backup, even while we waited
/// for its lock.
fn locked(path: &Path) -> io::Result<File> {
    for _ in 0..REPLACED {
        let file = writable(path)?;
        wait(&file, FlockOperation::NonBlockingLockExclusive)?;
        let (ours, now) = (file.metadata()?, fs::metadata(path));
        if now.is_ok_and(|now| (now.dev(), now.ino()) == (ours.dev(), ours.ino())) {
            return Ok(file);
        }
    }
    Err(io::Error::other("another program keeps replacing it"))
}

fn wait(file: &File, lock: FlockOperation) -> io::Result<()> {
    let until = Instant::now() + LOCK;
    loop {
        match flock(file, lock) {
            Err(rustix::io::Errno::WOULDBLOCK) if Instant::now() < until => sleep(AGAIN),
            Err(rustix::io::Errno::WOULDBLOCK) => {
                return Err(io::Error::new(
                    io::ErrorKind::TimedOut,
                    "another program has held its lock for 5 s",
                ));
            }
            Err(rustix::io::Errno::INTR) => {}
            done => return done.map_err(io::Error::from),
        }
    }
}

fn writable(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    regular(
        options.create(true).read(true).append(true).mode(0o600),
        path,
    )
}

/// Neither waits for a pipe's other end nor reads a device without end.
fn regular(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
    let file = options.custom_flags(flags).open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "it is not a regular file",
        ));
    }
    Ok(file)
}

impl fmt::Display for BadState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(path, error) => write!(f, "{}: cannot be used: {error}", path.display()),
        }
    }
}

impl core::error::Error for BadState {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Io(_, error) => Some(error),
        }
    }
}

#[cfg(test)]
mod tests;
