//! Finds what there is to inspect in what people have: JSON of any wrapping, fields that were
//! pasted alone, lists that PowerShell printed, raw bytes.

mod bytes;
mod error;
mod found;
mod json;
mod pasted;

pub use error::{IntakeError, LONGEST};
pub(crate) use found::Found;

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
    match text.chars().next() {
        None => Err(IntakeError::Empty),
        Some('"') => match serde_json::from_str::<String>(text) {
            // A field with its quotes.
            Ok(field) if !field.trim_start().starts_with(['{', '[', '"']) => pasted::find(&field),
            // Members that were copied out of an object.
            Err(_) if pasted::begins_with_a_name(text) => pasted::find(text),
            Ok(_) | Err(_) => json::find(text),
        },
        Some('{' | '[') => json::find(text),
        Some('@') if text.starts_with("@{") => Err(IntakeError::PowerShell),
        Some('-') if text.starts_with("-----BEGIN ") => Err(IntakeError::Pem),
        Some('<') => Err(IntakeError::Markup),
        Some(_) => pasted::find(text),
    }
}
