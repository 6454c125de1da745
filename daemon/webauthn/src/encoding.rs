//! Options as bytes: what editors, shells and browsers save as text.

use crate::error::{MAX_JSON, OptionsError};

/// Reads options: [`decode_text`] of what is not too long.
///
/// # Errors
/// As [`decode_text`], and [`OptionsError::TooLong`] before it is looked at.
pub fn decode_options(bytes: &[u8]) -> Result<String, OptionsError> {
    if bytes.len() > MAX_JSON {
        return Err(OptionsError::TooLong(bytes.len()));
    }
    decode_text(bytes)
}

/// Reads UTF-8 or UTF-16, with or without the mark at its beginning that says which.
///
/// # Errors
/// [`OptionsError::Encoding`] when it is neither, [`OptionsError::Utf32`] when it is that.
pub fn decode_text(bytes: &[u8]) -> Result<String, OptionsError> {
    match bytes {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => return Err(OptionsError::Utf32),
        [first, 0, 0, 0, ..] | [0, 0, 0, first, ..] if *first > 0 => {
            return Err(OptionsError::Utf32);
        }
        _ => {}
    }
    // JSON begins with an ASCII character, so that the place of the zero tells the order.
    let text = match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [_, 0, ..] => utf16(bytes, u16::from_le_bytes),
        [0, _, ..] => utf16(bytes, u16::from_be_bytes),
        _ => std::str::from_utf8(bytes).ok().map(str::to_owned),
    };
    text.map(|text| without_mark(&text).to_owned())
        .ok_or(OptionsError::Encoding)
}

/// The byte order mark is no part of the text.
pub(crate) fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// The JSON in a text of other JSON, as some servers send it: what begins like an object, a list or a
/// text.
pub fn inner_json(text: &str) -> Option<&str> {
    let text = without_mark(text.trim());
    text.starts_with(['{', '[', '"']).then_some(text)
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<String> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
    rest.is_empty().then(|| String::from_utf16(&units).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn encoded(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn what_is_neither_utf_8_nor_utf_16_is_refused() {
        for bytes in [&b"{\"a\": \"\xff\"}"[..], b"\xff\xfe{", b"{\0\0\xd8"] {
            assert!(matches!(decode_options(bytes), Err(OptionsError::Encoding)));
        }
    }

    #[test]
    fn utf_32_is_named_and_so_is_what_is_too_long() {
        for order in [u32::to_le_bytes, u32::to_be_bytes] {
            for text in ["{}", "\u{feff}{}"] {
                let bytes: Vec<u8> = text.chars().flat_map(|char| order(char.into())).collect();
                let error = decode_options(&bytes).unwrap_err().to_string();
                assert!(error.ends_with("got UTF-32"), "{error}");
            }
        }
        // The bound is in the middle of a character.
        let long = "é".repeat(MAX_JSON / 2 + 1);
        let error = decode_options(&long.as_bytes()[..=MAX_JSON]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "expected at most 1048576 bytes of options, got more"
        );
    }

    proptest! {
        #[test]
        fn every_encoding_gives_the_same_text(text in "\\{[^\u{0}\u{feff}]*") {
            let marked = format!("\u{feff}{text}");
            let all = [
                text.clone().into_bytes(),
                marked.clone().into_bytes(),
                encoded(&marked, u16::to_le_bytes),
                encoded(&marked, u16::to_be_bytes),
            ];
            for bytes in all {
                prop_assert_eq!(&decode_options(&bytes).unwrap(), &text);
            }
            let plain = "{\"a\": 1}";
            prop_assert_eq!(decode_options(&encoded(plain, u16::to_le_bytes)).unwrap(), plain);
            prop_assert_eq!(decode_options(&encoded(plain, u16::to_be_bytes)).unwrap(), plain);
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = decode_options(&bytes);
        }
    }
}
