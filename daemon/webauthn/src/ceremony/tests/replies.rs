//! Replies of the phone: what is checked, and what is written.

use super::*;

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
    assert_eq!(
        finish(&created("example.com", 0x44)),
        ReplyError::NotPresent
    );
    assert_eq!(
        finish(&created("example.com", 0x41)),
        ReplyError::NotVerified
    );
    assert_eq!(
        finish(&Wiped::new(vec![0x2e])),
        ReplyError::Declined(CtapStatus(0x2e))
    );
    assert!(matches!(
        finish(&Wiped::new(vec![])),
        ReplyError::Malformed(_)
    ));
}

#[test]
fn a_sign_in_takes_no_other_passkey_than_those_allowed() {
    let options = json!({"challenge": "AAAA", "rpId": "example.com", "allowCredentials": [{"type": "public-key", "id": "CQkJ"}]});
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
        let x5c =
            certificates.then(|| (Cbor::from("x5c"), Cbor::Array(vec![Cbor::Bytes(vec![1])])));
        Cbor::Map(
            [(Cbor::from("alg"), Cbor::from(-7))]
                .into_iter()
                .chain(x5c)
                .collect(),
        )
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
        let response = register(&options)
            .unwrap()
            .finish(&phone(), &reply)
            .unwrap();
        let object = response["response"]["attestationObject"]
            .as_str()
            .unwrap()
            .to_owned();
        let object = cbor::read(&URL_SAFE_NO_PAD.decode(object).unwrap()).unwrap();
        cbor::text_entry(object.as_map().unwrap(), "fmt")
            .unwrap()
            .clone()
    };
    assert_eq!(format("direct", 7, true), Cbor::from("packed"));
    assert_eq!(format("none", 7, true), Cbor::from("none"));
    assert_eq!(format("none", 7, false), Cbor::from("none"));
    assert_eq!(
        format("none", 0, false),
        Cbor::from("packed"),
        "self attestation"
    );
}

#[test]
fn authenticator_data_that_contradicts_itself_is_refused() {
    let good = auth_data("example.com", 0x45, true);
    let refused = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = good.clone();
        change(&mut bytes);
        let read = authenticator_data::AuthenticatorData::read(&bytes);
        read.ok()
            .filter(|read| !read.claims_backup_of_device_bound())
            .is_none_or(|read| read.credential.is_none_or(|made| made.key.is_none()))
    };
    assert!(!refused(&|_| {}));
    assert!(refused(&|bytes| bytes.push(0)), "trailing byte");
    assert!(
        refused(&|bytes| bytes[32] |= 0x10),
        "backed up, but not eligible"
    );
    assert!(
        refused(&|bytes| bytes[32] |= 0x80),
        "extensions promised and absent"
    );
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
    let ceremony =
        Ceremony::sign_in(origin(), r#"{"challenge": "AAAA", "rpId": "example.com"}"#).unwrap();
    let id = Cbor::Map(vec![(Cbor::from("id"), Cbor::Bytes(vec![9]))]);
    let user = |length| Cbor::Map(vec![(Cbor::from("id"), Cbor::Bytes(vec![5; length]))]);
    let answered = |entries: Vec<(u8, Cbor)>| {
        let signed = [
            (2, Cbor::Bytes(auth_data("example.com", 5, false))),
            (3, Cbor::Bytes(vec![1])),
        ];
        ceremony.finish(
            &phone(),
            &reply(entries.into_iter().chain(signed).collect()),
        )
    };
    assert_eq!(
        answered(vec![(1, id.clone()), (4, user(2))]).unwrap()["response"]["userHandle"],
        "BQU"
    );
    for wrong in [
        vec![(1, id.clone())],
        vec![(4, user(2))],
        vec![(1, id), (4, user(65))],
    ] {
        assert!(matches!(answered(wrong), Err(ReplyError::Malformed(_))));
    }
}
