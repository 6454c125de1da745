//! Following the switch: told by the kernel when its file changes, and by an alarm when a while is
//! over. Nothing is asked in between.

use super::clock::{Alarm, moment};
use super::switch::{Switch, Written};
use crate::xdg;
use rustix::fd::OwnedFd;
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};
use std::io;
use std::mem::MaybeUninit;
use std::path::PathBuf;
use tokio::io::unix::AsyncFd;

/// The switch's file, followed.
pub struct SwitchWatch {
    path: PathBuf,
    folder: AsyncFd<OwnedFd>,
    alarm: Alarm,
}

impl SwitchWatch {
    /// Begins to follow.
    ///
    /// # Errors
    /// What the system says.
    pub fn start(path: PathBuf) -> io::Result<Self> {
        Ok(Self {
            folder: watch(&path)?,
            alarm: Alarm::new()?,
            path,
        })
    }

    /// Whether the key is wanted now. What cannot be read does not keep it away.
    pub fn is_on(&self) -> bool {
        let switch = match Switch::read(&self.path) {
            Ok(Written::Switch(switch)) => switch,
            Ok(Written::Newer(version)) => {
                tracing::warn!(
                    version,
                    "a newer version of hybridd wrote the switch; the key is on"
                );
                Switch::default()
            }
            Err(error) => {
                tracing::warn!(%error, "the switch cannot be read; the key is on");
                Switch::default()
            }
        };
        let now = moment();
        let _ = self.alarm.set(switch.left(&now));
        switch.is_on(&now)
    }

    /// Waits until it may be another. Cancel-safe.
    pub async fn changed(&mut self) {
        tokio::select! {
            () = self.alarm.rings() => {}
            gone = file_changed(&self.folder, &self.path) => {
                if gone && let Ok(folder) = watch(&self.path) {
                    self.folder = folder;
                }
            }
        }
    }
}

fn watch(path: &std::path::Path) -> io::Result<AsyncFd<OwnedFd>> {
    let folder = path.parent().ok_or(io::ErrorKind::InvalidFilename)?;
    xdg::make_private(folder)?;
    let fd = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC)?;
    let changes = WatchFlags::CLOSE_WRITE
        | WatchFlags::MOVED_TO
        | WatchFlags::MOVED_FROM
        | WatchFlags::DELETE
        | WatchFlags::DELETE_SELF
        | WatchFlags::MOVE_SELF
        | WatchFlags::ONLYDIR;
    inotify::add_watch(&fd, folder, changes)?;
    #[expect(
        deprecated,
        reason = "an owned descriptor is open as long as its owner is"
    )]
    AsyncFd::new(fd)
}

/// Waits until the file changes; says whether its folder is gone.
async fn file_changed(folder: &AsyncFd<OwnedFd>, path: &std::path::Path) -> bool {
    let name = path.file_name().map(std::ffi::OsStr::as_encoded_bytes);
    while let Ok(mut ready) = folder.readable().await {
        let (mut changed, mut gone) = (false, false);
        // An event with its name, and the kernel gives whole ones alone.
        let mut buffer = [MaybeUninit::uninit(); 1024];
        let mut events = inotify::Reader::new(folder.get_ref(), &mut buffer);
        while let Ok(event) = events.next() {
            let of_folder = ReadFlags::DELETE_SELF | ReadFlags::MOVE_SELF | ReadFlags::IGNORED;
            gone |= event.events().intersects(of_folder);
            changed |= event.events().contains(ReadFlags::QUEUE_OVERFLOW);
            changed |= event.file_name().map(|known| known.to_bytes()) == name;
        }
        ready.clear_ready();
        if changed || gone {
            return gone;
        }
    }
    std::future::pending().await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::private_file::write_private;
    use std::os::unix::fs::MetadataExt as _;
    use std::time::{Duration, Instant};
    use tokio::time::timeout;

    const SOON: Duration = Duration::from_secs(10);

    #[tokio::test]
    async fn the_switch_is_followed_without_asking_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state/key.json");
        let mut watch = SwitchWatch::start(path.clone()).unwrap();
        assert!(watch.is_on());

        let off = Switch::set(false);
        write_private(&path, off.to_text().as_bytes()).unwrap();
        timeout(SOON, watch.changed()).await.unwrap();
        assert!(!watch.is_on());

        std::fs::remove_file(&path).unwrap();
        timeout(SOON, watch.changed()).await.unwrap();
        assert!(watch.is_on());
    }

    #[tokio::test]
    async fn a_while_ends_by_itself() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.json");
        let mut watch = SwitchWatch::start(path.clone()).unwrap();
        let began = Instant::now();
        let off = Switch::default().set_for(false, Duration::from_millis(300), &moment());
        write_private(&path, off.to_text().as_bytes()).unwrap();
        timeout(SOON, watch.changed()).await.unwrap();
        while !watch.is_on() {
            timeout(SOON, watch.changed()).await.unwrap();
        }
        // What is written has whole milliseconds.
        assert!(began.elapsed() >= Duration::from_millis(299));
    }

    #[tokio::test]
    async fn a_folder_that_is_taken_away_is_followed_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state/key.json");
        let mut watch = SwitchWatch::start(path.clone()).unwrap();
        let state = folder.path().join("state");
        std::fs::remove_dir_all(&state).unwrap();
        timeout(SOON, watch.changed()).await.unwrap();
        let mode = std::fs::metadata(&state).unwrap().mode();
        assert_eq!(mode & 0o777, 0o700, "its owner alone looks into it");
        write_private(&path, Switch::set(false).to_text().as_bytes()).unwrap();
        while watch.is_on() {
            timeout(SOON, watch.changed()).await.unwrap();
        }
    }
}
