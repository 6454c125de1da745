//! The metadata's envelope: a signed token (RFC 7515, compact), with the signer's certificates.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hybrid_webauthn::decode_text;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm,
};
use rustls_pki_types::{CertificateDer, ServerName, TrustAnchor, UnixTime};
use serde::Deserialize;
use std::fmt;
use std::time::Duration;
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, KeyUsage};

use crate::certificate::Certified;

/// The issue of October 2026 has 9 million bytes.
const LONGEST: usize = 64 << 20;
const SIGNER: &str = "mds.fidoalliance.org";
const MOST_CERTIFICATES: usize = 8;

#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    x5c: Vec<String>,
}

/// Verifies the envelope and opens it.
pub(super) fn verified_payload(
    blob: &[u8],
    authorities: &[TrustAnchor<'_>],
    now: u64,
) -> Result<Vec<u8>, MetadataError> {
    if blob.len() > LONGEST {
        return Err(MetadataError::TooLong(blob.len()));
    }
    let text = decode_text(blob).map_err(|_| MetadataError::NoToken)?;
    if text.trim_start().starts_with('{') {
        return Err(MetadataError::Opened);
    }
    // Mail and editors wrap lines and add quotes; neither is part of a token.
    let text: String = { text.chars() }
        .filter(|char| !char.is_whitespace() && !"\"\u{feff}".contains(*char))
        .collect();
    let mut parts = text.split('.');
    let (Some(head), Some(payload), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(MetadataError::NoToken);
    };
    let open = |part: &str| URL_SAFE_NO_PAD.decode(part.trim_end_matches('='));
    let header = open(head).map_err(|_| MetadataError::NoToken)?;
    let header: Header = serde_json::from_slice(&header).map_err(MetadataError::Header)?;
    let signature = open(signature).map_err(|_| MetadataError::NoToken)?;
    let key = signer(&header, authorities, now)?;
    let algorithm: &dyn VerificationAlgorithm = match header.alg.as_str() {
        "RS256" => &RSA_PKCS1_2048_8192_SHA256,
        "ES256" => &ECDSA_P256_SHA256_FIXED,
        _ => return Err(MetadataError::Algorithm),
    };
    // What is signed is the text as it stands, with its dot.
    let signed = text.rsplit_once('.').map_or("", |(signed, _)| signed);
    UnparsedPublicKey::new(algorithm, key)
        .verify(signed.as_bytes(), &signature)
        .map_err(|_| MetadataError::Signature)?;
    open(payload).map_err(|_| MetadataError::NoToken)
}

/// The key of the certificate that the token names, once that is trusted.
fn signer(
    header: &Header,
    authorities: &[TrustAnchor<'_>],
    now: u64,
) -> Result<Vec<u8>, MetadataError> {
    if header.x5c.len() > MOST_CERTIFICATES {
        return Err(MetadataError::Certificates);
    }
    let decoded = header.x5c.iter().map(|base64| STANDARD.decode(base64));
    let decoded: Result<Vec<_>, _> = decoded.collect();
    let decoded = decoded.map_err(|_| MetadataError::Certificates)?;
    let mut certificates = decoded.into_iter().map(CertificateDer::from);
    let first = certificates.next().ok_or(MetadataError::Certificates)?;
    let others: Vec<_> = certificates.collect();
    let leaf = EndEntityCert::try_from(&first).map_err(MetadataError::Signer)?;
    let now = UnixTime::since_unix_epoch(Duration::from_secs(now));
    let usage = KeyUsage::server_auth();
    leaf.verify_for_usage(
        ALL_VERIFICATION_ALGS,
        authorities,
        &others,
        now,
        usage,
        None,
        None,
    )
    .map_err(MetadataError::Signer)?;
    let name = ServerName::try_from(SIGNER).map_err(|_| MetadataError::Certificates)?;
    leaf.verify_is_valid_for_subject_name(&name)
        .map_err(MetadataError::Signer)?;
    let key = Certified::read(&first).and_then(|certificate| certificate.key());
    Ok(key.map_err(|_| MetadataError::Certificates)?.bytes)
}

/// Why a file is not used as metadata.
#[derive(Debug)]
#[non_exhaustive]
pub enum MetadataError {
    /// Longer than any issue.
    TooLong(usize),
    /// No token of three parts.
    NoToken,
    /// What was in the token, without it.
    Opened,
    /// Its first part is not the JSON that it has to be.
    Header(serde_json::Error),
    /// It is signed in another way than the FIDO Alliance signs.
    Algorithm,
    /// Its certificates are missing or cannot be read.
    Certificates,
    /// Its signer's certificate is not trusted, or not the FIDO Alliance's.
    Signer(webpki::Error),
    /// The signature is not the signer's.
    Signature,
    /// What is signed is not the JSON that it has to be.
    Payload(serde_json::Error),
    /// It has no number.
    Number,
    /// It does not say when the next issue follows.
    NextUpdate,
}

impl fmt::Display for MetadataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong(bytes) => {
                write!(f, "expected metadata of at most {LONGEST} bytes, got {bytes}")
            }
            Self::NoToken => f.write_str(
                "expected the signed file of the FIDO Metadata Service (three parts of base64url with dots between them), got something else",
            ),
            Self::Opened => f.write_str(
                "expected the signed file of the FIDO Metadata Service as it was downloaded; got JSON, as what is in that file: without its signature nobody can tell who wrote it",
            ),
            Self::Header(error) => write!(
                f,
                "the metadata's header is not as expected, at its column {}",
                error.column()
            ),
            Self::Algorithm => f.write_str("expected metadata signed with RS256 or ES256, got another algorithm"),
            Self::Certificates => f.write_str("the metadata's certificates (x5c) are missing or cannot be read"),
            Self::Signer(webpki::Error::UnknownIssuer) => f.write_str(
                "no authority that this system trusts vouches for the certificate that signed the metadata",
            ),
            Self::Signer(webpki::Error::CertExpired { .. }) => f.write_str(
                "the certificate that signed the metadata has expired: download the file again from the FIDO Alliance",
            ),
            Self::Signer(webpki::Error::CertNotValidForName(_)) => {
                write!(f, "the certificate that signed the metadata is not of {SIGNER}")
            }
            Self::Signer(webpki::Error::CertNotValidYet { .. }) => f.write_str(
                "the certificate that signed the metadata is not valid yet, by this computer's clock: set the clock",
            ),
            Self::Signer(webpki::Error::CertRevoked) => f.write_str(
                "the certificate that signed the metadata is revoked: download the file again from the FIDO Alliance",
            ),
            Self::Signer(_) => f.write_str(
                "the certificate that signed the metadata is damaged, or not of a kind that may sign it: download the file again from the FIDO Alliance",
            ),
            Self::Signature => f.write_str("the metadata's signature is wrong: the file was changed or damaged"),
            Self::Payload(error) => write!(
                f,
                "the signed metadata are not as expected, at line {} column {}",
                error.line(),
                error.column()
            ),
            Self::Number => f.write_str("expected metadata with a number (no) above zero, got none"),
            Self::NextUpdate => f.write_str("expected metadata with the date of the next issue (nextUpdate), got none"),
        }
    }
}

impl std::error::Error for MetadataError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Header(error) | Self::Payload(error) => Some(error),
            Self::Signer(error) => Some(error),
            Self::TooLong(_)
            | Self::NoToken
            | Self::Opened
            | Self::Algorithm
            | Self::Certificates
            | Self::Signature
            | Self::Number
            | Self::NextUpdate => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls_pki_types::UnixTime;
    use std::time::Duration;

    #[test]
    fn why_a_signer_is_not_accepted_is_told_without_a_librarys_words() {
        let at = |seconds| UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        let early = webpki::Error::CertNotValidYet {
            time: at(1),
            not_before: at(2),
        };
        for (error, told) in [
            (early, "is not valid yet, by this computer's clock"),
            (
                webpki::Error::CaUsedAsEndEntity,
                "not of a kind that may sign it",
            ),
            (webpki::Error::BadDer, "is damaged, or"),
        ] {
            let error = MetadataError::Signer(error).to_string();
            assert!(error.contains(told), "{error}");
            for debug in ["{", "UnixTime", "CaUsed", "BadDer"] {
                assert!(!error.contains(debug), "{error}");
            }
        }
    }
}
