//! CTAP2 commands, in canonical CBOR (CTAP 2.2 section 6.1 and 6.2).

use crate::client_data::ClientData;
use crate::descriptor::{CredentialDescriptor, PUBLIC_KEY};
use crate::error::CannotAsk;
use crate::options::{CreationOptions, RequestOptions, Requirement};
use crate::origin::RpId;
use hybrid_protocol::cbor::{self, Value};
use hybrid_protocol::ctap::parameter::{get_assertion as asserting, make_credential as making};
use hybrid_protocol::ctap::{CtapCommand, GetInfo};

pub(super) fn make_credential(
    options: &CreationOptions,
    rp_id: &RpId,
    client_data: &ClientData,
    phone: &GetInfo,
) -> Result<Vec<u8>, CannotAsk> {
    let resident = resident(options, phone)?;
    let mut map = vec![
        (
            making::CLIENT_DATA_HASH,
            Value::Bytes(client_data.hash().to_vec()),
        ),
        (making::RP, rp(options, rp_id)),
        (making::USER, user(options, rp_id)),
        (
            making::PUB_KEY_CRED_PARAMS,
            Value::Array(
                options
                    .pub_key_cred_params
                    .iter()
                    .map(|param| public_key("alg", Value::from(param.alg)))
                    .collect(),
            ),
        ),
    ];
    if !options.exclude_credentials.is_empty() {
        map.push((
            making::EXCLUDE_LIST,
            descriptors(&options.exclude_credentials),
        ));
    }
    let extensions = options.extensions.for_registration(phone)?;
    if !extensions.is_empty() {
        map.push((making::EXTENSIONS, Value::Map(extensions)));
    }
    // False is the default of both options and is left unsaid.
    let mut flags = Vec::new();
    if resident {
        flags.push((Value::from("rk"), Value::from(true)));
    }
    flags.extend(uv(
        options.authenticator_selection.user_verification,
        phone,
    )?);
    if !flags.is_empty() {
        map.push((making::OPTIONS, Value::Map(flags)));
    }
    Ok(encode(CtapCommand::MakeCredential, map))
}

pub(super) fn get_assertion(
    options: &RequestOptions,
    rp_id: &RpId,
    client_data: &ClientData,
    phone: &GetInfo,
) -> Result<Vec<u8>, CannotAsk> {
    let mut map = vec![
        (asserting::RP_ID, Value::from(rp_id.as_str())),
        (
            asserting::CLIENT_DATA_HASH,
            Value::Bytes(client_data.hash().to_vec()),
        ),
    ];
    if !options.allow_credentials.is_empty() {
        map.push((
            asserting::ALLOW_LIST,
            descriptors(&options.allow_credentials),
        ));
    }
    let extensions = options.extensions.for_sign_in(phone);
    if !extensions.is_empty() {
        map.push((asserting::EXTENSIONS, Value::Map(extensions)));
    }
    if let Some(flag) = uv(options.user_verification, phone)? {
        map.push((asserting::OPTIONS, Value::Map(vec![flag])));
    }
    Ok(encode(CtapCommand::GetAssertion, map))
}

/// Whether a discoverable passkey is asked for.
pub(super) fn resident(options: &CreationOptions, phone: &GetInfo) -> Result<bool, CannotAsk> {
    match options.resident_key() {
        Requirement::Required if phone.rk == Some(false) => Err(CannotAsk::NoResidentKey),
        // A phone that does not say is asked: it knows best, and answers with a status of its own.
        Requirement::Required => Ok(true),
        Requirement::Preferred => Ok(phone.rk == Some(true)),
        Requirement::Discouraged => Ok(false),
    }
}

fn uv(wanted: Requirement, phone: &GetInfo) -> Result<Option<(Value, Value)>, CannotAsk> {
    match (wanted, phone.uv) {
        (Requirement::Required, Some(false)) => Err(CannotAsk::NoUserVerification),
        // As above: phones verify their user for every passkey, whether they say so or not.
        (Requirement::Required, None | Some(true)) | (Requirement::Preferred, Some(true)) => {
            Ok(Some((Value::from("uv"), Value::from(true))))
        }
        (Requirement::Preferred, None | Some(false)) | (Requirement::Discouraged, _) => Ok(None),
    }
}

/// Phones refuse a relying party without a name and a user without a display name: fill in what a
/// person would recognise.
fn rp(options: &CreationOptions, rp_id: &RpId) -> Value {
    let name = named(&options.rp.name).unwrap_or(rp_id.as_str());
    Value::Map(vec![
        (Value::from("id"), Value::from(rp_id.as_str())),
        (Value::from("name"), Value::from(name)),
    ])
}

fn user(options: &CreationOptions, rp_id: &RpId) -> Value {
    let (name, display_name) = (named(&options.user.name), named(&options.user.display_name));
    let shown = display_name.or(name).unwrap_or(rp_id.as_str());
    Value::Map(vec![
        (Value::from("id"), Value::Bytes(options.user.id.clone())),
        (Value::from("name"), Value::from(name.unwrap_or(shown))),
        (Value::from("displayName"), Value::from(shown)),
    ])
}

fn named(name: &Option<String>) -> Option<&str> {
    name.as_deref().filter(|name| !name.is_empty())
}

fn descriptors(list: &[CredentialDescriptor]) -> Value {
    Value::Array(
        list.iter()
            .map(|descriptor| public_key("id", Value::Bytes(descriptor.id.clone())))
            .collect(),
    )
}

fn public_key(member: &str, value: Value) -> Value {
    Value::Map(vec![
        (Value::from(member), value),
        (Value::from("type"), Value::from(PUBLIC_KEY)),
    ])
}

fn encode(command: CtapCommand, map: Vec<(u64, Value)>) -> Vec<u8> {
    let map = Value::Map(
        map.into_iter()
            .map(|(key, value)| (Value::from(key), value))
            .collect(),
    );
    let mut bytes = vec![command.byte()];
    bytes.extend(cbor::write(&map));
    bytes
}
