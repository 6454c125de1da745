//! A test certificate authority, made anew for every run.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};
use rustls::pki_types::CertificateDer;

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
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
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
        let key = KeyPair::generate()?;
        let params = CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())?;
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
