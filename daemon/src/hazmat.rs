//! The files of hybridd, read without a disk; for fuzz targets.
//!
//! The program reads them with their owners and modes, and one after the other. Each function takes
//! any input and is expected to return.

use crate::agent::memory::Hashes;
use crate::agent::switch::{Switch, Written};
use crate::history::StoredHistory;
use crate::settings::{Settings, SettingsProblem, file};
use std::path::Path;

/// What holds when this is the only settings file; `None` when it is no text. The administrator's
/// may lock keys.
///
/// # Errors
/// What is wrong in it.
pub fn settings(bytes: &[u8], may_lock: bool) -> Option<Result<Settings, SettingsProblem>> {
    let text = file::text(bytes).ok()?;
    let mut settings = Settings::default();
    let read = settings.file(Path::new("config.toml"), &text, may_lock);
    Some(read.map(|()| settings))
}

/// What the file says that switches the key on and off.
pub fn switch(bytes: &[u8]) -> Written {
    Switch::from_text(bytes)
}

/// The lines of a history, each written anew; `None` when it is none or of a newer version.
pub fn history(bytes: &[u8]) -> Option<Vec<String>> {
    let mut stored = StoredHistory::default();
    stored.take(bytes).ok()?;
    let lines = stored
        .records
        .iter()
        .map(|record| record.to_json().to_string());
    Some(lines.collect())
}

/// The file of seen credentials, written anew; `None` when it is none or of a newer version.
pub fn memory(text: &str) -> Option<String> {
    let hashes = Hashes::from_text(text).ok()??;
    Some(hashes.to_text())
}
