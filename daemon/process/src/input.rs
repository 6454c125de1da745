//! Files that are read because somebody named them, and may be pipes.

use crate::limited::within;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::time::Duration;

/// A named pipe waits no longer for whoever is to write to it.
const WRITER: Duration = Duration::from_secs(5);
/// By then a file that is read has come whole, or it does not end.
pub const READING: Duration = Duration::from_secs(20);

/// Opens a file. A pipe that nobody writes to is not waited for without end.
///
/// # Errors
/// What the system says, or that nobody writes.
pub fn open(path: &Path) -> io::Result<File> {
    let path = path.to_owned();
    within(WRITER, move || File::open(path)).unwrap_or_else(|error| Err(late(error)))
}

/// Reads a file whole, in time and when it is no longer than this.
///
/// # Errors
/// What the system says, or that it does not end.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let file = open(path)?;
    let read = within(READING, move || {
        let mut content = Vec::new();
        file.take(most + 1)
            .read_to_end(&mut content)
            .map(|_| content)
    });
    let content = read??;
    if content.len() as u64 > most {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("it is longer than {}", size(most)),
        ));
    }
    Ok(content)
}

/// A number of bytes as people say it.
fn size(bytes: u64) -> String {
    const MIB: u64 = 1 << 20;
    match bytes.checked_rem(MIB) {
        Some(0) if bytes > 0 => format!("{} MiB", bytes / MIB),
        _ => format!("{bytes} bytes"),
    }
}

fn late(error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::TimedOut {
        let why = "no process writes to this pipe: start the writer first";
        return io::Error::new(error.kind(), why);
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_whole_or_refused_for_its_length() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, "four").unwrap();
        assert_eq!(read(&path, 4).unwrap(), b"four");
        assert_eq!(
            read(&path, 3).unwrap_err().kind(),
            io::ErrorKind::FileTooLarge
        );
        let endless = read(Path::new("/dev/zero"), 1 << 20).unwrap_err();
        assert_eq!(endless.kind(), io::ErrorKind::FileTooLarge);
        assert_eq!(endless.to_string(), "it is longer than 1 MiB");
    }
}
