//! Every key of the protocol in one table: HKDF-SHA256 with the purpose number as info (CTAP 2.2 §11.5.1).

use crate::advert::Plaintext;
use crate::id::TunnelId;
use crate::secret::Secret;
use aes::Aes256;
use aes::cipher::KeyInit;
use hkdf::Hkdf;
use hmac::Hmac;
use sha2::Sha256;
use zeroize::Zeroize;

/// The secret of one displayed QR code.
pub type QrSecret = Secret<16>;
/// The secret that a phone and a desktop keep after linking.
pub type LinkSecret = Secret<32>;
/// A random value of one linked transaction, told to the phone in the client payload.
pub type ClientNonce = [u8; 16];

/// Opens and makes adverts. The 64 derived bytes are an AES-256 key and an HMAC key; both are kept prepared, because every
/// advert on the air is tried.
#[derive(Clone)]
pub struct EidKey {
    pub(crate) cipher: Aes256,
    pub(crate) mac: Hmac<Sha256>,
}

/// The pre-shared key of the Noise handshake; proves that both QR (or link) and advert were seen.
pub struct Psk(pub(crate) Secret<32>);

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
}

impl Psk {
    /// The key that follows from a QR secret and the advert that was heard.
    pub fn from_qr(secret: &QrSecret, advert: &Plaintext) -> Self {
        Self(derive(secret.expose(), advert.as_bytes(), Purpose::Psk))
    }

    /// The key that follows from a link secret and the advert that was heard.
    pub fn from_link(secret: &LinkSecret, advert: &Plaintext) -> Self {
        Self(derive(secret.expose(), advert.as_bytes(), Purpose::Psk))
    }
}

/// The tunnel that a phone opens for this QR code.
pub fn tunnel_id(secret: &QrSecret) -> TunnelId {
    TunnelId::new(*derive(secret.expose(), &[], Purpose::TunnelId).expose())
}

/// What a derived key is for; the number is the HKDF info, as u32 LE. Purposes 4 to 6 never leave a phone.
#[derive(Clone, Copy)]
pub(crate) enum Purpose {
    EidKey = 1,
    TunnelId = 2,
    Psk = 3,
}

fn derive<const N: usize>(secret: &[u8], salt: &[u8], purpose: Purpose) -> Secret<N> {
    let mut out = [0; N];
    fill(secret, salt, purpose as u32, &mut out);
    Secret::new(out)
}

/// The bare function, for the vectors. Lengths above 255 × 32 bytes do not occur and leave `out` zero.
pub(crate) fn fill(secret: &[u8], salt: &[u8], purpose: u32, out: &mut [u8]) {
    let filled = Hkdf::<Sha256>::new(Some(salt), secret).expand(&purpose.to_le_bytes(), out);
    debug_assert!(filled.is_ok(), "HKDF output is far below its limit");
}
