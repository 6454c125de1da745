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
            "the server does not speak TLS",
            "Is this the relay's TLS port? A relay behind a TLS proxy speaks plain HTTP itself.",
        ),
        Some(rustls::Error::AlertReceived(alert)) => ProbeFault::new(
            format_args!(
                "the server aborted the handshake, alert {}",
                u8::from(*alert)
            ),
            "Check the log of the program that terminates TLS there.",
        ),
        Some(rustls::Error::PeerIncompatible(_)) => ProbeFault::new(
            "the server supports no TLS version or cipher that clients support",
            "It must support TLS 1.2 or 1.3 with current ciphers.",
        ),
        Some(_) => ProbeFault::new(
            "the server violates the TLS protocol",
            "Something between here and the relay modifies the traffic, or the server is faulty.",
        ),
        None if error.kind() == io::ErrorKind::UnexpectedEof => ProbeFault::new(
            "the connection was closed during the handshake without an alert",
            "Is this the relay's TLS port, and does nothing in between drop the connection? The relay logs why it refuses one (RUST_LOG=debug).",
        ),
        None => ProbeFault::new(
            error,
            "The connection broke during the handshake: check the relay's log and what is in between.",
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
            "the certificate is not signed by an authority that this machine trusts",
            "Clients check this, too: the relay must send the whole chain (fullchain.pem). For a private authority, use --ca.",
        ),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => (
            "the certificate has expired (according to this machine's clock)",
            "Renew it and reload the relay (systemctl reload tunnel-server).",
        ),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => (
            "the certificate is not valid yet (according to this machine's clock)",
            "Check this machine's clock.",
        ),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => (
            "the certificate is for another name",
            "The certificate's subjectAltName must list the name that clients connect to.",
        ),
        CertificateError::Revoked => (
            "the certificate is revoked",
            "Issue a new certificate with a new key.",
        ),
        CertificateError::Other(other) if other.to_string() == AUTHORITY => (
            "the certificate is a CA certificate (CA:TRUE), as `openssl req -x509` creates",
            "Many clients reject it as a server certificate: recreate it with `-addext basicConstraints=critical,CA:FALSE`.",
        ),
        _ => (
            "the certificate is damaged or is not a server certificate",
            "Inspect it with `openssl x509 -text -in FILE`: clients will reject it, too.",
        ),
    };
    ProbeFault::new(saw, advice)
}
