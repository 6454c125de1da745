//! How a command ends: what was asked for is printed, or it is said why nothing was done.

use std::io::{self, Write as _};
use std::process::ExitCode;

/// Wrong usage or input; nothing was served.
pub(crate) const WRONG: u8 = 2;
/// What was asked for could not be written to standard output.
pub(crate) const UNWRITTEN: u8 = 6;

/// Prints what was asked for.
pub(crate) fn print(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

/// What was asked for could not be written. A closed pipe is the reader's wish, and needs no words.
pub(crate) fn unwritten(error: &io::Error) -> ExitCode {
    if error.kind() != io::ErrorKind::BrokenPipe {
        let _ = writeln!(
            io::stderr(),
            "tunnel-server: standard output cannot be written: {error}"
        );
    }
    ExitCode::from(UNWRITTEN)
}

/// Says on stderr why nothing was done.
pub(crate) fn wrong(sentence: &dyn core::fmt::Display) -> ExitCode {
    let _ = writeln!(io::stderr(), "tunnel-server: {sentence}");
    ExitCode::from(WRONG)
}
