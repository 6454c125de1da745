//! Attestation statements, verified format by format (WebAuthn Level 3 section 8).

mod android_key;
mod apple;
mod claim;
mod fido_u2f;
mod packed;
mod tpm;

pub(crate) use claim::{Claim, KeyPlace, Proof};

use crate::flaw::Flaw;

/// The statements that are verified, by their names in `fmt`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum StatementFormat {
    None,
    Packed,
    FidoU2f,
    Apple,
    AndroidKey,
    Tpm,
}

/// Verifies a statement of this format.
pub(crate) fn verify(format: &str, claim: &Claim<'_>) -> Result<Proof, Flaw> {
    claim.check()?;
    match StatementFormat::of(format)? {
        StatementFormat::None if claim.statement().is_empty() => Ok(Proof::Nothing),
        StatementFormat::None => Err(Flaw::Malformed(
            "the statement of the format none, which has to be empty,",
        )),
        StatementFormat::Packed => packed::verify(claim),
        StatementFormat::FidoU2f => fido_u2f::verify(claim),
        StatementFormat::Apple => apple::verify(claim),
        StatementFormat::AndroidKey => android_key::verify(claim),
        StatementFormat::Tpm => tpm::verify(claim),
    }
}

impl StatementFormat {
    fn of(name: &str) -> Result<Self, Flaw> {
        Ok(match name {
            "none" => Self::None,
            "packed" => Self::Packed,
            "fido-u2f" => Self::FidoU2f,
            "apple" => Self::Apple,
            "android-key" => Self::AndroidKey,
            "tpm" => Self::Tpm,
            "android-safetynet" => {
                return Err(Flaw::Unsupported(
                    "android-safetynet, a service that Google has ended".to_owned(),
                ));
            }
            _ => return Err(Flaw::Unsupported("this format".to_owned())),
        })
    }
}
