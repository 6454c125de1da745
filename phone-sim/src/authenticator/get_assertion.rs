//! authenticatorGetAssertion (CTAP 2.2 section 6.2). With several accounts the newest is taken, as
//! if its user had picked it.

use super::parameters::Parameters;
use super::{Authenticator, Consent, Refusal, Refused, prf};
use crate::store::Passkey;
use hybrid_protocol::cbor::{self, Value};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{DerSignature, SigningKey};

pub(super) fn answer(
    authenticator: &Authenticator,
    body: &[u8],
    consent: Consent,
) -> Result<Vec<u8>, Refused> {
    let parameters = Parameters::read(body)?;
    let rp_id = parameters.text(1)?;
    let hash = parameters.hash(2)?;
    let allowed = parameters.credential_ids(3)?;
    let passkey = match allowed.as_slice() {
        [] => authenticator.store.discoverable(rp_id).last(),
        ids => ids
            .iter()
            .find_map(|id| authenticator.store.find(rp_id, id)),
    };
    let passkey = passkey.ok_or(Refusal::NoCredentials)?;
    if consent == Consent::Denied {
        return Err(Refusal::OperationDenied.into());
    }
    let auth_data = authenticator.auth_data(rp_id, 0);
    let signature = sign(passkey, &[auth_data.as_slice(), &hash].concat())?;
    let mut reply = vec![
        (Value::from(1), descriptor(&passkey.id)),
        (Value::from(2), Value::Bytes(auth_data)),
        (Value::from(3), Value::Bytes(signature)),
    ];
    if passkey.discoverable {
        reply.push((Value::from(4), user(passkey)));
    }
    if allowed.is_empty() {
        // userSelected: the account was picked on the phone, so the desktop need not ask again.
        reply.push((Value::from(6), Value::from(true)));
    }
    let prf_input = cbor::text_entry(parameters.optional_map(4)?, "prf").and_then(Value::as_map);
    let results = prf_input
        .filter(|_| authenticator.model.prf)
        .and_then(|input| prf::results(input, &passkey.id, passkey.prf_seed.expose()));
    if let Some(results) = results {
        reply.push((
            Value::from(8),
            prf::output(vec![(Value::from("results"), results)]),
        ));
    }
    Ok(cbor::write(&Value::Map(reply)))
}

fn sign(passkey: &Passkey, message: &[u8]) -> Result<Vec<u8>, Refused> {
    let key = SigningKey::from_slice(passkey.private_key.expose())
        .map_err(|_| crate::store::StoreError::BadKey)?;
    let signature: DerSignature = key.sign(message);
    Ok(signature.as_bytes().to_vec())
}

fn descriptor(id: &[u8]) -> Value {
    Value::Map(vec![
        (Value::from("id"), Value::Bytes(id.to_vec())),
        (Value::from("type"), Value::from("public-key")),
    ])
}

fn user(passkey: &Passkey) -> Value {
    Value::Map(vec![
        (Value::from("id"), Value::Bytes(passkey.user_id.clone())),
        (Value::from("name"), Value::from(passkey.user_name.as_str())),
        (
            Value::from("displayName"),
            Value::from(passkey.user_display_name.as_str()),
        ),
    ])
}
