//! The picture of a code on the disk, which is there as long as the code is worth something.

use crate::private_file::Place;
use hybrid_process::within;
use std::fmt;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use zeroize::Zeroizing;

/// Nobody waits longer for a picture to be written, or to be gone.
const PATIENCE: Duration = Duration::from_millis(500);

/// A picture. It is removed when this is dropped, unless something else is there by then.
pub struct Picture {
    path: PathBuf,
    state: Arc<Mutex<State>>,
}

/// How far it is.
#[derive(Clone, Copy)]
enum State {
    /// A pipe's reader or a disk sleeps.
    Late,
    /// Device and inode of what was written; `None` of pipes and devices, which keep nothing.
    Written(Option<(u64, u64)>),
    /// Its code is worth nothing any more.
    Over,
}

impl Picture {
    /// Writes a picture to a place that was found under this path. What takes longer than half a
    /// second goes on beside.
    ///
    /// # Errors
    /// What the file system says.
    pub fn write(place: Place, path: &Path, content: Zeroizing<Vec<u8>>) -> io::Result<Self> {
        // Of a link, what it leads to is what is written, and removed.
        let path = match &place {
            Place::File(file) => file.clone(),
            Place::Open(_) => path.to_owned(),
        };
        let state = Arc::new(Mutex::new(State::Late));
        let (shared, own) = (Arc::clone(&state), path.clone());
        let written = within(PATIENCE, move || {
            let file = place.write(&content)?.map(|file| (file.dev(), file.ino()));
            let before = std::mem::replace(&mut *lock(&shared), State::Written(file));
            if let (State::Over, Some(file)) = (before, file) {
                remove(&own, file)?;
            }
            Ok(())
        });
        match written {
            Ok(written) => written.map(|()| Self { path, state }),
            Err(late) if late.kind() == io::ErrorKind::TimedOut => Ok(Self { path, state }),
            Err(error) => Err(error),
        }
    }

    /// Whether somebody is still waited for.
    pub fn is_late(&self) -> bool {
        matches!(*lock(&self.state), State::Late)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Removes it. Says whether there was something to remove.
    ///
    /// # Errors
    /// What the file system says.
    pub fn remove(&mut self) -> io::Result<bool> {
        match std::mem::replace(&mut *lock(&self.state), State::Over) {
            State::Written(Some(file)) => {
                let path = self.path.clone();
                within(PATIENCE, move || remove(&path, file))?
            }
            State::Written(None) | State::Late | State::Over => Ok(false),
        }
    }
}

/// Removes what was written, and nothing that came into its place.
fn remove(path: &Path, written: (u64, u64)) -> io::Result<bool> {
    let there = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        there => there?,
    };
    if (there.dev(), there.ino()) != written {
        return Ok(false);
    }
    fs::remove_file(path).map(|()| true)
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Display for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "The code as a picture: {}", self.path.display())
    }
}

impl Drop for Picture {
    fn drop(&mut self) {
        let _ = self.remove();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn write(path: &Path) -> Picture {
        let place = Place::find(path).unwrap();
        Picture::write(place, path, Zeroizing::new(b"code".to_vec())).unwrap()
    }

    #[test]
    fn a_picture_is_gone_once_its_code_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("code.png");
        let mut picture = write(&path);
        assert_eq!(fs::read(&path).unwrap(), b"code");
        assert!(picture.remove().unwrap());
        assert!(!path.exists());
        drop(write(&path));
        assert!(!path.exists());
    }

    #[test]
    fn what_somebody_put_in_its_place_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("code.png");
        let mut first = write(&path);
        let mut second = write(&path);
        assert!(!first.remove().unwrap());
        assert!(path.exists(), "the next code's picture");
        fs::remove_file(&path).unwrap();
        assert!(!second.remove().unwrap(), "nothing is there");
    }

    #[test]
    fn of_a_link_the_picture_is_removed_and_the_link_stays() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "old").unwrap();
        symlink(&file, &link).unwrap();
        let mut picture = write(&link);
        assert_eq!(fs::read(&file).unwrap(), b"code");
        assert!(picture.remove().unwrap());
        assert!(!file.exists() && fs::symlink_metadata(&link).unwrap().is_symlink());
    }

    #[test]
    fn what_a_sleeping_reader_takes_late_is_a_pipes_and_ends_nothing() {
        let (reader, writer) = io::pipe().unwrap();
        let place = Place::Open(fs::File::from(std::os::fd::OwnedFd::from(writer)));
        let content = Zeroizing::new(vec![7; 1 << 20]);
        let mut picture = Picture::write(place, Path::new("pipe"), content).unwrap();
        assert!(picture.is_late());
        assert!(!picture.remove().unwrap());
        drop(reader);
    }

    #[test]
    fn a_device_stays() {
        assert!(!write(Path::new("/dev/null")).remove().unwrap());
        assert!(Path::new("/dev/null").exists());
    }
}
