//! What a session rightly hides: fixed keys and counters, bare derivations, the steps of a
//! handshake.
//!
//! # Warning
//! Every function here takes away something that keeps a session safe. A key that is given twice, a
//! counter that is set back or a frame without honest padding gives its content away or lets others
//! speak in its name, and nothing here notices. **No program that serves a person may use this
//! module**; use [`Desktop`](crate::Desktop) and [`Phone`](crate::Phone), which cannot be misused
//! so.
//!
//! It is public for three readers: programs that check published vectors, tests that need a known
//! transcript, and a simulated phone that breaks the rules on purpose.
//!
//! ```
//! use hybrid_protocol::hazmat;
//!
//! let frame = hazmat::seal(&[7; 32], 3, b"the fourth frame")?;
//! assert!(hazmat::open(&[7; 32], 0, &frame).is_err(), "it is not the first one");
//! assert_eq!(hazmat::open(&[7; 32], 3, &frame)?.expose(), b"the fourth frame");
//! # Ok::<(), hybrid_protocol::FrameError>(())
//! ```

use crate::advert::{EidKey, Plaintext};
use crate::channel::{FrameError, Opener, Sealer};
use crate::derive;
use crate::key::{PrivateKey, PublicKey};
use crate::noise::Psk;
use crate::secret::{Secret, Wiped};
use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce};
use hkdf::Hkdf;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// HKDF with the purpose as info, for any input.
pub fn derive(secret: &[u8], salt: &[u8], purpose: u32, length: usize) -> Vec<u8> {
    let mut out = vec![0; length];
    derive::fill(secret, salt, purpose, &mut out);
    out
}

/// An advert key from its 64 bytes.
pub fn eid_key(bytes: &[u8; 64]) -> EidKey {
    EidKey::prepare(&Secret::new(*bytes))
}

/// The inside of an advert from its 16 bytes, the reserved one included.
pub const fn plaintext(bytes: [u8; 16]) -> Plaintext {
    Plaintext(bytes)
}

/// A PSK from its 32 bytes.
pub const fn psk(bytes: [u8; 32]) -> Psk {
    Psk(Secret::new(bytes))
}

/// The 32 bytes of a PSK.
pub const fn psk_bytes(psk: &Psk) -> &[u8; 32] {
    psk.0.expose()
}

/// The CBOR inside a QR code.
pub fn qr_cbor(code: &crate::QrCode) -> Zeroizing<Vec<u8>> {
    code.to_cbor()
}

/// Seals one message at any counter.
///
/// # Errors
/// [`FrameError::Exhausted`] beyond the last counter.
pub fn seal(key: &[u8; 32], counter: u32, message: &[u8]) -> Result<Vec<u8>, FrameError> {
    Sealer::new(&Secret::new(*key), counter).seal(message)
}

/// Seals without adding padding.
///
/// # Errors
/// As [`seal`].
pub fn seal_padded(key: &[u8; 32], counter: u32, padded: Vec<u8>) -> Result<Vec<u8>, FrameError> {
    Sealer::new(&Secret::new(*key), counter).seal_padded(Zeroizing::new(padded))
}

/// Opens one frame at any counter.
///
/// # Errors
/// [`FrameError`] as for a session.
pub fn open(key: &[u8; 32], counter: u32, frame: &[u8]) -> Result<Wiped, FrameError> {
    Opener::new(&Secret::new(*key), counter).open(frame)
}

/// The construction of early caBLE v2.0: little-endian counter first, one byte `02` as associated
/// data. Not used today.
pub fn seal_old(key: &[u8; 32], counter: u32, message: &[u8]) -> Vec<u8> {
    let mut nonce = Nonce::default();
    for (byte, counter) in nonce.iter_mut().zip(counter.to_le_bytes()) {
        *byte = counter;
    }
    let zeros = 31 - message.len() % 32;
    let mut frame = message.to_vec();
    frame.resize(message.len() + zeros, 0);
    frame.push(zeros as u8);
    let tag = Aes256Gcm::new(key.into()).encrypt_inout_detached(
        &nonce,
        &[2],
        frame.as_mut_slice().into(),
    );
    frame.extend(tag.unwrap_or_default());
    frame
}

/// How Chromium turns a seed into a P-256 scalar: 48 bytes of HKDF, modulo the group order.
pub fn chromium_seed_to_scalar(seed: &[u8]) -> [u8; 32] {
    use p256::elliptic_curve::array::Array;
    use p256::elliptic_curve::ops::Reduce;
    let mut wide = [0u8; 48];
    let _ = Hkdf::<Sha256>::new(None, seed).expand(b"derive EC key P-256", &mut wide);
    let two_to_128 = p256::Scalar::from(1u64 << 32) * p256::Scalar::from(1u64 << 32);
    let two_to_128 = two_to_128 * two_to_128;
    // 48 bytes = three 16-byte digits, each below the order.
    let scalar = wide.chunks(16).fold(p256::Scalar::ZERO, |scalar, digit| {
        let mut bytes = [0; 32];
        for (byte, digit) in bytes.iter_mut().skip(16).zip(digit) {
            *byte = *digit;
        }
        scalar * two_to_128 + p256::Scalar::reduce(&Array::from(bytes))
    });
    scalar.to_bytes().into()
}

/// One step of the phone's symmetric state.
pub struct TraceStep {
    /// What was done.
    pub name: &'static str,
    /// The hash after it.
    pub h: [u8; 32],
    /// The chaining key after it.
    pub ck: [u8; 32],
}

/// The two flows, with the static key that the phone knows or has.
pub enum TraceKey<'a> {
    /// QR flow: the desktop's public key.
    Desktop(&'a PublicKey),
    /// Linked flow: the phone's own key.
    Phone(&'a PrivateKey),
}

/// A handshake written out step by step without snow: the phone reads `message1` and answers. A
/// third opinion beside snow with our primitives and snow with its own.
pub fn responder_trace(
    key: &TraceKey<'_>,
    psk: &[u8; 32],
    message1: &[u8; 81],
    ephemeral: &PrivateKey,
) -> Option<Vec<TraceStep>> {
    let (name, prologue, static_public, static_step) = match key {
        TraceKey::Desktop(public) => (
            b"Noise_KNpsk0_P256_AESGCM_SHA256",
            1,
            public.uncompressed(),
            "mix_hash initiator static",
        ),
        TraceKey::Phone(private) => (
            b"Noise_NKpsk0_P256_AESGCM_SHA256",
            0,
            private.public().uncompressed(),
            "mix_hash responder static",
        ),
    };
    let (point, tag) = message1.split_first_chunk::<65>()?;
    let theirs = PublicKey::from_uncompressed(point).ok()?;
    let mut state = Symmetric::new(name);
    state.mix_hash("mix_hash prologue", &[prologue]);
    state.mix_hash(static_step, &static_public);
    state.mix_key_and_hash("mix_hash psk(temp_h)", psk);
    state.mix_hash("mix_hash e", point);
    state.mix_key("mix_key e", point);
    if let TraceKey::Phone(private) = key {
        state.mix_key("mix_key es", private.shared_x(&theirs).expose());
    }
    state.mix_hash("mix_hash ciphertext", tag);
    let ours = ephemeral.public().uncompressed();
    state.mix_hash("mix_hash re", &ours);
    state.mix_key("mix_key re", &ours);
    state.mix_key("mix_key ee", ephemeral.shared_x(&theirs).expose());
    if let TraceKey::Desktop(public) = key {
        state.mix_key("mix_key se", ephemeral.shared_x(public).expose());
    }
    let tag = state.seal_empty()?;
    state.mix_hash("mix_hash ciphertext", &tag);
    Some(state.steps)
}

struct Symmetric {
    h: [u8; 32],
    ck: [u8; 32],
    k: [u8; 32],
    steps: Vec<TraceStep>,
}

impl Symmetric {
    fn new(name: &[u8; 31]) -> Self {
        let mut h = [0; 32];
        for (byte, name) in h.iter_mut().zip(name) {
            *byte = *name;
        }
        Self {
            h,
            ck: h,
            k: [0; 32],
            steps: Vec::new(),
        }
    }

    fn mix_hash(&mut self, name: &'static str, data: &[u8]) {
        self.h = Sha256::new()
            .chain_update(self.h)
            .chain_update(data)
            .finalize()
            .into();
        self.note(name);
    }

    fn mix_key(&mut self, name: &'static str, input: &[u8]) {
        [self.ck, self.k] = self.expand(input);
        self.note(name);
    }

    fn mix_key_and_hash(&mut self, name: &'static str, input: &[u8]) {
        let [ck, temp_h, k] = self.expand(input);
        (self.ck, self.k) = (ck, k);
        self.mix_hash(name, &temp_h);
    }

    fn seal_empty(&self) -> Option<[u8; 16]> {
        let sealed = Aes256Gcm::new(&self.k.into()).encrypt_inout_detached(
            &Nonce::default(),
            &self.h,
            [].as_mut_slice().into(),
        );
        sealed.ok().map(Into::into)
    }

    fn expand<const N: usize>(&self, input: &[u8]) -> [[u8; 32]; N] {
        let mut out = [[0; 32]; N];
        let _ = Hkdf::<Sha256>::new(Some(&self.ck), input).expand(&[], out.as_flattened_mut());
        out
    }

    fn note(&mut self, name: &'static str) {
        self.steps.push(TraceStep {
            name,
            h: self.h,
            ck: self.ck,
        });
    }
}
