//! Handshakes of both patterns, message by message and state by state.

use super::Checked;
use super::read::{bytes, plaintext, private, psk_of, public, refused, same, text};
use hybrid_protocol::Psk;
use hybrid_protocol::Secret;
use hybrid_protocol::hazmat::{self, TraceKey};
use hybrid_protocol::{Established, HandshakeError, Initiator, Responder};
use serde_json::{Value, json};

pub fn handshake(c: &Value, qr: bool) -> Checked {
    let psk = psk_of(c);
    let plaintext = plaintext(&c["eid_plaintext"]);
    let derived = if qr {
        Psk::from_qr(
            &Secret::from_slice(&bytes(&c["qr_secret"])).unwrap(),
            &plaintext,
        )
    } else {
        let secret = Secret::from_slice(&bytes(&c["link_secret"])).unwrap();
        same(
            hex::encode(hazmat::derive(
                secret.expose(),
                &bytes(&c["client_nonce"]),
                1,
                64,
            )),
            text(&c["eid_key"]).to_owned(),
        )?;
        Psk::from_link(&secret, &plaintext)
    };
    same(
        hex::encode(hazmat::psk_bytes(&derived)),
        text(&c["psk"]).to_owned(),
    )?;
    let (initiator, message1) = initiator(c, qr, &psk);
    same(hex::encode(message1), text(&c["message1"]).to_owned())?;
    let (phone, message2) = responder(c, qr, &psk, &message1).map_err(|error| error.to_string())?;
    same(hex::encode(message2), text(&c["message2"]).to_owned())?;
    let desktop = initiator
        .finish(&message2)
        .map_err(|error| error.to_string())?;
    let established =
        |e: &Established| [e.hash.expose(), e.send.expose(), e.receive.expose()].map(hex::encode);
    let [hash, to_phone, to_desktop] = [
        "handshake_hash",
        "initiator_to_responder_key",
        "responder_to_initiator_key",
    ]
    .map(|field| text(&c[field]).to_owned());
    same(
        established(&desktop),
        [hash.clone(), to_phone.clone(), to_desktop.clone()],
    )?;
    same(established(&phone), [hash, to_desktop, to_phone])?;
    let desktop_public = c["initiator_static_public"]
        .as_str()
        .map(|_| public(&c["initiator_static_public"]));
    let phone_private = c["responder_static_private"]
        .as_str()
        .map(|_| private(&c["responder_static_private"]));
    let key = match (&desktop_public, &phone_private) {
        (Some(key), _) => TraceKey::Desktop(key),
        (None, Some(key)) => TraceKey::Phone(key),
        (None, None) => return Err("expected a static key".into()),
    };
    let steps = hazmat::responder_trace(
        &key,
        hazmat::psk_bytes(&psk),
        &message1,
        &private(&c["responder_ephemeral_private"]),
    )
    .unwrap();
    let steps: Vec<Value> = steps
        .iter()
        .map(|s| json!({"step": s.name, "h": hex::encode(s.h), "ck": hex::encode(s.ck)}))
        .collect();
    same(Value::Array(steps), c["responder_trace"].clone())
}

fn initiator(c: &Value, qr: bool, psk: &Psk) -> (Initiator, [u8; 81]) {
    let ephemeral = private(&c["initiator_ephemeral_private"]);
    let started = if qr {
        let key = private(&c["initiator_static_private"]);
        Initiator::by_qr(&key, ephemeral, psk)
    } else {
        Initiator::by_link(&public(&c["responder_static_public"]), ephemeral, psk)
    };
    started.unwrap()
}

fn responder(
    c: &Value,
    qr: bool,
    psk: &Psk,
    message1: &[u8],
) -> Result<(Established, [u8; 81]), HandshakeError> {
    let ephemeral = private(&c["responder_ephemeral_private"]);
    if qr {
        Responder::by_qr(
            &public(&c["initiator_static_public"]),
            ephemeral,
            psk,
            message1,
        )
    } else {
        Responder::by_link(
            &private(&c["responder_static_private"]),
            ephemeral,
            psk,
            message1,
        )
    }
}

pub fn handshake_error(file: &Value, c: &Value) -> Checked {
    let qr = text(&c["pattern"]) == "KNpsk0";
    let mut merged = from_handshake(file, &c["from"]).clone();
    for (field, value) in c.as_object().unwrap() {
        merged[field] = value.clone();
    }
    let psk = psk_of(&merged);
    match text(&c["side"]) {
        "initiator" => refused(
            initiator(&merged, qr, &psk)
                .0
                .finish(&bytes(&c["message2"]))
                .map(drop),
        ),
        "responder" => refused(responder(&merged, qr, &psk, &bytes(&c["message1"])).map(drop)),
        side => Err(format!("expected initiator or responder, got {side}")),
    }
}

pub fn from_handshake<'a>(file: &'a Value, from: &Value) -> &'a Value {
    let (pattern, index) = text(from).trim_end_matches(']').split_once('[').unwrap();
    &file["handshake"][pattern][index.parse::<usize>().unwrap()]
}
