//! The phone's reply, checked, and written as the JSON response of WebAuthn Level 3 (section
//! 5.1.6).

use crate::authenticator_data::{AuthenticatorData, MAX_CREDENTIAL_ID, spki};
use crate::client_data::ClientData;
use crate::command;
use crate::descriptor::PUBLIC_KEY;
use crate::extensions::ExtensionOutputs;
use crate::options::{CreationOptions, ES256, MAX_USER_ID, RequestOptions, Requirement};
use crate::origin::RpId;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hybrid_protocol::Wiped;
use hybrid_protocol::cbor::{self, Value as Cbor};
use hybrid_protocol::ctap::parameter::{assertion, attestation as attested};
use hybrid_protocol::ctap::{Aaguid, CtapStatus, GetInfo};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fmt;

/// Splits the status off; the body is read leniently, because it is the phone's own.
pub(super) fn body(reply: &Wiped) -> Result<Vec<(Cbor, Cbor)>, ReplyError> {
    let (status, body) = reply
        .expose()
        .split_first()
        .ok_or(ReplyError::Malformed("a status byte"))?;
    if *status != 0 {
        return Err(ReplyError::Declined(CtapStatus(*status)));
    }
    match cbor::read_lenient(body) {
        Ok(Cbor::Map(map)) => Ok(map),
        Ok(_) | Err(_) => Err(ReplyError::Malformed("a CBOR map")),
    }
}

/// What the reply is checked against and written with.
pub(super) struct Expectation<'a> {
    pub(super) rp_id: &'a RpId,
    pub(super) client_data: &'a ClientData,
    pub(super) phone: &'a GetInfo,
}

pub(super) fn registration(
    options: &CreationOptions,
    asked: &Expectation<'_>,
    body: Vec<(Cbor, Cbor)>,
) -> Result<Value, ReplyError> {
    let format = cbor::entry(&body, attested::FMT)
        .and_then(Cbor::as_text)
        .ok_or(ReplyError::Malformed("an attestation format"))?;
    let auth_bytes = bytes(&body, attested::AUTH_DATA, "authenticator data")?;
    let statement = cbor::entry(&body, attested::ATT_STMT)
        .filter(|value| value.is_map())
        .ok_or(ReplyError::Malformed("an attestation statement"))?;
    let auth = AuthenticatorData::read(auth_bytes)
        .ok_or(ReplyError::Malformed("whole authenticator data"))?;
    check(
        &auth,
        asked.rp_id,
        options.authenticator_selection.user_verification,
    )?;
    let credential = auth.credential.as_ref().ok_or(ReplyError::Malformed(
        "a credential in the authenticator data",
    ))?;
    if options
        .pub_key_cred_params
        .iter()
        .all(|param| i64::from(param.alg) != credential.alg)
    {
        return Err(ReplyError::Algorithm(credential.alg));
    }
    if credential.alg == i64::from(ES256) && credential.key.is_none() {
        return Err(ReplyError::Malformed("a P-256 key that is on the curve"));
    }
    let attestation = match options.attestation.as_deref() {
        Some("direct" | "enterprise" | "indirect") => {
            attestation_object(format, statement.clone(), auth_bytes)
        }
        // Section 5.1.3: a statement that tells nothing about the maker stays.
        _ if format == "packed"
            && *credential.aaguid == Aaguid::NONE.0
            && !has_certificates(statement) =>
        {
            attestation_object(format, statement.clone(), auth_bytes)
        }
        // Nothing was asked for, so nothing that identifies the phone's maker is passed on. The
        // AAGUID stays, as in Level 3 and browsers.
        _ => attestation_object("none", Cbor::Map(Vec::new()), auth_bytes),
    };
    let resident = command::resident(options, asked.phone).unwrap_or_default();
    let outputs = ExtensionOutputs {
        unsigned: cbor::entry(&body, attested::UNSIGNED_EXTENSION_OUTPUTS),
        signed: auth.extensions.as_ref(),
    };
    let mut response = json!({
        "clientDataJSON": URL_SAFE_NO_PAD.encode(asked.client_data.as_bytes()),
        "attestationObject": URL_SAFE_NO_PAD.encode(attestation),
        "authenticatorData": URL_SAFE_NO_PAD.encode(auth_bytes),
        "publicKeyAlgorithm": credential.alg,
        "transports": asked.phone.transports_for_response(),
    });
    // For other algorithms a client may leave the key to the authenticator data.
    if let (Some(key), Some(response)) = (&credential.key, response.as_object_mut()) {
        response.insert(
            "publicKey".to_owned(),
            URL_SAFE_NO_PAD.encode(spki(key)).into(),
        );
    }
    let results = options.extensions.registration_results(resident, outputs);
    Ok(public_key_credential(credential.id, response, results))
}

pub(super) fn authentication(
    options: &RequestOptions,
    asked: &Expectation<'_>,
    body: Vec<(Cbor, Cbor)>,
) -> Result<Value, ReplyError> {
    let auth_bytes = bytes(&body, assertion::AUTH_DATA, "authenticator data")?;
    let signature = bytes(&body, assertion::SIGNATURE, "a signature")?;
    let auth = AuthenticatorData::read(auth_bytes)
        .ok_or(ReplyError::Malformed("whole authenticator data"))?;
    check(&auth, asked.rp_id, options.user_verification)?;
    let named = cbor::entry(&body, assertion::CREDENTIAL)
        .and_then(Cbor::as_map)
        .and_then(|map| cbor::text_entry(map, "id"))
        .and_then(Cbor::as_bytes);
    let id = match (named, options.allow_credentials.as_slice()) {
        // An authenticator may leave the id out when it had one choice.
        (None, [only]) => &only.id,
        (None, _) => return Err(ReplyError::Malformed("a credential id")),
        (Some(id), []) => id,
        (Some(id), allowed) if allowed.iter().any(|descriptor| descriptor.id == *id) => id,
        (Some(_), _) => return Err(ReplyError::OtherCredential),
    };
    if !(1..=MAX_CREDENTIAL_ID).contains(&id.len()) {
        return Err(ReplyError::Malformed("a credential id of 1 to 1023 bytes"));
    }
    let user = cbor::entry(&body, assertion::USER)
        .and_then(Cbor::as_map)
        .and_then(|user| cbor::text_entry(user, "id"))
        .and_then(Cbor::as_bytes)
        .filter(|id| !id.is_empty());
    if user.is_some_and(|id| id.len() > MAX_USER_ID) {
        return Err(ReplyError::Malformed("a user id of at most 64 bytes"));
    }
    if user.is_none() && options.allow_credentials.is_empty() {
        return Err(ReplyError::Malformed(
            "the user's id with a passkey that the request did not list",
        ));
    }
    let mut response = json!({
        "clientDataJSON": URL_SAFE_NO_PAD.encode(asked.client_data.as_bytes()),
        "authenticatorData": URL_SAFE_NO_PAD.encode(auth_bytes),
        "signature": URL_SAFE_NO_PAD.encode(signature),
    });
    if let (Some(user), Some(response)) = (user, response.as_object_mut()) {
        response.insert("userHandle".to_owned(), URL_SAFE_NO_PAD.encode(user).into());
    }
    let outputs = ExtensionOutputs {
        unsigned: cbor::entry(&body, assertion::UNSIGNED_EXTENSION_OUTPUTS),
        signed: auth.extensions.as_ref(),
    };
    let results = options.extensions.sign_in_results(outputs);
    Ok(public_key_credential(id, response, results))
}

fn public_key_credential(id: &[u8], response: Value, extension_results: Value) -> Value {
    let id = URL_SAFE_NO_PAD.encode(id);
    json!({
        "id": id,
        "rawId": id,
        "type": PUBLIC_KEY,
        "authenticatorAttachment": "cross-platform",
        "response": response,
        "clientExtensionResults": extension_results,
    })
}

fn has_certificates(statement: &Cbor) -> bool {
    statement
        .as_map()
        .is_some_and(|statement| cbor::text_entry(statement, "x5c").is_some())
}

fn check(
    auth: &AuthenticatorData<'_>,
    rp_id: &RpId,
    user_verification: Requirement,
) -> Result<(), ReplyError> {
    let expected: [u8; 32] = Sha256::digest(rp_id.as_str()).into();
    if *auth.rp_id_hash != expected {
        return Err(ReplyError::OtherRp);
    }
    if !auth.user_present() {
        return Err(ReplyError::NotPresent);
    }
    if user_verification == Requirement::Required && !auth.user_verified() {
        return Err(ReplyError::NotVerified);
    }
    Ok(())
}

fn attestation_object(format: &str, statement: Cbor, auth_data: &[u8]) -> Vec<u8> {
    cbor::write(&Cbor::Map(vec![
        (Cbor::from("fmt"), Cbor::from(format)),
        (Cbor::from("attStmt"), statement),
        (Cbor::from("authData"), Cbor::Bytes(auth_data.to_vec())),
    ]))
}

fn bytes<'a>(
    body: &'a [(Cbor, Cbor)],
    key: u64,
    what: &'static str,
) -> Result<&'a [u8], ReplyError> {
    cbor::entry(body, key)
        .and_then(Cbor::as_bytes)
        .map(Vec::as_slice)
        .ok_or(ReplyError::Malformed(what))
}

/// Why a reply gives no response.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum ReplyError {
    /// The phone, or its user, said no.
    Declined(CtapStatus),
    /// This was expected and is not there.
    Malformed(&'static str),
    /// Signed for another relying party.
    OtherRp,
    /// Signed with a passkey that was not asked for.
    OtherCredential,
    /// Made with an algorithm that the site does not accept.
    Algorithm(i64),
    /// The user's presence was not confirmed.
    NotPresent,
    /// The user was not verified, though the site requires it.
    NotVerified,
}

impl fmt::Display for ReplyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Declined(status) => write!(f, "the phone answered {status}"),
            Self::Malformed(what) => write!(f, "the phone's reply is malformed: expected {what}"),
            Self::OtherRp => {
                f.write_str("the phone answered for a different site than the request")
            }
            Self::OtherCredential => {
                f.write_str("the phone answered with a passkey that the request did not list")
            }
            Self::Algorithm(alg) => write!(
                f,
                "the phone created a key of algorithm {alg}, which the site does not accept"
            ),
            Self::NotPresent => f.write_str("the phone did not confirm user presence"),
            Self::NotVerified => {
                f.write_str("the phone did not verify its user, although the site requires it")
            }
        }
    }
}

impl std::error::Error for ReplyError {}
