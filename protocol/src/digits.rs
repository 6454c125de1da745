//! The decimal form of a QR code's bytes: 7-byte chunks, little-endian, each as a fixed number of
//! digits (CTAP 2.2 §11.5.1).

use core::fmt;
use zeroize::Zeroizing;

/// How many digits a chunk of that many bytes takes; the index is the number of bytes.
const DIGITS: [usize; 8] = [0, 3, 5, 8, 10, 13, 15, 17];

/// Writes bytes as decimal digits.
pub fn encode(bytes: &[u8]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(bytes.len().div_ceil(7) * 17));
    for chunk in bytes.chunks(7) {
        let value = chunk
            .iter()
            .rev()
            .fold(0u64, |value, byte| value << 8 | u64::from(*byte));
        let width = DIGITS.get(chunk.len()).copied().unwrap_or_default();
        text.push_str(&Zeroizing::new(format!("{value:0width$}")));
    }
    text
}

/// Reads decimal digits back.
///
/// # Errors
/// [`DigitsError`] for anything but ASCII digits, a length that no bytes encode to, or a chunk
/// whose value is too large.
pub fn decode(text: &str) -> Result<Zeroizing<Vec<u8>>, DigitsError> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len() / 17 * 7 + 7));
    for (index, chunk) in text.as_bytes().chunks(17).enumerate() {
        let at = index * 17;
        let length = DIGITS
            .iter()
            .position(|digits| *digits == chunk.len())
            .ok_or(DigitsError::Length(text.len()))?;
        let value =
            chunk
                .iter()
                .enumerate()
                .try_fold(0u64, |value, (offset, byte)| match byte {
                    // 17 digits stay far below 2^64.
                    b'0'..=b'9' => Ok(value * 10 + u64::from(byte - b'0')),
                    _ => Err(DigitsError::NotADigit(at + offset)),
                })?;
        let encoded = value.to_le_bytes();
        let (kept, above) = encoded.split_at_checked(length).unwrap_or((&[], &encoded));
        if above.iter().any(|byte| *byte != 0) {
            return Err(DigitsError::TooLarge(at));
        }
        bytes.extend_from_slice(kept);
    }
    Ok(bytes)
}

/// Why a text is not the decimal form of bytes. Positions count from the first digit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum DigitsError {
    /// No bytes encode to this many digits; usually the text was cut short.
    Length(usize),
    /// A character other than an ASCII digit.
    NotADigit(usize),
    /// The group of digits that starts here stands for more than its bytes can hold.
    TooLarge(usize),
}

impl fmt::Display for DigitsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length(digits) => write!(
                f,
                "{digits} digits is not a possible length: the code was cut short or has too many"
            ),
            Self::NotADigit(at) => write!(f, "character {} after FIDO:/ is not a digit", at + 1),
            Self::TooLarge(at) => write!(
                f,
                "the digits from number {} on do not encode bytes: one of them is wrong",
                at + 1
            ),
        }
    }
}

impl core::error::Error for DigitsError {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_published_samples_hold() {
        assert_eq!(*encode(&[0x61, 0x62, 0xff]), "16736865");
        assert_eq!(*encode(b"hello world"), "335311851610699281684828783");
    }

    #[test]
    fn a_wrong_text_is_refused_at_its_place() {
        assert_eq!(decode("12"), Err(DigitsError::Length(2)));
        assert_eq!(decode("1a3"), Err(DigitsError::NotADigit(1)));
        assert_eq!(decode("999"), Err(DigitsError::TooLarge(0)));
        assert_eq!(decode("99999999999999999"), Err(DigitsError::TooLarge(0)));
        assert!(decode("१२३").is_err());
    }

    proptest! {
        #[test]
        fn bytes_survive_their_digits(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            prop_assert_eq!(&*decode(&encode(&bytes)).unwrap(), &bytes);
        }

        #[test]
        fn digits_that_are_read_are_written_alike(text in "[0-9]{0,60}") {
            if let Ok(bytes) = decode(&text) {
                prop_assert_eq!(&*encode(&bytes), &text);
            }
        }

        #[test]
        fn decoding_any_text_never_panics(text in ".*") {
            let _ = decode(&text);
        }
    }
}
