//! The encrypted channel after the handshake (docs/wire.md section 7.1): AES-256-GCM frames, zero
//! padding, one counter for each direction.

use crate::noise::Established;
use crate::secret::{Secret, Wiped};
use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce, Tag};
use core::fmt;
use zeroize::Zeroizing;

/// The longest frame that is opened, tag included; checked before decrypting. Chromium has the same
/// limit.
pub const MAX_FRAME: usize = 1 << 20;
/// Frames in one direction; Chromium refuses a higher counter, too.
pub const MAX_FRAMES: u32 = 1 << 24;
const TAG_LEN: usize = 16;
const PADDING_STEP: usize = 32;

/// Both directions of one session. Keys are used for this session alone, so there is no way to
/// resume.
pub struct Channel {
    sealer: Sealer,
    opener: Opener,
}

impl Channel {
    /// Takes the keys of a finished handshake.
    pub fn new(keys: &Established) -> Self {
        Self {
            sealer: Sealer::new(&keys.send, 0),
            opener: Opener::new(&keys.receive, 0),
        }
    }

    /// Pads and encrypts the next message to send.
    ///
    /// # Errors
    /// [`FrameError::Exhausted`] after [`MAX_FRAMES`].
    pub fn seal(&mut self, message: &[u8]) -> Result<Vec<u8>, FrameError> {
        self.sealer.seal(message)
    }

    /// Decrypts the next frame received and removes its padding. A failure is final for the
    /// session.
    ///
    /// # Errors
    /// [`FrameError`] says what is wrong with the frame.
    pub fn open(&mut self, frame: &[u8]) -> Result<Wiped, FrameError> {
        self.opener.open(frame)
    }
}

/// The sending direction.
pub(crate) struct Sealer {
    cipher: Aes256Gcm,
    counter: u32,
}

impl Sealer {
    pub(crate) fn new(key: &Secret<32>, counter: u32) -> Self {
        Self {
            cipher: Aes256Gcm::new(key.expose().into()),
            counter,
        }
    }

    pub(crate) fn seal(&mut self, message: &[u8]) -> Result<Vec<u8>, FrameError> {
        let zeros = PADDING_STEP - 1 - message.len() % PADDING_STEP;
        let mut padded = Zeroizing::new(Vec::with_capacity(message.len() + PADDING_STEP + TAG_LEN));
        padded.extend_from_slice(message);
        padded.resize(message.len() + zeros, 0);
        padded.push(zeros as u8); // at most 31
        self.seal_padded(padded)
    }

    /// Encrypts without adding padding, for the vectors and for playing a phone that pads wrongly.
    pub(crate) fn seal_padded(
        &mut self,
        mut padded: Zeroizing<Vec<u8>>,
    ) -> Result<Vec<u8>, FrameError> {
        let nonce = nonce(self.counter)?;
        let tag = self
            .cipher
            .encrypt_inout_detached(&nonce, &[], padded.as_mut_slice().into())
            .map_err(|_| FrameError::TooLong(padded.len()))?;
        self.counter += 1;
        padded.extend_from_slice(&tag);
        Ok(core::mem::take(&mut *padded))
    }
}

/// The receiving direction.
pub(crate) struct Opener {
    cipher: Aes256Gcm,
    counter: u32,
}

impl Opener {
    pub(crate) fn new(key: &Secret<32>, counter: u32) -> Self {
        Self {
            cipher: Aes256Gcm::new(key.expose().into()),
            counter,
        }
    }

    pub(crate) fn open(&mut self, frame: &[u8]) -> Result<Wiped, FrameError> {
        if frame.len() > MAX_FRAME {
            return Err(FrameError::TooLong(frame.len()));
        }
        let short = FrameError::Short(frame.len());
        let (body, tag) = frame
            .len()
            .checked_sub(TAG_LEN)
            .and_then(|length| frame.split_at_checked(length))
            .ok_or(short)?;
        let tag = Tag::try_from(tag).map_err(|_| short)?;
        let nonce = nonce(self.counter)?;
        let mut message = Zeroizing::new(body.to_vec());
        self.cipher
            .decrypt_inout_detached(&nonce, &[], message.as_mut_slice().into(), &tag)
            .map_err(|_| FrameError::Decrypt {
                counter: self.counter,
            })?;
        self.counter += 1;
        // Only the last byte counts: other senders use other alignments and do not promise zeros.
        let zeros = message.last().copied().ok_or(FrameError::Padding)?;
        let length = message
            .len()
            .checked_sub(usize::from(zeros) + 1)
            .ok_or(FrameError::Padding)?;
        message.truncate(length);
        Ok(Wiped::new(core::mem::take(&mut *message)))
    }
}

/// Why a frame cannot be sealed or opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum FrameError {
    /// Shorter than a tag.
    Short(usize),
    /// Longer than [`MAX_FRAME`].
    TooLong(usize),
    /// The tag is wrong: altered, lost, repeated or reordered on the way, or sealed with another
    /// counter.
    Decrypt {
        /// Which frame of this direction it should have been, from 0.
        counter: u32,
    },
    /// It claims more padding than it has bytes.
    Padding,
    /// No counter is left.
    Exhausted,
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Short(got) => {
                write!(f, "expected a frame of at least {TAG_LEN} bytes, got {got}")
            }
            Self::TooLong(got) => write!(
                f,
                "expected a frame of at most {MAX_FRAME} bytes, got {got}"
            ),
            Self::Decrypt { counter } => write!(
                f,
                "frame {counter} does not decrypt: a frame was altered, lost or reordered"
            ),
            Self::Padding => f.write_str("the frame claims more padding than it has bytes"),
            Self::Exhausted => write!(
                f,
                "{MAX_FRAMES} frames were exchanged, the most that one session allows"
            ),
        }
    }
}

impl core::error::Error for FrameError {}

/// 8 zero bytes and the counter, big-endian (the rest of this protocol is little-endian).
fn nonce(counter: u32) -> Result<Nonce<aes_gcm::aead::consts::U12>, FrameError> {
    if counter >= MAX_FRAMES {
        return Err(FrameError::Exhausted);
    }
    let mut nonce = Nonce::default();
    for (byte, counter) in nonce.iter_mut().skip(8).zip(counter.to_be_bytes()) {
        *byte = counter;
    }
    Ok(nonce)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pair() -> (Sealer, Opener) {
        let key = Secret::new([3; 32]);
        (Sealer::new(&key, 0), Opener::new(&key, 0))
    }

    #[test]
    fn a_frame_is_padded_to_a_multiple_of_32() {
        for (message, frame) in [(0, 48), (31, 48), (32, 80), (63, 80), (64, 112)] {
            assert_eq!(pair().0.seal(&vec![1; message]).unwrap().len(), frame);
        }
    }

    #[test]
    fn a_repeated_frame_is_refused() {
        let (mut sealer, mut opener) = pair();
        let frame = sealer.seal(b"once").unwrap();
        assert!(opener.open(&frame).is_ok());
        assert_eq!(
            opener.open(&frame).err(),
            Some(FrameError::Decrypt { counter: 1 })
        );
    }

    #[test]
    fn padding_of_the_whole_message_leaves_nothing_and_more_is_refused() {
        let (mut sealer, mut opener) = pair();
        let whole = sealer.seal_padded(Zeroizing::new(vec![0, 0, 2])).unwrap();
        assert_eq!(opener.open(&whole).unwrap().expose(), b"");
        let more = sealer.seal_padded(Zeroizing::new(vec![0, 0, 3])).unwrap();
        assert_eq!(opener.open(&more).err(), Some(FrameError::Padding));
    }

    #[test]
    fn the_last_counter_is_usable_and_the_next_is_not() {
        let mut sealer = Sealer::new(&Secret::new([3; 32]), MAX_FRAMES - 1);
        assert!(sealer.seal(b"last").is_ok());
        assert_eq!(sealer.seal(b"none"), Err(FrameError::Exhausted));
    }

    proptest! {
        #[test]
        fn a_message_of_any_length_survives(message in proptest::collection::vec(any::<u8>(), 0..600)) {
            let (mut sealer, mut opener) = pair();
            let frame = sealer.seal(&message).unwrap();
            prop_assert!(opener.open(&frame).unwrap().expose() == message);
        }

        #[test]
        fn opening_any_bytes_never_panics(frame in proptest::collection::vec(any::<u8>(), 0..100)) {
            prop_assert!(pair().1.open(&frame).is_err());
        }
    }
}
