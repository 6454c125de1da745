//! PEM files: certificates and private keys. What is wrong with one is said without a byte of it.

use core::fmt;
use rustls::pki_types::pem::{Error, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// What is wrong with a PEM file. The library's own error quotes the file, and with it the key, so
/// it is not kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum BadPem {
    /// Nothing of the kind that was looked for.
    Nothing,
    /// DER, which is not text.
    Der,
    /// The key is protected by a passphrase.
    Encrypted,
    /// A BEGIN line that is none, or stands on one line with what follows.
    Begin,
    /// No END line follows a BEGIN line.
    End,
    /// What stands between BEGIN and END is not base64.
    Base64,
    /// Longer than any certificate or key.
    Long,
    /// Something else that the library does not like.
    Other,
}

/// All certificates of a file, at least one.
///
/// # Errors
/// [`BadPem`] says what is wrong with it, or that there is none.
pub fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, BadPem> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match found {
        Ok(none) if none.is_empty() => Err(nothing(pem)),
        Ok(found) => Ok(found),
        Err(error) => Err(BadPem::of(&error, pem)),
    }
}

/// The first private key.
pub(crate) fn key(pem: &[u8]) -> Result<PrivateKeyDer<'static>, BadPem> {
    PrivateKeyDer::from_pem_slice(pem).map_err(|error| {
        if pem.windows(ENCRYPTED.len()).any(|part| part == ENCRYPTED) {
            BadPem::Encrypted
        } else {
            BadPem::of(&error, pem)
        }
    })
}

/// What stands in the PEM of a key that a passphrase protects, of both kinds.
const ENCRYPTED: &[u8] = b"ENCRYPTED";

impl BadPem {
    fn of(error: &Error, pem: &[u8]) -> Self {
        match error {
            Error::NoItemsFound => nothing(pem),
            Error::IllegalSectionStart { .. } => Self::Begin,
            Error::MissingSectionEnd { .. } => Self::End,
            Error::Base64Decode(_) => Self::Base64,
            Error::SectionTooLarge => Self::Long,
            Error::Io(_) | _ => Self::Other,
        }
    }
}

fn nothing(pem: &[u8]) -> BadPem {
    // An ASN.1 sequence whose length takes more than one byte.
    if matches!(pem, [0x30, 0x81..=0x84, ..]) {
        BadPem::Der
    } else {
        BadPem::Nothing
    }
}

impl fmt::Display for BadPem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "there is none in the file",
            Self::Der => "the file is DER; openssl turns it into PEM",
            Self::Encrypted => "it needs a passphrase",
            Self::Begin => "a BEGIN line is damaged, or its line end is lost",
            Self::End => {
                "a BEGIN line has no END line; the file may be cut off, or its line ends lost"
            }
            Self::Base64 => "what stands between BEGIN and END is not base64",
            Self::Long => "it is longer than any certificate or key",
            Self::Other => "it cannot be read",
        })
    }
}

impl core::error::Error for BadPem {}
