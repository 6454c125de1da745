//! Sign-ins: verified, or said to be beyond this program; and each byte of them changed.

use crate::data::{self, Case, NOW};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hybrid_attestation::{Flaw, Inspection, verify_assertion, verify_attestation};
use hybrid_protocol::cbor::{self, Value};
use serde_json::json;

/// The curve that no library here knows.
const BEYOND: &str = "packed-ed448";
const PARTS: [&str; 3] = ["authenticatorData", "clientDataJSON", "signature"];

/// What is said of the signature when registration and sign-in stand in one input, and what is odd.
fn told(case: &Case, parts: &[Vec<u8>; 3]) -> (serde_json::Value, String) {
    let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let at = data::auth_data_at(&case.object) + 53;
    let length = usize::from(u16::from_be_bytes([case.object[at], case.object[at + 1]]));
    let id = text(&case.object[at + 2..at + 2 + length]);
    let mut sign_in = json!({"id": id, "rawId": id, "response": {}});
    for (name, part) in PARTS.iter().zip(parts) {
        sign_in["response"][name] = json!(text(part));
    }
    let both = json!([data::response(case), sign_in]).to_string();
    let inspection = Inspection::of(both.as_bytes(), None, NOW).unwrap();
    let sheet = inspection.to_json()["inspected"][1].clone();
    (sheet, inspection.to_string())
}

#[test]
fn every_sign_in_of_the_vectors_is_verified_or_said_to_be_beyond_this_program() {
    for case in data::vectors() {
        let parts = case.sign_in.clone().unwrap();
        let [data, client_data, signature] = &parts;
        let verified = verify_assertion(&case.object, data, client_data, signature);
        let (sheet, text) = told(&case, &parts);
        if case.name != BEYOND {
            assert_eq!(verified, Ok(()), "{}", case.name);
            assert_eq!(sheet["signature"], "verified", "{}", case.name);
            continue;
        }
        assert!(
            matches!(verified, Err(Flaw::Unsupported(_))),
            "{verified:?}"
        );
        assert_eq!(sheet["signature"], "unverified");
        let told = "cannot be verified here: this program does not verify EdDSA with a key of the kind Ed448";
        assert!(text.contains(told), "{text}");
    }
}

#[test]
fn whatever_byte_of_a_sign_in_changes_it_is_refused_with_its_reason() {
    for case in data::vectors()
        .into_iter()
        .filter(|case| case.name != BEYOND)
    {
        let good = case.sign_in.clone().unwrap();
        for (place, part) in good.iter().enumerate() {
            // A signature of P-521 takes longer than all others together.
            let step = if case.name == "packed-es512" { 16 } else { 1 };
            for at in (0..part.len()).step_by(step) {
                let mut parts = good.clone();
                parts[place][at] ^= 1;
                let [data, client_data, signature] = &parts;
                let refused = verify_assertion(&case.object, data, client_data, signature);
                let of_key = Err(Flaw::Signature("the credential's key"));
                assert_eq!(refused, of_key, "{} {} byte {at}", case.name, PARTS[place]);
            }
        }
    }
}

#[test]
fn each_field_of_a_sign_in_that_changes_is_told_as_wrong() {
    for case in data::vectors()
        .into_iter()
        .filter(|case| case.name != BEYOND)
    {
        let good = case.sign_in.clone().unwrap();
        // Hash, flags (user verified), counter, client data, signature.
        for (place, at, bit) in [(0, 0, 1), (0, 32, 4), (0, 36, 1), (1, 40, 1), (2, 9, 1)] {
            let mut parts = good.clone();
            parts[place][at] ^= bit;
            let (sheet, _) = told(&case, &parts);
            assert_eq!(sheet["signature"], "wrong", "{} {place} {at}", case.name);
            let odd = sheet["odd"].to_string();
            let why = "The signature is wrong: the signature is not of the credential's key";
            assert!(odd.contains(why), "{odd}");
        }
    }
}

#[test]
fn a_key_that_is_no_point_of_its_curve_is_wrong_on_each_curve() {
    for name in ["packed-es256", "packed-es384", "packed-es512"] {
        let case = { data::vectors().into_iter() }
            .find(|case| case.name == name)
            .unwrap();
        let with = |y: &dyn Fn(&mut Vec<u8>)| {
            let mut object = cbor::read_lenient(&case.object)
                .unwrap()
                .into_map()
                .unwrap();
            let place = { object.iter() }.position(|(name, _)| name.as_text() == Some("authData"));
            let Value::Bytes(data) = &mut object[place.unwrap()].1 else {
                panic!("authData");
            };
            let at = 55 + usize::from(u16::from_be_bytes([data[53], data[54]]));
            let (Value::Map(mut key), rest) = cbor::read_prefix(&data[at..]).unwrap() else {
                panic!("a key");
            };
            let rest = rest.to_vec();
            let place = key.iter().position(|(label, _)| *label == Value::from(-3));
            let Value::Bytes(coordinate) = &mut key[place.unwrap()].1 else {
                panic!("y");
            };
            y(coordinate);
            data.truncate(at);
            data.extend([cbor::write(&Value::Map(key)), rest].concat());
            let none = [
                ("fmt", Value::from("none")),
                ("attStmt", Value::Map(Vec::new())),
            ];
            for (name, value) in none {
                let place = { object.iter() }.position(|(known, _)| known.as_text() == Some(name));
                object[place.unwrap()].1 = value;
            }
            verify_attestation(&cbor::write(&Value::Map(object)), &case.client_data)
        };
        assert!(with(&|_| {}).is_ok(), "{name}");
        let off = Flaw::Key("the credential's key is no point of its curve");
        assert_eq!(with(&|y| y[20] ^= 1), Err(off.clone()), "{name}");
        assert_eq!(with(&|y| y.fill(0xff)), Err(off), "{name}");
    }
}
