//! Bytes as people and servers write them: base64 in either alphabet, hexadecimal, and the forms
//! that languages and databases give bytes in JSON.

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// Either alphabet is turned into this one first, and padding is taken off.
const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(true),
);
/// Text of hexadecimal digits alone that is this long is no base64 by chance.
const SHORTEST_HEX: usize = 32;

/// Members that hold the bytes: of Node.js (`{"type": "Buffer", "data": […]}`), MongoDB and Json.NET.
const HOLDERS: [&str; 4] = ["data", "$binary", "base64", "$value"];

/// Reads a text. White space does not count, as lines are wrapped on the way.
pub(crate) fn of_text(text: &str) -> Option<Vec<u8>> {
    let text = without_frame(text.trim());
    // Octets, line ends and slashes as programs and JSON write them: no base64 has a backslash.
    let text = if text.contains('\\') {
        let plain = { ["\\x", "\\r", "\\n", "\\"].iter() }
            .fold(text.to_owned(), |text, escape| text.replace(escape, ""));
        Cow::Owned(plain)
    } else {
        Cow::Borrowed(text)
    };
    let plain: String = text.chars().filter(|char| !char.is_whitespace()).collect();
    if let Some(bytes) = of_hex(&plain) {
        return Some(bytes);
    }
    let url_safe = plain.replace('+', "-").replace('/', "_");
    let bytes = ENGINE.decode(url_safe.trim_end_matches('=')).ok()?;
    (!bytes.is_empty()).then_some(bytes)
}

/// What stands around base64: of a URL with data in it, and of a library for PHP.
fn without_frame(text: &str) -> &str {
    if let Some((_, data)) = text
        .strip_prefix("data:")
        .and_then(|url| url.split_once(";base64,"))
    {
        return data;
    }
    let framed = text.strip_prefix("=?BINARY?B?");
    { framed.and_then(|framed| framed.strip_suffix("?=")) }.unwrap_or(text)
}

/// Digits in pairs, also as `0x…` and with colons between them.
fn of_hex(plain: &str) -> Option<Vec<u8>> {
    let digits = plain.strip_prefix("0x").unwrap_or(plain);
    let digits: String = digits.chars().filter(|char| *char != ':').collect();
    let is_hex =
        digits.len() >= SHORTEST_HEX && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then(|| hex::decode(&digits).ok())?
}

/// Reads a JSON value.
pub(crate) fn of_json(value: &Value) -> Option<Vec<u8>> {
    match value {
        Value::String(text) => of_text(text),
        Value::Array(items) => items.iter().map(octet).collect(),
        Value::Object(members) => {
            let held = HOLDERS.iter().find_map(|name| members.get(*name));
            held.map_or_else(|| numbered(members), of_json)
        }
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

/// Java's bytes have signs.
fn octet(value: &Value) -> Option<u8> {
    let number = value.as_i64()?;
    let signed = i8::try_from(number).map(i8::cast_unsigned);
    signed.or_else(|_| u8::try_from(number)).ok()
}

/// What stands in place of bytes, in words.
pub(crate) fn in_words(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(text) if text.is_empty() => "an empty text",
        Value::String(_) => "a text that is no base64",
        Value::Array(_) => "a list that is not of numbers from 0 to 255",
        Value::Object(members) if members.is_empty() => {
            "an empty object, which is what JSON.stringify makes of an ArrayBuffer; credential.toJSON() keeps the bytes"
        }
        Value::Object(_) => "an object",
    }
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
                json!(format!("{}\\r\\n{}", &url_safe[..7], &url_safe[7..])),
                json!(STANDARD.encode(&bytes).replace('/', "\\/")),
                json!(format!("data:x/y;base64,{}", STANDARD.encode(&bytes))),
                json!(format!("=?BINARY?B?{}?=", STANDARD.encode(&bytes))),
                json!(format!("0x{}", hex::encode_upper(&bytes))),
                json!(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":")),
                json!(bytes.iter().map(|byte| byte.cast_signed()).collect::<Vec<_>>()),
                json!({"$binary": {"base64": url_safe, "subType": "00"}}),
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
            json!([-129]),
            json!({}),
            json!({"1": 2}),
            json!(7),
            json!(null),
        ] {
            assert_eq!(of_json(&value), None, "{value}");
        }
    }
}
