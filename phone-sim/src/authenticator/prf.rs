//! The prf extension as phones offer it over this transport: salts come hashed, results go back in
//! the clear of the encrypted channel.

use hmac::{Hmac, KeyInit, Mac};
use hybrid_protocol::cbor::{self, Value};
use sha2::Sha256;

/// The results for a credential: its own salts when the request names some for it, else the common
/// ones. `None` when there are none.
pub(super) fn results(
    input: &[(Value, Value)],
    credential_id: &[u8],
    seed: &[u8],
) -> Option<Value> {
    let own = cbor::text_entry(input, "evalByCredential")
        .and_then(Value::as_map)
        .and_then(|map| {
            map.iter()
                .find(|(id, _)| id.as_bytes().is_some_and(|id| id == credential_id))
                .map(|(_, values)| values)
        });
    let values = own.or_else(|| cbor::text_entry(input, "eval"))?.as_map()?;
    let result = |name| {
        Some((
            Value::from(name),
            evaluate(seed, cbor::text_entry(values, name)?.as_bytes()?)?,
        ))
    };
    let mut results = vec![result("first")?];
    results.extend(result("second"));
    Some(Value::Map(results))
}

/// The output of an extension under its name.
pub(super) fn output(members: Vec<(Value, Value)>) -> Value {
    Value::Map(vec![(Value::from("prf"), Value::Map(members))])
}

fn evaluate(seed: &[u8], salt: &[u8]) -> Option<Value> {
    // A salt that is not a hash was not made by a WebAuthn client.
    let salt: [u8; 32] = salt.try_into().ok()?;
    let mac = Hmac::<Sha256>::new_from_slice(seed)
        .ok()?
        .chain_update(salt);
    Some(Value::Bytes(mac.finalize().into_bytes().to_vec()))
}
