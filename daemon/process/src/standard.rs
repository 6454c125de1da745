//! Standard output and standard error as they are, past the library's kindness.

use rustix::fs::{FileType, OFlags, fcntl_getfl, fstat, major, minor};
use std::fs::File;
use std::io;
use std::os::fd::AsFd;

/// The device file /dev/null.
const NULL: (u32, u32) = (1, 3);

/// Standard output past the library's buffer, and past its kindness: it takes a descriptor that
/// cannot be written for one that was.
///
/// # Errors
/// What the system says, or that it is closed.
pub fn stdout() -> io::Result<File> {
    let stdout = io::stdout();
    if is_closed(&stdout) {
        return Err(io::Error::other(
            "it is closed, or it is /dev/null opened for reading and writing",
        ));
    }
    stdout.as_fd().try_clone_to_owned().map(File::from)
}

/// Whether a standard stream is closed. The library opens /dev/null for reading and writing in its
/// place; who wants nothing of an output opens it for writing.
pub fn is_closed(stream: impl AsFd) -> bool {
    let Ok(stat) = fstat(&stream) else {
        return true;
    };
    let null = FileType::from_raw_mode(stat.st_mode) == FileType::CharacterDevice
        && (major(stat.st_rdev), minor(stat.st_rdev)) == NULL;
    null && fcntl_getfl(&stream).is_ok_and(|flags| flags & OFlags::RWMODE == OFlags::RDWR)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::OpenOptions;

    #[test]
    fn who_throws_an_output_away_has_not_closed_it() {
        let null = |read| {
            OpenOptions::new()
                .read(read)
                .write(true)
                .open("/dev/null")
                .unwrap()
        };
        assert!(!is_closed(null(false)));
        assert!(is_closed(null(true)));
        assert!(!is_closed(File::open("/dev/zero").unwrap()));
    }
}
