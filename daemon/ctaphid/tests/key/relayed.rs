//! What a phone is asked.

use crate::host::Host;
use crate::requests::*;
use hybrid_ctaphid::hazmat::{self, Command, Encoded};
use hybrid_ctaphid::{Ask, Operation};
use hybrid_protocol::cbor::{self, Value};
use proptest::prelude::*;

fn relayed(request: &[u8]) -> Vec<u8> {
    let (mut host, channel) = Host::with_channel();
    assert_eq!(host.ctap(channel, request), None);
    let (_, Ask::Relay(relay)) = host.ask() else {
        panic!("not relayed")
    };
    relay.command
}

#[test]
fn chromiums_requests_go_byte_for_byte() {
    let by_credential = cat(&[
        b"\x02\xa5\x01",
        &text("example.org"),
        b"\x02",
        &bytes(&[0x5a; 32]),
        b"\x03",
        &ids(&[b"\x01\x02", b"\x03\x04"]),
        b"\x04\xa1\x63prf\xa1\x70evalByCredential\xa1\x42\x01\x02\xa1\x65first",
        &bytes(&[9; 32]),
        b"\x05\xa2\x62up\xf5\x62uv\xf5",
    ]);
    for request in [
        registration("example.org"),
        sign_in("example.org", &[b"1"]),
        discoverable("example.org"),
        by_credential,
    ] {
        assert_eq!(hex::encode(relayed(&request)), hex::encode(&request));
    }
}

/// As Firefox 153 writes its options: no phone has to take them (CTAP 2.2 §8), and no desktop's own
/// way to phones has them in this order.
#[test]
fn firefoxes_sign_in_is_put_into_canonical_order() {
    let asked = |options: &[u8]| {
        cat(&[
            b"\x02\xa3\x01",
            &text("localhost"),
            b"\x02",
            &bytes(&[0x5a; 32]),
            b"\x05\xa2",
            options,
        ])
    };
    let golden = asked(b"\x62up\xf5\x62uv\xf5");
    let relayed = relayed(&asked(b"\x62uv\xf5\x62up\xf5"));
    assert_eq!(hex::encode(relayed), hex::encode(golden));
}

#[test]
fn maps_in_another_order_are_put_into_canonical_order_at_every_depth() {
    let request = cat(&[
        b"\x02\xa3\x02",
        &bytes(&[0x5a; 32]),
        b"\x01",
        &text("example.org"),
        b"\x03\x81\xa2\x64type\x6apublic-key\x62id\x41\x01",
    ]);
    let golden = cat(&[
        b"\x02\xa3\x01",
        &text("example.org"),
        b"\x02",
        &bytes(&[0x5a; 32]),
        b"\x03",
        &ids(&[b"\x01"]),
    ]);
    assert_eq!(hex::encode(relayed(&request)), hex::encode(golden));
}

#[test]
fn what_firefox_omits_is_added_and_what_is_not_listed_is_dropped() {
    let asked = cat(&[
        b"\x01\xa7\x01",
        &bytes(&[0x5a; 32]),
        b"\x02\xa1\x62id",
        &text("example.org"),
        b"\x03\xa2\x62id\x41\x07\x64name",
        &text("alice"),
        b"\x04\x82",
        ES256,
        b"\xa2\x63alg\x39\x01\x00\x64type\x6apublic-key",
        b"\x05",
        &list(&[descriptor_with_transports(b"1"), descriptor(b"2")]),
        b"\x06\xa1\x6bhmac-secret\xf4",
        b"\x07\xa2\x62rk\xf5\x62uv\xf5",
    ]);
    let golden = cat(&[
        b"\x01\xa6\x01",
        &bytes(&[0x5a; 32]),
        b"\x02\xa2\x62id",
        &text("example.org"),
        b"\x64name",
        &text("example.org"),
        b"\x03\xa3\x62id\x41\x07\x64name",
        &text("alice"),
        b"\x6bdisplayName",
        &text("alice"),
        b"\x04\x82",
        ES256,
        b"\xa2\x63alg\x39\x01\x00\x64type\x6apublic-key",
        b"\x05",
        &ids(&[b"1", b"2"]),
        b"\x07\xa2\x62rk\xf5\x62uv\xf5",
    ]);
    assert_eq!(hex::encode(relayed(&asked)), hex::encode(golden));

    let asked = cat(&[
        b"\x02\xa5\x01",
        &text("example.org"),
        b"\x02",
        &bytes(&[0x5a; 32]),
        b"\x03",
        &list(&[descriptor_with_transports(b"1")]),
        b"\x04\xa0",
        b"\x05\xa1\x62uv\xf5",
    ]);
    let golden = sign_in("example.org", &[b"1"]);
    assert_eq!(hex::encode(relayed(&asked)), hex::encode(golden));
}

#[test]
fn other_extensions_stay_when_hmac_secret_goes() {
    let with = |extensions: &[u8]| {
        cat(&[
            b"\x02\xa3\x01",
            &text("example.org"),
            b"\x02",
            &bytes(&[0x5a; 32]),
            b"\x04",
            extensions,
        ])
    };
    let asked = with(b"\xa2\x63prf\xa0\x6bhmac-secret\xa0");
    assert_eq!(
        hex::encode(relayed(&asked)),
        hex::encode(with(b"\xa1\x63prf\xa0"))
    );
}

#[test]
fn two_ssh_keys_are_two_users_with_telling_names() {
    let asked = cat(&[
        b"\x01\xa5\x01",
        &bytes(&[0x5a; 32]),
        b"\x02\xa1\x62id",
        &text("ssh:"),
        b"\x03\xa3\x62id",
        &bytes(&[0; 32]),
        b"\x64name",
        &text("openssh"),
        b"\x6bdisplayName",
        &text("openssh"),
        b"\x04\x81",
        ES256,
        b"\x07\xa1\x62uv\xf5",
    ]);
    let user = |command: &[u8]| {
        let Value::Map(map) = cbor::read(&command[1..]).unwrap() else {
            panic!("no map")
        };
        let Some(Value::Map(rp)) = cbor::entry(&map, 2) else {
            panic!("no rp")
        };
        assert_eq!(cbor::text_entry(rp, "name"), Some(&Value::from("ssh:")));
        let Some(Value::Map(user)) = cbor::entry(&map, 3) else {
            panic!("no user")
        };
        let member = |name| cbor::text_entry(user, name).unwrap().clone();
        assert_eq!(member("name"), member("displayName"));
        (
            member("id").into_bytes().unwrap(),
            member("name").into_text().unwrap(),
        )
    };
    let (mut host, channel) = Host::with_channel();
    let mut users = Vec::new();
    for _ in 0..2 {
        host.ctap(channel, &asked);
        let (ticket, Ask::Relay(relay)) = host.ask() else {
            panic!("not relayed")
        };
        assert_eq!(relay.operation, Operation::Create);
        users.push(user(&relay.command));
        host.input(hybrid_ctaphid::Input::Ended(ticket));
        host.reply(channel);
    }
    let [(one, name), (other, _)] = &users[..] else {
        panic!("two")
    };
    assert!(one.len() == 32 && one != other && *one != [0; 32]);
    let tag = hex::encode(&one[..2]);
    assert_eq!(*name, format!("SSH key {tag}, alice on desk"));
}

#[test]
fn a_login_keeps_its_name_and_a_long_one_is_cut_between_characters() {
    let registration = |name: &str| {
        cat(&[
            b"\x01\xa4\x01",
            &bytes(&[0x5a; 32]),
            b"\x02\xa1\x62id",
            &text("pam://desk"),
            b"\x03\xa2\x62id\x41\x01\x64name",
            &text(name),
            b"\x04\x81",
            ES256,
        ])
    };
    let name = |command: &[u8]| {
        let value = cbor::read(&command[1..]).unwrap();
        let user = cbor::entry(value.as_map().unwrap(), 3)
            .unwrap()
            .as_map()
            .unwrap();
        cbor::text_entry(user, "name")
            .unwrap()
            .as_text()
            .unwrap()
            .to_owned()
    };
    assert!(name(&relayed(&registration("alice"))).starts_with("alice "));
    let cut = name(&relayed(&registration(&"ä".repeat(50))));
    assert!(cut.len() <= 64 && cut.starts_with(&"ä".repeat(32)), "{cut}");
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<i32>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        "[a-z]{0,30}".prop_map(Value::from),
        proptest::collection::vec(any::<u8>(), 0..80).prop_map(Value::Bytes),
    ];
    leaf.prop_recursive(3, 20, 4, |inner| {
        let key = "[a-z]{1,8}".prop_map(Value::from);
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            proptest::collection::btree_map("[a-z]{1,8}", inner, 0..4).prop_map(|map| {
                Value::Map(
                    map.into_iter()
                        .map(|(key, value)| (key.into(), value))
                        .collect(),
                )
            }),
            key,
        ]
    })
}

proptest! {
    /// Whatever order a program writes its maps in, a phone is asked in the canonical one.
    #[test]
    fn what_is_relayed_is_canonical(extra in value(), key in 9u64..40, seed: usize) {
        let mut map = cbor::read(&registration("example.org")[1..]).unwrap().into_map().unwrap();
        map.push((Value::from(key), extra));
        let golden = [vec![1], cbor::write(&Value::Map(map.clone()))].concat();
        let turn = seed % map.len();
        map.rotate_left(turn);
        let mut request = vec![1, 0xa0 | u8::try_from(map.len()).unwrap()];
        for (key, value) in &map {
            request.extend([cbor::write(key), cbor::write(value)].concat());
        }
        let Command::Create(parsed) = Command::parse(&request) else { panic!("no create") };
        prop_assert_eq!(hazmat::relayed(&parsed, [1; 32], "label"), golden);
    }

    /// Members that this key does not know, of any form, pass.
    #[test]
    fn what_is_not_rewritten_stays_byte_for_byte(extra in value(), key in 9u64..40) {
        let mut map = cbor::read(&registration("example.org")[1..]).unwrap().into_map().unwrap();
        map.push((Value::from(key), extra));
        let request = [vec![1], cbor::write(&Value::Map(map))].concat();
        let Command::Create(parsed) = Command::parse(&request) else { panic!("no create") };
        prop_assert_eq!(hazmat::relayed(&parsed, [1; 32], "label"), request);
    }

    /// What is relayed is read as the same kind of request again, and changes no more: a second
    /// pass is the first one, but for the user id of programs.
    #[test]
    fn what_is_relayed_is_a_request_that_needs_no_further_change(
        name in "[a-z]{0,8}", strip in any::<bool>(),
    ) {
        let extensions: &[u8] = if strip { b"\x06\xa1\x6bhmac-secret\xf5" } else { b"\x06\xa0" };
        let request = cat(&[
            b"\x01\xa5\x01", &bytes(&[0x5a; 32]), b"\x02\xa1\x62id", &text("example.org"),
            b"\x03\xa2\x62id\x41\x01\x64name", &text(&name), b"\x04\x81", ES256, extensions,
        ]);
        let once = relayed(&request);
        prop_assert_eq!(relayed(&once), once);
    }

    #[test]
    fn no_bytes_make_the_parser_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = Command::parse(&bytes);
        let _ = Encoded::read(&bytes);
    }

    /// One changed byte of an honest request reaches deeper than any bytes do.
    #[test]
    fn no_damaged_request_makes_it_panic(at in 0usize..400, to: u8, cut in 0usize..400) {
        let whole = [
            registration("example.org"), firefox_probe("ssh:", &[b"1", b"2"]),
            make_me_blink(), sign_in("example.org", &[b"1"]),
        ];
        for mut request in whole {
            let length = request.len();
            request[at % length] = to;
            request.truncate(1 + cut % length);
            if let Command::Create(parsed) | Command::Get(parsed) = Command::parse(&request) {
                let sent = hazmat::relayed(&parsed, [1; 32], "label");
                let read = Command::parse(&sent);
                prop_assert!(matches!(read, Command::Create(_) | Command::Get(_)));
            }
        }
    }
}
