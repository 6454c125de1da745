//! TLS to a relay: 1.2 and 1.3, ordinary certificate checks against the system's store.

use super::{DialError, Fact, Io, TlsProblem};
use rustls_pki_types::{CertificateDer, ServerName};
use rustls_platform_verifier::BuilderVerifierExt as _;
use std::sync::{Arc, OnceLock};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::{self, CertificateError, ClientConfig, RootCertStore};

/// Whom to trust.
pub enum Trust {
    /// What the system trusts, `SSL_CERT_FILE` and `SSL_CERT_DIR` included.
    System,
    /// These roots alone, for embedding.
    Roots(Vec<CertificateDer<'static>>),
    /// The public certificate authorities that are built in: a second opinion. What the system trusts and they do not is inspection.
    Public,
}

impl Trust {
    fn config(&self) -> Result<Arc<ClientConfig>, DialError> {
        // Reading the system's store takes a few milliseconds, so it is done at the first use, and once.
        static SYSTEM: OnceLock<Result<Arc<ClientConfig>, String>> = OnceLock::new();
        let no_trust = |why: &String| DialError::NoTrust(why.clone());
        match self {
            Self::System => SYSTEM
                .get_or_init(|| system().map(finish).map_err(|error| error.to_string()))
                .clone()
                .map_err(|why| no_trust(&why)),
            Self::Public => {
                let store = RootCertStore {
                    roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
                };
                let builder = builder().map_err(|error| no_trust(&error.to_string()))?;
                Ok(finish(builder.with_root_certificates(store).with_no_client_auth()))
            }
            Self::Roots(roots) => {
                let mut store = RootCertStore::empty();
                store.add_parsable_certificates(roots.iter().cloned());
                let builder = builder().map_err(|error| no_trust(&error.to_string()))?;
                Ok(finish(builder.with_root_certificates(store).with_no_client_auth()))
            }
        }
    }
}

pub(super) async fn encrypt(trust: &Trust, host: &str, stream: TcpStream) -> Result<TlsStream<TcpStream>, DialError> {
    let config = trust.config()?;
    let name =
        ServerName::try_from(host.to_owned()).map_err(|error| DialError::Tls(TlsProblem::Other(error.to_string())))?;
    TlsConnector::from(config)
        .connect(name, stream)
        .await
        .map_err(|error| DialError::Tls(problem(&error)))
}

fn builder() -> Result<rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>, rustls::Error> {
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
}

fn system() -> Result<ClientConfig, rustls::Error> {
    Ok(builder()?.with_platform_verifier()?.with_no_client_auth())
}

fn finish(mut config: ClientConfig) -> Arc<ClientConfig> {
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Arc::new(config)
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "of the library's many certificate errors four have a remedy of their own"
)]
fn problem(error: &std::io::Error) -> TlsProblem {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    let Some(rustls::Error::InvalidCertificate(certificate)) = inner else {
        return TlsProblem::Other(error.to_string());
    };
    match certificate {
        CertificateError::UnknownIssuer | CertificateError::BadSignature => TlsProblem::UnknownIssuer,
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => TlsProblem::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => TlsProblem::NotYetValid,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => TlsProblem::WrongName,
        other => TlsProblem::Other(other.to_string()),
    }
}

impl Fact for TlsStream<TcpStream> {
    fn fact(&self) -> String {
        let version = self
            .get_ref()
            .1
            .protocol_version()
            .and_then(|version| version.as_str().map(str::to_owned));
        version.unwrap_or_else(|| "encrypted".to_owned())
    }
}

impl From<TlsStream<TcpStream>> for Box<dyn Io> {
    fn from(stream: TlsStream<TcpStream>) -> Self {
        Box::new(stream)
    }
}
