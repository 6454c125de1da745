//! Bytes that must not be printed: fixed-size keys ([`Secret`]) and variable-size payloads
//! ([`Wiped`]).

use core::fmt;
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// A key or other secret of `N` bytes: wiped on drop, compared in constant time, without `Debug` or
/// `Display`.
///
/// A type that holds one cannot derive `Debug` by accident, which is the point.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Secret<const N: usize>([u8; N]);

impl<const N: usize> Secret<N> {
    /// Takes ownership of secret bytes. The caller's copy, if any, is the caller's to wipe.
    pub const fn new(bytes: [u8; N]) -> Self {
        Self(bytes)
    }

    /// Lets `fill` write the bytes in place, for example from the operating system's generator.
    ///
    /// # Errors
    /// Whatever `fill` returns.
    pub fn fill_with<E>(fill: impl FnOnce(&mut [u8]) -> Result<(), E>) -> Result<Self, E> {
        let mut secret = Self([0; N]);
        fill(&mut secret.0)?;
        Ok(secret)
    }

    /// Reads a secret of exactly `N` bytes; `None` for any other length.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Shows the bytes, for use as a key. Do not log them.
    pub const fn expose(&self) -> &[u8; N] {
        &self.0
    }
}

impl<const N: usize> PartialEq for Secret<N> {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl<const N: usize> Eq for Secret<N> {}

/// A payload of any length (a CTAP command or reply, a QR text) that is wiped on drop.
///
/// `Debug` shows its length alone, because replies may hold PRF outputs, which are decryption keys.
#[derive(Clone, PartialEq, Eq)]
pub struct Wiped(Zeroizing<Vec<u8>>);

impl Wiped {
    /// Takes ownership of a payload.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Shows the payload. Do not log it.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Wiped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{} bytes]", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_prints_only_its_length() {
        assert_eq!(
            format!("{:?}", Wiped::new(b"prf output".to_vec())),
            "[10 bytes]"
        );
    }

    #[test]
    fn equality_looks_at_every_byte() {
        let mut other = [7; 32];
        other[31] ^= 1;
        assert!(Secret::new([7; 32]) == Secret::new([7; 32]));
        assert!(Secret::new([7; 32]) != Secret::new(other));
    }

    #[test]
    fn a_slice_of_another_length_is_refused() {
        assert!(Secret::<16>::from_slice(&[0; 15]).is_none());
        assert!(Secret::<16>::from_slice(&[0; 17]).is_none());
    }
}
