//! Standard output, which may be full, closed or gone.

use super::exit::Exit;
use super::say::say;
use crate::output::{self, LAST_LINES};
use rustix::fs::{FileType, OFlags};
use rustix::io::Errno;
use serde_json::Value;
use std::fs::File;
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::os::fd::AsFd as _;
use std::thread;
use tokio::sync::oneshot;
use zeroize::Zeroizing;

/// Writes a text of ours.
///
/// # Errors
/// What the system says.
pub(super) fn write(text: &str) -> io::Result<()> {
    own()?.write_all(text.as_bytes())
}

/// Writes an error for those who read JSON. Whether they get it changes nothing about the error,
/// and they are not waited for.
pub(super) fn write_error(error: &Value) {
    let line = format!("{error}\n");
    let written = output::within(LAST_LINES, move || write(&line)).and_then(|written| written);
    if let Err(error) = written {
        say(&format!(
            "hybridd: the error could not be written to standard output: {error}"
        ));
    }
}

/// What was to be printed and was not: a sentence, and an exit code that says so. A pipe that is
/// closed early has seen enough.
pub(super) fn lost(error: &io::Error, exit: Exit) -> Exit {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return exit;
    }
    say(&format!(
        "hybridd: cannot write to standard output: {error}"
    ));
    Exit::Usage
}

/// Writes the response for the site, on a thread of its own: whoever is to read it may sleep.
pub(super) fn deliver(response: &Value) -> oneshot::Receiver<io::Result<()>> {
    let (done, delivered) = oneshot::channel();
    // It may hold a secret of the passkey.
    let text = Zeroizing::new(format!("{response}\n"));
    let writer = thread::Builder::new().name("response".to_owned());
    // Without a thread `done` is dropped, which says that it was not written.
    let _ = writer.spawn(move || drop(done.send(write_whole(text.as_bytes()))));
    delivered
}

/// Whether standard output is closed. The runtime opens /dev/null for reading and writing in its
/// place; who wants nothing of the response opens it for writing.
pub(super) fn is_closed() -> bool {
    let stdout = io::stdout();
    let Ok(stat) = rustix::fs::fstat(&stdout) else {
        return true;
    };
    let null = FileType::from_raw_mode(stat.st_mode) == FileType::CharacterDevice
        && (
            rustix::fs::major(stat.st_rdev),
            rustix::fs::minor(stat.st_rdev),
        ) == (1, 3);
    null && rustix::fs::fcntl_getfl(&stdout)
        .is_ok_and(|flags| flags & OFlags::RWMODE == OFlags::RDWR)
}

/// All of it, or nothing where that can be: of a file what was written is taken back.
fn write_whole(text: &[u8]) -> io::Result<()> {
    if is_closed() {
        return Err(io::Error::other("it is closed"));
    }
    let mut stdout = own()?;
    let metadata = stdout.metadata()?;
    if !metadata.is_file() {
        return stdout.write_all(text);
    }
    let at = stdout.stream_position()?;
    let written = stdout.write_all(text).and_then(|()| on_disk(&stdout));
    if written.is_err() {
        let _ = stdout.set_len(metadata.len());
        let _ = stdout.seek(SeekFrom::Start(at));
    }
    written
}

/// A disk may turn out to be full only now. Not every file system can tell.
fn on_disk(file: &File) -> io::Result<()> {
    match file.sync_all() {
        Err(error)
            if [Errno::INVAL, Errno::NOSYS]
                .map(|errno| Some(errno.raw_os_error()))
                .contains(&error.raw_os_error()) =>
        {
            Ok(())
        }
        synced => synced,
    }
}

/// Past the library's buffer, and past its kindness: it takes a descriptor that cannot be written
/// for one that was.
fn own() -> io::Result<File> {
    io::stdout().as_fd().try_clone_to_owned().map(File::from)
}
