//! Every key of the protocol in one table: HKDF-SHA256 with the purpose number as info (CTAP 2.2
//! §11.5.1).

use crate::id::TunnelId;
use crate::secret::Secret;
use hkdf::Hkdf;
use sha2::Sha256;

/// The secret of one displayed QR code.
pub type QrSecret = Secret<16>;
/// The secret that a phone and a desktop keep after linking.
pub type LinkSecret = Secret<32>;
/// A random value of one linked transaction, told to the phone in the client payload.
pub type ClientNonce = [u8; 16];

/// The tunnel that a phone opens for this QR code.
pub fn tunnel_id(secret: &QrSecret) -> TunnelId {
    TunnelId::new(*derive(secret.expose(), &[], Purpose::TunnelId).expose())
}

/// What a derived key is for; the number is the HKDF info, as u32 LE. Purposes 4 to 6 never leave a
/// phone.
#[derive(Clone, Copy)]
pub(crate) enum Purpose {
    EidKey = 1,
    TunnelId = 2,
    Psk = 3,
}

pub(crate) fn derive<const N: usize>(secret: &[u8], salt: &[u8], purpose: Purpose) -> Secret<N> {
    let mut out = [0; N];
    fill(secret, salt, purpose as u32, &mut out);
    Secret::new(out)
}

/// The bare function, for the vectors. Lengths above 255 × 32 bytes do not occur and leave `out`
/// zero.
pub(crate) fn fill(secret: &[u8], salt: &[u8], purpose: u32, out: &mut [u8]) {
    let filled = Hkdf::<Sha256>::new(Some(salt), secret).expand(&purpose.to_le_bytes(), out);
    debug_assert!(filled.is_ok(), "HKDF output is far below its limit");
}
