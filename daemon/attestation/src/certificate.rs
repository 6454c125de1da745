//! One certificate of an attestation: its fields, and the bytes that its issuer signed.

use crate::flaw::Flaw;
use crate::key::AnyKey;
use crate::scheme::Scheme;
use crate::tlv::{Tag, Tlv};
use hybrid_protocol::ctap::Aaguid;
use hybrid_protocol::printable;
use x509_cert::Certificate;
use x509_cert::der::Decode as _;
use x509_cert::der::asn1::{Any, ObjectIdentifier};
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage};

/// id-ce: what this program understands in certificates, or what does not bear on it: identifiers of
/// keys, usage, names, constraints, revocation, policies.
const KNOWN: [ObjectIdentifier; 10] = [
    ObjectIdentifier::new_unwrap("2.5.29.14"),
    KEY_USAGE,
    ObjectIdentifier::new_unwrap("2.5.29.17"),
    ObjectIdentifier::new_unwrap("2.5.29.18"),
    BASIC_CONSTRAINTS,
    ObjectIdentifier::new_unwrap("2.5.29.31"),
    ObjectIdentifier::new_unwrap("2.5.29.32"),
    ObjectIdentifier::new_unwrap("2.5.29.35"),
    ObjectIdentifier::new_unwrap("2.5.29.37"),
    // Whether it may be critical is a question of its own.
    AAGUID,
];
const KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.15");
const BASIC_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.19");
/// id-fido-gen-ce-aaguid (WebAuthn Level 3 section 8.2.1).
const AAGUID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.45724.1.1.4");
/// So much of a name is shown.
const LONGEST_NAME: usize = 200;

/// A certificate.
pub(crate) struct Certified {
    der: Vec<u8>,
    parsed: Certificate,
}

impl Certified {
    pub(crate) fn read(der: &[u8]) -> Result<Self, Flaw> {
        let parsed = Certificate::from_der(der).map_err(|_| Flaw::Malformed("a certificate"))?;
        let der = der.to_vec();
        Ok(Self { der, parsed })
    }

    /// As X.509 writes it.
    pub(crate) fn der(&self) -> &[u8] {
        &self.der
    }

    pub(crate) fn fields(&self) -> &x509_cert::TbsCertificate {
        self.parsed.tbs_certificate()
    }

    pub(crate) fn key(&self) -> Result<AnyKey, Flaw> {
        AnyKey::of_spki(self.fields().subject_public_key_info())
    }

    /// The subject's name, for showing.
    pub(crate) fn subject(&self) -> String {
        shown(&self.fields().subject().to_string())
    }

    /// The issuer's name, for showing.
    pub(crate) fn issuer(&self) -> String {
        shown(&self.fields().issuer().to_string())
    }

    /// From when until when, in seconds since 1970.
    pub(crate) fn valid(&self) -> (u64, u64) {
        let validity = self.fields().validity();
        let seconds = |time: x509_cert::time::Time| time.to_unix_duration().as_secs();
        (seconds(validity.not_before), seconds(validity.not_after))
    }

    /// The value of an extension, with whether it is critical.
    pub(crate) fn extension(&self, oid: ObjectIdentifier) -> Option<(&[u8], bool)> {
        let mut all = self.fields().extensions()?.iter();
        let found = all.find(|extension| extension.extn_id == oid)?;
        Some((found.extn_value.as_bytes(), found.critical))
    }

    /// What it says of being an authority's; `None` when it says nothing.
    pub(crate) fn constraints(&self) -> Result<Option<BasicConstraints>, Flaw> {
        let Some((value, _)) = self.extension(BASIC_CONSTRAINTS) else {
            return Ok(None);
        };
        BasicConstraints::from_der(value)
            .map(Some)
            .map_err(|_| Flaw::Malformed("a certificate's basic constraints"))
    }

    /// Nothing in it is both unknown here and marked as what has to be known (RFC 5280 section 4.2).
    pub(crate) fn check_critical(&self) -> Result<(), Flaw> {
        let mut all = self.fields().extensions().into_iter().flatten();
        if all.any(|extension| extension.critical && !KNOWN.contains(&extension.extn_id)) {
            return Err(Flaw::Certificate(
                "a certificate has a critical extension that this program does not know",
            ));
        }
        Ok(())
    }

    /// Whether its key may sign certificates: it says so, or says nothing about it.
    pub(crate) fn check_signs_certificates(&self) -> Result<(), Flaw> {
        let Some((value, _)) = self.extension(KEY_USAGE) else {
            return Ok(());
        };
        match KeyUsage::from_der(value) {
            Ok(usage) if usage.key_cert_sign() => Ok(()),
            Ok(_) => Err(Flaw::Certificate(
                "a certificate is issued with a key that may not sign certificates",
            )),
            Err(_) => Err(Flaw::Malformed("a certificate's key usage")),
        }
    }

    /// Whether it has the extension that names the model.
    pub(crate) fn names_model(&self) -> bool {
        self.extension(AAGUID).is_some()
    }

    /// The first text of this kind in the subject's name.
    pub(crate) fn subject_text(&self, oid: &str) -> Option<String> {
        let mut attributes = self.fields().subject().iter();
        let found = attributes.find(|attribute| attribute.oid.to_string() == oid)?;
        text(&found.value)
    }

    /// The model that the certificate names (section 8.2.1): it has to be the credential's.
    pub(crate) fn check_aaguid(&self, aaguid: Aaguid) -> Result<(), Flaw> {
        let Some((value, critical)) = self.extension(AAGUID) else {
            return Ok(());
        };
        if critical {
            return Err(Flaw::Certificate(
                "the certificate's extension with the AAGUID is marked critical",
            ));
        }
        let named = Tlv::only(value).and_then(|element| element.of(Tag::OCTET_STRING));
        match named {
            Some(named) if named == aaguid.0 => Ok(()),
            Some(_) => Err(Flaw::Differs(
                "the certificate names another model (AAGUID) than the authenticator data",
            )),
            None => Err(Flaw::Malformed(
                "the certificate's extension with the AAGUID",
            )),
        }
    }

    /// Whether this certificate was issued by the holder of that one's key.
    pub(crate) fn is_issued_by(&self, issuer: &Self) -> Result<(), Flaw> {
        if self.fields().issuer() != issuer.fields().subject() {
            return Err(Flaw::Differs(
                "a certificate names another issuer than the certificate after it",
            ));
        }
        let outer = Tlv::only(&self.der).and_then(|element| element.of(Tag::SEQUENCE));
        let signed = outer.and_then(Tlv::read).map(|(first, _)| first.whole);
        let signed = signed.ok_or(Flaw::Malformed("a certificate"))?;
        let algorithm = self.parsed.signature_algorithm();
        if algorithm != self.fields().signature() {
            return Err(Flaw::Differs(
                "a certificate names two different signature algorithms",
            ));
        }
        let scheme = Scheme::of_x509(&algorithm.oid)?;
        let signature = self.parsed.signature().as_bytes();
        let signature = signature.ok_or(Flaw::Malformed("a certificate's signature"))?;
        let whose = "the issuer that a certificate names";
        issuer.key()?.verify(scheme, signed, signature, whose)
    }
}

/// A text of a name, whichever of X.509's types it has.
pub(crate) fn text(value: &Any) -> Option<String> {
    std::str::from_utf8(value.value()).ok().map(str::to_owned)
}

fn shown(name: &str) -> String {
    printable(name).chars().take(LONGEST_NAME).collect()
}
