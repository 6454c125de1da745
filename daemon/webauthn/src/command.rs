//! CTAP2 commands, in canonical CBOR (CTAP 2.2 section 6.1 and 6.2).

use super::CannotAsk;
use super::client_data::ClientData;
use super::options::{Creation, Descriptor, Request, Requirement};
use super::origin::RpId;
use hybrid_protocol::cbor::{self, Value};
use hybrid_protocol::ctap::GetInfo;

const MAKE_CREDENTIAL: u8 = 1;
const GET_ASSERTION: u8 = 2;

pub(super) fn make_credential(
    options: &Creation,
    rp_id: &RpId,
    client_data: &ClientData,
    phone: &GetInfo,
) -> Result<Vec<u8>, CannotAsk> {
    let resident = resident(options, phone)?;
    let mut map = vec![
        (1, Value::Bytes(client_data.hash().to_vec())),
        (2, rp(options, rp_id)),
        (3, user(options, rp_id)),
        (
            4,
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
        map.push((5, descriptors(&options.exclude_credentials)));
    }
    let extensions = options.extensions.for_registration(phone)?;
    if !extensions.is_empty() {
        map.push((6, Value::Map(extensions)));
    }
    // False is the default of both options and is left unsaid.
    let mut flags = Vec::new();
    if resident {
        flags.push((Value::from("rk"), Value::from(true)));
    }
    flags.extend(uv(options.authenticator_selection.user_verification, phone)?);
    if !flags.is_empty() {
        map.push((7, Value::Map(flags)));
    }
    Ok(encode(MAKE_CREDENTIAL, map))
}

pub(super) fn get_assertion(
    options: &Request,
    rp_id: &RpId,
    client_data: &ClientData,
    phone: &GetInfo,
) -> Result<Vec<u8>, CannotAsk> {
    let mut map = vec![
        (1, Value::from(rp_id.as_str())),
        (2, Value::Bytes(client_data.hash().to_vec())),
    ];
    if !options.allow_credentials.is_empty() {
        map.push((3, descriptors(&options.allow_credentials)));
    }
    let extensions = options.extensions.for_sign_in(phone);
    if !extensions.is_empty() {
        map.push((4, Value::Map(extensions)));
    }
    if let Some(flag) = uv(options.user_verification, phone)? {
        map.push((5, Value::Map(vec![flag])));
    }
    Ok(encode(GET_ASSERTION, map))
}

/// Whether a discoverable passkey is asked for.
pub(super) fn resident(options: &Creation, phone: &GetInfo) -> Result<bool, CannotAsk> {
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

/// Phones refuse a relying party without a name and a user without a display name: fill in what a person would recognise.
fn rp(options: &Creation, rp_id: &RpId) -> Value {
    let name = named(&options.rp.name).unwrap_or(rp_id.as_str());
    Value::Map(vec![
        (Value::from("id"), Value::from(rp_id.as_str())),
        (Value::from("name"), Value::from(name)),
    ])
}

fn user(options: &Creation, rp_id: &RpId) -> Value {
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

fn descriptors(list: &[Descriptor]) -> Value {
    Value::Array(
        list.iter()
            .map(|descriptor| public_key("id", Value::Bytes(descriptor.id.clone())))
            .collect(),
    )
}

fn public_key(member: &str, value: Value) -> Value {
    Value::Map(vec![
        (Value::from(member), value),
        (Value::from("type"), Value::from("public-key")),
    ])
}

fn encode(command: u8, map: Vec<(u8, Value)>) -> Vec<u8> {
    let map = Value::Map(map.into_iter().map(|(key, value)| (Value::from(key), value)).collect());
    let mut bytes = vec![command];
    bytes.extend(cbor::write(&map));
    bytes
}
