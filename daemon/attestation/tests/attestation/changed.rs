//! Each vector and each object with one byte changed in every field: refused, with the reason.

use crate::data::{self, Case, NOW};
use crate::issuer::{entry, metadata};
use hybrid_attestation::{Flaw, Inspection, verify_attestation};
use hybrid_protocol::cbor::{self, Value};

type Entries = Vec<(Value, Value)>;

/// The formats whose statements prove something.
fn proving() -> impl Iterator<Item = Case> {
    let all = data::vectors().into_iter().chain(data::objects());
    all.filter(|case| {
        !case.name.contains("none") && !case.name.contains("safetynet") && case.name != "nexus-5"
    })
}

fn with_auth_data(case: &Case, change: impl Fn(&mut Vec<u8>)) -> Vec<u8> {
    rewritten(case, |map| {
        let place = map
            .iter()
            .position(|(name, _)| name.as_text() == Some("authData"))
            .unwrap();
        let Value::Bytes(data) = &mut map[place].1 else {
            panic!("authData");
        };
        change(data);
    })
}

fn rewritten(case: &Case, change: impl FnOnce(&mut Vec<(Value, Value)>)) -> Vec<u8> {
    let Value::Map(mut map) = cbor::read_lenient(&case.object).unwrap() else {
        panic!("an object");
    };
    change(&mut map);
    cbor::write(&Value::Map(map))
}

#[test]
fn every_field_of_the_authenticator_data_and_of_the_client_data_is_covered() {
    for case in proving() {
        assert!(verify_attestation(&with_auth_data(&case, |_| {}), &case.client_data).is_ok());
        // Hash, flags, counter, model, the credential's id, its key.
        let length = {
            let at = data::auth_data_at(&case.object) + 53;
            usize::from(u16::from_be_bytes([case.object[at], case.object[at + 1]]))
        };
        let u2f = case.name.contains("u2f") || case.name == "yubikey-4";
        for (field, at) in [
            ("hash", 0),
            ("hash", 31),
            ("flags", 32),
            ("counter", 36),
            ("model", 40),
            ("length of the id", 53),
            ("id", 55),
            ("id", 54 + length),
            ("key", 55 + length + 12),
            ("key", 55 + length + 30),
        ] {
            // The old format signs neither flags nor counter nor model.
            if u2f && ["flags", "counter", "model"].contains(&field) {
                continue;
            }
            let changed = with_auth_data(&case, |data| data[at] ^= 0x20);
            let refused = verify_attestation(&changed, &case.client_data).unwrap_err();
            assert!(
                refused.is_wrong() || field == "key",
                "{} {field}: {refused}",
                case.name
            );
        }
        for at in [0, case.client_data.len() / 2] {
            let mut changed = case.client_data.clone();
            changed[at] ^= 1;
            let refused = verify_attestation(&case.object, &changed).unwrap_err();
            assert!(refused.is_wrong(), "{}: {refused}", case.name);
        }
    }
}

#[test]
fn every_member_of_a_statement_is_needed_and_covered() {
    for case in proving() {
        let Value::Map(map) = cbor::read_lenient(&case.object).unwrap() else {
            panic!("an object");
        };
        let statement = cbor::text_entry(&map, "attStmt")
            .unwrap()
            .as_map()
            .unwrap()
            .clone();
        for place in 0..statement.len() {
            let name = statement[place].0.as_text().unwrap().to_owned();
            let with = |change: &dyn Fn(&mut Entries)| {
                let mut statement = statement.clone();
                change(&mut statement);
                let object = rewritten(&case, |map| {
                    let at = map
                        .iter()
                        .position(|(name, _)| name.as_text() == Some("attStmt"))
                        .unwrap();
                    map[at].1 = Value::Map(statement);
                });
                verify_attestation(&object, &case.client_data)
            };
            let without = with(&|statement| drop(statement.remove(place)));
            let kept = name == "alg" && case.name.contains("self");
            assert!(
                without.is_err() || kept,
                "{} without {name}: {without:?}",
                case.name
            );
            let other = with(&|statement| statement[place].1 = Value::Null);
            assert!(other.is_err(), "{} with {name} null", case.name);
            let Value::Bytes(bytes) = &statement[place].1 else {
                continue;
            };
            let step = if case.sign_in.is_some() { 1 } else { 7 };
            for at in (0..bytes.len()).step_by(step) {
                let changed = with(&|statement| {
                    if let Value::Bytes(bytes) = &mut statement[place].1 {
                        bytes[at] ^= 1;
                    }
                });
                assert!(changed.is_err(), "{} {name} byte {at}", case.name);
            }
        }
    }
}

#[test]
fn whatever_byte_of_a_vector_changes_its_model_is_not_attested_any_more() {
    for case in data::vectors()
        .into_iter()
        .filter(|case| !case.name.contains("none") && !case.name.contains("self"))
    {
        let model = data::aaguid(&case.object);
        let known = metadata(&[entry(&model, "A vector", &[data::vectors_root()])]);
        for at in (0..case.object.len()).step_by(2) {
            let mut changed = Case {
                name: String::new(),
                object: case.object.clone(),
                client_data: case.client_data.clone(),
                sign_in: None,
            };
            changed.object[at] ^= 0x01;
            let response = data::response(&changed).to_string();
            let json = Inspection::of(response.as_bytes(), Some(&known), NOW)
                .unwrap()
                .to_json();
            let sheet = &json["inspected"][0];
            assert_ne!(
                sheet["model"]["standing"], "attested",
                "{} byte {at}",
                case.name
            );
            let odd = sheet["odd"].as_array().unwrap();
            let result = &sheet["attestation"]["result"];
            let told = !odd.is_empty()
                || result == "unknown-root"
                || result == "unverified"
                || result == "unknown-model";
            assert!(told, "{} byte {at}: {sheet}", case.name);
        }
    }
}

#[test]
fn reasons_name_what_is_wrong() {
    let reason = |name: &str, change: &dyn Fn(&mut Vec<u8>)| {
        let all = data::vectors();
        let case = all.iter().find(|case| case.name == name).unwrap();
        let changed = with_auth_data(case, change);
        verify_attestation(&changed, &case.client_data)
            .unwrap_err()
            .to_string()
    };
    for (name, told) in [
        (
            "packed-self-es256",
            "the signature is not of the credential's key",
        ),
        (
            "packed-es256",
            "the signature is not of the certificate's key",
        ),
        (
            "fido-u2f-es256",
            "the signature is not of the certificate's key",
        ),
        ("apple-es256", "its nonce differs"),
        (
            "android-key-es256",
            "the signature is not of the certificate's key",
        ),
        ("tpm-es256", "its extra data differ"),
    ] {
        let saw = reason(name, &|data| data[3] ^= 1);
        assert!(saw.contains(told), "{name}: {saw}");
    }
    let all = data::vectors();
    let case = all.iter().find(|case| case.name == "packed-es256").unwrap();
    let other = rewritten(case, |map| map[0].1 = Value::from("fortune-teller"));
    assert_eq!(
        verify_attestation(&other, &case.client_data).unwrap_err(),
        Flaw::Unsupported("this format".to_owned())
    );
}
