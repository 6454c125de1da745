//! authenticatorGetAssertion (CTAP 2.2 section 6.2). With several accounts the newest is taken, as
//! if its user had picked it.

use super::model::Model;
use super::parameters::Parameters;
use super::prf;
use super::prompt::Consent;
use super::refused::Refused;
use crate::store::{Passkey, PasskeyStore};
use hybrid_protocol::cbor::{self, Value};
use hybrid_protocol::ctap::CtapStatus;
use hybrid_protocol::ctap::parameter::{assertion as reply_key, get_assertion as key};

pub(super) fn answer(
    store: &PasskeyStore,
    model: &Model,
    body: &[u8],
    consent: Consent,
) -> Result<Vec<u8>, Refused> {
    let parameters = Parameters::read(body)?;
    let rp_id = parameters.text(key::RP_ID)?;
    let hash = parameters.hash(key::CLIENT_DATA_HASH)?;
    let allowed = parameters.credential_ids(key::ALLOW_LIST)?;
    let passkey = match allowed.as_slice() {
        [] => store.discoverable(rp_id).last(),
        ids => ids.iter().find_map(|id| store.find(rp_id, id)),
    };
    let passkey = passkey.ok_or(CtapStatus::NO_CREDENTIALS)?;
    if consent == Consent::Denied {
        return Err(CtapStatus::OPERATION_DENIED.into());
    }
    let auth_data = model.auth_data(rp_id, 0);
    let signature = passkey.sign(&[auth_data.as_slice(), &hash].concat())?;
    let mut reply = vec![
        (Value::from(reply_key::CREDENTIAL), descriptor(&passkey.id)),
        (Value::from(reply_key::AUTH_DATA), Value::Bytes(auth_data)),
        (Value::from(reply_key::SIGNATURE), Value::Bytes(signature)),
    ];
    if passkey.discoverable {
        reply.push((Value::from(reply_key::USER), user(passkey)));
    }
    if allowed.is_empty() {
        // userSelected: the account was picked on the phone, so the desktop need not ask again.
        reply.push((Value::from(reply_key::USER_SELECTED), Value::from(true)));
    }
    let prf_input =
        cbor::text_entry(parameters.optional_map(key::EXTENSIONS)?, "prf").and_then(Value::as_map);
    let results = prf_input
        .filter(|_| model.prf)
        .and_then(|input| prf::results(input, &passkey.id, passkey.prf_seed.expose()));
    if let Some(results) = results {
        reply.push((
            Value::from(reply_key::UNSIGNED_EXTENSION_OUTPUTS),
            prf::output(vec![(Value::from("results"), results)]),
        ));
    }
    Ok(cbor::write(&Value::Map(reply)))
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
