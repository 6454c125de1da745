//! Attestation objects and signatures verified by themselves, for whoever needs no sheet.

use crate::fitness;
use crate::flaw::Flaw;
use crate::key::AnyKey;
use crate::object::AttestationObject;
use crate::scheme::Scheme;
use crate::statement::{self, Claim, Proof};
use hybrid_webauthn::authenticator_data::AuthenticatorData;
use sha2::{Digest as _, Sha256};

/// Who vouches for a credential, by a statement that is verified.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Vouched {
    /// Nobody (format `none`).
    Nobody,
    /// Its own key.
    ItsOwnKey,
    /// A key with a chain of so many certificates. Whose root it ends in is another question.
    Certificates(usize),
}

/// Verifies an attestation object with its client data.
///
/// # Errors
/// [`Flaw`] says what is wrong, or what this program does not verify.
pub fn verify_attestation(object: &[u8], client_data: &[u8]) -> Result<Vouched, Flaw> {
    let object =
        AttestationObject::read(object).map_err(|_| Flaw::Malformed("the attestation object"))?;
    let data = AuthenticatorData::read(&object.auth_data)
        .map_err(|_| Flaw::Malformed("the authenticator data"))?;
    let credential = data.credential.as_ref();
    let claim = Claim {
        object: &object,
        data: &data,
        credential: credential.ok_or(Flaw::Missing("the credential"))?,
        client_data_hash: Some(Sha256::digest(client_data).into()),
    };
    Ok(match statement::verify(&object.format, &claim)? {
        Proof::Nothing => Vouched::Nobody,
        Proof::OwnKey => Vouched::ItsOwnKey,
        Proof::Certified(chain) | Proof::Keystore(chain, _) => Vouched::Certificates(chain.len()),
    })
}

/// Verifies a sign-in's signature with the key of its registration.
///
/// # Errors
/// [`Flaw`] says what is wrong, or what this program does not verify.
pub fn verify_assertion(
    registration: &[u8],
    data: &[u8],
    client_data: &[u8],
    signature: &[u8],
) -> Result<(), Flaw> {
    let object = AttestationObject::read(registration)
        .map_err(|_| Flaw::Malformed("the attestation object"))?;
    object.check()?;
    let registered = AuthenticatorData::read(&object.auth_data)
        .map_err(|_| Flaw::Malformed("the authenticator data"))?;
    let credential = registered.credential.as_ref();
    let credential = credential.ok_or(Flaw::Missing("the credential"))?;
    fitness::check(credential)?;
    let signed = [data, &Sha256::digest(client_data)].concat();
    AnyKey::of_cose(&credential.cose)?.verify(
        Scheme::of_cose(credential.alg)?,
        &signed,
        signature,
        "the credential's key",
    )
}
