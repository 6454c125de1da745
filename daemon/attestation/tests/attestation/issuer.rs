//! Metadata that a test signs, as the FIDO Alliance signs its own.

use crate::data::NOW;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hybrid_attestation::{Metadata, MetadataError};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use rustls_pki_types::CertificateDer;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// No two authorities have the same name.
static NUMBER: AtomicUsize = AtomicUsize::new(0);

/// An authority, and the key that signs metadata under it.
pub struct Issuer {
    authority: CertificateDer<'static>,
    certificate: Vec<u8>,
    key: EcdsaKeyPair,
}

impl Issuer {
    pub fn new() -> Self {
        Self::named("mds.fidoalliance.org", 2020, 2100)
    }

    pub fn named(name: &str, from: i32, to: i32) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(
            rcgen::DnType::CommonName,
            format!("authority {}", NUMBER.fetch_add(1, Relaxed)),
        );
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        (params.not_before, params.not_after) =
            (date_time_ymd(2020, 1, 1), date_time_ymd(2100, 1, 1));
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let random = SystemRandom::new();
        let pkcs8 =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let key = KeyPair::try_from(pkcs8.as_ref()).unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        (params.not_before, params.not_after) =
            (date_time_ymd(from, 1, 1), date_time_ymd(to, 1, 1));
        let certificate = params.signed_by(&key, &authority).unwrap();
        Self {
            authority: authority.der().clone(),
            certificate: certificate.der().to_vec(),
            key: EcdsaKeyPair::from_pkcs8(
                &ECDSA_P256_SHA256_FIXED_SIGNING,
                pkcs8.as_ref(),
                &random,
            )
            .unwrap(),
        }
    }

    pub fn blob(&self, payload: &Value) -> String {
        let header =
            json!({"alg": "ES256", "typ": "JWT", "x5c": [STANDARD.encode(&self.certificate)]});
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(payload));
        let signature = self
            .key
            .sign(&SystemRandom::new(), signed.as_bytes())
            .unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    pub fn read(&self, blob: &str, now: u64) -> Result<Metadata, MetadataError> {
        self.read_bytes(blob.as_bytes(), now)
    }

    pub fn read_bytes(&self, blob: &[u8], now: u64) -> Result<Metadata, MetadataError> {
        let anchor = webpki::anchor_from_trusted_cert(&self.authority).unwrap();
        Metadata::read(blob, &[anchor], now)
    }
}

/// An entry: a model, its name, its roots.
pub fn entry(aaguid: &str, name: &str, roots: &[Vec<u8>]) -> Value {
    let roots: Vec<String> = roots.iter().map(|root| STANDARD.encode(root)).collect();
    json!({
        "aaguid": aaguid,
        "metadataStatement": {"description": name, "attestationRootCertificates": roots},
        "statusReports": [{"status": "FIDO_CERTIFIED_L1", "effectiveDate": "2024-01-01"}],
    })
}

pub fn payload(entries: &[Value]) -> Value {
    json!({"legalHeader": "test", "no": 7, "nextUpdate": "2099-01-01", "entries": entries})
}

/// Metadata with these entries.
pub fn metadata(entries: &[Value]) -> Metadata {
    let issuer = Issuer::new();
    issuer.read(&issuer.blob(&payload(entries)), NOW).unwrap()
}
