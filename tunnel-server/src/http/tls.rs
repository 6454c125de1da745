//! TLS: a server configuration from PEM.

use crate::http::chain::{Chain, ChainRemark};
use crate::http::pem::{self, BadPem};
use core::fmt;
use core::time::Duration;
use rustls::ServerConfig;
use rustls::pki_types::CertificateDer;
use rustls::sign::CertifiedKey;
use std::sync::Arc;

/// What TLS is spoken with.
pub(crate) struct ServerTls {
    pub(crate) config: Arc<ServerConfig>,
    /// When the certificate expires, counted from 1970, if it says so.
    pub(crate) expires: Option<Duration>,
    /// What the operator should know of its file.
    pub(crate) remarks: Vec<ChainRemark>,
}

impl ServerTls {
    /// Makes the configuration from a certificate chain and its private key, both PEM.
    ///
    /// Sessions are not resumed: a phone or desktop comes once for one sign-in, tickets would cost
    /// memory for each, and they would let an observer tell that two tunnels belong to the same
    /// phone.
    ///
    /// # Errors
    /// [`BadTls`] says which of the two is wrong, and how.
    pub(crate) fn read(chain: &[u8], key: &[u8]) -> Result<Self, BadTls> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        // What is wrong with the certificates is said first.
        pem::certificates(chain).map_err(BadTls::Certificate)?;
        let key = pem::key(key).map_err(|bad| {
            if bad == BadPem::Encrypted {
                BadTls::Encrypted
            } else {
                BadTls::Key(bad)
            }
        })?;
        let signing = provider.key_provider.load_private_key(key.clone_key());
        let is_ours = |certificate: &CertificateDer<'static>| {
            signing.as_ref().is_ok_and(|signing| {
                CertifiedKey::new(vec![certificate.clone()], Arc::clone(signing))
                    .keys_match()
                    .is_ok()
            })
        };
        let chain = Chain::read(chain, is_ours).map_err(BadTls::Certificate)?;
        let expires = chain.expires();
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .map_err(BadTls::Pair)?
            .with_no_client_auth()
            .with_single_cert(chain.certificates, key)
            .map_err(BadTls::Pair)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        config.send_tls13_tickets = 0;
        config.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
        Ok(Self {
            config: Arc::new(config),
            expires,
            remarks: chain.remarks,
        })
    }
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
            Self::Certificate(BadPem::Der) => {
                f.write_str("expected PEM certificates: the file is DER; convert it to PEM: openssl x509 -inform DER -in FILE -out NEW")
            }
            Self::Key(BadPem::Der) => {
                f.write_str("expected a PEM private key: the file is DER; convert it to PEM: openssl pkey -inform DER -in FILE -out NEW")
            }
            Self::Certificate(BadPem::Pkcs12) => {
                f.write_str("expected PEM certificates: the file is PKCS#12; extract them: openssl pkcs12 -in FILE -nokeys -out NEW")
            }
            Self::Key(BadPem::Pkcs12) => {
                f.write_str("expected a PEM private key: the file is PKCS#12; extract it: openssl pkcs12 -in FILE -nocerts -nodes -out NEW")
            }
            Self::Certificate(cause) => write!(f, "expected PEM certificates: {cause}"),
            Self::Key(cause) => write!(f, "expected a PEM private key: {cause}"),
            Self::Encrypted => f.write_str("the private key is encrypted with a passphrase; remove it: openssl pkey -in KEY -out NEW"),
            Self::Pair(rustls::Error::InconsistentKeys(_)) => f.write_str("the certificate does not belong to the key"),
            Self::Switched => f.write_str("TLS can be turned on or off only by a restart"),
            Self::Pair(rustls::Error::General(_)) => {
                f.write_str("the private key is of an unsupported kind; expected P-256, P-384, Ed25519, or RSA of at least 2048 bits")
            }
            Self::Pair(rustls::Error::InvalidCertificate(_)) => {
                f.write_str("the certificate is damaged or of an unsupported kind")
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
