//! Random bytes without a generator of the operating system: a seed from outside, stretched by
//! SHA-256 in counter mode.
//!
//! What is drawn are channel ids, the signatures of made-up assertions, which nobody verifies, and
//! user ids. None is a key.

use sha2::{Digest, Sha256};

/// A source of random bytes.
pub struct Entropy {
    seed: [u8; 32],
    drawn: u64,
}

impl Entropy {
    /// Stretches 32 bytes that were drawn from the operating system for this device alone.
    pub const fn new(seed: [u8; 32]) -> Self {
        Self { seed, drawn: 0 }
    }

    /// The next 32 bytes.
    pub fn block(&mut self) -> [u8; 32] {
        self.drawn = self.drawn.wrapping_add(1);
        let mut hash = Sha256::new();
        hash.update(self.seed);
        hash.update(self.drawn.to_be_bytes());
        hash.finalize().into()
    }

    /// The next 32 bits.
    pub fn word(&mut self) -> u32 {
        let [a, b, c, d, ..] = self.block();
        u32::from_be_bytes([a, b, c, d])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_differ_and_depend_on_the_seed() {
        let mut one = Entropy::new([1; 32]);
        let mut other = Entropy::new([2; 32]);
        let (a, b, c) = (one.block(), one.block(), other.block());
        assert!(a != b && a != c && b != c);
    }
}
