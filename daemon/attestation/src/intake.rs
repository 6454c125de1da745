//! Finds what there is to inspect in what people have.
//!
//! | file | what it reads |
//! | --- | --- |
//! | `carried` | what mail, forms and logs made of a text, which is undone first |
//! | `document`, `json` | one JSON document, of any wrapping |
//! | `embedded` | JSON in other text |
//! | `pasted`, `bare` | fields with their names, lists that PowerShell printed; fields without names |
//! | `scattered` | fields in a notation that is not known |
//! | `bytes` | which object bytes are |

mod bare;
mod bytes;
mod carried;
mod document;
mod embedded;
mod error;
mod found;
mod joined;
mod json;
mod pasted;
mod scattered;

pub use error::{IntakeError, LONGEST};
pub(crate) use found::Found;

use crate::material::Material;
use hybrid_policy::parse_aaguid;
use hybrid_webauthn::decode_text;

/// Everything in an input, in its order.
pub(crate) fn find(input: &[u8]) -> Result<Found, IntakeError> {
    if input.len() > LONGEST {
        return Err(IntakeError::TooLong);
    }
    let text = decode_text(input);
    // Some programs fill a buffer up with zeros.
    let blank = |char: char| char.is_whitespace() || char == '\0';
    let text = text.as_deref().map(|text| text.trim_matches(blank));
    let is_json = text.is_ok_and(|text| text.starts_with(['{', '[', '"']));
    // An object as it is, in a file.
    if !is_json && let Some(found) = bytes::recognise_raw(input) {
        return Ok(found);
    }
    let text = text.map_err(|_| IntakeError::NoText)?;
    of_text(carried::undone(text).trim_matches(blank))
}

fn of_text(text: &str) -> Result<Found, IntakeError> {
    if let Some(aaguid) = parse_aaguid(text) {
        return Ok(Found::one(Material::Model(aaguid)));
    }
    match text.chars().next() {
        None => Err(IntakeError::Empty),
        Some('"') => of_quoted(text),
        Some('{' | '[') => of_json(text),
        Some('@') if text.starts_with("@{") => Err(IntakeError::PowerShell),
        Some('-') if text.starts_with("-----BEGIN ") => Err(IntakeError::Pem),
        Some(first) => match embedded::find(text)? {
            Some(found) => Ok(found),
            None if is_shown(text) => Err(IntakeError::Console),
            None if first == '<' => scattered::find(text).ok_or(IntakeError::Markup),
            None => pasted::find(text).or_else(|error| scattered::find(text).ok_or(error)),
        },
    }
}

fn of_quoted(text: &str) -> Result<Found, IntakeError> {
    match serde_json::from_str::<String>(text) {
        // With its quotes.
        Ok(inner) => of_text(inner.trim()),
        // Members that were copied out of an object.
        Err(_) => match json::of_members(text) {
            Some(found) => Ok(found),
            None if pasted::begins_with_a_name(text) => pasted::find(text),
            // Fields in quotes, one a line.
            None => pasted::find(text).or_else(|_| document::find(text)),
        },
    }
}

fn of_json(text: &str) -> Result<Found, IntakeError> {
    let error = match document::find(text) {
        Err(IntakeError::Json(error)) if !error.is_eof() => IntakeError::Json(error),
        other => return other,
    };
    if is_shown(text) {
        return Err(IntakeError::Console);
    }
    // A log may begin with its time in brackets.
    if let Some(found) = embedded::find(text)? {
        return Ok(found);
    }
    // Programs for letters change quotes and spaces.
    if let Some(plain) = carried::typewritten(text) {
        return document::find(&plain);
    }
    if is_literal(text) {
        return scattered::find(text).ok_or(IntakeError::Literal);
    }
    Err(error)
}

/// Whether a console has left out what an object holds.
fn is_shown(text: &str) -> bool {
    let left_out = ["ArrayBuffer", "{…}", "[object ", "[Object]", "Uint8Array("];
    text.starts_with("Object {") || left_out.iter().any(|form| text.contains(form))
}

/// Whether names stand without quotes, in those of other languages, or before an arrow.
fn is_literal(text: &str) -> bool {
    let begin = text.trim_start_matches(|char: char| char.is_whitespace() || "{[".contains(char));
    let is_name = begin.starts_with(|char: char| char.is_alphabetic() || "'_$".contains(char));
    is_name || text.contains("\"=>") || text.contains("\" =>")
}
