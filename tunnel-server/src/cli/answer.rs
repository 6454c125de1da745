//! How a command ends: what was asked for is printed, or it is said why nothing was done.

use core::time::Duration;
use rustix::fs::{FileType, OFlags, fcntl_getfl, fstat, major, minor};
use rustix::io::write;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::sync::mpsc::channel;
use std::thread;

/// Wrong usage or input, or too little of what the system has to give; nothing was served.
pub(crate) const WRONG: u8 = 2;
/// What was asked for could not be written to standard output.
pub(crate) const UNWRITTEN: u8 = 6;

/// How long the last words wait for a reader that sleeps.
const READER: Duration = Duration::from_secs(1);

/// Prints what was asked for.
pub(crate) fn print(text: &str) -> io::Result<()> {
    usable()?;
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

/// Whether standard output can be written at all: the library takes one that cannot for one that
/// was. Of a closed one the runtime makes /dev/null, opened for reading and writing; who wants
/// nothing of an output opens it for writing.
pub(crate) fn usable() -> io::Result<()> {
    if is_closed()? {
        return Err(io::Error::other(
            "it is closed, or it is /dev/null opened for reading and writing; to discard the output, open /dev/null for writing only",
        ));
    }
    write(io::stdout(), b"")?;
    Ok(())
}

/// Whether standard output was closed when the program started, or is /dev/null opened for reading,
/// too: some languages give that to the programs that they start, and nobody can tell it apart.
pub(crate) fn is_closed() -> io::Result<bool> {
    let stdout = io::stdout();
    let stat = fstat(&stdout)?;
    let null = FileType::from_raw_mode(stat.st_mode) == FileType::CharacterDevice
        && (major(stat.st_rdev), minor(stat.st_rdev)) == (1, 3);
    Ok(null && fcntl_getfl(&stdout)? & OFlags::RWMODE == OFlags::RDWR)
}

/// What was asked for could not be written. A closed pipe is the reader's wish, and needs no words.
pub(crate) fn unwritten(error: &io::Error) -> ExitCode {
    if error.kind() != io::ErrorKind::BrokenPipe {
        say(format!(
            "tunnel-server: cannot write to standard output: {error}\n"
        ));
    }
    ExitCode::from(UNWRITTEN)
}

/// Says on stderr why nothing was done.
pub(crate) fn wrong(sentence: &dyn core::fmt::Display) -> ExitCode {
    say(format!("tunnel-server: {sentence}\n"));
    ExitCode::from(WRONG)
}

/// Writes to standard error, and waits no longer than a moment for whoever is to read it.
fn say(text: String) {
    let (done, written) = channel();
    let line = text.clone();
    let writer = thread::Builder::new().spawn(move || {
        let _ = io::stderr().write_all(line.as_bytes());
        let _ = done.send(());
    });
    match writer {
        Ok(_) => drop(written.recv_timeout(READER)),
        // Without a thread to be had, which may be what there is to say.
        Err(_) => drop(io::stderr().write_all(text.as_bytes())),
    }
}
