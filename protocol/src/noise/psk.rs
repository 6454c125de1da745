//! The pre-shared key of the handshake: what ties it to the code (or link) and to the advert.

use crate::advert::Plaintext;
use crate::derive::{LinkSecret, Purpose, QrSecret, derive};
use crate::secret::Secret;

/// The pre-shared key of the Noise handshake; proves that both QR (or link) and advert were seen.
pub struct Psk(pub(crate) Secret<32>);

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
