//! A test certificate authority, made anew for every run.

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;

/// An authority that nobody but the test trusts.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate chain and its key, PEM.
pub struct Pair {
    /// The chain.
    pub chain: String,
    /// The key.
    pub key: String,
}

impl Authority {
    /// Makes one.
    ///
    /// # Errors
    /// What the generator says.
    pub fn new() -> Result<Self, rcgen::Error> {
        let mut params = CertificateParams::new(Vec::new())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![
            KeyUsagePurpose::KeyCertSign,
            KeyUsagePurpose::DigitalSignature,
        ];
        params
            .distinguished_name
            .push(DnType::CommonName, "hybridd test authority");
        CertifiedIssuer::self_signed(params, KeyPair::generate()?).map(Self)
    }

    /// Signs a certificate for these names.
    ///
    /// # Errors
    /// What the generator says.
    pub fn sign(&self, names: &[&str]) -> Result<Pair, rcgen::Error> {
        self.sign_params(&params(names)?)
    }

    /// The same, valid from the beginning of one year to that of another.
    ///
    /// # Errors
    /// What the generator says.
    pub fn sign_for_years(&self, names: &[&str], from: i32, to: i32) -> Result<Pair, rcgen::Error> {
        let mut params = params(names)?;
        (params.not_before, params.not_after) =
            (date_time_ymd(from, 1, 1), date_time_ymd(to, 1, 1));
        self.sign_params(&params)
    }

    fn sign_params(&self, params: &CertificateParams) -> Result<Pair, rcgen::Error> {
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.0)?;
        Ok(Pair {
            chain: certificate.pem(),
            key: key.serialize_pem(),
        })
    }

    /// Its own certificate, for those who shall trust it.
    pub fn der(&self) -> CertificateDer<'static> {
        self.0.der().clone()
    }

    /// The same as PEM.
    pub fn pem(&self) -> String {
        self.0.pem()
    }
}

impl Pair {
    /// A certificate that nobody signed but itself.
    ///
    /// # Errors
    /// What the generator says.
    pub fn self_signed(names: &[&str]) -> Result<Self, rcgen::Error> {
        let key = KeyPair::generate()?;
        let certificate = params(names)?.self_signed(&key)?;
        Ok(Self {
            chain: certificate.pem(),
            key: key.serialize_pem(),
        })
    }

    /// A server's side of TLS with this certificate.
    ///
    /// # Errors
    /// A sentence.
    pub fn acceptor(&self) -> Result<TlsAcceptor, String> {
        let chain = CertificateDer::from_pem_slice(self.chain.as_bytes())
            .map_err(|error| error.to_string())?;
        let key = PrivateKeyDer::from_pem_slice(self.key.as_bytes())
            .map_err(|error| error.to_string())?;
        let mut config =
            ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
                .with_safe_default_protocol_versions()
                .and_then(|config| {
                    config
                        .with_no_client_auth()
                        .with_single_cert(vec![chain], key)
                })
                .map_err(|error| error.to_string())?;
        // Tickets would be one more flight, at a time of their own.
        config.send_tls13_tickets = 0;
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

fn params(names: &[&str]) -> Result<CertificateParams, rcgen::Error> {
    CertificateParams::new(
        names
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<Vec<_>>(),
    )
}
