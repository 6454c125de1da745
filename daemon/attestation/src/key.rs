//! Public keys, as COSE and as X.509 write them, and signatures, which ring checks, but for those of the
//! curve P-521, which it does not know.

use crate::flaw::Flaw;
use crate::scheme::{HashKind, Scheme};
use hybrid_protocol::cbor::Value;
use hybrid_webauthn::authenticator_data::label;
use p521::ecdsa::signature::hazmat::PrehashVerifier as _;
use ring::signature::{self, UnparsedPublicKey, VerificationAlgorithm};
use std::fmt;
use x509_cert::SubjectPublicKeyInfo;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::der::{Decode as _, Encode as _};

/// The kinds of keys that attestations are made with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum KeyKind {
    P256,
    P384,
    P521,
    Rsa,
    Ed25519,
    Ed448,
}

/// A public key, in the one form of its kind: a point with its first octet 4, PKCS #1, or the
/// octets of RFC 8032. So two keys are equal when they are the same key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct AnyKey {
    pub(crate) kind: KeyKind,
    pub(crate) bytes: Vec<u8>,
}

const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const P521: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.35");
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const ED448: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.113");

impl AnyKey {
    /// A credential's key (RFC 9053).
    pub(crate) fn of_cose(key: &[(Value, Value)]) -> Result<Self, Flaw> {
        let number = |at| -> Option<i64> { label(key, at)?.as_integer()?.try_into().ok() };
        let bytes = |at| label(key, at).and_then(Value::as_bytes).map(Vec::as_slice);
        let wrong = || Flaw::Malformed("the credential's key");
        let point = |length: usize| -> Result<Vec<u8>, Flaw> {
            let coordinate = |at| bytes(at).filter(|bytes| bytes.len() == length);
            let (x, y) = coordinate(-2).zip(coordinate(-3)).ok_or_else(wrong)?;
            Ok([&[4], x, y].concat())
        };
        let octets = |length: usize| -> Result<Vec<u8>, Flaw> {
            let found = bytes(-2).filter(|bytes| bytes.len() == length);
            found.map(<[u8]>::to_vec).ok_or_else(wrong)
        };
        let (kind, bytes) = match (number(1), number(-1)) {
            (Some(2), Some(1)) => (KeyKind::P256, point(32)?),
            (Some(2), Some(2)) => (KeyKind::P384, point(48)?),
            (Some(2), Some(3)) => (KeyKind::P521, point(66)?),
            (Some(1), Some(6)) => (KeyKind::Ed25519, octets(32)?),
            (Some(1), Some(7)) => (KeyKind::Ed448, octets(57)?),
            (Some(3), _) => {
                let (n, e) = bytes(-1).zip(bytes(-2)).ok_or_else(wrong)?;
                (KeyKind::Rsa, pkcs1(n, e))
            }
            _ => {
                return Err(Flaw::Unsupported(
                    "the kind of the credential's key".to_owned(),
                ));
            }
        };
        Ok(Self { kind, bytes })
    }

    /// A certificate's key.
    pub(crate) fn of_spki(spki: &SubjectPublicKeyInfo) -> Result<Self, Flaw> {
        let parameters =
            || -> Option<ObjectIdentifier> { spki.algorithm.parameters.as_ref()?.decode_as().ok() };
        let kind = match spki.algorithm.oid {
            EC => match parameters() {
                Some(P256) => KeyKind::P256,
                Some(P384) => KeyKind::P384,
                Some(P521) => KeyKind::P521,
                _ => return Err(Flaw::Unsupported("a certificate's curve".to_owned())),
            },
            RSA => KeyKind::Rsa,
            ED25519 => KeyKind::Ed25519,
            ED448 => KeyKind::Ed448,
            other => return Err(Flaw::Unsupported(format!("a certificate's key ({other})"))),
        };
        let bytes = spki.subject_public_key.as_bytes();
        let bytes = bytes
            .ok_or(Flaw::Malformed("a certificate's key"))?
            .to_vec();
        Ok(Self { kind, bytes })
    }

    /// An RSA key, from its two numbers.
    pub(crate) fn rsa(n: &[u8], e: &[u8]) -> Self {
        Self {
            kind: KeyKind::Rsa,
            bytes: pkcs1(n, e),
        }
    }

    /// The SubjectPublicKeyInfo of `publicKey` in a response has this key.
    pub(crate) fn is_in_spki(&self, der: &[u8]) -> bool {
        let spki = SubjectPublicKeyInfo::from_der(der);
        spki.is_ok_and(|spki| {
            spki.to_der().is_ok_and(|same| same == der)
                && Self::of_spki(&spki).is_ok_and(|key| key == *self)
        })
    }

    /// Whether its point is on its curve, which ring finds out only where it verifies. Of keys without a
    /// point nothing of the sort can be said.
    pub(crate) fn is_on_curve(&self) -> bool {
        match self.kind {
            KeyKind::P256 => p256::PublicKey::from_sec1_bytes(&self.bytes).is_ok(),
            KeyKind::P384 => p384::PublicKey::from_sec1_bytes(&self.bytes).is_ok(),
            KeyKind::P521 => p521::PublicKey::from_sec1_bytes(&self.bytes).is_ok(),
            KeyKind::Rsa | KeyKind::Ed25519 | KeyKind::Ed448 => true,
        }
    }

    /// Whether this key made the signature.
    pub(crate) fn verify(
        &self,
        scheme: Scheme,
        message: &[u8],
        signature: &[u8],
        whose: &'static str,
    ) -> Result<(), Flaw> {
        if let (KeyKind::P521, Scheme::Ecdsa(hash @ (HashKind::Sha384 | HashKind::Sha512))) =
            (self.kind, scheme)
        {
            let verified = verify_p521(&self.bytes, &hash.of(message), signature);
            return verified.ok_or(Flaw::Signature(whose));
        }
        let algorithm = algorithm(self.kind, scheme).ok_or_else(|| {
            Flaw::Unsupported(format!("{scheme} with a key of the kind {}", self.kind))
        })?;
        UnparsedPublicKey::new(algorithm, &self.bytes)
            .verify(message, signature)
            .map_err(|_| Flaw::Signature(whose))
    }
}

/// What ring verifies.
static VERIFIED: [(KeyKind, Scheme, &dyn VerificationAlgorithm); 12] = {
    use HashKind::{Sha1, Sha256, Sha384, Sha512};
    use KeyKind::{Ed25519, P256, P384, Rsa};
    use Scheme::{Ecdsa, Eddsa, Pss};
    [
        (P256, Ecdsa(Sha256), &signature::ECDSA_P256_SHA256_ASN1),
        (P256, Ecdsa(Sha384), &signature::ECDSA_P256_SHA384_ASN1),
        (P384, Ecdsa(Sha256), &signature::ECDSA_P384_SHA256_ASN1),
        (P384, Ecdsa(Sha384), &signature::ECDSA_P384_SHA384_ASN1),
        (Ed25519, Eddsa, &signature::ED25519),
        // Old TPMs sign so, and a forger would have to break SHA-1 a second time.
        (
            Rsa,
            Scheme::Rsa(Sha1),
            &signature::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
        ),
        (
            Rsa,
            Scheme::Rsa(Sha256),
            &signature::RSA_PKCS1_2048_8192_SHA256,
        ),
        (
            Rsa,
            Scheme::Rsa(Sha384),
            &signature::RSA_PKCS1_2048_8192_SHA384,
        ),
        (
            Rsa,
            Scheme::Rsa(Sha512),
            &signature::RSA_PKCS1_2048_8192_SHA512,
        ),
        (Rsa, Pss(Sha256), &signature::RSA_PSS_2048_8192_SHA256),
        (Rsa, Pss(Sha384), &signature::RSA_PSS_2048_8192_SHA384),
        (Rsa, Pss(Sha512), &signature::RSA_PSS_2048_8192_SHA512),
    ]
};

fn algorithm(kind: KeyKind, scheme: Scheme) -> Option<&'static dyn VerificationAlgorithm> {
    { VERIFIED.iter() }
        .find(|(of, by, _)| *of == kind && *by == scheme)
        .map(|(.., algorithm)| *algorithm)
}

/// ECDSA over a hash that is at least half as long as the curve's numbers: shorter ones are refused.
fn verify_p521(point: &[u8], hash: &[u8], signature: &[u8]) -> Option<()> {
    let key = p521::ecdsa::VerifyingKey::from_sec1_bytes(point).ok()?;
    let signature = p521::ecdsa::Signature::from_der(signature).ok()?;
    key.verify_prehash(hash, &signature).ok()
}

/// RFC 8017 appendix A.1.1.
fn pkcs1(n: &[u8], e: &[u8]) -> Vec<u8> {
    let numbers = [integer(n), integer(e)].concat();
    element(0x30, &numbers)
}

/// A number that is not negative, in its shortest form.
fn integer(number: &[u8]) -> Vec<u8> {
    let zeros = number.iter().take_while(|octet| **octet == 0).count();
    let digits = number.get(zeros..).unwrap_or_default();
    let sign = digits.first().is_none_or(|first| first & 0x80 != 0);
    let padding: &[u8] = if sign { &[0] } else { &[] };
    element(2, &[padding, digits].concat())
}

fn element(tag: u8, value: &[u8]) -> Vec<u8> {
    let length = value.len().to_be_bytes();
    let zeros = length.iter().take_while(|octet| **octet == 0).count();
    let octets = length.get(zeros..).unwrap_or_default();
    let head = match octets {
        [] => vec![tag, 0],
        [short] if *short < 0x80 => vec![tag, *short],
        // At most eight octets.
        long => [&[tag, 0x80 | u8::try_from(long.len()).unwrap_or(8)], long].concat(),
    };
    [head.as_slice(), value].concat()
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
            Self::Rsa => "RSA",
            Self::Ed25519 => "Ed25519",
            Self::Ed448 => "Ed448",
        })
    }
}
