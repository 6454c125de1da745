//! The messages inside frames (docs/wire.md section 7.4): shutdown, CTAP, update, JSON.

use crate::cbor::{self, Value};
use crate::secret::Wiped;
use core::fmt;

/// How messages are written, told by the form of the phone's greeting.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Revision {
    /// Phones of 2021: no type byte, hence no shutdown and no update.
    Zero,
    /// A type byte before every message after the greeting.
    One,
}

/// A message, read.
#[derive(PartialEq, Debug)]
pub enum Message {
    /// The sender will send no more requests.
    Shutdown,
    /// A CTAP command or reply: command or status byte, then CBOR that is passed on untouched.
    Ctap(Wiped),
    /// Something that the phone wants remembered.
    Update(Update),
    /// A digital credential, UTF-8 JSON.
    Json(String),
}

/// The content of an update.
#[derive(PartialEq, Debug)]
pub enum Update {
    /// A linking map, not verified yet.
    Link(Value),
    /// Nothing that this version knows: padding, or keys of the future.
    Nothing,
    /// Not the canonical CBOR map that it should be. Chromium ends the session; here it is counted
    /// and ignored.
    Malformed,
}

const SHUTDOWN: u8 = 0;
const CTAP: u8 = 1;
const UPDATE: u8 = 2;
const JSON: u8 = 3;

impl Message {
    /// Reads what a frame held.
    ///
    /// # Errors
    /// [`MessageError`] for a message that ends the session.
    pub fn read(revision: Revision, bytes: &Wiped) -> Result<Self, MessageError> {
        let (kind, body) = bytes.expose().split_first().ok_or(MessageError::Empty)?;
        match (revision, *kind) {
            (Revision::Zero, _) => Ok(Self::Ctap(bytes.clone())),
            (Revision::One, SHUTDOWN) => Ok(Self::Shutdown),
            (Revision::One, CTAP) if body.is_empty() => Err(MessageError::CtapEmpty),
            (Revision::One, CTAP) => Ok(Self::Ctap(Wiped::new(body.to_vec()))),
            (Revision::One, UPDATE) => Ok(Self::Update(Update::read(body))),
            (Revision::One, JSON) => core::str::from_utf8(body)
                .map(|text| Self::Json(text.to_owned()))
                .map_err(|_| MessageError::Utf8),
            (Revision::One, kind) => Err(MessageError::Type(kind)),
        }
    }

    /// A CTAP command or reply, ready to be sealed.
    pub fn ctap(revision: Revision, body: &[u8]) -> Wiped {
        let kind: &[u8] = match revision {
            Revision::Zero => &[],
            Revision::One => &[CTAP],
        };
        Wiped::new([kind, body].concat())
    }

    /// The goodbye of revision 1; revision 0 just closes.
    pub const fn shutdown() -> [u8; 1] {
        [SHUTDOWN]
    }

    /// A phone's update that carries a linking map.
    pub fn update(linking_map: Value) -> Wiped {
        let update = Value::Map(vec![(Value::from(1), linking_map)]);
        Wiped::new([&[UPDATE], cbor::write(&update).as_slice()].concat())
    }
}

impl Update {
    fn read(body: &[u8]) -> Self {
        let Ok(Value::Map(map)) = cbor::read(body) else {
            return Self::Malformed;
        };
        cbor::entry(&map, 1).map_or(Self::Nothing, |map| Self::Link(map.clone()))
    }
}

/// Why a message ends the session.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum MessageError {
    /// Nothing but padding.
    Empty,
    /// A CTAP message without a status or command byte.
    CtapEmpty,
    /// JSON that is not UTF-8.
    Utf8,
    /// A type that no version of the protocol defines.
    Type(u8),
}

impl fmt::Display for MessageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("expected a message, got an empty frame"),
            Self::CtapEmpty => f.write_str("expected a CTAP status, got an empty CTAP message"),
            Self::Utf8 => f.write_str("expected JSON in UTF-8, got another encoding"),
            Self::Type(got) => write!(f, "expected a message of type 0 to 3, got type {got}"),
        }
    }
}

impl core::error::Error for MessageError {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn revision_0_has_no_type_byte() {
        assert_eq!(
            Message::ctap(Revision::Zero, &[2, 0xa0]).expose(),
            [2, 0xa0]
        );
        assert_eq!(
            Message::ctap(Revision::One, &[2, 0xa0]).expose(),
            [1, 2, 0xa0]
        );
        let read = Message::read(Revision::Zero, &Wiped::new(vec![0x2e]));
        assert_eq!(read, Ok(Message::Ctap(Wiped::new(vec![0x2e]))));
    }

    proptest! {
        #[test]
        fn reading_any_bytes_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let bytes = Wiped::new(bytes);
            let _ = Message::read(Revision::One, &bytes);
            let _ = Message::read(Revision::Zero, &bytes);
        }
    }
}
