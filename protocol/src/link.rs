//! Linking: what a phone offers to be remembered by, and what a desktop sends to reach it again
//! (docs/wire.md sections 7.5 and 8).

use crate::cbor::{self, Value};
use crate::derive::{ClientNonce, LinkSecret};
use crate::id::{ContactId, DomainId, LinkId};
use crate::key::{BadPoint, PrivateKey, PublicKey};
use crate::printable::printable;
use crate::secret::Secret;
use core::fmt;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// The kind of operation, as a QR code and a client payload name it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Hint {
    /// `ga`: authenticatorGetAssertion, a sign-in.
    SignIn,
    /// `mc`: authenticatorMakeCredential, a registration.
    Register,
    /// `dcp`: presentation of a digital credential. Never sent by a desktop that speaks CTAP alone.
    Present,
    /// `dci`: issuance of a digital credential.
    Issue,
}

impl Hint {
    /// The text on the wire.
    pub const fn text(self) -> &'static str {
        match self {
            Self::SignIn => "ga",
            Self::Register => "mc",
            Self::Present => "dcp",
            Self::Issue => "dci",
        }
    }

    /// Reads the text on the wire; `None` when it is unknown.
    pub fn from_text(text: &str) -> Option<Self> {
        [Self::SignIn, Self::Register, Self::Present, Self::Issue]
            .into_iter()
            .find(|hint| hint.text() == text)
    }
}

/// What a desktop keeps of a linked phone. It holds the link secret, so there is no `Debug`.
#[derive(Clone)]
pub struct StoredLink {
    /// Reaches the phone through its relay.
    pub contact_id: ContactId,
    /// Names the link at the phone.
    pub link_id: LinkId,
    /// The root of the keys of every later transaction.
    pub link_secret: LinkSecret,
    /// The phone's identity key. The same key is the same phone, whatever its name.
    pub phone_key: PublicKey,
    /// A name to show; nothing in it can steer a terminal.
    pub name: String,
    /// The relay of the session in which it was linked; not part of the map.
    pub domain: DomainId,
}

/// A link whose signature was checked against the handshake in which it arrived.
#[derive(Clone)]
pub struct VerifiedLink(StoredLink);

impl VerifiedLink {
    /// Reads a linking map and checks that its phone key took part in this handshake.
    ///
    /// # Errors
    /// [`LinkError`] says what is missing, too long, or not signed.
    pub fn verify(
        map: &Value,
        desktop: &PrivateKey,
        hash: &Secret<32>,
        domain: DomainId,
    ) -> Result<Self, LinkError> {
        let map = map.as_map().ok_or(LinkError::NotAMap)?;
        let bytes = |key| {
            cbor::entry(map, key)
                .and_then(Value::as_bytes)
                .ok_or(LinkError::Entry(key))
        };
        let name = cbor::entry(map, 5)
            .and_then(Value::as_text)
            .ok_or(LinkError::Entry(5))?;
        let link_id = bytes(2)?
            .as_slice()
            .try_into()
            .map_err(|_| LinkError::Length(2))?;
        let link_secret = Secret::from_slice(bytes(3)?).ok_or(LinkError::Length(3))?;
        let contact_id = ContactId::new(bytes(1)?.clone()).map_err(|_| LinkError::Length(1))?;
        let phone_key = PublicKey::from_uncompressed(bytes(4)?).map_err(LinkError::Key)?;
        let expected = signature(&desktop.shared_x(&phone_key), hash);
        if !bool::from(expected.as_slice().ct_eq(bytes(6)?)) {
            return Err(LinkError::Signature);
        }
        Ok(Self(StoredLink {
            contact_id,
            link_id: LinkId::new(link_id),
            link_secret,
            phone_key,
            name: printable(name),
            domain,
        }))
    }

    /// The link to store.
    pub fn into_stored(self) -> StoredLink {
        self.0
    }

    /// The link, for reading.
    pub const fn stored(&self) -> &StoredLink {
        &self.0
    }
}

impl fmt::Debug for VerifiedLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VerifiedLink(hidden)")
    }
}

/// What a phone offers to be remembered by.
pub struct LinkOffer {
    /// How it can be reached.
    pub contact_id: ContactId,
    /// Its name for the link.
    pub link_id: LinkId,
    /// The root of later keys.
    pub link_secret: LinkSecret,
    /// Its identity key, whose public half is sent.
    pub identity: PrivateKey,
    /// Its name for people.
    pub name: String,
}

impl LinkOffer {
    /// The linking map, signed for this desktop and handshake.
    pub fn sign(&self, desktop: &PublicKey, hash: &Secret<32>) -> Value {
        let signature = signature(&self.identity.shared_x(desktop), hash);
        Value::Map(vec![
            (
                Value::from(1),
                Value::Bytes(self.contact_id.as_bytes().to_vec()),
            ),
            (
                Value::from(2),
                Value::Bytes(self.link_id.as_bytes().to_vec()),
            ),
            (
                Value::from(3),
                Value::Bytes(self.link_secret.expose().to_vec()),
            ),
            (
                Value::from(4),
                Value::Bytes(self.identity.public().uncompressed().to_vec()),
            ),
            (Value::from(5), Value::from(self.name.as_str())),
            (Value::from(6), Value::Bytes(signature.to_vec())),
        ])
    }
}

/// Why a linking map is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum LinkError {
    /// Not a CBOR map.
    NotAMap,
    /// The entry under this key is missing or mistyped.
    Entry(u64),
    /// The entry under this key has a wrong length.
    Length(u64),
    /// The phone's identity key is not a point.
    Key(BadPoint),
    /// The signature does not fit this handshake.
    Signature,
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAMap => f.write_str("expected a map as linking information"),
            Self::Entry(key) => write!(
                f,
                "entry {key} of the linking information is missing or has the wrong type"
            ),
            Self::Length(key) => write!(
                f,
                "entry {key} of the linking information has the wrong length"
            ),
            Self::Key(error) => error.fmt(f),
            Self::Signature => {
                f.write_str("the linking information is not signed for this session")
            }
        }
    }
}

impl core::error::Error for LinkError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Key(error) => Some(error),
            Self::NotAMap | Self::Entry(_) | Self::Length(_) | Self::Signature => None,
        }
    }
}

/// What a linked phone is told through the relay.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClientPayload {
    /// Which link is meant.
    pub link_id: LinkId,
    /// Salt of this transaction's advert key.
    pub nonce: ClientNonce,
    /// What the phone will be asked for.
    pub hint: Hint,
}

impl ClientPayload {
    /// Reads the CBOR that the relay passes on. Android takes no other hints than `ga` and `mc`.
    ///
    /// # Errors
    /// [`BadPayload`] when it is anything else.
    pub fn read(bytes: &[u8]) -> Result<Self, BadPayload> {
        let Ok(Value::Map(map)) = cbor::read(bytes) else {
            return Err(BadPayload);
        };
        let bytes = |key| {
            cbor::entry(&map, key)
                .and_then(Value::as_bytes)
                .map(Vec::as_slice)
                .ok_or(BadPayload)
        };
        let hint = cbor::entry(&map, 3)
            .and_then(Value::as_text)
            .and_then(Hint::from_text);
        Ok(Self {
            link_id: LinkId::new(bytes(1)?.try_into().map_err(|_| BadPayload)?),
            nonce: bytes(2)?.try_into().map_err(|_| BadPayload)?,
            hint: hint
                .filter(|hint| matches!(hint, Hint::SignIn | Hint::Register))
                .ok_or(BadPayload)?,
        })
    }

    /// CBOR `{1: link id, 2: nonce, 3: hint}`.
    pub fn write(&self) -> Vec<u8> {
        cbor::write(&Value::Map(vec![
            (
                Value::from(1),
                Value::Bytes(self.link_id.as_bytes().to_vec()),
            ),
            (Value::from(2), Value::Bytes(self.nonce.to_vec())),
            (Value::from(3), Value::from(self.hint.text())),
        ]))
    }

    /// The same in upper-case hex, for the request header.
    pub fn header_value(&self) -> String {
        hex::encode_upper(self.write())
    }
}

/// Bytes that are not a client payload.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BadPayload;

impl fmt::Display for BadPayload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected link id, nonce and hint as the client payload")
    }
}

impl core::error::Error for BadPayload {}

/// HMAC over the handshake hash, keyed by the x coordinate that phone identity and QR key share.
fn signature(shared: &Secret<32>, hash: &Secret<32>) -> [u8; 32] {
    let mut key = [0; 64];
    for (byte, shared) in key.iter_mut().zip(shared.expose()) {
        *byte = *shared;
    }
    Hmac::<Sha256>::new(&key.into())
        .chain_update(hash.expose())
        .finalize()
        .into_bytes()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_cannot_bring_control_characters_to_a_terminal() {
        let desktop = PrivateKey::new(&Secret::new([7; 32])).unwrap();
        let hash = Secret::new([1; 32]);
        let offer = LinkOffer {
            contact_id: ContactId::new(vec![1]).unwrap(),
            link_id: LinkId::new([2; 8]),
            link_secret: Secret::new([3; 32]),
            identity: PrivateKey::new(&Secret::new([8; 32])).unwrap(),
            name: "Pixel\u{1b}[2J\r\n 9".to_owned(),
        };
        let map = offer.sign(&desktop.public(), &hash);
        let link = VerifiedLink::verify(&map, &desktop, &hash, DomainId(0)).unwrap();
        assert_eq!(link.stored().name, "Pixel[2J 9");
    }

    proptest! {
        #[test]
        fn a_payload_survives_its_bytes(id: [u8; 8], nonce: [u8; 16]) {
            let payload = ClientPayload { link_id: LinkId::new(id), nonce, hint: Hint::Register };
            prop_assert_eq!(ClientPayload::read(&payload.write()), Ok(payload));
        }

        #[test]
        fn reading_any_bytes_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = ClientPayload::read(&bytes);
            if let Ok(map) = cbor::read_lenient(&bytes) {
                let key = PrivateKey::new(&Secret::new([7; 32])).unwrap();
                let _ = VerifiedLink::verify(&map, &key, &Secret::new([0; 32]), DomainId(0));
            }
        }
    }
}
