//! Objects that one reader takes for another than the next one does, keys that are none, and flags
//! that nobody signed.

use crate::data::{self, Case, NOW};
use crate::issuer::{entry, metadata};
use hybrid_attestation::{Inspection, verify_attestation};
use hybrid_protocol::cbor::{self, Value};
use serde_json::json;

fn vector(name: &str) -> Case {
    data::vectors()
        .into_iter()
        .find(|case| case.name == name)
        .unwrap()
}

/// What is found, with the vectors' root for the vector's model.
fn sheet(case: &Case) -> serde_json::Value {
    let model = data::aaguid(&vector(&case.name).object);
    let known = metadata(&[entry(&model, "A vector", &[data::vectors_root()])]);
    let response = data::response(case).to_string();
    let inspection = Inspection::of(response.as_bytes(), Some(&known), NOW).unwrap();
    inspection.to_json()["inspected"][0].clone()
}

fn wrong(case: &Case, told: &str) {
    let sheet = sheet(case);
    assert_eq!(sheet["attestation"]["result"], "wrong", "{told}: {sheet}");
    let flaw = sheet["attestation"]["flaw"].to_string();
    assert!(flaw.contains(told), "expected {told:?} in {flaw}");
    assert_ne!(sheet["model"]["standing"], "attested", "{sheet}");
    assert!(sheet["odd"].to_string().contains(told), "{sheet}");
}

fn item(value: &Value) -> Vec<u8> {
    cbor::write(value)
}

/// A map of these members, in their order.
fn map(members: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let head = vec![0xa0 | u8::try_from(members.len()).unwrap()];
    let parts = members
        .iter()
        .flat_map(|(name, value)| [name.clone(), value.clone()]);
    std::iter::once(head).chain(parts).flatten().collect()
}

/// The members of a map as bytes.
fn members(map: &[(Value, Value)]) -> Vec<(Vec<u8>, Vec<u8>)> {
    map.iter()
        .map(|(name, value)| (item(name), item(value)))
        .collect()
}

fn parsed(bytes: &[u8]) -> Vec<(Value, Value)> {
    cbor::read_lenient(bytes).unwrap().into_map().unwrap()
}

/// The object with other authenticator data.
fn with_auth_data(case: &mut Case, change: impl FnOnce(&mut Vec<u8>)) {
    let mut object = parsed(&case.object);
    let place = object
        .iter()
        .position(|(name, _)| name.as_text() == Some("authData"));
    let Value::Bytes(data) = &mut object[place.unwrap()].1 else {
        panic!("authData");
    };
    change(data);
    case.object = cbor::write(&Value::Map(object));
}

/// The credential's key, and the same key with a change.
fn with_key(case: &mut Case, change: impl FnOnce(&mut Vec<(Value, Value)>) -> Vec<u8>) {
    with_auth_data(case, |data| {
        let length = usize::from(u16::from_be_bytes([data[53], data[54]]));
        let at = 55 + length;
        let (Value::Map(mut key), rest) = cbor::read_prefix(&data[at..]).unwrap() else {
            panic!("a key");
        };
        let rest = rest.to_vec();
        let changed = change(&mut key);
        data.truncate(at);
        data.extend([changed, rest].concat());
    });
}

#[test]
fn an_object_with_a_member_twice_is_wrong_wherever_it_stands() {
    for name in ["packed-es256", "fido-u2f-es256", "none-es256"] {
        let good = vector(name);
        let object = members(&parsed(&good.object));
        let mut case = vector(name);
        for place in 0..object.len() {
            let mut doubled = object.clone();
            doubled.push((object[place].0.clone(), item(&Value::from("other"))));
            case.object = map(&doubled);
            wrong(&case, "the attestation object has a member twice");
            assert!(
                verify_attestation(&case.object, &case.client_data)
                    .unwrap_err()
                    .is_wrong()
            );
        }
        // By name and by number: readers of CTAP replies take the second one.
        let mut both = object.clone();
        both.push((item(&Value::from(1)), item(&Value::from("none"))));
        case.object = map(&both);
        wrong(&case, "the attestation object has a member twice");
        let mut statement = members(
            cbor::text_entry(&parsed(&good.object), "attStmt")
                .unwrap()
                .as_map()
                .unwrap(),
        );
        if statement.is_empty() {
            continue;
        }
        let mut last = statement[0].clone();
        last.1 = item(&Value::Null);
        statement.push(last);
        let statement = map(&statement);
        let changed: Vec<_> = object
            .iter()
            .map(|(name, value)| {
                let is_it = *name == item(&Value::from("attStmt"));
                (
                    name.clone(),
                    if is_it {
                        statement.clone()
                    } else {
                        value.clone()
                    },
                )
            })
            .collect();
        case.object = map(&changed);
        wrong(&case, "the attestation object has a member twice");
    }
}

#[test]
fn a_reply_of_a_phone_with_a_member_twice_is_wrong() {
    let case = vector("packed-es256");
    let object = parsed(&case.object);
    let part = |name: &str| item(cbor::text_entry(&object, name).unwrap());
    let number = |number: u64| item(&Value::from(number));
    let reply = map(&[
        (number(1), part("fmt")),
        (number(2), part("authData")),
        (number(3), part("attStmt")),
        (number(1), item(&Value::from("none"))),
    ]);
    let told = Inspection::of(&[&[0][..], &reply].concat(), None, NOW).unwrap();
    let sheet = told.to_json()["inspected"][0].clone();
    assert_eq!(sheet["attestation"]["result"], "wrong", "{sheet}");

    let [auth_data, _, signature] = case.sign_in.clone().unwrap();
    let bytes = |bytes: &[u8]| item(&Value::Bytes(bytes.to_vec()));
    let reply = map(&[
        (number(2), bytes(&auth_data)),
        (number(3), bytes(&signature)),
        (number(2), bytes(&auth_data)),
    ]);
    let told = Inspection::of(&[&[0][..], &reply].concat(), None, NOW).unwrap();
    let sheet = told.to_json()["inspected"][0].clone();
    assert_eq!(sheet["signature"], "wrong", "{sheet}");
}

#[test]
fn a_key_that_does_not_fit_its_algorithm_is_wrong_whoever_vouches_for_it() {
    let put = |key: &mut Vec<(Value, Value)>, at: i64, value: Value| {
        key.retain(|(label, _)| *label != Value::from(at));
        key.push((Value::from(at), value));
        cbor::write(&Value::Map(key.clone()))
    };
    type Change = Box<dyn Fn(&mut Vec<(Value, Value)>) -> Vec<u8>>;
    let cases: Vec<(&str, Change)> = vec![
        (
            "has a member twice",
            Box::new(|key| {
                let mut all = members(key);
                all.push((item(&Value::from(3)), item(&Value::from(-257))));
                map(&all)
            }),
        ),
        (
            "of another kind than its algorithm needs",
            Box::new(move |key| put(key, 3, Value::from(-257))),
        ),
        (
            "of another kind than its algorithm needs",
            Box::new(move |key| put(key, 3, Value::from(-8))),
        ),
        (
            "of another kind than its algorithm needs",
            Box::new(move |key| put(key, 1, Value::from(9))),
        ),
        (
            "the credential's key is malformed",
            Box::new(move |key| put(key, -1, Value::from(2))),
        ),
        (
            "no point of its curve",
            Box::new(move |key| put(key, -3, Value::Bytes(vec![1; 32]))),
        ),
        (
            "does not name its kind (kty) by a number",
            Box::new(move |key| put(key, 1, Value::from("EC2"))),
        ),
        (
            "contains its private part",
            Box::new(move |key| put(key, -4, Value::Bytes(vec![1; 32]))),
        ),
    ];
    for name in [
        "packed-es256",
        "none-es256",
        "fido-u2f-es256",
        "apple-es256",
    ] {
        for (told, change) in &cases {
            let mut case = vector(name);
            with_key(&mut case, change);
            wrong(&case, told);
        }
    }
}

#[test]
fn a_key_that_is_not_canonical_is_odd() {
    let mut case = vector("none-es256");
    with_key(&mut case, |key| {
        let mut all = members(key);
        all.reverse();
        map(&all)
    });
    let sheet = sheet(&case);
    assert_eq!(sheet["attestation"]["result"], "none");
    let odd = sheet["odd"].to_string();
    assert!(
        odd.contains("key is not in CTAP2's canonical form"),
        "{odd}"
    );
}

#[test]
fn extensions_that_are_no_map_are_wrong() {
    for bytes in [
        &[][..],
        &[0x05],
        &[0xff],
        &[0xa2, 0x61, b'a', 1, 0x61, b'a', 2],
    ] {
        let mut case = vector("packed-es256");
        with_auth_data(&mut case, |data| {
            data[32] |= 0x80;
            data.extend(bytes);
        });
        wrong(&case, "extensions");
    }
}

#[test]
fn what_cannot_be_read_is_wrong_for_programs_too() {
    let mut case = vector("packed-es256");
    with_auth_data(&mut case, |data| data.truncate(60));
    wrong(&case, "the authenticator data cannot be read");
    case.object.truncate(20);
    wrong(&case, "the attestation object cannot be read");
}

#[test]
fn flags_and_counter_of_fido_u2f_are_told_as_not_signed() {
    let mut case = vector("fido-u2f-es256");
    with_auth_data(&mut case, |data| {
        data[32] = 0x5d;
        data[36] = 99;
    });
    assert!(verify_attestation(&case.object, &case.client_data).is_ok());
    let response = data::response(&case).to_string();
    let told = Inspection::of(response.as_bytes(), None, NOW).unwrap();
    let text = told.to_string();
    for label in ["Kind:", "User verified:", "User present:", "Sign count:"] {
        let line = text
            .lines()
            .find(|line| line.trim().starts_with(label))
            .unwrap();
        assert!(line.ends_with("; not signed by this format"), "{line}");
    }
    let sheet = sheet(&case);
    let names = json!(["passkey", "user_verified", "user_present", "sign_count"]);
    assert_eq!(sheet["not_signed"], names);
    assert_eq!(sheet["passkey"]["signed"], false);
    let odd = sheet["odd"].to_string();
    assert!(odd.contains("do not set (UV, BE, BS)"), "{odd}");
    let packed = self::sheet(&vector("packed-es256"));
    assert_eq!(packed["not_signed"], serde_json::Value::Null);
    assert_eq!(packed["passkey"]["signed"], true);
}
