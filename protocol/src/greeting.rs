//! The phone's first message after the handshake: what it can do (docs/wire.md sections 7.2 and
//! 7.3).

use crate::cbor::{self, CborError, Value};
use crate::message::Revision;
use core::fmt;

/// What a phone says of itself. The getInfo bytes pass through untouched.
#[derive(Clone, PartialEq, Debug)]
pub struct Greeting {
    /// How its later messages are written.
    pub revision: Revision,
    /// Its text features, unknown ones included; `ctap` alone when it names none.
    pub features: Vec<String>,
    /// The reply to authenticatorGetInfo, without status byte; there if and only if `ctap` is a
    /// feature.
    pub get_info: Option<Vec<u8>>,
    /// A linking map, not verified. Only phones of revision 0 are known to send it here.
    pub linking: Option<Value>,
}

impl Greeting {
    /// The feature without which CTAP commands cannot be sent.
    pub const CTAP: &str = "ctap";

    /// Reads the message. A whole CBOR item means revision 1. Otherwise the end must be zeros and
    /// their count, 16-bit little-endian or (before 2022) 8-bit, which means revision 0.
    ///
    /// # Errors
    /// [`GreetingError`] says what is missing or mistyped.
    pub fn read(bytes: &[u8]) -> Result<Self, GreetingError> {
        let whole = match cbor::read_unordered(bytes) {
            Ok(value) => return Self::from_value(Revision::One, value),
            Err(error) => error,
        };
        let unpadded = [unpad_16(bytes), unpad_8(bytes)].into_iter().flatten();
        let value = unpadded
            .filter_map(|bytes| cbor::read_unordered(bytes).ok())
            .find(Value::is_map);
        Self::from_value(Revision::Zero, value.ok_or(GreetingError::Cbor(whole))?)
    }

    /// Writes the message of a phone that speaks CTAP, in revision 1.
    pub fn write(get_info: &[u8]) -> Vec<u8> {
        cbor::write(&Value::Map(vec![
            (Value::from(1), Value::Bytes(get_info.to_vec())),
            (Value::from(3), Value::Array(vec![Value::from(Self::CTAP)])),
        ]))
    }

    fn from_value(revision: Revision, value: Value) -> Result<Self, GreetingError> {
        let Value::Map(map) = value else {
            return Err(GreetingError::NotAMap);
        };
        let features = match cbor::entry(&map, 3) {
            None => vec![Self::CTAP.to_owned()],
            Some(Value::Array(names)) => names
                .iter()
                .filter_map(|name| name.as_text().map(str::to_owned))
                .collect(),
            Some(_) => return Err(GreetingError::Features),
        };
        let speaks_ctap = features.iter().any(|name| name == Self::CTAP);
        let get_info = match (cbor::entry(&map, 1), speaks_ctap) {
            (Some(Value::Bytes(bytes)), true) => Some(bytes.clone()),
            (None, false) => None,
            (_, true) => return Err(GreetingError::NoGetInfo),
            (Some(_), false) => return Err(GreetingError::StrayGetInfo),
        };
        let linking = match cbor::entry(&map, 2) {
            None => None,
            Some(map @ Value::Map(_)) => Some(map.clone()),
            Some(_) => return Err(GreetingError::Linking),
        };
        Ok(Self {
            revision,
            features,
            get_info,
            linking,
        })
    }
}

/// Why a greeting is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum GreetingError {
    /// Neither a whole CBOR item nor one with the padding of revision 0.
    Cbor(CborError),
    /// Not a map.
    NotAMap,
    /// The feature list is not an array.
    Features,
    /// It speaks CTAP but does not bring its getInfo.
    NoGetInfo,
    /// It brings getInfo but does not speak CTAP.
    StrayGetInfo,
    /// The linking entry is not a map.
    Linking,
}

impl fmt::Display for GreetingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cbor(error) => error.fmt(f),
            Self::NotAMap => f.write_str("expected a CBOR map as the phone's greeting"),
            Self::Features => f.write_str("expected an array of features in the phone's greeting"),
            Self::NoGetInfo => {
                f.write_str("expected the phone's capabilities (getInfo) in its greeting")
            }
            Self::StrayGetInfo => f.write_str(
                "the phone's greeting has capabilities (getInfo) but not the ctap feature",
            ),
            Self::Linking => {
                f.write_str("expected a map as the linking entry of the phone's greeting")
            }
        }
    }
}

impl core::error::Error for GreetingError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Cbor(error) => Some(error),
            Self::NotAMap
            | Self::Features
            | Self::NoGetInfo
            | Self::StrayGetInfo
            | Self::Linking => None,
        }
    }
}

fn unpad_16(bytes: &[u8]) -> Option<&[u8]> {
    let (rest, count) = bytes.split_last_chunk::<2>()?;
    unpad(rest, usize::from(u16::from_le_bytes(*count)))
}

fn unpad_8(bytes: &[u8]) -> Option<&[u8]> {
    let (count, rest) = bytes.split_last()?;
    unpad(rest, usize::from(*count))
}

fn unpad(bytes: &[u8], count: usize) -> Option<&[u8]> {
    let (rest, zeros) = bytes.split_at_checked(bytes.len().checked_sub(count)?)?;
    zeros.iter().all(|byte| *byte == 0).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn our_own_greeting_is_revision_1_with_ctap() {
        let greeting = Greeting::read(&Greeting::write(&[0xa0])).unwrap();
        assert_eq!(greeting.revision, Revision::One);
        assert_eq!(greeting.features, ["ctap"]);
        assert_eq!(greeting.get_info.as_deref(), Some([0xa0].as_slice()));
    }

    proptest! {
        #[test]
        fn reading_any_bytes_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = Greeting::read(&bytes);
        }

        #[test]
        fn padding_of_revision_0_is_found_whatever_its_length(zeros in 0u16..600) {
            let mut bytes = Greeting::write(&[0xa0]);
            bytes.resize(bytes.len() + usize::from(zeros), 0);
            bytes.extend_from_slice(&zeros.to_le_bytes());
            prop_assert_eq!(Greeting::read(&bytes).unwrap().revision, Revision::Zero);
        }
    }
}
