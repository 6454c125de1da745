//! Whose certificate it is: the system decides whether it is trusted, and the public authorities
//! are asked for a second opinion, on the same connection. What the system trusts and they do not
//! is a private relay, or inspection.

use crate::fact::Fact;
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{self, DigitallySignedStruct, RootCertStore, SignatureScheme};
use x509_cert::Certificate;
use x509_cert::der::{Decode as _, Encode as _};

/// What was seen of a relay's certificate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CertificateInfo {
    /// The issuer's name.
    pub issuer: String,
    /// SHA-256 of the key it certifies, in hex: the same wherever the relay is reached unless
    /// somebody is in between.
    pub key: String,
    /// A public authority vouches for it.
    pub public: bool,
}

/// Looks at the certificate while the verifier that it wraps decides.
#[derive(Debug)]
pub(crate) struct Witness {
    decides: Arc<dyn ServerCertVerifier>,
    seen: Mutex<Option<CertificateInfo>>,
}

impl Witness {
    pub(crate) fn new(decides: Arc<dyn ServerCertVerifier>) -> Self {
        Self {
            decides,
            seen: Mutex::new(None),
        }
    }

    /// What it saw, if the handshake came as far.
    pub(crate) fn seen(&self) -> Option<CertificateInfo> {
        self.seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let judge = |verifier: &dyn ServerCertVerifier| {
            verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
        };
        let public = public().is_some_and(|public| judge(public.as_ref()).is_ok());
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(CertificateInfo::of(end_entity, public));
        judge(self.decides.as_ref())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.decides.verify_tls12_signature(message, cert, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.decides.verify_tls13_signature(message, cert, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.decides.supported_verify_schemes()
    }
}

/// The public authorities that are built in.
fn public() -> Option<Arc<WebPkiServerVerifier>> {
    static PUBLIC: OnceLock<Option<Arc<WebPkiServerVerifier>>> = OnceLock::new();
    PUBLIC
        .get_or_init(|| {
            let roots = RootCertStore {
                roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
            };
            let provider = Arc::new(ring::default_provider());
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
                .build()
                .ok()
        })
        .clone()
}

impl CertificateInfo {
    pub(crate) fn of(certificate: &CertificateDer<'_>, public: bool) -> Self {
        let read = Certificate::from_der(certificate).ok();
        let body = read.as_ref().map(Certificate::tbs_certificate);
        let key = body.and_then(|body| body.subject_public_key_info().to_der().ok());
        Self {
            issuer: body.map_or_else(
                || "an unreadable name".to_owned(),
                |body| body.issuer().to_string(),
            ),
            key: key.map_or_else(String::new, |key| hex::encode(Sha256::digest(key))),
            public,
        }
    }
}

impl fmt::Display for CertificateInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "signed by {}", self.issuer)?;
        if self.public {
            Ok(())
        } else {
            write!(
                f,
                ", which is not a public authority (key {})",
                self.key.get(..16).unwrap_or_default()
            )
        }
    }
}

impl Fact for CertificateInfo {
    fn fact(&self) -> String {
        self.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_issuer_is_named_and_a_private_authority_is_told_apart() {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(vec!["cable.ua5v.com".to_owned()]).unwrap();
        params
            .distinguished_name
            .push(rcgen::DnType::CommonName, "Inspecting Proxy CA");
        let certificate = params.self_signed(&key).unwrap();
        let seen = CertificateInfo::of(certificate.der(), false);
        assert!(
            seen.issuer.contains("Inspecting Proxy CA"),
            "{}",
            seen.issuer
        );
        assert_eq!(seen.key.len(), 64);
        assert!(seen.to_string().contains("not a public authority"));
    }

    proptest! {
        #[test]
        fn reading_any_certificate_never_panics(der: Vec<u8>) {
            let _ = CertificateInfo::of(&CertificateDer::from(der), false);
        }
    }
}
