//! Format `apple` (WebAuthn Level 3 section 8.8): a certificate for this one credential.

use super::claim::{Claim, Proof};
use crate::flaw::Flaw;
use crate::tlv::{Tag, Tlv};
use sha2::{Digest as _, Sha256};
use x509_cert::der::asn1::ObjectIdentifier;

const NONCE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113635.100.8.2");

pub(super) fn verify(claim: &Claim<'_>) -> Result<Proof, Flaw> {
    let chain = claim.chain()?;
    let expected: [u8; 32] = Sha256::digest(claim.signed()?).into();
    let extension = chain.first().extension(NONCE);
    let nonce = extension.and_then(|(value, _)| nonce(value));
    match nonce {
        Some(nonce) if nonce == expected => {}
        Some(_) => {
            return Err(Flaw::Differs(
                "the certificate was made for another registration (its nonce differs)",
            ));
        }
        None => {
            return Err(Flaw::Malformed(
                "the certificate's extension with the nonce",
            ));
        }
    }
    claim.check_same_key(&chain)?;
    Ok(Proof::Certified(Box::new(chain)))
}

/// `SEQUENCE { [1] { OCTET STRING } }`
fn nonce(extension: &[u8]) -> Option<&[u8]> {
    let sequence = Tlv::only(extension)?.of(Tag::SEQUENCE)?;
    let inner = Tlv::only(sequence)?.of(Tag::context(1))?;
    Tlv::only(inner)?.of(Tag::OCTET_STRING)
}
