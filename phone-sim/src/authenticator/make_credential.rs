//! authenticatorMakeCredential (CTAP 2.2 section 6.1).

use super::parameters::{Parameters, text_member};
use super::{Authenticator, Consent, Refusal, Refused, prf};
use crate::store::Passkey;
use hybrid_protocol::Secret;
use hybrid_protocol::cbor::{self, Value};
use hybrid_protocol::key::PrivateKey;

const ES256: i64 = -7;
const HAS_CREDENTIAL: u8 = 0x40;

pub(super) fn answer(
    authenticator: &mut Authenticator,
    body: &[u8],
    consent: Consent,
    random: &mut dyn FnMut(&mut [u8]),
) -> Result<Vec<u8>, Refused> {
    let parameters = Parameters::read(body)?;
    parameters.hash(1)?;
    let rp = parameters.map(2)?;
    let rp_id = text_member(rp, "id")?;
    let rp_name = text_member(rp, "name")?;
    let user = parameters.map(3)?;
    let user_id = cbor::text_entry(user, "id")
        .and_then(Value::as_bytes)
        .ok_or(Refusal::MissingParameter)?;
    let display_name = text_member(user, "displayName")?;
    if !parameters.array(4)?.iter().any(is_es256) {
        return Err(Refusal::UnsupportedAlgorithm.into());
    }
    let discoverable = parameters.option(7, "rk")?.unwrap_or_default();
    if parameters.option(7, "up")? == Some(false) {
        return Err(Refusal::InvalidOption.into());
    }
    let excluded = parameters
        .credential_ids(5)?
        .iter()
        .any(|id| authenticator.store.find(&rp_id, id).is_some());
    // A phone says that it already has one only after its user agreed to tell.
    match consent {
        Consent::Denied => return Err(Refusal::OperationDenied.into()),
        Consent::Approved if excluded => return Err(Refusal::CredentialExcluded.into()),
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
    let auth_data = auth_data(authenticator, &passkey)?;
    let mut reply = vec![
        (Value::from(1), Value::from("none")),
        (Value::from(2), Value::Bytes(auth_data)),
        (Value::from(3), Value::Map(Vec::new())),
    ];
    let prf_input = cbor::text_entry(parameters.optional_map(6)?, "prf").and_then(Value::as_map);
    if let Some(input) = prf_input.filter(|_| authenticator.model.prf) {
        let mut members = vec![(Value::from("enabled"), Value::from(true))];
        members.extend(
            prf::results(input, &passkey.id, passkey.prf_seed.expose())
                .map(|results| (Value::from("results"), results)),
        );
        reply.push((Value::from(6), prf::output(members)));
    }
    authenticator.store.add(passkey)?;
    Ok(cbor::write(&Value::Map(reply)))
}

fn auth_data(authenticator: &Authenticator, passkey: &Passkey) -> Result<Vec<u8>, Refused> {
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
    let mut bytes = authenticator.auth_data(&passkey.rp_id, HAS_CREDENTIAL);
    bytes.extend(authenticator.model.aaguid);
    bytes.extend((passkey.id.len() as u16).to_be_bytes());
    bytes.extend(&passkey.id);
    bytes.extend(cbor::write(&cose));
    Ok(bytes)
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
