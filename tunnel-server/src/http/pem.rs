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
    /// PKCS#12, which holds certificates and key under a password.
    Pkcs12,
    /// PKCS#7, as DER or as PEM.
    Pkcs7,
    /// UTF-16, as some editors write text.
    Utf16,
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
    let pem = unmarked(pem);
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match found {
        Ok(none) if none.is_empty() => Err(nothing(pem)),
        Ok(found) => Ok(found),
        Err(error) => Err(BadPem::of(&error, pem)),
    }
}

/// The first private key.
pub(crate) fn key(pem: &[u8]) -> Result<PrivateKeyDer<'static>, BadPem> {
    let pem = unmarked(pem);
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

/// Without the mark that some editors put before a text: it would hide the first BEGIN line.
fn unmarked(pem: &[u8]) -> &[u8] {
    pem.strip_prefix(b"\xef\xbb\xbf").unwrap_or(pem)
}

fn nothing(pem: &[u8]) -> BadPem {
    let has = |part: &[u8]| pem.windows(part.len()).any(|here| here == part);
    // An ASN.1 sequence, and what it begins with.
    let body = match pem {
        [0x30, length @ ..=0x7f, body @ ..] if body.len() == usize::from(*length) => Some(body),
        [0x30, 0x81, _, body @ ..]
        | [0x30, 0x82, _, _, body @ ..]
        | [0x30, 0x83, _, _, _, body @ ..]
        | [0x30, 0x84, _, _, _, _, body @ ..] => Some(body),
        _ => None,
    };
    match body {
        // Version 3, and then no number as in a key.
        Some([0x02, 0x01, 0x03, 0x30, ..]) => BadPem::Pkcs12,
        Some(body) if body.starts_with(SIGNED_DATA) => BadPem::Pkcs7,
        Some(_) => BadPem::Der,
        None if has(b"-----BEGIN PKCS7-----") => BadPem::Pkcs7,
        None if pem.starts_with(b"\xff\xfe") || pem.starts_with(b"\xfe\xff") => BadPem::Utf16,
        None => BadPem::Nothing,
    }
}

/// The object id of PKCS#7's signed data, which carries certificates.
const SIGNED_DATA: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02";

/// What of a file of certificates is none: kinds and counts, and no content, which may be a key.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(crate) struct Passed {
    /// Names of other sections.
    sections: Vec<&'static str>,
    /// BEGIN lines that are none, for a blank before it or for dashes that lack.
    broken: usize,
    /// Lines outside of all sections, comments and empty ones left out.
    lines: usize,
}

/// Sections that have a name; any other is called unknown.
const SECTIONS: [&str; 12] = [
    "PRIVATE KEY",
    "EC PRIVATE KEY",
    "RSA PRIVATE KEY",
    "ENCRYPTED PRIVATE KEY",
    "PUBLIC KEY",
    "EC PARAMETERS",
    "DH PARAMETERS",
    "CERTIFICATE REQUEST",
    "TRUSTED CERTIFICATE",
    "X509 CERTIFICATE",
    "X509 CRL",
    "PKCS7",
];

impl Passed {
    pub(crate) fn of(pem: &[u8]) -> Self {
        let (mut passed, mut within) = (Self::default(), false);
        for line in unmarked(pem).split(|byte| matches!(byte, b'\n' | b'\r')) {
            let text = line.trim_ascii();
            let label = { line.trim_ascii_end().strip_prefix(b"-----BEGIN ") }
                .and_then(|rest| rest.strip_suffix(b"-----"));
            match label {
                Some(b"CERTIFICATE") => within = true,
                Some(label) => {
                    let known = SECTIONS.iter().find(|known| known.as_bytes() == label);
                    let name = known.copied().unwrap_or("a section of unknown kind");
                    if !passed.sections.contains(&name) {
                        passed.sections.push(name);
                    }
                    within = true;
                }
                None if within => within = !text.starts_with(b"-----END "),
                None if text.is_empty() || text.starts_with(b"#") => {}
                None if text.windows(6).any(|part| part == b"BEGIN ") => passed.broken += 1,
                None => passed.lines += 1,
            }
        }
        passed
    }
}

impl fmt::Display for Passed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut joint = "";
        for section in &self.sections {
            write!(f, "{joint}{section}")?;
            joint = ", ";
        }
        if self.broken > 0 {
            write!(
                f,
                "{joint}{} damaged BEGIN lines with what follows them (such a line must stand alone, with five dashes on either side)",
                self.broken
            )?;
            joint = ", ";
        }
        if self.lines > 0 {
            write!(f, "{joint}{} lines of other text", self.lines)?;
        }
        Ok(())
    }
}

impl fmt::Display for BadPem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "the file contains none",
            Self::Der => "the file is DER; convert it to PEM with openssl",
            Self::Pkcs12 => "the file is PKCS#12; extract its contents with openssl pkcs12",
            Self::Pkcs7 => {
                "the file is PKCS#7; extract its certificates: openssl pkcs7 -print_certs -in FILE -out NEW (-inform DER if it is binary)"
            }
            Self::Utf16 => "the file is UTF-16; save it as plain text (ASCII or UTF-8)",
            Self::Encrypted => "it is encrypted with a passphrase",
            Self::Begin => "a BEGIN line is damaged or has lost its line break",
            Self::End => {
                "a BEGIN line has no END line; the file may be truncated or have lost its line breaks"
            }
            Self::Base64 => "the text between BEGIN and END is not base64",
            Self::Long => "it is longer than any certificate or key",
            Self::Other => "it cannot be read",
        })
    }
}

impl core::error::Error for BadPem {}
