//! Files that the operator names: one that is no file of ours is not read without end.

use core::time::Duration;
use rustix::fs::OFlags;
use std::fs::OpenOptions;
use std::io::{self, Read as _};
use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::thread::sleep;
use std::time::Instant;

/// A file of settings, certificates or a key is a hundred times shorter.
const LONGEST: usize = 1024 * 1024;
/// How long the writer of a pipe may take in all.
const PIPE: Duration = Duration::from_secs(2);
/// How long to wait before the next look into a pipe.
const AGAIN: Duration = Duration::from_millis(5);
/// Reads a short file whole: however long it is, and whatever it is, it takes neither memory nor
/// time without end.
///
/// # Errors
/// That of the system, or that the file is too long to be what is looked for, or a pipe whose
/// writer does not end in time.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    // A pipe is opened without waiting for its writer.
    let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags)
        .open(path)?;
    let is_pipe = file.metadata()?.file_type().is_fifo();
    let mut file = file.take(LONGEST as u64 + 1);
    let (mut bytes, until) = (Vec::new(), Instant::now() + PIPE);
    loop {
        match file.read_to_end(&mut bytes) {
            Ok(_) if bytes.len() > LONGEST => {
                return Err(io::Error::new(
                    io::ErrorKind::FileTooLarge,
                    "it is larger than 1 MiB",
                ));
            }
            // A pipe that nobody has opened for writing looks as one that is at its end.
            Ok(_) if is_pipe && bytes.is_empty() => {
                if Instant::now() >= until {
                    let nobody = "timed out waiting for data from this pipe (2 s)";
                    return Err(io::Error::new(io::ErrorKind::TimedOut, nobody));
                }
                sleep(AGAIN);
            }
            Ok(_) => return Ok(bytes),
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(error),
            Err(_) if Instant::now() < until => sleep(AGAIN),
            Err(_) => {
                let late = "timed out waiting for the writer of this pipe to finish (2 s)";
                return Err(io::Error::new(io::ErrorKind::TimedOut, late));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    #[test]
    fn a_file_is_read_whole_and_one_without_end_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        for length in [0, 1, LONGEST] {
            std::fs::write(&path, vec![7; length]).unwrap();
            assert_eq!(read(&path).unwrap(), vec![7; length]);
        }
        std::fs::write(&path, vec![7; LONGEST + 1]).unwrap();
        for path in [path.as_path(), Path::new("/dev/zero")] {
            assert_eq!(read(path).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        }
    }

    #[test]
    fn a_pipe_is_read_to_its_end_and_waited_for_no_longer_than_it_may_take() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pipe");
        let kind = rustix::fs::FileType::Fifo;
        rustix::fs::mknodat(rustix::fs::CWD, &path, kind, 0o600.into(), 0).unwrap();
        let nobody = read(&path).unwrap_err();
        assert_eq!(nobody.kind(), io::ErrorKind::TimedOut);
        assert!(
            nobody.to_string().contains("timed out waiting for data"),
            "{nobody}"
        );
        let mut writer = OpenOptions::new()
            .read(true)
            .write(true)
            .open(&path)
            .unwrap();
        writer.write_all(b"half").unwrap();
        assert_eq!(read(&path).unwrap_err().kind(), io::ErrorKind::TimedOut);
        std::thread::scope(|threads| {
            let reader = threads.spawn(|| read(&path));
            writer.write_all(b"whole").unwrap();
            drop(writer);
            // Whoever comes after the writer finds a pipe without one.
            match reader.join().unwrap() {
                Ok(read) => assert_eq!(read, b"whole"),
                Err(late) => assert_eq!(late.kind(), io::ErrorKind::TimedOut),
            }
        });
    }
}
