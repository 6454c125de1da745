//! Standard output, which may be full, closed or gone.

use super::exit::Exit;
use super::say::say;
use crate::output::LAST_LINES;
use hybrid_process::{stdout, within};
use rustix::io::Errno;
use serde_json::Value;
use std::fs::File;
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::thread;
use tokio::sync::oneshot;
use zeroize::Zeroizing;

/// Writes a text of ours.
///
/// # Errors
/// What the system says.
pub(super) fn write(text: &str) -> io::Result<()> {
    stdout()?.write_all(text.as_bytes())
}

/// Writes an error for those who read JSON. Whether they get it changes nothing about the error,
/// and they are not waited for.
pub(super) fn write_error(error: &Value) {
    let line = format!("{error}\n");
    let written = within(LAST_LINES, move || write(&line)).and_then(|written| written);
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

/// All of it, or nothing where that can be: of a file what was written is taken back.
fn write_whole(text: &[u8]) -> io::Result<()> {
    let mut stdout = stdout()?;
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
