//! Outputs that are full, closed or asleep.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::process::Stdio;

pub const NAMES: [&str; 1] = ["cable.ua5v.com"];

pub fn full() -> Stdio {
    OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap()
        .into()
}

/// A pipe whose reader is gone.
pub fn gone() -> Stdio {
    let (_, writer) = std::io::pipe().unwrap();
    writer.into()
}

/// A pipe that is full, and whose reader sleeps while it is held.
pub fn asleep() -> (std::io::PipeReader, Stdio) {
    let (reader, writer) = std::io::pipe().unwrap();
    let mut filler = writer.try_clone().unwrap();
    // Writes until the pipe is full; the thread ends with the reader.
    let (full, is_full) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let _ = filler.write_all(&[b'\n'; 64 << 10]);
        let _ = full.send(());
        let _ = filler.write_all(b"\n");
    });
    is_full.recv().unwrap();
    (reader, writer.into())
}
