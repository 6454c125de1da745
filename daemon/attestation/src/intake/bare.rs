//! Fields without their names: what each is, its bytes say. Lines may be wrapped, as mail and
//! `base64` do it, or each may be a field.

use super::bytes;
use super::error::IntakeError;
use super::found::{Cut, Found};
use crate::material::Material;
use crate::octets;
use hybrid_policy::parse_aaguid;

/// Nobody wraps at more characters: `base64` does at 76, PEM at 64.
pub(super) const WIDEST: usize = 80;

/// Reads a text of fields.
pub(super) fn find(text: &str) -> Result<Found, IntakeError> {
    let whole = field(text);
    if let Some(Ok(found)) = whole {
        return Ok(found);
    }
    let mut found = Found::default();
    let mut strange = 0;
    for block in blocks(text) {
        if let Some(Ok(inner)) = field(&block) {
            found.add(inner);
            continue;
        }
        for line in block.lines() {
            match field(line) {
                Some(Ok(inner)) => found.add(inner),
                Some(Err(_)) | None => strange += usize::from(is_strange(line)),
            }
        }
    }
    if !found.materials.is_empty() {
        if strange > 0 {
            found.cut.insert(Cut::Strange(strange));
        }
        return Ok(found);
    }
    match whole {
        Some(Err(error)) => Err(error),
        Some(Ok(_)) | None => Err(IntakeError::NoBase64),
    }
}

/// Whether a line says something: it is neither punctuation nor the command at the top of what was
/// copied from a terminal.
pub(super) fn is_strange(line: &str) -> bool {
    let line = line.trim_start();
    let is_prompt = line.starts_with("PS ") && line.contains('>');
    line.contains(char::is_alphanumeric) && !is_prompt
}

/// What one text is, also with the quotes and signs around it that a program's source has.
fn field(text: &str) -> Option<Result<Found, IntakeError>> {
    let text = text.trim().trim_end_matches([',', ';']).trim_end();
    let text = text.strip_suffix(" +").unwrap_or(text);
    let text = text.trim_matches(['"', '\'', '`', ',', '\n', ' ']);
    if let Some(aaguid) = parse_aaguid(text) {
        return Some(Ok(Found::one(Material::Model(aaguid))));
    }
    octets::of_text(text).map(|bytes| bytes::recognise(&bytes))
}

/// Lines that belong together: all of one width, and a shorter one at the end.
fn blocks(text: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut block = String::new();
    let mut width = None;
    for line in text.lines().map(str::trim) {
        let length = line.len();
        let goes_on = width.is_some_and(|width| (1..=width).contains(&length));
        if !goes_on && !block.is_empty() {
            blocks.push(std::mem::take(&mut block));
        }
        let is_full = !goes_on || width == Some(length);
        width = (is_full && (1..=WIDEST).contains(&length)).then_some(length);
        block.push_str(line);
        block.push('\n');
    }
    blocks.push(block);
    blocks
}
