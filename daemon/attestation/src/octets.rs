//! Bytes as people and servers write them: base64 in either alphabet, hexadecimal, and the forms
//! that JavaScript gives an array of bytes in JSON.

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Map, Value};

/// Either alphabet is turned into this one first, and padding is taken off.
const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(true),
);
/// Text of hexadecimal digits alone that is this long is no base64 by chance.
const SHORTEST_HEX: usize = 32;

/// Reads a text. White space does not count, as lines are wrapped on the way.
pub(crate) fn of_text(text: &str) -> Option<Vec<u8>> {
    let plain: String = text.chars().filter(|char| !char.is_whitespace()).collect();
    let is_hex = plain.len() >= SHORTEST_HEX && plain.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hex && let Ok(bytes) = hex::decode(&plain) {
        return Some(bytes);
    }
    let url_safe = plain.replace('+', "-").replace('/', "_");
    let bytes = ENGINE.decode(url_safe.trim_end_matches('=')).ok()?;
    (!bytes.is_empty()).then_some(bytes)
}

/// Reads a JSON value.
pub(crate) fn of_json(value: &Value) -> Option<Vec<u8>> {
    match value {
        Value::String(text) => of_text(text),
        Value::Array(items) => items.iter().map(octet).collect(),
        // Node.js: {"type": "Buffer", "data": […]}
        Value::Object(members) => match members.get("data") {
            Some(data @ Value::Array(_)) => of_json(data),
            _ => numbered(members),
        },
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// `{"0": 163, "1": 99, …}`: a `Uint8Array` as `JSON.stringify` writes it.
fn numbered(members: &Map<String, Value>) -> Option<Vec<u8>> {
    if members.is_empty() {
        return None;
    }
    let all = 0..members.len();
    all.map(|index| octet(members.get(&index.to_string())?))
        .collect()
}

fn octet(value: &Value) -> Option<u8> {
    value.as_u64()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    proptest! {
        #[test]
        fn bytes_are_read_from_every_form(bytes in proptest::collection::vec(any::<u8>(), 17..80)) {
            use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
            let url_safe = URL_SAFE_NO_PAD.encode(&bytes);
            let numbered: Map<String, Value> = bytes
                .iter()
                .enumerate()
                .map(|(index, byte)| (index.to_string(), json!(byte)))
                .collect();
            for form in [
                json!(url_safe),
                json!(STANDARD.encode(&bytes)),
                json!(hex::encode(&bytes)),
                json!(bytes),
                json!({"type": "Buffer", "data": bytes}),
                Value::Object(numbered),
                json!(format!(" {}\r\n{} ", &url_safe[..7], &url_safe[7..])),
            ] {
                prop_assert_eq!(of_json(&form), Some(bytes.clone()), "{}", form);
            }
        }

        #[test]
        fn no_text_panics(text: String) {
            let _ = of_text(&text);
        }
    }

    #[test]
    fn what_is_no_bytes_is_none() {
        for value in [
            json!(""),
            json!("é"),
            json!([256]),
            json!({}),
            json!({"1": 2}),
            json!(7),
            json!(null),
        ] {
            assert_eq!(of_json(&value), None, "{value}");
        }
    }
}
