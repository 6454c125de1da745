//! What both sides say once the channel is open: greetings, messages, and linking.

use super::Checked;
use super::handshake::from_handshake;
use super::read::{array, bytes, private, public, refused, same, text};
use hybrid_protocol::Greeting;
use hybrid_protocol::cbor::{self, Value as Cbor};
use hybrid_protocol::{ClientPayload, Hint, LinkOffer, StoredLink, VerifiedLink};
use hybrid_protocol::{ContactId, Secret, Wiped, hazmat};
use hybrid_protocol::{DomainId, LinkId};
use hybrid_protocol::{Message, Revision, Update};
use serde_json::{Value, json};

/// Reads a greeting and, where the case names a handshake, its linking information as a session
/// would.
pub fn post_handshake(file: &Value, c: &Value) -> Result<(Greeting, Option<VerifiedLink>), String> {
    let greeting = Greeting::read(&bytes(&c["plaintext"])).map_err(|error| error.to_string())?;
    let link = match (&greeting.linking, c["flow"].as_str()) {
        (Some(map), Some("qr")) => Some(verify(file, &c["from_handshake"], None, map)?),
        _ => None,
    };
    Ok((greeting, link))
}

pub fn post_handshake_ok(file: &Value, c: &Value) -> Checked {
    let (greeting, link) = post_handshake(file, c)?;
    let parsed = &c["parsed"];
    let revision = match greeting.revision {
        Revision::Zero => 0,
        Revision::One => 1,
    };
    let mut got = json!({
        "revision": revision,
        "features": greeting.features,
        "get_info": greeting.get_info.map(hex::encode),
        "has_linking": greeting.linking.is_some(),
    });
    if parsed.get("link").is_some() {
        got["link"] = link.map_or(Value::Null, |link| link_json(link.stored()));
    }
    same(got, parsed.clone())
}

pub fn message(file: &Value, c: &Value, expected: &Value) -> Checked {
    let message = Message::read(Revision::One, &Wiped::new(bytes(&c["message"])))
        .map_err(|error| error.to_string())?;
    let got = match message {
        Message::Shutdown => json!({"type": "shutdown"}),
        Message::Ctap(reply) => {
            json!({"type": "ctap", "status": reply.expose()[0], "body": hex::encode(&reply.expose()[1..])})
        }
        Message::Json(text) => json!({"type": "json", "text": text}),
        Message::Update(Update::Link(map)) => {
            let link = verify(file, &c["from_handshake"], None, &map).ok();
            json!({"type": "update", "link": link.map(|link| link_json(link.stored()))})
        }
        Message::Update(Update::Nothing | Update::Malformed) => {
            json!({"type": "update", "link": null})
        }
    };
    same(got, expected.clone())
}

pub fn linking_ok(file: &Value, c: &Value) -> Checked {
    let from = from_handshake(file, &c["from_handshake"]);
    let offer = LinkOffer {
        contact_id: ContactId::new(bytes(&c["contact_id"])).unwrap(),
        link_id: LinkId::new(array(&c["link_id"])),
        link_secret: Secret::from_slice(&bytes(&c["link_secret"])).unwrap(),
        identity: private(&c["authenticator_private"]),
        name: text(&c["name"]).to_owned(),
    };
    same(
        hex::encode(offer.identity.public().uncompressed()),
        text(&c["authenticator_public"]).to_owned(),
    )?;
    let desktop = public(&from["initiator_static_public"]);
    same(
        hex::encode(offer.identity.shared_x(&desktop).expose()),
        text(&c["shared_secret"]).to_owned(),
    )?;
    let mut map = offer.sign(
        &desktop,
        &Secret::from_slice(&bytes(&from["handshake_hash"])).unwrap(),
    );
    // Android adds a key of its own, which the signature does not cover.
    let expected = cbor::read(&bytes(&c["linking_map_cbor"])).unwrap();
    let extra = expected
        .as_map()
        .unwrap()
        .iter()
        .filter(|(key, _)| cbor::as_uint(key).is_some_and(|key| key > 6))
        .cloned();
    map.as_map_mut().unwrap().extend(extra);
    same(
        hex::encode(cbor::write(&map)),
        text(&c["linking_map_cbor"]).to_owned(),
    )?;
    let link = verify(file, &c["from_handshake"], None, &map)?;
    same(
        hex::encode(link.stored().contact_id.as_bytes()),
        text(&c["contact_id"]).to_owned(),
    )?;
    let update = Message::read(Revision::One, &Wiped::new(bytes(&c["update_message"])));
    let Ok(Message::Update(Update::Link(map))) = update else {
        return Err("expected an update with a link".into());
    };
    verify(file, &c["from_handshake"], None, &map).map(drop)
}

pub fn linking_error(file: &Value, c: &Value) -> Checked {
    let Ok(map) = cbor::read(&bytes(&c["linking_map_cbor"])) else {
        return Ok(());
    };
    refused(verify(file, &c["from_handshake"], Some(&c["handshake_hash"]), &map).map(drop))
}

pub fn client_payload(c: &Value) -> Checked {
    let nonce = array(&c["client_nonce"]);
    let payload = ClientPayload {
        link_id: LinkId::new(array(&c["link_id"])),
        nonce,
        hint: Hint::from_text(text(&c["hint"])).unwrap(),
    };
    same(hex::encode(payload.write()), text(&c["cbor"]).to_owned())?;
    same(payload.header_value(), text(&c["header_value"]).to_owned())?;
    same(ClientPayload::read(&bytes(&c["cbor"])).ok(), Some(payload))?;
    same(
        hex::encode(hazmat::derive(&bytes(&c["link_secret"]), &nonce, 1, 64)),
        text(&c["eid_key"]).to_owned(),
    )
}

fn verify(
    file: &Value,
    from: &Value,
    hash: Option<&Value>,
    map: &Cbor,
) -> Result<VerifiedLink, String> {
    let from = from_handshake(file, from);
    let hash = Secret::from_slice(&bytes(hash.unwrap_or(&from["handshake_hash"]))).unwrap();
    VerifiedLink::verify(
        map,
        &private(&from["initiator_static_private"]),
        &hash,
        DomainId(0),
    )
    .map_err(|error| error.to_string())
}

pub fn link_json(link: &StoredLink) -> Value {
    json!({
        "contact_id": hex::encode(link.contact_id.as_bytes()),
        "link_id": hex::encode(link.link_id.as_bytes()),
        "link_secret": hex::encode(link.link_secret.expose()),
        "authenticator_public": hex::encode(link.phone_key.uncompressed()),
        "name": link.name,
    })
}
