//! Whose certificates the probe believes.

use core::fmt;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt as _;
use std::sync::Arc;

/// Whose certificates are believed.
#[derive(Clone)]
pub struct TrustedRoots(Arc<ClientConfig>);

/// Why certificates to believe in cannot be used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TrustedRootsError(String);

impl TrustedRoots {
    /// Those that the system believes.
    ///
    /// # Errors
    /// [`TrustedRootsError`] when it has none.
    pub fn system() -> Result<Self, TrustedRootsError> {
        let builder = builder()?.with_platform_verifier().map_err(trust_error)?;
        Ok(Self::finish(builder.with_no_client_auth()))
    }

    /// Those of a private authority alone; PEM.
    ///
    /// # Errors
    /// [`TrustedRootsError`] when it is not PEM certificates.
    pub fn private(pem: &[u8]) -> Result<Self, TrustedRootsError> {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            roots
                .add(certificate.map_err(trust_error)?)
                .map_err(trust_error)?;
        }
        if roots.is_empty() {
            return Err(TrustedRootsError(
                "expected PEM certificates, found none".to_owned(),
            ));
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
        // A proxy that also speaks HTTP/2 must not choose it: an upgrade is HTTP/1.1.
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Self(Arc::new(config))
    }
}

impl fmt::Debug for TrustedRoots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Trust")
    }
}

impl fmt::Display for TrustedRootsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::error::Error for TrustedRootsError {}

fn builder() -> Result<rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>, TrustedRootsError>
{
    ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(trust_error)
}

fn trust_error(error: impl fmt::Display) -> TrustedRootsError {
    TrustedRootsError(error.to_string())
}
