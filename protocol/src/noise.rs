//! The Noise handshake (CTAP 2.2 §11.5.1, docs/wire.md section 6): `KNpsk0` for a QR code, `NKpsk0`
//! for a linked phone.
//!
//! snow drives the pattern. The primitives are ours, because snow's own P-256 panics on bad scalars
//! and draws its ephemerals itself: here they come in as arguments, validated.

mod primitives;
mod psk;

pub use psk::Psk;

use crate::key::{PrivateKey, PublicKey};
use crate::secret::Secret;
use core::fmt;
use primitives::Primitives;
use snow::{Builder, HandshakeState};

/// Length of both messages: an uncompressed point and an AES-GCM tag over nothing.
pub const HANDSHAKE_LEN: usize = 81;
const POINT_LEN: usize = 65;

/// A finished handshake.
pub struct Established {
    /// The hash that a linking signature covers.
    pub hash: Secret<32>,
    /// Seals what this side sends.
    pub send: Secret<32>,
    /// Opens what this side receives.
    pub receive: Secret<32>,
}

/// The desktop's half: message 1 is sent, message 2 is awaited.
pub struct Initiator(HandshakeState);

impl Initiator {
    /// Starts the handshake of the QR flow.
    ///
    /// # Errors
    /// [`HandshakeError::Internal`] never happens with valid keys.
    pub fn by_qr(
        static_key: &PrivateKey,
        ephemeral: PrivateKey,
        psk: &Psk,
    ) -> Result<(Self, [u8; HANDSHAKE_LEN]), HandshakeError> {
        let local = static_key.expose();
        let builder = builder(Pattern::Qr, ephemeral, psk, Some(static_key.clone()))?;
        Self::start(
            builder
                .local_private_key(local.expose())?
                .build_initiator()?,
        )
    }

    /// Starts the handshake of the linked flow, with the identity key that the phone had when it
    /// was linked.
    ///
    /// # Errors
    /// As [`Self::by_qr`].
    pub fn by_link(
        phone: &PublicKey,
        ephemeral: PrivateKey,
        psk: &Psk,
    ) -> Result<(Self, [u8; HANDSHAKE_LEN]), HandshakeError> {
        let remote = phone.uncompressed();
        let builder = builder(Pattern::Linked, ephemeral, psk, None)?;
        Self::start(builder.remote_public_key(&remote)?.build_initiator()?)
    }

    /// Reads message 2. Any failure is final: the state is consumed.
    ///
    /// # Errors
    /// [`HandshakeError`] for a wrong length, point or tag. A wrong PSK shows as a wrong tag.
    pub fn finish(mut self, message: &[u8]) -> Result<Established, HandshakeError> {
        read(&mut self.0, message)?;
        let hash = hash(&self.0);
        let (send, receive) = self.0.dangerously_get_raw_split();
        Ok(Established {
            hash,
            send: Secret::new(send),
            receive: Secret::new(receive),
        })
    }

    fn start(mut state: HandshakeState) -> Result<(Self, [u8; HANDSHAKE_LEN]), HandshakeError> {
        let message = write(&mut state)?;
        Ok((Self(state), message))
    }
}

/// The phone's half: it reads message 1 and answers at once.
pub struct Responder;

impl Responder {
    /// Answers a desktop whose QR code was scanned.
    ///
    /// # Errors
    /// [`HandshakeError`] for a wrong length, point or tag.
    pub fn by_qr(
        desktop: &PublicKey,
        ephemeral: PrivateKey,
        psk: &Psk,
        message: &[u8],
    ) -> Result<(Established, [u8; HANDSHAKE_LEN]), HandshakeError> {
        let remote = desktop.uncompressed();
        let builder = builder(Pattern::Qr, ephemeral, psk, None)?;
        Self::answer(
            builder.remote_public_key(&remote)?.build_responder()?,
            message,
        )
    }

    /// Answers a linked desktop with the identity key of the link.
    ///
    /// # Errors
    /// As [`Self::by_qr`].
    pub fn by_link(
        identity: &PrivateKey,
        ephemeral: PrivateKey,
        psk: &Psk,
        message: &[u8],
    ) -> Result<(Established, [u8; HANDSHAKE_LEN]), HandshakeError> {
        let local = identity.expose();
        let builder = builder(Pattern::Linked, ephemeral, psk, Some(identity.clone()))?;
        Self::answer(
            builder
                .local_private_key(local.expose())?
                .build_responder()?,
            message,
        )
    }

    fn answer(
        mut state: HandshakeState,
        message: &[u8],
    ) -> Result<(Established, [u8; HANDSHAKE_LEN]), HandshakeError> {
        read(&mut state, message)?;
        let answer = write(&mut state)?;
        let hash = hash(&state);
        let (receive, send) = state.dangerously_get_raw_split();
        Ok((
            Established {
                hash,
                send: Secret::new(send),
                receive: Secret::new(receive),
            },
            answer,
        ))
    }
}

/// Why a handshake message is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum HandshakeError {
    /// Not 81 bytes.
    Length(usize),
    /// The point is not an uncompressed point on the curve.
    Point,
    /// The tag is wrong: another PSK (an advert of another attempt), another key, or an altered
    /// message.
    Tag,
    /// The handshake library refused our own input: a defect of this program.
    Internal,
}

impl fmt::Display for HandshakeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length(got) => write!(
                f,
                "expected a handshake message of {HANDSHAKE_LEN} bytes, got {got}"
            ),
            Self::Point => f.write_str("the peer's handshake key is not a point on P-256"),
            Self::Tag => f.write_str("the peer's handshake message does not verify"),
            Self::Internal => f.write_str("the handshake could not be set up"),
        }
    }
}

impl core::error::Error for HandshakeError {}

impl From<snow::Error> for HandshakeError {
    fn from(_: snow::Error) -> Self {
        Self::Internal
    }
}

#[derive(Clone, Copy)]
enum Pattern {
    Qr,
    Linked,
}

fn builder<'k>(
    pattern: Pattern,
    ephemeral: PrivateKey,
    psk: &'k Psk,
    static_key: Option<PrivateKey>,
) -> Result<Builder<'k>, HandshakeError> {
    let (name, prologue) = match pattern {
        Pattern::Qr => ("Noise_KNpsk0_P256_AESGCM_SHA256", &[1]),
        Pattern::Linked => ("Noise_NKpsk0_P256_AESGCM_SHA256", &[0]),
    };
    let primitives = Primitives::new(ephemeral, static_key);
    Ok(Builder::with_resolver(name.parse()?, Box::new(primitives))
        .prologue(prologue)?
        .psk(0, psk.0.expose())?)
}

/// snow would take a payload and, as `KNpsk0` responder, notice a bad point only later: length and
/// point are checked before it sees them.
fn read(state: &mut HandshakeState, message: &[u8]) -> Result<(), HandshakeError> {
    if message.len() != HANDSHAKE_LEN {
        return Err(HandshakeError::Length(message.len()));
    }
    PublicKey::from_uncompressed(message.get(..POINT_LEN).unwrap_or_default())
        .map_err(|_| HandshakeError::Point)?;
    state
        .read_message(message, &mut [])
        .map(drop)
        .map_err(|_| HandshakeError::Tag)
}

fn write(state: &mut HandshakeState) -> Result<[u8; HANDSHAKE_LEN], HandshakeError> {
    let mut message = [0; HANDSHAKE_LEN];
    if state.write_message(&[], &mut message)? != HANDSHAKE_LEN {
        return Err(HandshakeError::Internal);
    }
    Ok(message)
}

fn hash(state: &HandshakeState) -> Secret<32> {
    Secret::from_slice(state.get_handshake_hash()).unwrap_or(Secret::new([0; 32]))
}

#[cfg(test)]
mod tests;
