//! Ceremonies against hand-made replies.

use super::*;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hybrid_protocol::Secret;
use hybrid_protocol::cbor::{self, Value as Cbor};
use hybrid_protocol::key::PrivateKey;
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
        rk: true,
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
        let point = PrivateKey::new(&Secret::new([7; 32])).unwrap().public().uncompressed();
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
    let map = Cbor::Map(map.into_iter().map(|(key, value)| (Cbor::from(key), value)).collect());
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
    let Ok(Cbor::Map(map)) = cbor::read(&command[1..]) else {
        panic!("canonical CBOR")
    };
    let member = |key, name| {
        cbor::text_entry(cbor::entry(&map, key).unwrap().as_map().unwrap(), name)
            .unwrap()
            .clone()
    };
    assert_eq!(member(2, "name"), Cbor::from("example.com"), "filled in from the id");
    assert_eq!(member(3, "displayName"), Cbor::from("alice"), "filled in from the name");
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
    assert!(with("rp", json!({"id": "other.org"})).contains("may not use passkeys of other.org"));
    assert!(with("pubKeyCredParams", json!([{"type": "public-key", "alg": -8}])).contains("ES256"));
    assert!(with("user", json!({"id": ""})).contains("1 to 64 bytes"));
    assert!(with("authenticatorSelection", json!({"authenticatorAttachment": "platform"})).contains("platform"));
    let foreign = json!({"challenge": "AAAA", "allowCredentials": [{"type": "password", "id": "AAAA"}]});
    assert_eq!(
        Ceremony::sign_in(origin(), &foreign.to_string()).err(),
        Some(OptionsError::NothingAllowed)
    );
}

#[test]
fn a_phone_without_screen_lock_is_told_before_it_is_asked() {
    let phone = GetInfo {
        uv: Some(false),
        rk: true,
        ..GetInfo::default()
    };
    assert_eq!(
        register(&creation()).unwrap().command(&phone),
        Err(CannotAsk::NoUserVerification)
    );
}

#[test]
fn a_registration_is_written_as_level_3_has_it() {
    let response = register(&creation())
        .unwrap()
        .finish(&phone(), &created("example.com", 0x45))
        .unwrap();
    assert_eq!(response["id"], "CQkJ");
    assert_eq!(response["clientExtensionResults"]["credProps"]["rk"], true);
    assert_eq!(response["clientExtensionResults"]["prf"]["enabled"], false);
    let object = URL_SAFE_NO_PAD
        .decode(response["response"]["attestationObject"].as_str().unwrap())
        .unwrap();
    let Ok(Cbor::Map(object)) = cbor::read(&object) else {
        panic!("canonical CBOR")
    };
    assert_eq!(
        cbor::text_entry(&object, "fmt"),
        Some(&Cbor::from("none")),
        "no attestation was asked for"
    );
    let client_data = URL_SAFE_NO_PAD
        .decode(response["response"]["clientDataJSON"].as_str().unwrap())
        .unwrap();
    let expected = r#"{"type":"webauthn.create","challenge":"Y2hhbGxlbmdl","origin":"https://login.example.com","crossOrigin":false}"#;
    assert_eq!(client_data, expected.as_bytes());
}

#[test]
fn a_reply_that_does_not_fit_is_refused() {
    let ceremony = register(&creation()).unwrap();
    let finish = |reply: &Wiped| ceremony.finish(&phone(), reply).unwrap_err();
    assert_eq!(finish(&created("other.org", 0x45)), ReplyError::OtherRp);
    assert_eq!(finish(&created("example.com", 0x44)), ReplyError::NotPresent);
    assert_eq!(finish(&created("example.com", 0x41)), ReplyError::NotVerified);
    assert_eq!(finish(&Wiped::new(vec![0x2e])), ReplyError::Declined(CtapStatus(0x2e)));
    assert!(matches!(finish(&Wiped::new(vec![])), ReplyError::Malformed(_)));
}

#[test]
fn a_sign_in_takes_no_other_passkey_than_those_allowed() {
    let options =
        json!({"challenge": "AAAA", "rpId": "example.com", "allowCredentials": [{"type": "public-key", "id": "CQkJ"}]});
    let ceremony = Ceremony::sign_in(origin(), &options.to_string()).unwrap();
    let asserted = |id: Vec<u8>| {
        let credential = Cbor::Map(vec![
            (Cbor::from("id"), Cbor::Bytes(id)),
            (Cbor::from("type"), Cbor::from("public-key")),
        ]);
        reply(vec![
            (1, credential),
            (2, Cbor::Bytes(auth_data("example.com", 5, false))),
            (3, Cbor::Bytes(vec![1])),
        ])
    };
    assert_eq!(
        ceremony.finish(&phone(), &asserted(vec![9, 9, 9])).unwrap()["rawId"],
        "CQkJ"
    );
    assert_eq!(
        ceremony.finish(&phone(), &asserted(vec![1])),
        Err(ReplyError::OtherCredential)
    );
}

#[test]
fn a_dry_run_says_who_asks_for_what() {
    assert_eq!(
        register(&creation()).unwrap().to_string(),
        "register a passkey at example.com, for the account alice, asked by https://login.example.com; \
         discoverable: required, user verification: required"
    );
}

proptest! {
    #[test]
    fn reading_any_reply_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let ceremony = register(&creation()).unwrap();
        let _ = ceremony.finish(&phone(), &Wiped::new(bytes.clone()));
        let _ = GetInfo::read(&bytes);
        let _ = auth_data::AuthData::read(&bytes);
        let padded = [auth_data("example.com", 0x45, false), bytes].concat();
        let _ = ceremony.finish(&phone(), &reply(vec![(1, Cbor::from("none")), (2, Cbor::Bytes(padded)), (3, Cbor::Map(vec![]))]));
    }

    #[test]
    fn reading_any_options_never_panics(text in ".*") {
        let _ = Ceremony::register(origin(), &text);
        let _ = Ceremony::sign_in(origin(), &text);
    }
}
