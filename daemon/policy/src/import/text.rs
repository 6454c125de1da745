//! Bytes to text: UTF-8 with or without a mark, and UTF-16 with one, as PowerShell's `>` writes it.

use super::error::ImportFault;
use std::borrow::Cow;

/// The text of a file.
///
/// # Errors
/// [`ImportFault`] when it is no text, or in an encoding that does not say which.
pub(super) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, ImportFault> {
    let text = match bytes {
        // The mark of UTF-32 begins like that of UTF-16.
        [0xff, 0xfe, 0, 0, ..] => return Err(ImportFault::NotText(0)),
        [0xff, 0xfe, rest @ ..] => Cow::Owned(utf16(rest, u16::from_le_bytes)?),
        [0xfe, 0xff, rest @ ..] => Cow::Owned(utf16(rest, u16::from_be_bytes)?),
        [0xef, 0xbb, 0xbf, rest @ ..] => Cow::Borrowed(utf8(rest)?),
        // JSON begins with ASCII, and ASCII in UTF-16 has a zero in every unit.
        [0, _, ..] | [_, 0, ..] => return Err(ImportFault::Utf16),
        bytes => Cow::Borrowed(utf8(bytes)?),
    };
    if text.trim().is_empty() {
        return Err(ImportFault::Empty);
    }
    Ok(text)
}

fn utf8(bytes: &[u8]) -> Result<&str, ImportFault> {
    str::from_utf8(bytes).map_err(|error| ImportFault::NotText(error.valid_up_to()))
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, ImportFault> {
    let (units, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(ImportFault::Utf16);
    }
    char::decode_utf16(units.iter().map(|pair| unit(*pair)))
        .collect::<Result<String, _>>()
        .map_err(|_unpaired| ImportFault::Utf16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_encoding_that_does_not_say_which_is_refused() {
        assert_eq!(decode(b"{\0}\0"), Err(ImportFault::Utf16));
        assert_eq!(decode(b"\0{\0}"), Err(ImportFault::Utf16));
        assert_eq!(decode(b"\xff\xfe{\0}"), Err(ImportFault::Utf16));
        assert_eq!(decode(b"{\"a\":\xe4}"), Err(ImportFault::NotText(5)));
        assert_eq!(decode(b"\xef\xbb\xbf \r\n"), Err(ImportFault::Empty));
        assert_eq!(decode(b""), Err(ImportFault::Empty));
    }

    proptest! {
        #[test]
        fn a_text_is_read_back_from_every_encoding(text in "\\{[a-zé😀 ]{0,20}\\}") {
            let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
            let forms = [
                text.as_bytes().to_vec(),
                [b"\xef\xbb\xbf", text.as_bytes()].concat(),
                [b"\xff\xfe", little.as_slice()].concat(),
                [b"\xfe\xff", big.as_slice()].concat(),
            ];
            for form in forms {
                prop_assert_eq!(decode(&form).unwrap(), text.as_str());
            }
        }

        #[test]
        fn no_bytes_panic(bytes: Vec<u8>) {
            let _ = decode(&bytes);
        }
    }
}
