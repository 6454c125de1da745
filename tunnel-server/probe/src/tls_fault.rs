//! What went wrong with TLS, in words: a library's own are for its authors.

use crate::step::ProbeFault;
use rustls::CertificateError;
use std::io;

/// How the library that checks certificates calls one that is an authority's. It says so in no other
/// way; a test looks whether it still does.
const AUTHORITY: &str = "CaUsedAsEndEntity";

/// Why there is no TLS with a relay, and what to do.
pub(crate) fn fault(error: &io::Error) -> ProbeFault {
    let of_library = { error.get_ref() }.and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match of_library {
        Some(rustls::Error::InvalidCertificate(wrong)) => certificate(wrong),
        Some(rustls::Error::InvalidMessage(_)) => ProbeFault::new(
            "what answers does not speak TLS",
            "Is this the port of the relay's TLS? A relay behind a TLS proxy speaks plain HTTP itself.",
        ),
        Some(rustls::Error::AlertReceived(alert)) => ProbeFault::new(
            format_args!(
                "the other end broke the handshake off, alert {}",
                u8::from(*alert)
            ),
            "Look at the log of whatever speaks TLS there.",
        ),
        Some(rustls::Error::PeerIncompatible(_)) => ProbeFault::new(
            "the other end speaks no TLS that clients speak",
            "It has to speak TLS 1.2 or 1.3 with current ciphers.",
        ),
        Some(_) => ProbeFault::new(
            "the other end does not keep to TLS",
            "Something between here and the relay changes what is sent, or the server is defective.",
        ),
        None if error.kind() == io::ErrorKind::UnexpectedEof => ProbeFault::new(
            "the connection was closed during the handshake, without a word",
            "Is this the port of the relay's TLS, and does nothing in between cut it? The relay's log says why it refuses (RUST_LOG=debug).",
        ),
        None => ProbeFault::new(
            error,
            "The connection broke during the handshake: look at the relay's log, and at what is in between.",
        ),
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "of the library's many errors these have a remedy of their own"
)]
fn certificate(wrong: &CertificateError) -> ProbeFault {
    let (saw, advice) = match wrong {
        CertificateError::UnknownIssuer | CertificateError::BadSignature => (
            "the certificate is signed by nobody who is believed here",
            "Clients check it too: it has to come with its chain (fullchain.pem). For a private authority, give --ca.",
        ),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => (
            "the certificate has expired, by this machine's clock",
            "Renew it, and have the relay read it (systemctl reload tunnel-server).",
        ),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => (
            "the certificate is not valid yet, by this machine's clock",
            "Look whether this machine's clock is right.",
        ),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => (
            "the certificate is for another name",
            "The name that clients ask for has to be among its alternative names (subjectAltName).",
        ),
        CertificateError::Revoked => (
            "the certificate is revoked",
            "Have a new one made, with a new key.",
        ),
        CertificateError::Other(other) if other.to_string() == AUTHORITY => (
            "the certificate is an authority's (CA:TRUE), as `openssl req -x509` makes it",
            "Many clients refuse it as a server's: make it anew with `-addext basicConstraints=critical,CA:FALSE`.",
        ),
        _ => (
            "the certificate is damaged, or is none for a server",
            "Look at it with `openssl x509 -text -in FILE`: clients will refuse it, too.",
        ),
    };
    ProbeFault::new(saw, advice)
}
