//! QR codes and the addresses that follow from them.

use super::Checked;
use super::read::{array, bytes, number, private, same, text};
use hybrid_protocol::Hint;
use hybrid_protocol::cbor::{self, Value as Cbor};
use hybrid_protocol::{ContactId, Path, QrCode, Route, Secret, hazmat};
use hybrid_protocol::{DomainId, RoutingId, TunnelId};
use serde_json::{Map, Value, json};

pub fn qr_encode(c: &Value) -> Checked {
    let fields = &c["fields"];
    let key = private(&c["private_key"]).public();
    let mut code = QrCode::new(
        key,
        Secret::from_slice(&bytes(&c["secret"])).unwrap(),
        0,
        Hint::SignIn,
        false,
    );
    code.known_domains = fields["domains"].as_u64().unwrap_or_default();
    code.unix_time = fields["time"].as_u64();
    code.state_assisted = fields["state_assisted"].as_bool();
    code.hint = fields["hint"].as_str().map(str::to_owned);
    if let Some(transports) = fields["transports"].as_array() {
        code.channels = Some(transports.iter().map(number).collect());
    }
    for (key, value) in fields["extra"].as_object().unwrap_or(&Map::new()) {
        let key = key.parse::<u64>().unwrap();
        match value {
            Value::Bool(flag) if key == 6 => code.legacy_non_discoverable = Some(*flag),
            Value::Bool(flag) => code.unknown.push((key.into(), Cbor::Bool(*flag))),
            Value::String(_) => code.unknown.push((key.into(), Cbor::Bytes(bytes(value)))),
            _ => code.unknown.push((key.into(), Cbor::from(number(value)))),
        }
    }
    same(
        hex::encode(&*hazmat::qr_cbor(&code)),
        text(&c["cbor"]).to_owned(),
    )?;
    let url = code.to_text();
    same(url.expose(), text(&c["url"]))?;
    same(url.expose().len() as u64, number(&c["url_length"]))?;
    same(
        QrCode::parse(url.expose())
            .ok()
            .map(|code| parsed_qr(&code)),
        Some(c["parsed"].clone()),
    )
}

pub fn parsed_qr(code: &QrCode) -> Value {
    let mut unknown: Vec<u64> = code
        .unknown
        .iter()
        .filter_map(|(key, _)| cbor::as_uint(key))
        .collect();
    unknown.sort_unstable();
    json!({
        "public_key_compressed": hex::encode(code.public_key.compressed()),
        "public_key_uncompressed": hex::encode(code.public_key.uncompressed()),
        "secret": hex::encode(code.secret.expose()),
        "known_domains": code.known_domains,
        "time": code.unix_time,
        "state_assisted": code.state_assisted,
        "hint": code.hint,
        "effective_hint": code.effective_hint().text(),
        "transports": code.effective_channels(),
        "legacy_non_discoverable_mc": code.legacy_non_discoverable,
        "unknown_keys": unknown,
    })
}

pub fn urls(c: &Value) -> Checked {
    let host = DomainId(number(&c["domain_id"]) as u16).host().unwrap();
    let routing = RoutingId::new(array(&c["routing_id"]));
    let tunnel = TunnelId::new(array(&c["tunnel_id"]));
    let contact = ContactId::new(bytes(&c["contact_id"])).unwrap();
    for (field, path) in [
        ("new", Path::New(tunnel)),
        ("connect", Path::Connect(routing, tunnel)),
        ("contact", Path::Contact(contact)),
    ] {
        same(Path::parse(&path.to_text()).ok(), Some(path.clone()))?;
        same(
            Route {
                host: host.clone(),
                path,
                payload: None,
            }
            .url(),
            text(&c[field]).to_owned(),
        )?;
    }
    Ok(())
}
