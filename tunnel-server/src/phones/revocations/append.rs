//! One more line at the end of a file: whole and on the disk, or not there.

use crate::phones::contacts::Mark;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

/// The hex digits of a mark.
pub(super) const DIGITS: usize = 64;

/// What is appended to: a file, opened for appending and locked, or a test's, which fails where it
/// is told to.
pub(crate) trait Disk: Read + Write + Seek {
    /// Sets the length.
    fn cut(&mut self, length: u64) -> io::Result<()>;
    /// Returns when everything is on the disk.
    fn sync(&mut self) -> io::Result<()>;
}

impl Disk for File {
    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }
}

/// What stands behind the last line's end.
enum Tail {
    Nothing,
    /// What a writer left that was killed, or whose disk was full, after so many bytes: it was
    /// confirmed to nobody.
    Half(u64),
    /// A line whose end is missing, written by somebody else or by hand.
    Unended,
}

/// Appends a line. On an error the file is as long as it was, if that can be done; if it cannot,
/// the next one mends it.
pub(crate) fn append(disk: &mut impl Disk, mark: Mark) -> io::Result<()> {
    let mut length = disk.seek(SeekFrom::End(0))?;
    let mut line = String::with_capacity(DIGITS + 2);
    match tail(disk, length)? {
        Tail::Nothing => {}
        Tail::Half(from) => {
            disk.cut(from)?;
            length = from;
        }
        Tail::Unended => line.push('\n'),
    }
    line.push_str(&hex::encode(mark.0));
    line.push('\n');
    disk.seek(SeekFrom::Start(length))?;
    let written = disk.write_all(line.as_bytes()).and_then(|()| disk.sync());
    if written.is_err() {
        // What is not confirmed is not there either, now and after a loss of power. The first error
        // is the one that tells why.
        let _ = disk.cut(length).and_then(|()| disk.sync());
    }
    written
}

fn tail(disk: &mut impl Disk, length: u64) -> io::Result<Tail> {
    // As much as a whole line with the line end before it.
    let from = length.saturating_sub(DIGITS as u64 + 1);
    disk.seek(SeekFrom::Start(from))?;
    let mut end = Vec::with_capacity(DIGITS + 1);
    (&mut *disk).take(DIGITS as u64 + 1).read_to_end(&mut end)?;
    let begin = end.iter().rposition(|byte| *byte == b'\n').map(|at| at + 1);
    let tail = end.get(begin.unwrap_or(0)..).unwrap_or_default();
    // Without a line end it begins here only when the file does.
    let half = (begin.is_some() || from == 0)
        && tail.len() < DIGITS
        && tail.iter().all(u8::is_ascii_hexdigit);
    Ok(match tail {
        [] => Tail::Nothing,
        tail if half => Tail::Half(length.saturating_sub(tail.len() as u64)),
        _ => Tail::Unended,
    })
}
