//! The ids that appear in URLs, adverts and stored links: one newtype each, so that none is taken
//! for another.

use crate::key::PublicKey;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use core::fmt;

/// Names a waiting tunnel at a relay (16 bytes). In the QR flow both sides derive it from the QR
/// secret.
///
/// Whoever learns it can try to join, so `Debug` hides it and there is no `Display`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TunnelId([u8; Self::LEN]);

impl TunnelId {
    /// Length in bytes.
    pub const LEN: usize = 16;

    /// Wraps the derived or received bytes.
    pub const fn new(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// Reads 32 hex digits of either case (Chromium sends upper case, other clients lower).
    ///
    /// # Errors
    /// [`IdError`] when the text is not exactly that.
    pub fn from_hex(text: &str) -> Result<Self, IdError> {
        from_hex("tunnel id", text).map(Self)
    }

    /// Upper-case hex, as it is sent.
    pub fn to_hex(&self) -> String {
        hex::encode_upper(self.0)
    }

    /// The raw bytes.
    pub const fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }
}

impl fmt::Debug for TunnelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TunnelId(hidden)")
    }
}

/// Tells the relay where the tunnel waits (3 bytes); chosen by the relay, carried in the advert.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct RoutingId([u8; Self::LEN]);

impl RoutingId {
    /// Length in bytes.
    pub const LEN: usize = 3;

    /// Wraps the received or chosen bytes.
    pub const fn new(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// Reads 6 hex digits of either case.
    ///
    /// # Errors
    /// [`IdError`] when the text is not exactly that.
    pub fn from_hex(text: &str) -> Result<Self, IdError> {
        from_hex("routing id", text).map(Self)
    }

    /// Upper-case hex, as it is sent.
    pub fn to_hex(&self) -> String {
        hex::encode_upper(self.0)
    }

    /// The raw bytes.
    pub const fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }
}

/// Lets a desktop reach a linked phone through its relay (on Android an FCM token): 1 to 1024
/// bytes.
///
/// Whoever holds it can make the phone ring, so `Debug` hides it and there is no `Display`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ContactId(Vec<u8>);

impl ContactId {
    /// The longest contact id taken (linking map, key 1).
    pub const MAX_LEN: usize = 1024;

    /// Takes the bytes of a linking map.
    ///
    /// # Errors
    /// [`IdError`] when they are empty or more than [`Self::MAX_LEN`].
    pub fn new(bytes: Vec<u8>) -> Result<Self, IdError> {
        if bytes.is_empty() || bytes.len() > Self::MAX_LEN {
            return Err(IdError {
                what: "contact id",
                expected: "1 to 1024 bytes",
                got: bytes.len(),
            });
        }
        Ok(Self(bytes))
    }

    /// Reads base64url without padding, as in `/cable/contact/<id>`.
    ///
    /// # Errors
    /// [`IdError`] when it is not that, or the decoded length is out of range.
    pub fn from_base64url(text: &str) -> Result<Self, IdError> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| IdError {
            what: "contact id",
            expected: "base64url without padding",
            got: text.len(),
        })?;
        Self::new(bytes)
    }

    /// The contact id of a phone that listens at a relay of ours: its public key, compressed
    /// ([`crate::contact`]).
    pub(crate) fn from_key(key: &PublicKey) -> Self {
        Self(key.compressed().to_vec())
    }

    /// The key that a contact id of ours is; `None` for any other (an FCM token, say).
    pub fn key(&self) -> Option<PublicKey> {
        PublicKey::from_compressed(&self.0).ok()
    }

    /// Base64url without padding.
    pub fn to_base64url(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.0)
    }

    /// The raw bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for ContactId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ContactId(hidden)")
    }
}

/// Names one link at the phone (8 bytes; Chromium: pairing id).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct LinkId([u8; Self::LEN]);

impl LinkId {
    /// Length in bytes.
    pub const LEN: usize = 8;

    /// Wraps the bytes of a linking map.
    pub const fn new(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// The raw bytes.
    pub const fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }
}

impl fmt::Debug for LinkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkId(hidden)")
    }
}

/// Stands for a relay's host name in an advert (16 bits); [`DomainId::host`] is the name.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct DomainId(pub u16);

/// A text or byte string that is not the id it should be. It does not hold the text, which may be a
/// secret.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct IdError {
    what: &'static str,
    expected: &'static str,
    got: usize,
}

impl fmt::Display for IdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} must be {}, got {} characters or bytes of another form",
            self.what, self.expected, self.got
        )
    }
}

impl core::error::Error for IdError {}

fn from_hex<const N: usize>(what: &'static str, text: &str) -> Result<[u8; N], IdError> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes).map_err(|_| IdError {
        what,
        expected: if N == TunnelId::LEN {
            "32 hex digits"
        } else {
            "6 hex digits"
        },
        got: text.len(),
    })?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hex_is_read_in_either_case_and_sent_in_upper_case() {
        let id = RoutingId::from_hex("0a0B0c").unwrap();
        assert_eq!(id, RoutingId::new([10, 11, 12]));
        assert_eq!(id.to_hex(), "0A0B0C");
        assert!(TunnelId::from_hex(&"f".repeat(32)).is_ok());
        assert!(TunnelId::from_hex(&"f".repeat(31)).is_err());
        assert!(TunnelId::from_hex(&"f".repeat(34)).is_err());
        assert!(TunnelId::from_hex(&"g".repeat(32)).is_err());
    }

    #[test]
    fn ids_that_open_doors_are_not_printed() {
        assert_eq!(
            format!("{:?}", TunnelId::new([0xab; 16])),
            "TunnelId(hidden)"
        );
        assert_eq!(
            format!("{:?}", ContactId::new(vec![0xab]).unwrap()),
            "ContactId(hidden)"
        );
    }

    #[test]
    fn a_contact_id_has_1_to_1024_bytes() {
        assert!(ContactId::new(vec![]).is_err());
        assert!(ContactId::new(vec![0; 1024]).is_ok());
        assert!(ContactId::new(vec![0; 1025]).is_err());
    }

    proptest! {
        #[test]
        fn reading_any_text_never_panics(text in ".*") {
            let _ = TunnelId::from_hex(&text);
            let _ = RoutingId::from_hex(&text);
            let _ = ContactId::from_base64url(&text);
        }

        #[test]
        fn a_contact_id_survives_its_text(bytes in proptest::collection::vec(any::<u8>(), 1..1024)) {
            let id = ContactId::new(bytes).unwrap();
            prop_assert_eq!(ContactId::from_base64url(&id.to_base64url()).unwrap(), id);
        }
    }
}
