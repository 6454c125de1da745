//! What the files hold, read line by line.

use super::header::{HEADER, VERSION, is_cut_header};
use super::not_kept::NotKept;
use super::record::CeremonyRecord;
use serde_json::Value;
use std::io;
use std::path::Path;

/// A file of this size is set aside: some 2000 ceremonies.
pub(super) const LARGEST: u64 = 512 << 10;

/// What is in it.
#[derive(Default, Debug)]
pub struct StoredHistory {
    /// The oldest first.
    pub records: Vec<CeremonyRecord>,
    /// So many lines were not understood.
    pub skipped: usize,
    /// Why the file before the newest one is not in it.
    pub older_unread: Option<NotKept>,
}

impl StoredHistory {
    pub(super) fn take_file(&mut self, path: &Path) -> Result<(), NotKept> {
        match hybrid_process::read(path, 2 * LARGEST) {
            Ok(content) => self.take(&content),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(NotKept::Unreadable(error)),
        }
    }

    /// Takes the lines of one file.
    ///
    /// # Errors
    /// [`NotKept`], when it is no history, or a newer one.
    pub fn take(&mut self, content: &[u8]) -> Result<(), NotKept> {
        if is_cut_header(content) {
            return Ok(());
        }
        let text = String::from_utf8_lossy(content);
        let mut lines = text.lines();
        match lines.next() {
            Some(first) => is_ours(first)?,
            None => return Ok(()),
        }
        for line in lines.filter(|line| !line.trim().is_empty()) {
            let value = serde_json::from_str::<Value>(line).ok();
            match value.as_ref().and_then(CeremonyRecord::from_json) {
                Some(record) => self.records.push(record),
                None => self.skipped += 1,
            }
        }
        Ok(())
    }
}

/// Whether a file that begins so is a history, and none of a newer hybridd.
pub(super) fn is_ours(first: &str) -> Result<(), NotKept> {
    let line: Value = serde_json::from_str(first).unwrap_or_default();
    if line.get("ev").and_then(Value::as_str) != Some(HEADER) {
        return Err(NotKept::Foreign);
    }
    match line.get("version").and_then(Value::as_u64) {
        Some(version) if version > VERSION => Err(NotKept::Newer(version)),
        Some(_) => Ok(()),
        None => Err(NotKept::Foreign),
    }
}
