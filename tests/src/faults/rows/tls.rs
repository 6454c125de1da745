//! Faults of certificates and of whoever answers in place of TLS.

use crate::faults::Fault;
use crate::faults::When::AtOnce;
use crate::faults::scene::{Certificate, End, GOOD, Phone, Scene, Server, Step};
use hybrid_diagnosis::finding::Certainty::{Certain, Likely};

// Alerts, RFC 8446 section 6: record type 21, version, length 2, fatal, and which.
const NO_COMMON_VERSION: &[u8] = &[21, 3, 1, 0, 2, 2, 70];
const HANDSHAKE_FAILURE: &[u8] = &[21, 3, 3, 0, 2, 2, 40];
const UNRECOGNIZED_NAME: &[u8] = &[21, 3, 3, 0, 2, 2, 112];

const fn certificate(certificate: Certificate) -> Scene {
    Scene {
        certificate,
        phone: Phone::Advert,
        ..GOOD
    }
}

const fn says(bytes: &'static [u8]) -> Scene {
    Scene {
        server: Server::Says(bytes),
        phone: Phone::Advert,
        ..GOOD
    }
}

pub(super) fn faults() -> Vec<Fault> {
    vec![
        Fault::new(
            "an inspecting proxy's certificate that this computer does not trust",
            certificate(Certificate::Untrusted),
        )
        .both("NW06", Likely, AtOnce)
        .in_words("CN=hybridd test authority"),
        Fault::new(
            "this computer has no certificate authorities",
            Scene {
                env: &[("SSL_CERT_FILE", "/dev/null"), ("SSL_CERT_DIR", "/nowhere")],
                phone: Phone::Advert,
                ..GOOD
            },
        )
        .both("NW25", Certain, AtOnce)
        .in_words("SSL_CERT_FILE names a path that is not a file"),
        Fault::new(
            "SSL_CERT_FILE names a file that does not exist",
            Scene {
                env: &[("SSL_CERT_FILE", "/nowhere/ca.pem")],
                phone: Phone::Advert,
                ..GOOD
            },
        )
        .both("NW25", Certain, AtOnce)
        .in_words("SSL_CERT_FILE names a path that does not exist"),
        Fault::new("a self-signed certificate", certificate(Certificate::SelfSigned)).both("NW06", Likely, AtOnce),
        Fault::new("an expired certificate", certificate(Certificate::Expired))
            .both("NW07", Likely, AtOnce)
            .in_words("expired"),
        Fault::new(
            "a certificate that is not valid yet",
            certificate(Certificate::NotYetValid),
        )
        .both("NW07", Likely, AtOnce)
        .in_words("not valid yet"),
        Fault::new("a certificate for another name", certificate(Certificate::OtherName))
            .both("NW07", Likely, AtOnce)
            .in_words("another name"),
        Fault::new("no common TLS version", says(NO_COMMON_VERSION))
            .both("NW07", Likely, AtOnce)
            .in_words("protocol_version"),
        Fault::new("the handshake is refused (TLS alert)", says(HANDSHAKE_FAILURE)).both("NW07", Likely, AtOnce),
        Fault::new("the name is refused (TLS alert)", says(UNRECOGNIZED_NAME))
            .both("NW07", Likely, AtOnce)
            .in_words("unrecognized_name"),
        Fault::new(
            "a web page without TLS on port 443",
            says(b"HTTP/1.1 302 Found\r\nLocation: http://login.hotel.example/\r\nContent-Length: 0\r\n\r\n"),
        )
        .both("NW07", Likely, AtOnce),
        Fault::new("another service on port 443", says(b"SSH-2.0-OpenSSH_9.2\r\n"))
            .both("NW07", Likely, AtOnce)
            .in_words("does not speak TLS"),
        Fault::new(
            "the connection is closed after the TLS handshake",
            Scene {
                server: Server::Stops(Step::Tls, End::Close),
                phone: Phone::Advert,
                ..GOOD
            },
        )
        .both("NW21", Likely, AtOnce),
    ]
}
