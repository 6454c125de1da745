//! TLS: a server configuration from PEM.

use crate::http::pem::{self, BadPem};
use core::fmt;
use core::time::Duration;
use rustls::ServerConfig;
use std::sync::Arc;
use x509_cert::Certificate;
use x509_cert::der::Decode as _;

/// Makes the configuration from a certificate chain and its private key, both PEM.
///
/// Sessions are not resumed: a phone or desktop comes once for one sign-in, tickets would cost
/// memory for each, and they would let an observer tell that two tunnels belong to the same phone.
///
/// # Errors
/// [`BadTls`] says which of the two is wrong, and how.
pub(crate) fn server_config(chain: &[u8], key: &[u8]) -> Result<Arc<ServerConfig>, BadTls> {
    let chain = pem::certificates(chain).map_err(BadTls::Certificate)?;
    let key = pem::key(key).map_err(|bad| {
        if bad == BadPem::Encrypted {
            BadTls::Encrypted
        } else {
            BadTls::Key(bad)
        }
    })?;
    let mut config =
        ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .map_err(BadTls::Pair)?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(BadTls::Pair)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config.send_tls13_tickets = 0;
    config.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
    Ok(Arc::new(config))
}

/// When the certificate of a chain expires, counted from 1970; `None` when it does not say so in a
/// way that we can read.
pub(crate) fn expires(chain: &[u8]) -> Option<Duration> {
    let chain = pem::certificates(chain).ok()?;
    let certificate = Certificate::from_der(chain.first()?).ok()?;
    Some(
        certificate
            .tbs_certificate()
            .validity()
            .not_after
            .to_unix_duration(),
    )
}

/// Why a certificate and key cannot be used.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub enum BadTls {
    /// The chain is not PEM certificates.
    Certificate(BadPem),
    /// The key is not a PEM private key.
    Key(BadPem),
    /// The key is protected by a passphrase.
    Encrypted,
    /// Each can be read, but they do not go together.
    Pair(rustls::Error),
    /// A reload would begin or cease to speak TLS.
    Switched,
}

impl fmt::Display for BadTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Certificate(BadPem::Nothing) => f.write_str("expected PEM certificates: no certificate in it"),
            Self::Key(BadPem::Nothing) => f.write_str("expected a PEM private key: no private key in it"),
            Self::Certificate(cause) => write!(f, "expected PEM certificates: {cause}"),
            Self::Key(cause) => write!(f, "expected a PEM private key: {cause}"),
            Self::Encrypted => f.write_str("the private key needs a passphrase; write it without one: openssl pkey -in KEY -out NEW"),
            Self::Pair(rustls::Error::InconsistentKeys(_)) => f.write_str("the certificate does not belong to the key"),
            Self::Switched => f.write_str("TLS can be turned on or off only by a restart"),
            Self::Pair(rustls::Error::General(_)) => {
                f.write_str("the private key is of no kind that TLS is spoken with here: P-256, P-384, Ed25519, or RSA of at least 2048 bits")
            }
            Self::Pair(rustls::Error::InvalidCertificate(_)) => {
                f.write_str("the certificate is damaged, or of a kind that TLS is not spoken with here")
            }
            // No library's words: they may quote what they were given.
            Self::Pair(_) => f.write_str("the certificate and key cannot be used with TLS"),
        }
    }
}

impl core::error::Error for BadTls {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Certificate(cause) | Self::Key(cause) => Some(cause),
            Self::Pair(cause) => Some(cause),
            Self::Encrypted | Self::Switched => None,
        }
    }
}
