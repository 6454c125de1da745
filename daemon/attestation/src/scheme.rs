//! How signatures are made, as COSE and as X.509 name it.

use crate::flaw::Flaw;
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use std::fmt;
use x509_cert::der::asn1::ObjectIdentifier;

/// How a signature is made, apart from the kind of key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Scheme {
    Ecdsa(HashKind),
    Rsa(HashKind),
    Pss(HashKind),
    Eddsa,
}

/// The hash that is signed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum HashKind {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

/// Of X.509 (RFC 5758, RFC 8017, RFC 8410).
const SCHEMES: [(ObjectIdentifier, Scheme); 8] = [
    (
        ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2"),
        Scheme::Ecdsa(HashKind::Sha256),
    ),
    (
        ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3"),
        Scheme::Ecdsa(HashKind::Sha384),
    ),
    (
        ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.4"),
        Scheme::Ecdsa(HashKind::Sha512),
    ),
    (
        ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.5"),
        Scheme::Rsa(HashKind::Sha1),
    ),
    (
        ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11"),
        Scheme::Rsa(HashKind::Sha256),
    ),
    (
        ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.12"),
        Scheme::Rsa(HashKind::Sha384),
    ),
    (
        ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.13"),
        Scheme::Rsa(HashKind::Sha512),
    ),
    (ObjectIdentifier::new_unwrap("1.3.101.112"), Scheme::Eddsa),
];

/// COSE's numbers of algorithms, with their names (IANA's registry).
const ALGORITHMS: [(i64, &str, Option<Scheme>); 20] = [
    (-7, "ES256", Some(Scheme::Ecdsa(HashKind::Sha256))),
    (-8, "EdDSA", Some(Scheme::Eddsa)),
    (-9, "ESP256", Some(Scheme::Ecdsa(HashKind::Sha256))),
    (-19, "Ed25519", Some(Scheme::Eddsa)),
    (-35, "ES384", Some(Scheme::Ecdsa(HashKind::Sha384))),
    (-36, "ES512", Some(Scheme::Ecdsa(HashKind::Sha512))),
    (-37, "PS256", Some(Scheme::Pss(HashKind::Sha256))),
    (-38, "PS384", Some(Scheme::Pss(HashKind::Sha384))),
    (-39, "PS512", Some(Scheme::Pss(HashKind::Sha512))),
    (-47, "ES256K", None),
    (-48, "ML-DSA-44", None),
    (-49, "ML-DSA-65", None),
    (-50, "ML-DSA-87", None),
    (-51, "ESP384", Some(Scheme::Ecdsa(HashKind::Sha384))),
    (-52, "ESP512", Some(Scheme::Ecdsa(HashKind::Sha512))),
    (-53, "Ed448", Some(Scheme::Eddsa)),
    (-257, "RS256", Some(Scheme::Rsa(HashKind::Sha256))),
    (-258, "RS384", Some(Scheme::Rsa(HashKind::Sha384))),
    (-259, "RS512", Some(Scheme::Rsa(HashKind::Sha512))),
    (-65535, "RS1", Some(Scheme::Rsa(HashKind::Sha1))),
];

/// The name of a COSE algorithm with its number.
pub(crate) fn algorithm_name(alg: i64) -> String {
    let known = ALGORITHMS.iter().find(|(number, ..)| *number == alg);
    known.map_or_else(
        || format!("algorithm {alg}"),
        |(_, name, _)| format!("{name} ({alg})"),
    )
}

impl Scheme {
    pub(crate) fn of_cose(alg: i64) -> Result<Self, Flaw> {
        let known = ALGORITHMS.iter().find(|(number, ..)| *number == alg);
        known
            .and_then(|(.., scheme)| *scheme)
            .ok_or_else(|| Flaw::Unsupported(algorithm_name(alg)))
    }

    pub(crate) fn of_x509(oid: &ObjectIdentifier) -> Result<Self, Flaw> {
        let known = SCHEMES.iter().find(|(known, _)| known == oid);
        known
            .map(|(_, scheme)| *scheme)
            .ok_or_else(|| Flaw::Unsupported(format!("the signature algorithm {oid}")))
    }

    pub(crate) const fn digest(self) -> Option<HashKind> {
        match self {
            Self::Ecdsa(digest) | Self::Rsa(digest) | Self::Pss(digest) => Some(digest),
            Self::Eddsa => None,
        }
    }
}

impl HashKind {
    /// The hash of these bytes.
    pub(crate) fn of(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha1 => Sha1::digest(bytes).to_vec(),
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha384 => Sha384::digest(bytes).to_vec(),
            Self::Sha512 => Sha512::digest(bytes).to_vec(),
        }
    }
}

impl fmt::Display for HashKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        })
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ecdsa(digest) => write!(f, "ECDSA with {digest}"),
            Self::Rsa(digest) => write!(f, "RSA with {digest}"),
            Self::Pss(digest) => write!(f, "RSA-PSS with {digest}"),
            Self::Eddsa => f.write_str("EdDSA"),
        }
    }
}
