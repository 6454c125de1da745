//! The phone's direction of the channel, with a counter that can be wrong: frames are opened as the
//! phone sealed them and sealed anew.

use hybrid_protocol::{Secret, Wiped, hazmat};

/// What the phone seals with, and how far it has come.
pub(crate) struct ForgedChannel {
    key: Secret<32>,
    /// Of the next frame that the phone makes.
    made: u32,
    /// Of the next frame that is sent.
    sent: u32,
}

impl ForgedChannel {
    pub(crate) const fn new(key: Secret<32>) -> Self {
        Self {
            key,
            made: 0,
            sent: 0,
        }
    }

    pub(crate) const fn key(&self) -> &[u8; 32] {
        self.key.expose()
    }

    /// The message in the phone's next frame.
    pub(crate) fn pass(&mut self, frame: &[u8]) -> Option<Wiped> {
        let message = hazmat::open(self.key(), self.made, frame).ok()?;
        self.made += 1;
        Some(message)
    }

    /// The next frame to send. A counter beyond the last gives an empty one.
    pub(crate) fn seal(&mut self, message: &[u8]) -> Vec<u8> {
        let frame = hazmat::seal(self.key(), self.sent, message).unwrap_or_default();
        self.sent += 1;
        frame
    }

    /// The same, with a bit flipped.
    pub(crate) fn seal_and_flip(&mut self, message: &[u8]) -> Vec<u8> {
        let mut frame = self.seal(message);
        if let Some(first) = frame.first_mut() {
            *first ^= 1;
        }
        frame
    }

    /// The same, of bytes that bring their own padding.
    pub(crate) fn seal_padded(&mut self, padded: Vec<u8>) -> Vec<u8> {
        let frame = hazmat::seal_padded(self.key(), self.sent, padded).unwrap_or_default();
        self.sent += 1;
        frame
    }

    /// As if so many frames had been sent.
    pub(crate) const fn skip(&mut self, frames: u32) {
        self.sent = self.sent.saturating_add(frames);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_that_is_passed_on_is_the_one_that_was_made() {
        let mut channel = ForgedChannel::new(Secret::new([3; 32]));
        for (counter, message) in [b"greeting".as_slice(), b"reply"].into_iter().enumerate() {
            let made = hazmat::seal(&[3; 32], counter as u32, message).unwrap();
            let passed = channel.pass(&made).unwrap();
            assert_eq!(channel.seal(passed.expose()), made);
        }
    }

    #[test]
    fn a_skipped_frame_does_not_open_as_the_next() {
        let mut channel = ForgedChannel::new(Secret::new([3; 32]));
        channel.skip(1);
        let frame = channel.seal(b"late");
        assert!(hazmat::open(&[3; 32], 0, &frame).is_err());
        assert!(hazmat::open(&[3; 32], 1, &frame).is_ok());
    }
}
