//! Bytes without a name: which object they are.

use super::error::IntakeError;
use super::found::Found;
use super::json;
use crate::doubled;
use crate::material::{Material, ResponseParts};
use crate::object::AttestationObject;
use hybrid_protocol::cbor::{self, Value};
use hybrid_protocol::ctap::parameter::assertion;
use hybrid_webauthn::authenticator_data::AuthenticatorData;

/// A reply begins with its status; this one says that all is well.
const OK: u8 = 0;

/// An object in bytes that are not text.
pub(super) fn recognise_raw(bytes: &[u8]) -> Option<Found> {
    let plain = bytes
        .iter()
        .all(|byte| matches!(byte, 0x20..=0x7e | b'\t' | b'\r' | b'\n'));
    if plain {
        return None;
    }
    recognise_object(bytes).map(Found::one)
}

/// An object in bytes that were written as base64.
pub(super) fn recognise(bytes: &[u8]) -> Result<Found, IntakeError> {
    if let Some(found) = recognise_object(bytes) {
        return Ok(Found::one(found));
    }
    if bytes.first() == Some(&b'{')
        && let Ok(value) = serde_json::from_slice::<serde_json::Value>(bytes)
    {
        let has = |name| value.get(name).is_some_and(serde_json::Value::is_string);
        if has("type") && has("challenge") {
            return Ok(Found::one(Material::ClientData(bytes.to_vec())));
        }
        return json::of_value(&value);
    }
    Err(IntakeError::UnknownBytes(bytes.len()))
}

fn recognise_object(bytes: &[u8]) -> Option<Material> {
    let reply = bytes.strip_prefix(&[OK]).unwrap_or(bytes);
    if AttestationObject::read(reply).is_ok() {
        return Some(Material::Registration(ResponseParts {
            attestation_object: Some(reply.to_vec()),
            ..ResponseParts::default()
        }));
    }
    if let Ok(value @ Value::Map(_)) = cbor::read_lenient(reply)
        && let Some(map) = value.as_map()
    {
        let part = |key| cbor::entry(map, key).and_then(Value::as_bytes).cloned();
        if let (Some(data), Some(signature)) =
            (part(assertion::AUTH_DATA), part(assertion::SIGNATURE))
        {
            return Some(Material::SignIn(ResponseParts {
                authenticator_data: Some(data),
                signature: Some(signature),
                doubled: doubled::is_in(&value),
                ..ResponseParts::default()
            }));
        }
    }
    AuthenticatorData::read(bytes).ok()?;
    Some(Material::SignIn(ResponseParts {
        authenticator_data: Some(bytes.to_vec()),
        ..ResponseParts::default()
    }))
}
