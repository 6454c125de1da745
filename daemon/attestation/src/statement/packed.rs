//! Format `packed` (WebAuthn Level 3 section 8.2).

use super::claim::{Claim, Proof};
use crate::certificate::Certified;
use crate::flaw::Flaw;
use crate::scheme::Scheme;
use hybrid_protocol::cbor;
use x509_cert::Version;

/// Attributes of names (RFC 5280 appendix A.1).
const COMMON_NAME: &str = "2.5.4.3";
const COUNTRY: &str = "2.5.4.6";
const ORGANIZATION: &str = "2.5.4.10";
const UNIT: &str = "2.5.4.11";

pub(super) fn verify(claim: &Claim<'_>) -> Result<Proof, Flaw> {
    let alg = claim.algorithm()?;
    let signature = claim.signature()?;
    if cbor::text_entry(claim.statement(), "x5c").is_none() {
        if alg != claim.credential.alg {
            return Err(Flaw::Differs(
                "the statement names another algorithm than the credential's key",
            ));
        }
        let scheme = Scheme::of_cose(alg)?;
        let whose = "the credential's key";
        claim
            .key()?
            .verify(scheme, &claim.signed()?, signature, whose)?;
        return Ok(Proof::OwnKey);
    }
    let chain = claim.chain()?;
    check_requirements(chain.first())?;
    chain.first().check_aaguid(claim.aaguid())?;
    let scheme = Scheme::of_cose(alg)?;
    let whose = "the certificate's key";
    chain
        .first()
        .key()?
        .verify(scheme, &claim.signed()?, signature, whose)?;
    Ok(Proof::Certified(Box::new(chain)))
}

/// Section 8.2.1.
fn check_requirements(certificate: &Certified) -> Result<(), Flaw> {
    if certificate.fields().version() != Version::V3 {
        return Err(Flaw::Certificate("the certificate is not of version 3"));
    }
    let country = certificate.subject_text(COUNTRY);
    if country.is_none_or(|country| country.len() != 2) {
        return Err(Flaw::Certificate(
            "the certificate's subject names no country of two letters",
        ));
    }
    for name in [ORGANIZATION, COMMON_NAME] {
        if certificate
            .subject_text(name)
            .is_none_or(|text| text.is_empty())
        {
            return Err(Flaw::Certificate(
                "the certificate's subject lacks the maker's name or a common name",
            ));
        }
    }
    if certificate.subject_text(UNIT).as_deref() != Some("Authenticator Attestation") {
        return Err(Flaw::Certificate(
            "the certificate's subject lacks the unit \"Authenticator Attestation\"",
        ));
    }
    match certificate.constraints()? {
        Some(constraints) if !constraints.ca => Ok(()),
        _ => Err(Flaw::Certificate(
            "the certificate does not say that it is no authority's",
        )),
    }
}
