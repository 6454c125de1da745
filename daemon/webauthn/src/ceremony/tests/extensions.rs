//! What extensions put into commands and responses.

use super::*;

#[test]
fn each_thing_a_phone_cannot_do_is_said_before_it_is_asked() {
    let with = |member: &str, value: Value| {
        let mut options = creation();
        options["authenticatorSelection"] = json!({});
        options[member] = value;
        register(&options).unwrap().command(&GetInfo {
            rk: Some(false),
            ..GetInfo::default()
        })
    };
    let protect = json!({"credentialProtectionPolicy": "userVerificationRequired", "enforceCredentialProtectionPolicy": true});
    assert_eq!(with("extensions", protect), Err(CannotAsk::NoCredProtect));
    let blob = json!({"largeBlob": {"support": "required"}});
    assert_eq!(with("extensions", blob), Err(CannotAsk::NoLargeBlob));
    let resident = json!({"residentKey": "required"});
    assert_eq!(
        with("authenticatorSelection", resident),
        Err(CannotAsk::NoResidentKey)
    );
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
    let hashed =
        |value: &[u8]| Cbor::Bytes(Sha256::digest([b"WebAuthn PRF\0", value].concat()).to_vec());
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
    assert_eq!(
        cbor::entry(&plain, 4),
        None,
        "a phone without prf is not bothered"
    );
}

#[test]
fn extension_inputs_that_break_the_rules_are_refused() {
    let sign_in = |extensions: Value| {
        let options = json!({"challenge": "AAAA", "rpId": "example.com", "extensions": extensions});
        Ceremony::sign_in(origin(), &options.to_string()).err()
    };
    for wrong in [
        json!({"prf": {"evalByCredential": {"CQkJ": {"first": "AAAA"}}}}),
        json!({"largeBlob": {"read": true, "write": "AAAA"}}),
        json!({"largeBlob": {"write": "AAAA"}}),
    ] {
        let refused = sign_in(wrong.clone());
        assert!(
            matches!(refused, Some(OptionsError::Extension(_))),
            "{wrong}"
        );
    }
    let mut options = creation();
    options["extensions"] = json!({"prf": {"evalByCredential": {"CQkJ": {"first": "AAAA"}}}});
    assert!(matches!(
        register(&options).err(),
        Some(OptionsError::Extension(_))
    ));
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
        (
            6,
            outputs(vec![("enabled", Cbor::from(true)), ("results", results)]),
        ),
    ]);
    let response = register(&creation())
        .unwrap()
        .finish(&phone(), &reply)
        .unwrap();
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
    let extensions = cbor::write(&Cbor::Map(vec![(
        Cbor::from("hmac-secret"),
        Cbor::from(true),
    )]));
    let auth_data = [auth_data("example.com", 0xc5, true), extensions].concat();
    let reply = reply(vec![
        (1, Cbor::from("none")),
        (2, Cbor::Bytes(auth_data)),
        (3, Cbor::Map(vec![])),
    ]);
    let response = ceremony.finish(&phone, &reply).unwrap();
    assert_eq!(
        response["clientExtensionResults"]["prf"],
        json!({"enabled": true})
    );
}
