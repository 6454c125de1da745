//! Format `tpm` (WebAuthn Level 3 section 8.3): the security chip of a computer.

mod structures;

use super::claim::{Claim, Proof};
use crate::certificate::{Certified, text};
use crate::flaw::Flaw;
use crate::scheme::Scheme;
use crate::tlv::{Tag, Tlv, elements};
use hybrid_protocol::cbor::{self, Value};
use structures::{CertifyInfo, PublicArea};
use x509_cert::Version;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::der::{Decode as _, asn1::Any};

const ALTERNATIVE_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.17");
const EXTENDED_KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37");
/// tcg-kp-AIKCertificate, DER.
const AIK: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.23.133.8.3");
/// tcg-at-tpmManufacturer, -tpmModel and -tpmVersion (TCG EK Credential Profile section 3.2.9).
const CHIP: [ObjectIdentifier; 3] = [
    ObjectIdentifier::new_unwrap("2.23.133.2.1"),
    ObjectIdentifier::new_unwrap("2.23.133.2.2"),
    ObjectIdentifier::new_unwrap("2.23.133.2.3"),
];
/// `[4]`, a directory name, in a general name.
const DIRECTORY_NAME: u32 = 4;

pub(super) fn verify(claim: &Claim<'_>) -> Result<Proof, Flaw> {
    let version = cbor::text_entry(claim.statement(), "ver").and_then(Value::as_text);
    if version != Some("2.0") {
        return Err(Flaw::Malformed("the TPM's version, which has to be 2.0,"));
    }
    let scheme = Scheme::of_cose(claim.algorithm()?)?;
    let area = claim.bytes_of("pubArea", "the TPM's public area (pubArea)")?;
    let info = claim.bytes_of("certInfo", "what the TPM certifies (certInfo)")?;
    let chain = claim.chain()?;
    let first = chain.first();
    check_requirements(first)?;
    first.check_aaguid(claim.aaguid())?;
    let whose = "the certificate's key";
    first
        .key()?
        .verify(scheme, info, claim.signature()?, whose)?;
    let public = PublicArea::read(area)?;
    if public.key != claim.key()? {
        return Err(Flaw::Differs(
            "the TPM holds another key than the credential's",
        ));
    }
    let certified = CertifyInfo::read(info)?;
    let kind = scheme
        .digest()
        .ok_or(Flaw::Malformed("the statement's algorithm (alg)"))?;
    if certified.extra != kind.of(&claim.signed()?) {
        return Err(Flaw::Differs(
            "the TPM certifies another registration (its extra data differ)",
        ));
    }
    let name = [
        &public.name_algorithm.to_be_bytes()[..],
        &public.hash(area)?,
    ]
    .concat();
    if certified.name != name {
        return Err(Flaw::Differs(
            "the TPM certifies another key than its public area",
        ));
    }
    Ok(Proof::Certified(Box::new(chain)))
}

/// Section 8.3.1.
fn check_requirements(certificate: &Certified) -> Result<(), Flaw> {
    let fields = certificate.fields();
    if fields.version() != Version::V3 || !fields.subject().is_empty() {
        return Err(Flaw::Certificate(
            "the certificate is not of version 3 with an empty subject",
        ));
    }
    let (name, _) = certificate
        .extension(ALTERNATIVE_NAME)
        .ok_or(Flaw::Certificate("the certificate names no TPM"))?;
    let named =
        chip_attributes(name).ok_or(Flaw::Malformed("the certificate's name of the TPM"))?;
    if !CHIP.iter().all(|wanted| named.contains(wanted)) {
        return Err(Flaw::Certificate(
            "the certificate does not name the TPM's maker, model and version",
        ));
    }
    let usage = certificate.extension(EXTENDED_KEY_USAGE);
    let usages = usage.and_then(|(value, _)| Vec::<ObjectIdentifier>::from_der(value).ok());
    if !usages.is_some_and(|usages| usages.contains(&AIK)) {
        return Err(Flaw::Certificate(
            "the certificate is not for attestation by a TPM",
        ));
    }
    match certificate.constraints()? {
        Some(constraints) if !constraints.ca => Ok(()),
        _ => Err(Flaw::Certificate(
            "the certificate does not say that it is no authority's",
        )),
    }
}

/// The kinds of attributes in the directory names of an alternative name.
fn chip_attributes(extension: &[u8]) -> Option<Vec<ObjectIdentifier>> {
    let mut found = Vec::new();
    for name in elements(Tlv::only(extension)?.of(Tag::SEQUENCE)?)? {
        let Some(directory) = name.of(Tag::context(DIRECTORY_NAME)) else {
            continue;
        };
        for row in elements(Tlv::only(directory)?.of(Tag::SEQUENCE)?)? {
            for attribute in elements(row.of(Tag::SET)?)? {
                let parts = elements(attribute.of(Tag::SEQUENCE)?)?;
                let [kind, value] = parts.as_slice() else {
                    return None;
                };
                let value = Any::from_der(value.whole).ok()?;
                if text(&value).is_some_and(|text| !text.is_empty()) {
                    found.push(ObjectIdentifier::from_der(kind.whole).ok()?);
                }
            }
        }
    }
    Some(found)
}
