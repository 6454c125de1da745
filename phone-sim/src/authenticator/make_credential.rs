//! authenticatorMakeCredential (CTAP 2.2 section 6.1).

use super::model::Model;
use super::parameters::{Parameters, text_member};
use super::prf;
use super::prompt::Consent;
use super::refused::Refused;
use crate::store::{Passkey, PasskeyStore};
use hybrid_protocol::PrivateKey;
use hybrid_protocol::Secret;
use hybrid_protocol::cbor::{self, Value};
use hybrid_protocol::ctap::CtapStatus;
use hybrid_protocol::ctap::parameter::{attestation as reply_key, make_credential as key};

const ES256: i64 = -7;
const HAS_CREDENTIAL: u8 = 0x40;

pub(super) fn answer(
    store: &mut PasskeyStore,
    model: &Model,
    body: &[u8],
    consent: Consent,
    random: &mut dyn FnMut(&mut [u8]),
) -> Result<Vec<u8>, Refused> {
    let parameters = Parameters::read(body)?;
    let hash = parameters.hash(key::CLIENT_DATA_HASH)?;
    let rp = parameters.map(key::RP)?;
    let rp_id = text_member(rp, "id")?;
    let rp_name = text_member(rp, "name")?;
    let user = parameters.map(key::USER)?;
    let user_id = cbor::text_entry(user, "id")
        .and_then(Value::as_bytes)
        .ok_or(CtapStatus::MISSING_PARAMETER)?;
    let display_name = text_member(user, "displayName")?;
    if !parameters
        .array(key::PUB_KEY_CRED_PARAMS)?
        .iter()
        .any(is_es256)
    {
        return Err(CtapStatus::UNSUPPORTED_ALGORITHM.into());
    }
    let discoverable = parameters.option(key::OPTIONS, "rk")?.unwrap_or_default();
    if parameters.option(key::OPTIONS, "up")? == Some(false) {
        return Err(CtapStatus::INVALID_OPTION.into());
    }
    let excluded = parameters
        .credential_ids(key::EXCLUDE_LIST)?
        .iter()
        .any(|id| store.find(&rp_id, id).is_some());
    // A phone says that it already has one only after its user agreed to tell.
    match consent {
        Consent::Denied => return Err(CtapStatus::OPERATION_DENIED.into()),
        Consent::Approved if excluded => return Err(CtapStatus::CREDENTIAL_EXCLUDED.into()),
        Consent::Approved => {}
    }
    let passkey = Passkey {
        id: draw::<16>(random).to_vec(),
        rp_id: rp_id.clone(),
        rp_name,
        user_id: user_id.clone(),
        user_name: text_member(user, "name").unwrap_or_default(),
        user_display_name: display_name,
        discoverable,
        private_key: scalar(random),
        prf_seed: Secret::new(draw(random)),
    };
    let auth_data = auth_data(model, &passkey)?;
    let (format, statement) = if model.self_attested {
        let signature = passkey.sign(&[auth_data.as_slice(), &hash].concat());
        let signature = signature.map_err(Refused::Store)?;
        ("packed", self_attestation(signature))
    } else {
        ("none", Vec::new())
    };
    let mut reply = vec![
        (Value::from(reply_key::FMT), Value::from(format)),
        (Value::from(reply_key::AUTH_DATA), Value::Bytes(auth_data)),
        (Value::from(reply_key::ATT_STMT), Value::Map(statement)),
    ];
    let prf_input =
        cbor::text_entry(parameters.optional_map(key::EXTENSIONS)?, "prf").and_then(Value::as_map);
    if let Some(input) = prf_input.filter(|_| model.prf) {
        let mut members = vec![(Value::from("enabled"), Value::from(true))];
        members.extend(
            prf::results(input, &passkey.id, passkey.prf_seed.expose())
                .map(|results| (Value::from("results"), results)),
        );
        reply.push((
            Value::from(reply_key::UNSIGNED_EXTENSION_OUTPUTS),
            prf::output(members),
        ));
    }
    store.add(passkey)?;
    Ok(cbor::write(&Value::Map(reply)))
}

fn auth_data(model: &Model, passkey: &Passkey) -> Result<Vec<u8>, Refused> {
    let key = passkey
        .key()
        .map_err(Refused::Store)?
        .public()
        .uncompressed();
    let (x, y) = key.split_at(33);
    let cose = Value::Map(vec![
        (Value::from(1), Value::from(2)),
        (Value::from(3), Value::from(ES256)),
        (Value::from(-1), Value::from(1)),
        (
            Value::from(-2),
            Value::Bytes(x.iter().skip(1).copied().collect()),
        ),
        (Value::from(-3), Value::Bytes(y.to_vec())),
    ]);
    let mut bytes = model.auth_data(&passkey.rp_id, HAS_CREDENTIAL);
    bytes.extend(model.aaguid.0);
    bytes.extend((passkey.id.len() as u16).to_be_bytes());
    bytes.extend(&passkey.id);
    bytes.extend(cbor::write(&cose));
    Ok(bytes)
}

/// WebAuthn §8.2, without certificates.
fn self_attestation(signature: Vec<u8>) -> Vec<(Value, Value)> {
    vec![
        (Value::from("alg"), Value::from(ES256)),
        (Value::from("sig"), Value::Bytes(signature)),
    ]
}

fn is_es256(param: &Value) -> bool {
    let Some(map) = param.as_map() else {
        return false;
    };
    let kind = cbor::text_entry(map, "type").and_then(Value::as_text);
    kind == Some("public-key") && cbor::text_entry(map, "alg") == Some(&Value::from(ES256))
}

fn draw<const N: usize>(random: &mut dyn FnMut(&mut [u8])) -> [u8; N] {
    let mut bytes = [0; N];
    random(&mut bytes);
    bytes
}

/// Draws until it is a scalar; one draw in 2³² is not.
fn scalar(random: &mut dyn FnMut(&mut [u8])) -> Secret<32> {
    loop {
        let secret = Secret::new(draw(random));
        if PrivateKey::new(&secret).is_ok() {
            return secret;
        }
    }
}
