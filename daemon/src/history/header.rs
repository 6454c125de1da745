//! The first line of a file of the history: what it is, and in which version.

use serde_json::json;

pub(super) const VERSION: u64 = 1;
pub(super) const HEADER: &str = "history";

pub(super) fn header() -> String {
    json!({"ev": HEADER, "version": VERSION}).to_string()
}

/// A disk that was full, or power that went away, at the very beginning: nothing is lost with it.
pub(super) fn is_cut_header(content: &[u8]) -> bool {
    let header = header();
    content.len() < header.len() && header.as_bytes().starts_with(content)
}
