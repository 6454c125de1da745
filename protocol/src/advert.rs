//! The Bluetooth advert by which a phone proves that it is near (CTAP 2.2 §11.5.1, docs/wire.md
//! section 4).
//!
//! Service data of 20 bytes: one AES-256 block and the first four bytes of its HMAC. A CTAP 2.3
//! suffix may follow; it is neither encrypted nor covered by the tag, and it never decides whether
//! an advert is ours.

use crate::cbor::{self, Value};
use crate::derive::{ClientNonce, LinkSecret, Purpose, QrSecret, derive};
use crate::domain::TunnelHost;
use crate::id::{DomainId, RoutingId};
use crate::secret::Secret;
use aes::Aes256;
use aes::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroize;

/// The 16-bit service UUID of FIDO.
pub const UUID_FIDO: u16 = 0xfff9;
/// The UUID that Google's and Apple's phones used before; still seen.
pub const UUID_GOOGLE: u16 = 0xfde2;
/// Length of an advert without suffix.
pub const ADVERT_LEN: usize = 20;

/// The 16 bytes inside an advert; the salt of the handshake's PSK, hence a secret without `Debug`.
///
/// QR flow: `00`, nonce (10), routing id (3), domain id (2, little-endian). Linked flow: `00` and
/// 15 random bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Plaintext(pub(crate) [u8; 16]);

impl Plaintext {
    /// What a phone that scanned a QR code says: where its tunnel waits.
    pub fn qr(nonce: [u8; 10], routing: RoutingId, domain: DomainId) -> Self {
        let [n0, n1, n2, n3, n4, n5, n6, n7, n8, n9] = nonce;
        let [r0, r1, r2] = *routing.as_bytes();
        let [low, high] = domain.0.to_le_bytes();
        Self([
            0, n0, n1, n2, n3, n4, n5, n6, n7, n8, n9, r0, r1, r2, low, high,
        ])
    }

    /// What a linked phone says: nothing but that it is here.
    pub fn linked(random: [u8; 15]) -> Self {
        let mut bytes = [0; 16];
        for (byte, random) in bytes.iter_mut().skip(1).zip(random) {
            *byte = random;
        }
        Self(bytes)
    }

    /// The raw bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The routing id, meaningful in the QR flow alone.
    pub const fn routing(&self) -> RoutingId {
        let [.., r0, r1, r2, _, _] = self.0;
        RoutingId::new([r0, r1, r2])
    }

    /// The domain id, meaningful in the QR flow alone.
    pub const fn domain(&self) -> DomainId {
        let [.., low, high] = self.0;
        DomainId(u16::from_le_bytes([low, high]))
    }
}

/// An advert that opened under a QR code's key.
pub struct QrAdvert {
    /// The salt of the PSK.
    pub plaintext: Plaintext,
    /// The relay that the phone chose.
    pub host: TunnelHost,
}

/// What an advert is under a key.
pub enum Opened<T> {
    /// The phone that holds the key made it.
    Ours(T),
    /// The tag fits, but the reserved byte or the domain id is one that this version does not know.
    Unknown(DomainId),
    /// Shorter than 20 bytes.
    Malformed,
    /// Somebody else's. Neither an error nor worth a warning.
    Foreign,
}

/// Opens and makes adverts. The 64 derived bytes are an AES-256 key and an HMAC key; both are kept
/// prepared, because every advert on the air is tried.
#[derive(Clone)]
pub struct EidKey {
    cipher: Aes256,
    mac: Hmac<Sha256>,
}

impl EidKey {
    /// The key for adverts that answer a QR code.
    pub fn from_qr(secret: &QrSecret) -> Self {
        Self::prepare(&derive(secret.expose(), &[], Purpose::EidKey))
    }

    /// The key for adverts of one linked transaction.
    pub fn from_link(secret: &LinkSecret, nonce: &ClientNonce) -> Self {
        Self::prepare(&derive(secret.expose(), nonce, Purpose::EidKey))
    }

    /// Prepares the two halves of the 64 bytes.
    pub(crate) fn prepare(bytes: &Secret<64>) -> Self {
        let (aes, mac) = bytes.expose().split_at(32);
        let mut key = aes::cipher::Key::<Aes256>::default();
        key.copy_from_slice(aes);
        let mut block = [0; 64];
        for (byte, key) in block.iter_mut().zip(mac) {
            *byte = *key;
        }
        // HMAC pads keys with zeros to its block size, so the padded key is the same key.
        let prepared = Self {
            cipher: Aes256::new(&key),
            mac: Hmac::new(&block.into()),
        };
        key.zeroize();
        block.zeroize();
        prepared
    }

    /// Makes the 20 bytes of an advert.
    pub fn seal(&self, plaintext: &Plaintext) -> [u8; ADVERT_LEN] {
        let mut block = aes::Block::from(plaintext.0);
        self.cipher.encrypt_block(&mut block);
        let mut advert = [0; ADVERT_LEN];
        let tag = self.tag(&block);
        for (byte, sealed) in advert.iter_mut().zip(block.iter().chain(&tag)) {
            *byte = *sealed;
        }
        advert
    }

    /// Opens an advert that answers a QR code.
    pub fn open_qr(&self, service_data: &[u8]) -> Opened<QrAdvert> {
        match self.open(service_data) {
            Opened::Ours(plaintext) => match plaintext.domain().host() {
                Some(host) => Opened::Ours(QrAdvert { host, plaintext }),
                None => Opened::Unknown(plaintext.domain()),
            },
            Opened::Unknown(domain) => Opened::Unknown(domain),
            Opened::Malformed => Opened::Malformed,
            Opened::Foreign => Opened::Foreign,
        }
    }

    /// Opens an advert of a linked phone. Its last two bytes are random and not a domain: checking
    /// them, as Chromium does, loses one such advert in 258.
    pub fn open_linked(&self, service_data: &[u8]) -> Opened<Plaintext> {
        self.open(service_data)
    }

    fn open(&self, service_data: &[u8]) -> Opened<Plaintext> {
        let Some((advert, _suffix)) = service_data.split_first_chunk::<ADVERT_LEN>() else {
            return Opened::Malformed;
        };
        let Some((block, tag)) = advert.split_first_chunk::<16>() else {
            return Opened::Malformed;
        };
        if !bool::from(self.tag(block).ct_eq(tag)) {
            return Opened::Foreign;
        }
        let mut plaintext = aes::Block::from(*block);
        self.cipher.decrypt_block(&mut plaintext);
        let plaintext = Plaintext(plaintext.into());
        if plaintext.0.first() == Some(&0) {
            Opened::Ours(plaintext)
        } else {
            Opened::Unknown(plaintext.domain())
        }
    }

    fn tag(&self, block: &[u8]) -> [u8; 4] {
        let mac = self.mac.clone().chain_update(block).finalize().into_bytes();
        mac.first_chunk().copied().unwrap_or_default()
    }
}

/// The PSM (1 to 65535) of the direct Bluetooth channel that an advert's suffix offers, if it
/// offers one.
///
/// The suffix is a strict CBOR map `{channel: extra}` that fills the rest exactly; channel 1 is
/// Bluetooth. Anything else is as absent.
pub fn suffix_psm(service_data: &[u8]) -> Option<u16> {
    let Ok(Value::Map(map)) = cbor::read(service_data.get(ADVERT_LEN..)?) else {
        return None;
    };
    let psm = cbor::entry(&map, 1).and_then(cbor::as_uint)?;
    u16::try_from(psm).ok().filter(|psm| *psm != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;
    use proptest::prelude::*;

    fn key() -> EidKey {
        EidKey::from_qr(&Secret::new([5; 16]))
    }

    #[test]
    fn an_advert_tells_the_phones_relay_and_routing() {
        let sealed = key().seal(&Plaintext::qr(
            [1; 10],
            RoutingId::new([2, 3, 4]),
            DomainId(266),
        ));
        let Opened::Ours(advert) = key().open_qr(&sealed) else {
            panic!("ours")
        };
        assert_eq!(advert.host.as_str(), "cable.wufkweyy3uaxb.com");
        assert_eq!(advert.plaintext.routing(), RoutingId::new([2, 3, 4]));
    }

    #[test]
    fn any_flipped_bit_makes_it_foreign() {
        let sealed = key().seal(&Plaintext::linked([8; 15]));
        for bit in 0..160 {
            let mut flipped = sealed;
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(
                matches!(key().open_linked(&flipped), Opened::Foreign),
                "bit {bit}"
            );
        }
    }

    proptest! {
        #[test]
        fn a_suffix_of_any_bytes_changes_nothing(suffix in proptest::collection::vec(any::<u8>(), 0..12)) {
            let mut data = key().seal(&Plaintext::linked([8; 15])).to_vec();
            data.extend_from_slice(&suffix);
            prop_assert!(matches!(key().open_linked(&data), Opened::Ours(_)));
            let _ = suffix_psm(&data);
        }

        #[test]
        fn opening_any_bytes_never_panics(data in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = key().open_qr(&data);
            let _ = key().open_linked(&data);
            let _ = suffix_psm(&data);
        }
    }
}
