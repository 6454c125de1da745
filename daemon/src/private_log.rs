//! A private file that grows by lines: several programs add to it, and each line is whole.

use crate::private_file::{NotPrivate, own};
use rustix::fs::{FileType, FlockOperation, Mode, OFlags};
use rustix::io::Errno;
use std::fs::{self, File, Permissions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

/// Nobody waits longer for another program that adds a line; one takes a fraction of it.
const LOCK: Duration = Duration::from_millis(500);
/// So often it is tried.
const RETRY: Duration = Duration::from_millis(5);

/// A private file that lines are added to, by several programs at once. It is held against the others
/// until it is dropped.
pub struct PrivateLog {
    file: File,
    path: PathBuf,
}

impl PrivateLog {
    /// Opens it, or makes it. Whoever adds a line at the moment is waited for, and no longer than
    /// half a second: a program that was stopped holds it for ever.
    ///
    /// # Errors
    /// [`NotPrivate`] says why nothing private is written there.
    pub fn open(path: &Path) -> Result<Self, NotPrivate> {
        let by = Instant::now() + LOCK;
        loop {
            let flags = OFlags::RDWR
                | OFlags::APPEND
                | OFlags::CREATE
                | OFlags::NOFOLLOW
                | OFlags::NONBLOCK
                | OFlags::NOCTTY
                | OFlags::CLOEXEC;
            let mode = Mode::from_raw_mode(0o600);
            let opened = rustix::fs::open(path, flags, mode).map_err(io::Error::from)?;
            let stat = rustix::fs::fstat(&opened).map_err(io::Error::from)?;
            if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
                return Err(NotPrivate::OtherKind);
            }
            if stat.st_uid != own() {
                return Err(NotPrivate::SomebodyElses(stat.st_uid));
            }
            let file = File::from(opened);
            lock(&file, by)?;
            // Whoever held it may have set it aside.
            let there = fs::metadata(path).map(|there| (there.dev(), there.ino()));
            let is_there = there.is_ok_and(|there| there == (stat.st_dev, stat.st_ino));
            if is_there {
                file.set_permissions(Permissions::from_mode(0o600))?;
                let path = path.to_owned();
                return Ok(Self { file, path });
            }
            if Instant::now() >= by {
                return Err(late().into());
            }
        }
    }

    /// The first line, if there is one.
    ///
    /// # Errors
    /// What the file system says.
    pub fn first_line(&mut self) -> io::Result<Option<String>> {
        const LONGEST: u64 = 4096;
        let mut begin = Vec::new();
        self.file.seek(SeekFrom::Start(0))?;
        (&self.file).take(LONGEST).read_to_end(&mut begin)?;
        let line = begin
            .split(|byte| *byte == b'\n')
            .next()
            .unwrap_or_default();
        let line = String::from_utf8_lossy(line).into_owned();
        Ok((!begin.is_empty()).then_some(line))
    }

    /// How long it is.
    ///
    /// # Errors
    /// What the file system says.
    pub fn size(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    /// Begins anew: what was cut off before its first line was whole is nobody's.
    ///
    /// # Errors
    /// What the file system says.
    pub fn empty(&mut self) -> io::Result<()> {
        self.file.set_len(0)
    }

    /// Adds a line, in one write. What was cut off before stays a line of its own.
    ///
    /// # Errors
    /// [`NotPrivate`], with what the file system says.
    pub fn add(&mut self, line: &str) -> Result<(), NotPrivate> {
        let mut last = [0];
        let ends = self.size()? == 0
            || self
                .file
                .seek(SeekFrom::End(-1))
                .and_then(|_| self.file.read_exact(&mut last))
                .is_ok_and(|()| last == *b"\n");
        let before = if ends { "" } else { "\n" };
        self.file
            .write_all(format!("{before}{line}\n").as_bytes())?;
        Ok(())
    }

    /// Gives it another name, in place of what has that name, and begins anew under its own.
    ///
    /// # Errors
    /// [`NotPrivate`], with what the file system says.
    pub fn set_aside(self, older: &Path) -> Result<Self, NotPrivate> {
        fs::rename(&self.path, older)?;
        Self::open(&self.path)
    }
}

/// Takes the lock as soon as it is free.
fn lock(file: &File, by: Instant) -> io::Result<()> {
    loop {
        match rustix::fs::flock(file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(()),
            Err(Errno::WOULDBLOCK | Errno::INTR) if Instant::now() < by => thread::sleep(RETRY),
            Err(Errno::WOULDBLOCK) => {
                return Err(late());
            }
            Err(error) => return Err(error.into()),
        }
    }
}

fn late() -> io::Error {
    io::Error::new(
        io::ErrorKind::TimedOut,
        "another program holds it (a hybridd that was stopped?)",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_log_is_added_to_by_its_owner_alone_and_follows_no_link() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let mut log = PrivateLog::open(&path).unwrap();
        assert_eq!(log.first_line().unwrap(), None);
        log.add("one").unwrap();
        log.add("two").unwrap();
        assert_eq!(log.first_line().unwrap().as_deref(), Some("one"));
        let older = folder.path().join("older");
        let mut log = log.set_aside(&older).unwrap();
        log.add("three").unwrap();
        assert_eq!(fs::read_to_string(&older).unwrap(), "one\ntwo\n");
        assert_eq!(fs::read_to_string(&path).unwrap(), "three\n");
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        let link = folder.path().join("link");
        symlink(&path, &link).unwrap();
        assert!(PrivateLog::open(&link).is_err());
        assert!(PrivateLog::open(folder.path()).is_err());
        assert!(matches!(
            PrivateLog::open(Path::new("/dev/null")),
            Err(NotPrivate::OtherKind)
        ));
    }

    #[test]
    fn a_program_that_holds_the_log_for_ever_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let held = PrivateLog::open(&path).unwrap();
        assert!(matches!(
            PrivateLog::open(&path),
            Err(NotPrivate::Io(error)) if error.kind() == io::ErrorKind::TimedOut
        ));
        drop(held);
        PrivateLog::open(&path).unwrap().add("one").unwrap();
    }
}
