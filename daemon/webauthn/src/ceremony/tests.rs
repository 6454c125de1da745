//! Ceremonies against hand-made phones: options and commands here, the rest below.

mod as_people_bring_them;
mod extensions;
mod replies;

use super::*;
use crate::authenticator_data;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hybrid_protocol::PrivateKey;
use hybrid_protocol::Secret;
use hybrid_protocol::cbor::{self, Value as Cbor};
use hybrid_protocol::ctap::CtapStatus;
use proptest::prelude::*;
use serde_json::json;
use sha2::{Digest, Sha256};

fn origin() -> Origin {
    Origin::parse("https://login.example.com").unwrap()
}

fn creation() -> Value {
    json!({
        "rp": {"id": "example.com"},
        "user": {"id": "AQID", "name": "alice"},
        "challenge": "Y2hhbGxlbmdl",
        "pubKeyCredParams": [{"type": "public-key", "alg": -8}, {"type": "public-key", "alg": -7}],
        "authenticatorSelection": {"residentKey": "required", "userVerification": "required"},
        "extensions": {"credProps": true, "prf": {"eval": {"first": "AAAA"}}},
    })
}

fn phone() -> GetInfo {
    GetInfo {
        extensions: vec!["prf".to_owned()],
        rk: Some(true),
        uv: Some(true),
        ..GetInfo::default()
    }
}

fn register(options: &Value) -> Result<Ceremony, OptionsError> {
    Ceremony::register(origin(), &options.to_string())
}

fn auth_data(rp: &str, flags: u8, credential: bool) -> Vec<u8> {
    let mut bytes = Sha256::digest(rp).to_vec();
    bytes.push(flags);
    bytes.extend([0, 0, 0, 1]);
    if credential {
        let point = PrivateKey::new(&Secret::new([7; 32]))
            .unwrap()
            .public()
            .uncompressed();
        bytes.extend([0xaa; 16]);
        bytes.extend([0, 3, 9, 9, 9]);
        bytes.extend(cbor::write(&Cbor::Map(vec![
            (Cbor::from(1), Cbor::from(2)),
            (Cbor::from(3), Cbor::from(-7)),
            (Cbor::from(-1), Cbor::from(1)),
            (Cbor::from(-2), Cbor::Bytes(point[1..33].to_vec())),
            (Cbor::from(-3), Cbor::Bytes(point[33..].to_vec())),
        ])));
    }
    bytes
}

fn reply(map: Vec<(u8, Cbor)>) -> Wiped {
    let map = Cbor::Map(
        map.into_iter()
            .map(|(key, value)| (Cbor::from(key), value))
            .collect(),
    );
    Wiped::new([vec![0], cbor::write(&map)].concat())
}

fn created(rp: &str, flags: u8) -> Wiped {
    reply(vec![
        (1, Cbor::from("packed")),
        (2, Cbor::Bytes(auth_data(rp, flags, true))),
        (3, Cbor::Map(vec![])),
    ])
}

#[test]
fn a_registration_command_names_what_phones_insist_on() {
    let command = register(&creation()).unwrap().command(&phone()).unwrap();
    assert_eq!(command[0], 1);
    let map = command_map(&command);
    let member = |key, name| member(&map, key, name);
    assert_eq!(
        member(2, "name"),
        Cbor::from("example.com"),
        "filled in from the id"
    );
    assert_eq!(
        member(3, "displayName"),
        Cbor::from("alice"),
        "filled in from the name"
    );
    assert_eq!(member(7, "rk"), Cbor::from(true));
    assert_eq!(member(7, "uv"), Cbor::from(true));
    let eval = member(6, "prf");
    let first = cbor::text_entry(
        cbor::text_entry(eval.as_map().unwrap(), "eval")
            .unwrap()
            .as_map()
            .unwrap(),
        "first",
    )
    .unwrap();
    assert_eq!(first.as_bytes().unwrap().len(), 32, "hashed");
}

#[test]
fn options_may_be_wrapped_and_may_hold_unknown_members() {
    let mut wrapped = json!({"publicKey": creation()});
    wrapped["publicKey"]["surprise"] = json!([1, 2]);
    assert!(register(&wrapped).is_ok());
}

#[test]
fn wrong_options_are_refused_with_what_was_expected() {
    let with = |member: &str, value: Value| {
        let mut options = creation();
        options[member] = value;
        register(&options)
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default()
    };
    assert!(
        Ceremony::register(origin(), "{")
            .err()
            .unwrap()
            .to_string()
            .contains("expected WebAuthn options as JSON")
    );
    assert!(with("challenge", json!("a+b=")).contains("base64url"));
    assert!(with("rp", json!({"id": "other.org"})).contains("may not use passkeys for other.org"));
    assert!(
        with(
            "pubKeyCredParams",
            json!([{"type": "public-key", "alg": -8}])
        )
        .contains("ES256")
    );
    assert!(with("user", json!({"id": ""})).contains("1 to 64 bytes"));
    assert!(
        with(
            "authenticatorSelection",
            json!({"authenticatorAttachment": "platform"})
        )
        .contains("platform")
    );
    let foreign =
        json!({"challenge": "AAAA", "allowCredentials": [{"type": "password", "id": "AAAA"}]});
    assert!(matches!(
        Ceremony::sign_in(origin(), &foreign.to_string()),
        Err(OptionsError::NothingAllowed)
    ));
}

#[test]
fn a_phone_without_screen_lock_is_told_before_it_is_asked() {
    let phone = GetInfo {
        uv: Some(false),
        rk: Some(true),
        ..GetInfo::default()
    };
    assert_eq!(
        register(&creation()).unwrap().command(&phone),
        Err(CannotAsk::NoUserVerification)
    );
}

#[test]
fn a_dry_run_says_who_asks_for_what() {
    let ceremony = register(&creation()).unwrap();
    let line = "register a passkey at example.com for the account \"alice\", for the page https://login.example.com";
    assert_eq!(ceremony.to_string(), line);
    let details = "; user verification required, discoverable passkey required";
    assert_eq!(format!("{ceremony:#}"), format!("{line}{details}"));
}

#[test]
fn a_refused_member_is_named_with_its_place() {
    let mut options = creation();
    options["user"]["id"] = json!("a+b=");
    let error = register(&options).err().unwrap().to_string();
    assert!(
        error.contains("user.id") && error.contains("base64url"),
        "{error}"
    );
}

#[test]
fn a_member_that_is_null_is_as_if_absent() {
    let mut options = creation();
    options["excludeCredentials"] = Value::Null;
    options["extensions"]["largeBlob"] = Value::Null;
    options["user"]["displayName"] = Value::Null;
    options["authenticatorSelection"]["userVerification"] = Value::Null;
    assert!(register(&options).is_ok());
}

#[test]
fn names_that_are_missing_altogether_are_filled_from_the_relying_partys_id() {
    let mut options = creation();
    options["user"] = json!({"id": "AQID"});
    let map = command_map(&register(&options).unwrap().command(&phone()).unwrap());
    assert_eq!(member(&map, 3, "name"), Cbor::from("example.com"));
    assert_eq!(member(&map, 3, "displayName"), Cbor::from("example.com"));
}

#[test]
fn unknown_algorithms_are_passed_on_and_unknown_types_are_not() {
    let mut options = creation();
    options["pubKeyCredParams"] = json!([
        {"type": "public-key", "alg": -65_535},
        {"type": "other", "alg": -7},
        {"type": "public-key", "alg": -7},
    ]);
    let map = command_map(&register(&options).unwrap().command(&phone()).unwrap());
    let algorithms: Vec<Cbor> = cbor::entry(&map, 4)
        .and_then(Cbor::as_array)
        .unwrap()
        .iter()
        .map(|param| {
            cbor::text_entry(param.as_map().unwrap(), "alg")
                .unwrap()
                .clone()
        })
        .collect();
    assert_eq!(algorithms, [Cbor::from(-65_535), Cbor::from(-7)]);
}

#[test]
fn an_empty_list_of_algorithms_means_the_defaults() {
    let mut options = creation();
    options["pubKeyCredParams"] = json!([]);
    let map = command_map(&register(&options).unwrap().command(&phone()).unwrap());
    assert_eq!(
        cbor::entry(&map, 4).and_then(Cbor::as_array).map(Vec::len),
        Some(2)
    );
}

#[test]
fn false_options_are_left_unsaid() {
    let mut options = creation();
    options["authenticatorSelection"] =
        json!({"residentKey": "discouraged", "userVerification": "discouraged"});
    let map = command_map(&register(&options).unwrap().command(&phone()).unwrap());
    assert_eq!(cbor::entry(&map, 7), None);
    assert_eq!(
        cbor::entry(&map, 5),
        None,
        "and so is an empty exclude list"
    );
}

#[test]
fn the_account_is_called_by_the_first_of_its_names_that_can_be_seen() {
    for (name, display_name, shown) in [
        (json!("alice"), json!("Alice"), "alice"),
        (json!(""), json!("Zoë"), "Zoë"),
        (json!(" \u{200b}"), json!("Zoë"), "Zoë"),
        (json!(12345), json!(null), "12345"),
        (json!(""), json!(""), "(no name)"),
        (json!("\u{1b}[2Jbob"), json!(null), "[2Jbob"),
    ] {
        let mut options = creation();
        options["user"] = json!({"id": "AQID", "name": name, "displayName": display_name});
        let line = register(&options).unwrap().to_string();
        assert!(
            line.contains(&format!("for the account \"{shown}\"")),
            "{line}"
        );
    }
}

fn command_map(command: &[u8]) -> Vec<(Cbor, Cbor)> {
    match cbor::read(&command[1..]) {
        Ok(Cbor::Map(map)) => map,
        other => panic!("canonical CBOR, not {other:?}"),
    }
}

fn member(map: &[(Cbor, Cbor)], key: u64, name: &str) -> Cbor {
    cbor::text_entry(cbor::entry(map, key).unwrap().as_map().unwrap(), name)
        .unwrap()
        .clone()
}

fn any_creation() -> impl Strategy<Value = Value> {
    let bytes = |range| {
        proptest::collection::vec(any::<u8>(), range)
            .prop_map(|bytes| json!(URL_SAFE_NO_PAD.encode(bytes)))
    };
    let user = (
        bytes(1..65),
        any::<Option<String>>(),
        any::<Option<String>>(),
    )
        .prop_map(
            |(id, name, display_name)| json!({"id": id, "name": name, "displayName": display_name}),
        );
    let word = proptest::sample::select(vec!["required", "preferred", "discouraged", "unheard of"]);
    let id = bytes(1..40).prop_map(|id| json!({"type": "public-key", "id": id}));
    let excluded = proptest::collection::vec(id, 0..4);
    (user, bytes(1..40), any::<i32>(), word.clone(), word, excluded, bytes(0..40)).prop_map(
        |(user, challenge, alg, resident, verification, excluded, salt)| {
            json!({
                "rp": {"id": "example.com"},
                "user": user,
                "challenge": challenge,
                "pubKeyCredParams": [{"type": "public-key", "alg": alg}, {"type": "public-key", "alg": -7}],
                "excludeCredentials": excluded,
                "authenticatorSelection": {"residentKey": resident, "userVerification": verification},
                "extensions": {"prf": {"eval": {"first": salt}}, "credentialProtectionPolicy": "userVerificationOptional"},
            })
        },
    )
}

proptest! {
    #[test]
    fn reading_any_reply_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let ceremony = register(&creation()).unwrap();
        let _ = ceremony.finish(&phone(), &Wiped::new(bytes.clone()));
        let _ = GetInfo::read(&bytes);
        let _ = authenticator_data::AuthenticatorData::read(&bytes);
        let padded = [auth_data("example.com", 0x45, false), bytes].concat();
        let _ = ceremony.finish(&phone(), &reply(vec![(1, Cbor::from("none")), (2, Cbor::Bytes(padded)), (3, Cbor::Map(vec![]))]));
    }

    #[test]
    fn a_command_is_canonical_and_names_what_was_read(options in any_creation()) {
        let map = command_map(&register(&options).unwrap().command(&phone()).unwrap());
        let text = |value: &Cbor| URL_SAFE_NO_PAD.encode(value.as_bytes().unwrap());
        prop_assert_eq!(text(&member(&map, 3, "id")), options["user"]["id"].as_str().unwrap());
        let alg = cbor::entry(&map, 4).unwrap().as_array().unwrap()[0].as_map().unwrap();
        prop_assert_eq!(cbor::text_entry(alg, "alg").unwrap(), &Cbor::from(options["pubKeyCredParams"][0]["alg"].as_i64().unwrap()));
        let excluded = cbor::entry(&map, 5).and_then(Cbor::as_array).map_or(0, Vec::len);
        prop_assert_eq!(excluded, options["excludeCredentials"].as_array().unwrap().len());
    }

    #[test]
    fn reading_any_options_never_panics(text in ".*") {
        let _ = Ceremony::register(origin(), &text);
        let _ = Ceremony::sign_in(origin(), &text);
    }
}
