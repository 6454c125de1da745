//! The parsers of hybrid-webauthn.

use hybrid_protocol::cbor::{self, Value as Cbor};
use hybrid_protocol::ctap::GetInfo;
use hybrid_protocol::{Wiped, printable};
use hybrid_webauthn::{Ceremony, OptionsKind, Origin, decode_options, hazmat};
use serde_json::{Value, json};
use std::str;

/// SHA-256 of example.com.
const HASH: [u8; 32] = [
    0xa3, 0x79, 0xa6, 0xf6, 0xee, 0xaf, 0xb9, 0xa5, 0x5e, 0x37, 0x8c, 0x11, 0x80, 0x34, 0xe2, 0x75,
    0x1e, 0x68, 0x2f, 0xab, 0x9f, 0x2d, 0x30, 0xab, 0x13, 0xd2, 0x12, 0x55, 0x86, 0xce, 0x19, 0x47,
];

fn origin() -> Origin {
    Origin::parse("https://example.com").unwrap()
}

/// A phone that can do everything.
fn able() -> GetInfo {
    GetInfo {
        versions: vec!["FIDO_2_0".to_owned()],
        extensions: [
            "prf",
            "hmac-secret",
            "credProtect",
            "largeBlob",
            "minPinLength",
        ]
        .map(str::to_owned)
        .to_vec(),
        rk: Some(true),
        uv: Some(true),
        ..GetInfo::default()
    }
}

/// What a site sends, as bytes: whatever is understood can be asked of a phone, and told.
pub fn options(data: &[u8]) {
    let Ok(text) = decode_options(data) else {
        return;
    };
    for read in [
        Ceremony::register(origin(), &text),
        Ceremony::sign_in(origin(), &text),
    ] {
        match read {
            Ok(ceremony) => {
                assert_eq!(ceremony.rp_id().as_str(), "example.com");
                for phone in [able(), GetInfo::default()] {
                    if let Ok(command) = ceremony.command(&phone) {
                        assert!(cbor::read(&command[1..]).is_ok(), "it is canonical");
                    }
                }
                one_line(&format!("{ceremony:#}"));
            }
            Err(error) => one_line(&error.to_string()),
        }
    }
}

/// What a person reads of a site's text stays on its line, and steers no terminal.
fn one_line(told: &str) {
    assert!(!told.chars().any(char::is_control), "{told:?}");
    assert!(told.len() < 2000, "{told:?}");
}

/// A phone's reply: the bytes as they are, and as what follows the hash of the right site.
pub fn reply(data: &[u8]) {
    let create = json!({
        "challenge": "AAAA", "rp": {}, "user": {"id": "AQ", "name": "me"},
        "pubKeyCredParams": [{"type": "public-key", "alg": -7}, {"type": "public-key", "alg": -257}],
        "attestation": "direct",
        "extensions": {"prf": {"eval": {"first": "AAAA"}}, "largeBlob": {"support": "preferred"}, "credProps": true},
    });
    let get = json!({
        "challenge": "AAAA", "extensions": {"prf": {"eval": {"first": "AAAA"}}, "largeBlob": {"read": true}},
    });
    let data_of = [&HASH[..], data].concat();
    let replies = [
        data.to_vec(),
        made(&[
            (1, "none".into()),
            (2, Cbor::Bytes(data_of.clone())),
            (3, Cbor::Map(vec![])),
        ]),
        made(&[
            (1, Cbor::Map(vec![("id".into(), Cbor::Bytes(vec![1]))])),
            (2, Cbor::Bytes(data_of)),
            (3, Cbor::Bytes(vec![2])),
            (4, Cbor::Map(vec![("id".into(), Cbor::Bytes(vec![3]))])),
        ]),
    ];
    let ceremonies = [
        Ceremony::register(origin(), &create.to_string()).unwrap(),
        Ceremony::sign_in(origin(), &get.to_string()).unwrap(),
    ];
    for (ceremony, reply) in ceremonies
        .iter()
        .flat_map(|one| replies.iter().map(move |reply| (one, reply)))
    {
        match ceremony.finish(&able(), &Wiped::new(reply.clone())) {
            Ok(response) => {
                let text = response.to_string();
                assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), response);
            }
            Err(error) => one_line(&error.to_string()),
        }
    }
}

fn made(entries: &[(u64, Cbor)]) -> Vec<u8> {
    let map = entries
        .iter()
        .map(|(key, value)| (Cbor::from(*key), value.clone()));
    [vec![0], cbor::write(&Cbor::Map(map.collect()))].concat()
}

/// Where options stand in what a server sent.
pub fn wrapping(data: &[u8]) {
    let Ok(json) = str::from_utf8(data) else {
        return;
    };
    for kind in [OptionsKind::Registration, OptionsKind::SignIn] {
        match hazmat::wrapped(json, kind) {
            Ok(is_dictionary) => assert!(is_dictionary),
            Err(error) => one_line(&error.to_string()),
        }
    }
}

/// JSON values as browsers convert them.
pub fn webidl(data: &[u8]) {
    let Ok(value) = serde_json::from_slice::<Value>(data) else {
        return;
    };
    let read = hazmat::converted(&value);
    match &value {
        Value::Null => {
            assert_eq!(read.text.as_deref(), Some("null"));
            assert!(!read.boolean && read.long.is_none() && read.bytes.is_none());
        }
        Value::Bool(bool) => assert_eq!((read.boolean, read.long), (*bool, Some(i32::from(*bool)))),
        Value::Number(number) => {
            let text = read.text.unwrap();
            if let Some(small) = number
                .as_i64()
                .and_then(|number| i32::try_from(number).ok())
            {
                assert_eq!((read.long, text), (Some(small), small.to_string()));
            }
        }
        Value::String(text) => assert_eq!(read.text.as_ref(), Some(text)),
        Value::Array(items) => {
            assert_eq!(read.items, Some(items.len()));
            assert_eq!(read.members, items.is_empty().then_some(0));
        }
        Value::Object(members) => assert_eq!(read.members, Some(members.len())),
    }
}

/// An origin and the relying-party id that is wanted for it, on the line below.
pub fn origins(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    let (typed, wanted) = text.split_once('\n').unwrap_or((text, ""));
    let origin = match Origin::parse(typed) {
        Ok(origin) => origin,
        Err(error) => return one_line(&error.to_string()),
    };
    assert_eq!(Origin::parse(origin.as_str()).as_ref(), Ok(&origin));
    let own = origin.rp_id(None).unwrap();
    match origin.rp_id(Some(wanted)) {
        Ok(rp_id) => {
            let host = own.as_str().strip_suffix(rp_id.as_str()).unwrap();
            assert!(host.is_empty() || host.ends_with('.'), "{host}");
        }
        Err(error) => one_line(&error.to_string()),
    }
    let client_data: Value = serde_json::from_slice(&hazmat::client_data(data, &origin)).unwrap();
    assert_eq!(client_data["origin"], origin.as_str());
    assert_eq!(printable(origin.as_str()), origin.as_str());
}

/// What a phone signed.
pub fn authenticator_data(data: &[u8]) {
    for bytes in [data, &[&HASH[..], data].concat()] {
        if let Some(id) = hazmat::authenticator_data(bytes) {
            assert!(bytes.len() >= 37 + id.len());
            // Whole is whole: neither a byte less nor one more is.
            assert!(hazmat::authenticator_data(&bytes[..bytes.len() - 1]).is_none());
            assert!(hazmat::authenticator_data(&[bytes, &[0]].concat()).is_none());
        }
    }
}
