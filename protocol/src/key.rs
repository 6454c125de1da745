//! P-256 keys with the encodings that the wire allows and no others.

use crate::secret::Secret;
use core::fmt;
use p256::elliptic_curve::sec1::ToSec1Point;

/// A point that is on the curve and not infinity.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PublicKey(p256::PublicKey);

impl PublicKey {
    /// Reads 33 bytes, `02` or `03` and x: the form in a QR code.
    ///
    /// # Errors
    /// [`BadPoint`] for another length, prefix, or a point that is not on the curve.
    pub fn from_compressed(bytes: &[u8]) -> Result<Self, BadPoint> {
        match bytes {
            [2 | 3, rest @ ..] if rest.len() == 32 => Self::parse(bytes),
            _ => Err(BadPoint),
        }
    }

    /// Reads 65 bytes, `04`, x and y: the form everywhere else.
    ///
    /// # Errors
    /// [`BadPoint`] as above; the hybrid prefixes `06` and `07` are refused.
    pub fn from_uncompressed(bytes: &[u8]) -> Result<Self, BadPoint> {
        match bytes {
            [4, rest @ ..] if rest.len() == 64 => Self::parse(bytes),
            _ => Err(BadPoint),
        }
    }

    /// `02` or `03`, then x.
    pub fn compressed(&self) -> [u8; 33] {
        let mut bytes = [0; 33];
        copy(self.0.to_sec1_point(true).as_bytes(), &mut bytes);
        bytes
    }

    /// `04`, x, y.
    pub fn uncompressed(&self) -> [u8; 65] {
        let mut bytes = [0; 65];
        copy(self.0.to_sec1_point(false).as_bytes(), &mut bytes);
        bytes
    }

    pub(crate) fn point(&self) -> &p256::PublicKey {
        &self.0
    }

    fn parse(bytes: &[u8]) -> Result<Self, BadPoint> {
        p256::PublicKey::from_sec1_bytes(bytes)
            .map(Self)
            .map_err(|_| BadPoint)
    }
}

/// A scalar in 1..n-1. Wiped on drop by the library it comes from.
#[derive(Clone)]
pub struct PrivateKey(p256::SecretKey);

impl PrivateKey {
    /// Takes 32 random bytes.
    ///
    /// # Errors
    /// [`BadScalar`] for zero or a value of the group order and above (one draw in 2³²): draw
    /// again.
    pub fn new(bytes: &Secret<32>) -> Result<Self, BadScalar> {
        p256::SecretKey::from_slice(bytes.expose())
            .map(Self)
            .map_err(|_| BadScalar)
    }

    /// Its public key. Costs one multiplication.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.public_key())
    }

    /// The x coordinate of the shared point, leading zeros kept.
    pub fn shared_x(&self, other: &PublicKey) -> Secret<32> {
        let shared = self.0.diffie_hellman(&other.0);
        let mut x = [0; 32];
        copy(shared.raw_secret_bytes(), &mut x);
        Secret::new(x)
    }

    pub(crate) fn scalar(&self) -> &p256::SecretKey {
        &self.0
    }

    pub(crate) fn expose(&self) -> Secret<32> {
        let mut bytes = [0; 32];
        copy(&self.0.to_bytes(), &mut bytes);
        Secret::new(bytes)
    }
}

/// Bytes that are not a point in the form required at that place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BadPoint;

impl fmt::Display for BadPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the key is not a point on P-256 in the expected form")
    }
}

impl core::error::Error for BadPoint {}

/// Random bytes that are not a usable scalar.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BadScalar;

impl fmt::Display for BadScalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the random bytes are not a P-256 scalar; draw again")
    }
}

impl core::error::Error for BadScalar {}

/// Both sides have the same length by the encodings' definition.
fn copy(from: &[u8], to: &mut [u8]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = *from;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_the_form_of_the_place_is_read() {
        let key = PrivateKey::new(&Secret::new([7; 32])).unwrap().public();
        assert_eq!(PublicKey::from_compressed(&key.compressed()), Ok(key));
        assert_eq!(PublicKey::from_uncompressed(&key.uncompressed()), Ok(key));
        assert_eq!(
            PublicKey::from_compressed(&key.uncompressed()),
            Err(BadPoint)
        );
        assert_eq!(
            PublicKey::from_uncompressed(&key.compressed()),
            Err(BadPoint)
        );
        for prefix in [6, 7] {
            let mut hybrid = key.uncompressed();
            hybrid[0] = prefix;
            assert_eq!(PublicKey::from_uncompressed(&hybrid), Err(BadPoint));
        }
    }

    #[test]
    fn zero_and_the_group_order_are_no_scalars() {
        let order = hex::decode("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")
            .unwrap();
        assert!(PrivateKey::new(&Secret::new([0; 32])).is_err());
        assert!(PrivateKey::new(&Secret::from_slice(&order).unwrap()).is_err());
    }

    proptest! {
        #[test]
        fn reading_any_bytes_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..70)) {
            let _ = PublicKey::from_compressed(&bytes);
            let _ = PublicKey::from_uncompressed(&bytes);
        }
    }
}
