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
    let map = command_map(&command);
    let member = |key, name| member(&map, key, name);
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
    let ceremony = register(&creation()).unwrap();
    let line = "register a passkey at example.com, for the account alice, asked by https://login.example.com";
    assert_eq!(ceremony.to_string(), line);
    let details = "; user verification required, discoverable passkey required";
    assert_eq!(format!("{ceremony:#}"), format!("{line}{details}"));
}

#[test]
fn a_refused_member_is_named_with_its_place() {
    let mut options = creation();
    options["user"]["id"] = json!("a+b=");
    let error = register(&options).err().unwrap().to_string();
    assert!(error.contains("user.id") && error.contains("base64url"), "{error}");
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
        .map(|param| cbor::text_entry(param.as_map().unwrap(), "alg").unwrap().clone())
        .collect();
    assert_eq!(algorithms, [Cbor::from(-65_535), Cbor::from(-7)]);
}

#[test]
fn an_empty_list_of_algorithms_means_the_defaults() {
    let mut options = creation();
    options["pubKeyCredParams"] = json!([]);
    let map = command_map(&register(&options).unwrap().command(&phone()).unwrap());
    assert_eq!(cbor::entry(&map, 4).and_then(Cbor::as_array).map(Vec::len), Some(2));
}

#[test]
fn false_options_are_left_unsaid() {
    let mut options = creation();
    options["authenticatorSelection"] = json!({"residentKey": "discouraged", "userVerification": "discouraged"});
    let map = command_map(&register(&options).unwrap().command(&phone()).unwrap());
    assert_eq!(cbor::entry(&map, 7), None);
    assert_eq!(cbor::entry(&map, 5), None, "and so is an empty exclude list");
}

#[test]
fn each_thing_a_phone_cannot_do_is_said_before_it_is_asked() {
    let with = |member: &str, value: Value| {
        let mut options = creation();
        options["authenticatorSelection"] = json!({});
        options[member] = value;
        register(&options).unwrap().command(&GetInfo::default())
    };
    let protect =
        json!({"credentialProtectionPolicy": "userVerificationRequired", "enforceCredentialProtectionPolicy": true});
    assert_eq!(with("extensions", protect), Err(CannotAsk::NoCredProtect));
    let blob = json!({"largeBlob": {"support": "required"}});
    assert_eq!(with("extensions", blob), Err(CannotAsk::NoLargeBlob));
    let resident = json!({"residentKey": "required"});
    assert_eq!(with("authenticatorSelection", resident), Err(CannotAsk::NoResidentKey));
    assert!(with("extensions", json!({"largeBlob": {"support": "preferred"}})).is_ok());
}

#[test]
fn prf_values_are_hashed_with_their_context_and_each_passkey_gets_its_own() {
    let options = json!({
        "challenge": "AAAA",
        "rpId": "example.com",
        "allowCredentials": [{"type": "public-key", "id": "CQkJ"}],
        "extensions": {"prf": {"eval": {"first": "Zmlyc3Q"}, "evalByCredential": {"CQkJ": {"first": "Zmlyc3Q", "second": ""}}}},
    });
    let ceremony = Ceremony::sign_in(origin(), &options.to_string()).unwrap();
    let map = command_map(&ceremony.command(&phone()).unwrap());
    let hashed = |value: &[u8]| Cbor::Bytes(Sha256::digest([b"WebAuthn PRF\0", value].concat()).to_vec());
    let expected = Cbor::Map(vec![
        (
            Cbor::from("eval"),
            Cbor::Map(vec![(Cbor::from("first"), hashed(b"first"))]),
        ),
        (
            Cbor::from("evalByCredential"),
            Cbor::Map(vec![(
                Cbor::Bytes(vec![9, 9, 9]),
                Cbor::Map(vec![
                    (Cbor::from("first"), hashed(b"first")),
                    (Cbor::from("second"), hashed(b"")),
                ]),
            )]),
        ),
    ]);
    assert_eq!(member(&map, 4, "prf"), expected);
    let plain = command_map(
        &ceremony
            .command(&GetInfo {
                extensions: vec![],
                ..phone()
            })
            .unwrap(),
    );
    assert_eq!(cbor::entry(&plain, 4), None, "a phone without prf is not bothered");
}

#[test]
fn extension_inputs_that_break_the_rules_are_refused() {
    let sign_in = |extensions: Value| {
        let options = json!({"challenge": "AAAA", "rpId": "example.com", "extensions": extensions});
        Ceremony::sign_in(origin(), &options.to_string()).err()
    };
    for wrong in [
        json!({"prf": {"evalByCredential": {"CQkJ": {"first": "AAAA"}}}}),
        json!({"largeBlob": {"support": "required"}}),
        json!({"largeBlob": {"read": true, "write": "AAAA"}}),
        json!({"largeBlob": {"write": "AAAA"}}),
    ] {
        let refused = sign_in(wrong.clone());
        assert!(matches!(refused, Some(OptionsError::Extension(_))), "{wrong}");
    }
    let mut options = creation();
    options["extensions"] = json!({"prf": {"evalByCredential": {"CQkJ": {"first": "AAAA"}}}});
    assert!(matches!(register(&options).err(), Some(OptionsError::Extension(_))));
}

#[test]
fn prf_outputs_of_a_reply_reach_the_relying_party() {
    let outputs = |entries: Vec<(&str, Cbor)>| {
        let prf = Cbor::Map(
            entries
                .into_iter()
                .map(|(name, value)| (Cbor::from(name), value))
                .collect(),
        );
        Cbor::Map(vec![(Cbor::from("prf"), prf)])
    };
    let results = Cbor::Map(vec![(Cbor::from("first"), Cbor::Bytes(vec![1; 32]))]);
    let reply = reply(vec![
        (1, Cbor::from("none")),
        (2, Cbor::Bytes(auth_data("example.com", 0x45, true))),
        (3, Cbor::Map(vec![])),
        (6, outputs(vec![("enabled", Cbor::from(true)), ("results", results)])),
    ]);
    let response = register(&creation()).unwrap().finish(&phone(), &reply).unwrap();
    let expected = json!({"enabled": true, "results": {"first": URL_SAFE_NO_PAD.encode([1; 32])}});
    assert_eq!(response["clientExtensionResults"]["prf"], expected);
}

#[test]
fn a_phone_with_hmac_secret_alone_makes_the_passkey_ready() {
    let phone = GetInfo {
        extensions: vec!["hmac-secret".to_owned()],
        ..phone()
    };
    let ceremony = register(&creation()).unwrap();
    let map = command_map(&ceremony.command(&phone).unwrap());
    assert_eq!(member(&map, 6, "hmac-secret"), Cbor::from(true));
    let extensions = cbor::write(&Cbor::Map(vec![(Cbor::from("hmac-secret"), Cbor::from(true))]));
    let auth_data = [auth_data("example.com", 0xc5, true), extensions].concat();
    let reply = reply(vec![
        (1, Cbor::from("none")),
        (2, Cbor::Bytes(auth_data)),
        (3, Cbor::Map(vec![])),
    ]);
    let response = ceremony.finish(&phone, &reply).unwrap();
    assert_eq!(response["clientExtensionResults"]["prf"], json!({"enabled": true}));
}

#[test]
fn transports_are_those_the_phone_names_with_cable_called_hybrid() {
    let transports = |named: &[&str]| {
        let phone = GetInfo {
            transports: named.iter().map(|name| (*name).to_owned()).collect(),
            ..phone()
        };
        let response = register(&creation())
            .unwrap()
            .finish(&phone, &created("example.com", 0x45));
        response.unwrap()["response"]["transports"].clone()
    };
    assert_eq!(
        transports(&["internal", "cable", "hybrid"]),
        json!(["hybrid", "internal"])
    );
    assert_eq!(transports(&["internal"]), json!(["hybrid", "internal"]));
    assert_eq!(transports(&[]), json!(["hybrid", "internal"]));
}

#[test]
fn an_attestation_is_passed_on_when_it_was_asked_for_or_tells_nothing() {
    let statement = |certificates: bool| {
        let x5c = certificates.then(|| (Cbor::from("x5c"), Cbor::Array(vec![Cbor::Bytes(vec![1])])));
        Cbor::Map([(Cbor::from("alg"), Cbor::from(-7))].into_iter().chain(x5c).collect())
    };
    let format = |attestation: &str, aaguid: u8, certificates| {
        let mut options = creation();
        options["attestation"] = json!(attestation);
        let mut auth_data = auth_data("example.com", 0x45, true);
        auth_data[37..53].fill(aaguid);
        let reply = reply(vec![
            (1, Cbor::from("packed")),
            (2, Cbor::Bytes(auth_data)),
            (3, statement(certificates)),
        ]);
        let response = register(&options).unwrap().finish(&phone(), &reply).unwrap();
        let object = response["response"]["attestationObject"].as_str().unwrap().to_owned();
        let object = cbor::read(&URL_SAFE_NO_PAD.decode(object).unwrap()).unwrap();
        cbor::text_entry(object.as_map().unwrap(), "fmt").unwrap().clone()
    };
    assert_eq!(format("direct", 7, true), Cbor::from("packed"));
    assert_eq!(format("none", 7, true), Cbor::from("none"));
    assert_eq!(format("none", 7, false), Cbor::from("none"));
    assert_eq!(format("none", 0, false), Cbor::from("packed"), "self attestation");
}

#[test]
fn authenticator_data_that_contradicts_itself_is_refused() {
    let good = auth_data("example.com", 0x45, true);
    let refused = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = good.clone();
        change(&mut bytes);
        auth_data::AuthData::read(&bytes).is_none_or(|read| read.credential.is_none_or(|made| made.key.is_none()))
    };
    assert!(!refused(&|_| {}));
    assert!(refused(&|bytes| bytes.push(0)), "trailing byte");
    assert!(refused(&|bytes| bytes[32] |= 0x10), "backed up, but not eligible");
    assert!(refused(&|bytes| bytes[32] |= 0x80), "extensions promised and absent");
    assert!(refused(&|bytes| bytes[32] &= !0x40), "no credential");
    assert!(
        refused(&|bytes| *bytes.last_mut().unwrap() ^= 1),
        "a point off the curve"
    );
    assert!(
        refused(&|bytes| bytes[53..55].fill(0)),
        "a credential id without length"
    );
    assert!(
        refused(&|bytes| bytes[53..55].fill(0xff)),
        "a credential id longer than all"
    );
    for length in 0..good.len() {
        assert!(refused(&|bytes| bytes.truncate(length)), "cut to {length}");
    }
}

#[test]
fn a_usernameless_sign_in_needs_id_and_user_handle() {
    let ceremony = Ceremony::sign_in(origin(), r#"{"challenge": "AAAA", "rpId": "example.com"}"#).unwrap();
    let id = Cbor::Map(vec![(Cbor::from("id"), Cbor::Bytes(vec![9]))]);
    let user = |length| Cbor::Map(vec![(Cbor::from("id"), Cbor::Bytes(vec![5; length]))]);
    let answered = |entries: Vec<(u8, Cbor)>| {
        let signed = [
            (2, Cbor::Bytes(auth_data("example.com", 5, false))),
            (3, Cbor::Bytes(vec![1])),
        ];
        ceremony.finish(&phone(), &reply(entries.into_iter().chain(signed).collect()))
    };
    assert_eq!(
        answered(vec![(1, id.clone()), (4, user(2))]).unwrap()["response"]["userHandle"],
        "BQU"
    );
    for wrong in [vec![(1, id.clone())], vec![(4, user(2))], vec![(1, id), (4, user(65))]] {
        assert!(matches!(answered(wrong), Err(ReplyError::Malformed(_))));
    }
}

#[test]
fn text_from_outside_cannot_steer_a_terminal_or_turn_the_line() {
    assert_eq!(printable("a\u{1b}[31mb\r\n\u{9b}c\u{202e}d\u{2066}e"), "a[31mbcde");
    assert_eq!(printable("Zoë 北京"), "Zoë 北京");
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
    let bytes =
        |range| proptest::collection::vec(any::<u8>(), range).prop_map(|bytes| json!(URL_SAFE_NO_PAD.encode(bytes)));
    let user = (bytes(1..65), any::<Option<String>>(), any::<Option<String>>())
        .prop_map(|(id, name, display_name)| json!({"id": id, "name": name, "displayName": display_name}));
    let word = proptest::sample::select(vec!["required", "preferred", "discouraged", "unheard of"]);
    let id = bytes(0..40).prop_map(|id| json!({"type": "public-key", "id": id}));
    let excluded = proptest::collection::vec(id, 0..4);
    (user, bytes(0..40), any::<i64>(), word.clone(), word, excluded, bytes(0..40)).prop_map(
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
        let _ = auth_data::AuthData::read(&bytes);
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
