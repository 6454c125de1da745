//! Adverts: sealed, opened, and told apart from others'.

use super::Report;
use super::read::{array, bytes, eid_key, number, pointer, same, text};
use hybrid_protocol::{DomainId, RoutingId};
use hybrid_protocol::{EidKey, Psk, tunnel_id};
use hybrid_protocol::{Opened, Plaintext, suffix_psm};
use hybrid_protocol::{Path, Route, Secret, hazmat};
use serde_json::{Value, json};

pub fn eid(file: &Value, report: &mut Report) {
    report.list(file, "/eid/seal", |c| {
        let secret = Secret::from_slice(&bytes(&c["secret"])).unwrap();
        let plaintext = Plaintext::qr(
            array(&c["nonce"]),
            RoutingId::new(array(&c["routing_id"])),
            DomainId(number(&c["domain_id"]) as u16),
        );
        same(
            hex::encode(plaintext.as_bytes()),
            text(&c["plaintext"]).to_owned(),
        )?;
        same(
            hex::encode(hazmat::derive(secret.expose(), &[], 1, 64)),
            text(&c["eid_key"]).to_owned(),
        )?;
        let key = EidKey::from_qr(&secret);
        same(
            hex::encode(key.seal(&plaintext)),
            text(&c["service_data"]).to_owned(),
        )?;
        same(
            hex::encode(tunnel_id(&secret).as_bytes()),
            text(&c["tunnel_id"]).to_owned(),
        )?;
        same(
            hex::encode(hazmat::psk_bytes(&Psk::from_qr(&secret, &plaintext))),
            text(&c["psk"]).to_owned(),
        )?;
        let Opened::Ours(advert) = key.open_qr(&bytes(&c["service_data"])) else {
            return Err("expected our advert".into());
        };
        let path = Path::Connect(advert.plaintext.routing(), tunnel_id(&secret));
        same(
            Route {
                host: advert.host,
                path,
                payload: None,
            }
            .url(),
            text(&c["connect_url"]).to_owned(),
        )
    });
    report.list(file, "/eid/open_errors", |c| {
        match eid_key(&c["eid_key"]).open_qr(&bytes(&c["service_data"])) {
            Opened::Ours(_) => Err("expected it not to be ours".into()),
            Opened::Unknown(_) | Opened::Malformed | Opened::Foreign => Ok(()),
        }
    });
    let trial = pointer(file, "/eid/trial");
    let keys: Vec<EidKey> = trial["eid_keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(eid_key)
        .collect();
    let pairs: Vec<Value> = trial["adverts"]
        .as_array()
        .unwrap()
        .iter()
        .zip(trial["matching_key"].as_array().unwrap())
        .map(|(a, k)| json!([a, k]))
        .collect();
    report.cases("/eid/trial", pairs.iter(), |c| {
        let matching = keys
            .iter()
            .position(|key| matches!(key.open_qr(&bytes(&c[0])), Opened::Ours(_)));
        same(matching.map(|index| index as u64), c[1].as_u64())
    });
    report.cases(
        "/eid/linked_open_without_domain_check",
        [pointer(file, "/eid/linked_open_without_domain_check")].into_iter(),
        |c| {
            same(
                open_linked(&eid_key(&c["eid_key"]), c),
                Some(bytes(&c["plaintext"])),
            )
        },
    );
    report.list(file, "/eid/suffix", |c| {
        let data = bytes(&c["service_data"]);
        same(suffix_psm(&data).map(u64::from), c["psm"].as_u64())?;
        let key = eid_key(&pointer(file, "/eid/open_errors")[0]["eid_key"]);
        same(matches!(key.open_qr(&data), Opened::Ours(_)), true)
    });
    report.list(file, "/eid/linked_open", |c| {
        let secret = Secret::from_slice(&bytes(&c["link_secret"])).unwrap();
        let nonce = array(&c["client_nonce"]);
        same(
            hex::encode(hazmat::derive(secret.expose(), &nonce, 1, 64)),
            text(&c["eid_key"]).to_owned(),
        )?;
        let key = EidKey::from_link(&secret, &nonce);
        same(open_linked(&key, c), Some(bytes(&c["plaintext"])))?;
        let Opened::Ours(plaintext) = key.open_linked(&bytes(&c["service_data"])) else {
            return Err("expected ours".into());
        };
        same(
            hex::encode(hazmat::psk_bytes(&Psk::from_link(&secret, &plaintext))),
            text(&c["psk"]).to_owned(),
        )?;
        same(
            Some(matches!(
                key.open_qr(&bytes(&c["service_data"])),
                Opened::Ours(_)
            )),
            c["qr_reader_accepts"].as_bool(),
        )
    });
    report.list(file, "/eid/linked_open_errors", |c| {
        same(open_linked(&eid_key(&c["eid_key"]), c), None)
    });
}

fn open_linked(key: &EidKey, c: &Value) -> Option<Vec<u8>> {
    match key.open_linked(&bytes(&c["service_data"])) {
        Opened::Ours(plaintext) => Some(plaintext.as_bytes().to_vec()),
        Opened::Unknown(_) | Opened::Malformed | Opened::Foreign => None,
    }
}
