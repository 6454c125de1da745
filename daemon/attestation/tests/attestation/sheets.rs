//! What a sheet says, and what it finds odd.

use crate::data::{self, NOW};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hybrid_attestation::Inspection;
use serde_json::{Value, json};

fn sheet(response: &Value) -> Value {
    let inspection = Inspection::of(response.to_string().as_bytes(), None, NOW).unwrap();
    inspection.to_json()["inspected"][0].clone()
}

fn vector(name: &str) -> data::Case {
    data::vectors()
        .into_iter()
        .find(|case| case.name == name)
        .unwrap()
}

#[test]
fn a_sheet_for_people_has_every_answer_in_a_line() {
    let response = data::response(&vector("none-es256"));
    let told = Inspection::of(response.to_string().as_bytes(), None, NOW)
        .unwrap()
        .to_string();
    let expected = "\
A registration (a new passkey)
  Model:                 8446ccb9-ab1d-b374-750b-2367ff6f3a1f, claimed, and of no model that this program knows
  Attestation:           none: nobody vouches for the passkey or its model
  Kind:                  synced: the provider may copy it, and has (BE 1, BS 1)
  User verified:         no (UV 0)
  User present:          yes (UP 1)
  Sign count:            0 (it does not count, or has not yet)
  Algorithm:             ES256 (-7)
  Credential id:         32 bytes, SHA-256 ";
    assert!(told.starts_with(expected), "{told}");
    assert!(
        told.contains("  Site (rp id):          example.org\n"),
        "{told}"
    );
    assert!(
        told.contains("  What is odd:\n    - The user was not verified (UV 0)"),
        "{told}"
    );
}

#[test]
fn what_a_response_says_twice_has_to_be_the_same() {
    let case = vector("packed-es256");
    let good = data::response(&case);
    let none: Value = json!([]);
    let odd = |member: &str, value: Value| {
        let mut response = good.clone();
        match member {
            "id" | "rawId" => response[member] = value,
            _ => response["response"][member] = value,
        }
        sheet(&response)["odd"].clone()
    };
    let at = data::auth_data_at(&case.object);
    let id = URL_SAFE_NO_PAD.encode(&case.object[at + 55..at + 55 + 32]);
    let auth_data = URL_SAFE_NO_PAD.encode(&case.object[at..]);
    let before = sheet(&good)["odd"].clone();
    for (member, same, other) in [
        ("id", json!(id), json!("AQID")),
        ("rawId", json!(id), json!("AQID")),
        ("authenticatorData", json!(auth_data), json!("AQID")),
        ("publicKeyAlgorithm", json!(-7), json!(-257)),
        ("publicKey", none, json!("AQID")),
    ] {
        if same != json!([]) {
            assert_eq!(odd(member, same), before, "{member}");
        }
        assert!(
            odd(member, other)
                .to_string()
                .contains(&format!("member {member}")),
            "{member}"
        );
    }
}

#[test]
fn what_is_odd_is_told_in_sentences() {
    let case = vector("none-es256");
    let at = data::auth_data_at(&case.object);
    let with = |change: &dyn Fn(&mut data::Case)| {
        let mut case = vector("none-es256");
        change(&mut case);
        sheet(&data::response(&case))["odd"].to_string()
    };
    for (told, change) in [
        (
            "contradict each other",
            &(|case: &mut data::Case| case.object[at + 32] &= !0x08) as &dyn Fn(&mut data::Case),
        ),
        ("presence was not", &|case| case.object[at + 32] &= !0x01),
        ("counts its signatures", &|case| case.object[at + 36] = 9),
        ("model is not stated", &|case| {
            case.object[at + 37..at + 53].fill(0)
        }),
        ("cannot be read: the bytes end before", &|case| {
            case.object[at + 53] = 3
        }),
        ("no JSON object", &|case| case.client_data = b"x".to_vec()),
        ("another ceremony", &|case| {
            case.client_data =
                br#"{"type": "webauthn.get", "challenge": "AA", "origin": "https://example.org"}"#
                    .to_vec()
        }),
        ("signed for another site", &|case| {
            case.client_data = br#"{"type": "webauthn.create", "challenge": "AA", "origin": "https://example.com"}"#.to_vec()
        }),
        ("embedded in https://top.example", &|case| {
            case.client_data = br#"{"type": "webauthn.create", "challenge": "AA", "origin": "https://sub.example.org", "crossOrigin": true, "topOrigin": "https://top.example"}"#.to_vec()
        }),
        ("hold no challenge", &|case| {
            case.client_data =
                br#"{"type": "webauthn.create", "origin": "https://example.org"}"#.to_vec()
        }),
    ] {
        let told = if told == "presence was not" {
            "presence was confirmed"
        } else {
            told
        };
        let odd = with(change);
        assert!(odd.contains(told), "expected {told:?} in {odd}");
    }
}

#[test]
fn secrets_of_extensions_are_never_shown() {
    let mut response = data::response(&vector("none-es256"));
    response["clientExtensionResults"] = json!({
        "credProps": {"rk": true}, "prf": {"enabled": true, "results": {"first": "c2VjcmV0LXByZg"}},
        "largeBlob": {"blob": "c2VjcmV0LWJsb2I"}, "hmacGetSecret": {"output1": "c2VjcmV0LWhtYWM"}, "minPinLength": "c2VjcmV0LXh4",
    });
    let inspection = Inspection::of(response.to_string().as_bytes(), None, NOW).unwrap();
    let all = inspection.to_string() + &inspection.to_json().to_string();
    assert!(!all.contains("c2VjcmV0"), "{all}");
    assert!(
        all.contains("credProps (discoverable: true)")
            && all.contains("prf (with a value, which is not shown)"),
        "{all}"
    );
}
