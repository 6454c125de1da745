//! Whose certificates the probe believes.

use core::fmt;
use hybrid_process::{NoTrustStore, TrustStore};
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier};
use std::sync::Arc;

/// Whose certificates are believed.
#[derive(Clone)]
pub struct TrustedRoots(Arc<ClientConfig>);

/// Why certificates to believe in cannot be used.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum TrustedRootsError {
    /// The system has none.
    Store(NoTrustStore),
    /// TLS cannot be set up.
    Setup(rustls::Error),
    /// One of a private authority's certificates is none that can be believed.
    Unfit(rustls::Error),
    /// There is none.
    Empty,
}

impl TrustedRoots {
    /// Those that the system believes.
    ///
    /// # Errors
    /// [`TrustedRootsError`] when it has none.
    pub fn system() -> Result<Self, TrustedRootsError> {
        let store = TrustStore::of_system().map_err(TrustedRootsError::Store)?;
        let verified = builder()?.with_root_certificates(store.roots);
        Ok(Self::finish(verified.with_no_client_auth()))
    }

    /// Those of a private authority alone.
    ///
    /// # Errors
    /// [`TrustedRootsError`] when there is none, or one cannot be believed.
    pub fn private(
        certificates: impl IntoIterator<Item = CertificateDer<'static>>,
    ) -> Result<Self, TrustedRootsError> {
        let mut roots = RootCertStore::empty();
        for certificate in certificates {
            roots.add(certificate).map_err(TrustedRootsError::Unfit)?;
        }
        if roots.is_empty() {
            return Err(TrustedRootsError::Empty);
        }
        Ok(Self::finish(
            builder()?
                .with_root_certificates(roots)
                .with_no_client_auth(),
        ))
    }

    pub(crate) fn config(&self) -> Arc<ClientConfig> {
        Arc::clone(&self.0)
    }

    fn finish(mut config: ClientConfig) -> Self {
        // Every visit shows how a stranger fares: tickets would be kept for nobody.
        config.resumption = rustls::client::Resumption::disabled();
        // A proxy that also speaks HTTP/2 must not choose it: an upgrade is HTTP/1.1.
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Self(Arc::new(config))
    }
}

fn builder() -> Result<ConfigBuilder<ClientConfig, WantsVerifier>, TrustedRootsError> {
    ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(TrustedRootsError::Setup)
}

impl fmt::Debug for TrustedRoots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TrustedRoots")
    }
}

impl fmt::Display for TrustedRootsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Setup(error) => error.fmt(f),
            // No library's words: they may quote what they were given.
            Self::Unfit(_) => {
                f.write_str("one of the certificates is damaged or of an unsupported kind")
            }
            Self::Empty => f.write_str("expected certificates, found none"),
        }
    }
}

impl core::error::Error for TrustedRootsError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Store(error) => Some(error),
            Self::Setup(error) | Self::Unfit(error) => Some(error),
            Self::Empty => None,
        }
    }
}
