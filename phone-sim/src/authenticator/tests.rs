//! Commands and their replies, with signatures checked by the ECDSA library.

use super::*;
use hybrid_protocol::cbor::{self, Value};
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{DerSignature, VerifyingKey};
use proptest::prelude::*;

fn phone() -> Authenticator {
    Authenticator::new(PasskeyStore::in_memory(), Model::default())
}

/// Draws that differ from call to call.
fn random() -> impl FnMut(&mut [u8]) {
    let mut next = 0u8;
    move |bytes: &mut [u8]| {
        bytes.iter_mut().for_each(|byte| {
            next = next.wrapping_mul(5).wrapping_add(113);
            *byte = next;
        });
    }
}

fn text_map(members: &[(&str, Value)]) -> Value {
    Value::Map(
        members
            .iter()
            .map(|(name, value)| (Value::from(*name), value.clone()))
            .collect(),
    )
}

fn credential(id: &[u8]) -> Value {
    text_map(&[
        ("id", Value::Bytes(id.to_vec())),
        ("type", Value::from("public-key")),
    ])
}

fn make(user: u8, change: impl FnOnce(&mut Vec<(u64, Value)>)) -> Vec<u8> {
    let mut map = vec![
        (1, Value::Bytes(vec![1; 32])),
        (
            2,
            text_map(&[
                ("id", Value::from("example.com")),
                ("name", Value::from("Example")),
            ]),
        ),
        (
            3,
            text_map(&[
                ("id", Value::Bytes(vec![user])),
                ("name", Value::from("a")),
                ("displayName", Value::from("A")),
            ]),
        ),
        (
            4,
            Value::Array(vec![text_map(&[
                ("alg", Value::from(-7)),
                ("type", Value::from("public-key")),
            ])]),
        ),
        (
            7,
            text_map(&[("rk", Value::from(true)), ("uv", Value::from(true))]),
        ),
    ];
    change(&mut map);
    command(1, map)
}

fn get(change: impl FnOnce(&mut Vec<(u64, Value)>)) -> Vec<u8> {
    let mut map = vec![
        (1, Value::from("example.com")),
        (2, Value::Bytes(vec![2; 32])),
    ];
    change(&mut map);
    command(2, map)
}

fn command(byte: u8, map: Vec<(u64, Value)>) -> Vec<u8> {
    let map = Value::Map(
        map.into_iter()
            .map(|(key, value)| (Value::from(key), value))
            .collect(),
    );
    [vec![byte], cbor::write(&map)].concat()
}

fn answer(phone: &mut Authenticator, command: &[u8]) -> (u8, Vec<(Value, Value)>) {
    let reply = phone
        .answer(command, Consent::Approved, &mut random())
        .unwrap();
    let (status, body) = reply.expose().split_first().unwrap();
    let map = if body.is_empty() {
        Vec::new()
    } else {
        cbor::read(body).unwrap().into_map().unwrap()
    };
    (*status, map)
}

fn bytes(map: &[(Value, Value)], key: u64) -> Vec<u8> {
    cbor::entry(map, key).unwrap().as_bytes().unwrap().clone()
}

#[test]
fn what_was_made_signs_and_the_signature_verifies() {
    let mut phone = phone();
    let (status, made) = answer(&mut phone, &make(1, |_| {}));
    assert_eq!(status, 0);
    let auth_data = bytes(&made, 2);
    assert_eq!(auth_data[32], 0x5d, "UP, UV, BE, BS, AT");
    let id = auth_data[55..71].to_vec();
    let key = key_in(&auth_data);

    let (status, asserted) = answer(
        &mut phone,
        &get(|map| map.push((3, Value::Array(vec![credential(&id)])))),
    );
    assert_eq!(status, 0);
    let signed = [bytes(&asserted, 2), vec![2; 32]].concat();
    key.verify(
        &signed,
        &DerSignature::from_bytes(&bytes(&asserted, 3)).unwrap(),
    )
    .unwrap();
}

/// The public key of a new passkey whose id has 16 bytes.
fn key_in(auth_data: &[u8]) -> VerifyingKey {
    let cose = cbor::read(&auth_data[71..]).unwrap().into_map().unwrap();
    let coordinate = |label: i64| {
        cose.iter()
            .find(|(k, _)| *k == Value::from(label))
            .unwrap()
            .1
            .as_bytes()
            .unwrap()
            .clone()
    };
    VerifyingKey::from_sec1_bytes(&[vec![4], coordinate(-2), coordinate(-3)].concat()).unwrap()
}

#[test]
fn a_self_attested_passkey_comes_with_a_statement_that_its_own_key_signed() {
    let model = Model {
        self_attested: true,
        ..Model::default()
    };
    let mut phone = Authenticator::new(PasskeyStore::in_memory(), model);
    let (status, made) = answer(&mut phone, &make(1, |_| {}));
    assert_eq!(status, 0);
    let format = cbor::entry(&made, 1).and_then(Value::as_text);
    assert_eq!(format, Some("packed"));
    let statement = cbor::entry(&made, 3).unwrap().as_map().unwrap();
    assert_eq!(cbor::text_entry(statement, "alg"), Some(&Value::from(-7)));
    assert_eq!(cbor::text_entry(statement, "x5c"), None);
    let signature = cbor::text_entry(statement, "sig").unwrap();
    let auth_data = bytes(&made, 2);
    let signed = [auth_data.as_slice(), &[1; 32]].concat();
    key_in(&auth_data)
        .verify(
            &signed,
            &DerSignature::from_bytes(signature.as_bytes().unwrap()).unwrap(),
        )
        .unwrap();
}

#[test]
fn without_an_allow_list_the_newest_account_is_taken_and_named() {
    let mut phone = phone();
    let mut random = random();
    for user in [1, 2] {
        phone
            .answer(&make(user, |_| {}), Consent::Approved, &mut random)
            .unwrap();
    }
    let (_, asserted) = answer(&mut phone, &get(|_| {}));
    let user = cbor::entry(&asserted, 4).unwrap().as_map().unwrap();
    assert_eq!(cbor::text_entry(user, "id"), Some(&Value::Bytes(vec![2])));
    assert_eq!(
        cbor::entry(&asserted, 6),
        Some(&Value::from(true)),
        "userSelected"
    );
}

#[test]
fn an_excluded_passkey_is_told_after_consent_only() {
    let mut phone = phone();
    let (_, made) = answer(&mut phone, &make(1, |_| {}));
    let id = bytes(&made, 2)[55..71].to_vec();
    let again = make(1, |map| map.push((5, Value::Array(vec![credential(&id)]))));
    assert_eq!(answer(&mut phone, &again).0, 0x19);
    assert_eq!(
        phone
            .answer(&again, Consent::Denied, &mut random())
            .unwrap()
            .expose(),
        [0x27]
    );
}

#[test]
fn each_wrong_command_has_its_status() {
    let mut phone = phone();
    let cases = [
        (vec![], 0x03),
        (vec![6, 0xa0], 0x01),
        (vec![1], 0x12),
        (vec![1, 0x80], 0x11),
        (make(1, |map| map.retain(|(key, _)| *key != 1)), 0x14),
        (make(1, |map| map[0].1 = Value::Bytes(vec![1; 31])), 0x03),
        (
            make(1, |map| {
                map[1].1 = text_map(&[("id", Value::from("example.com"))])
            }),
            0x14,
        ),
        (
            make(1, |map| {
                map[2].1 = text_map(&[("id", Value::Bytes(vec![1])), ("name", Value::from("a"))])
            }),
            0x14,
        ),
        (make(1, |map| map[3].1 = Value::Array(vec![])), 0x26),
        (
            make(1, |map| map[4].1 = text_map(&[("up", Value::from(false))])),
            0x2c,
        ),
        (get(|_| {}), 0x2e),
    ];
    for (command, status) in cases {
        assert_eq!(
            answer(&mut phone, &command).0,
            status,
            "{}",
            hex::encode(&command)
        );
    }
}

#[test]
fn prf_gives_the_same_output_for_the_same_salt_and_another_for_another() {
    let mut phone = phone();
    let input = |salt: u8| {
        text_map(&[(
            "prf",
            text_map(&[("eval", text_map(&[("first", Value::Bytes(vec![salt; 32]))]))]),
        )])
    };
    let output = |map: &[(Value, Value)], key| {
        let prf = cbor::text_entry(cbor::entry(map, key).unwrap().as_map().unwrap(), "prf")
            .unwrap()
            .as_map()
            .unwrap()
            .clone();
        cbor::text_entry(
            cbor::text_entry(&prf, "results").unwrap().as_map().unwrap(),
            "first",
        )
        .unwrap()
        .clone()
    };
    let (_, made) = answer(&mut phone, &make(1, |map| map.push((6, input(1)))));
    let (_, same) = answer(&mut phone, &get(|map| map.push((4, input(1)))));
    let (_, other) = answer(&mut phone, &get(|map| map.push((4, input(2)))));
    assert_eq!(output(&made, 6), output(&same, 8));
    assert_ne!(output(&same, 8), output(&other, 8));
}

#[test]
fn get_info_is_canonical_and_says_what_is_served() {
    let (status, info) = answer(&mut phone(), &[4]);
    assert_eq!(status, 0);
    let options = cbor::entry(&info, 4).unwrap().as_map().unwrap();
    assert_eq!(cbor::text_entry(options, "uv"), Some(&Value::from(true)));
}

#[test]
fn get_info_names_no_algorithms_as_phones_do_not() {
    let (_, info) = answer(&mut phone(), &[4]);
    let keys: Vec<_> = info.iter().map(|(key, _)| key.clone()).collect();
    assert_eq!(keys, [1, 2, 3, 4, 9].map(Value::from));
}

proptest! {
    #[test]
    fn answering_any_bytes_never_panics(byte in 0u8..8, body in proptest::collection::vec(any::<u8>(), 0..120)) {
        let command = [vec![byte], body].concat();
        let _ = Authenticator::prompt(&command);
        prop_assert!(!phone().answer(&command, Consent::Approved, &mut random()).unwrap().expose().is_empty());
    }
}
