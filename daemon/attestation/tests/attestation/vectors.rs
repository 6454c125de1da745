//! The vectors of WebAuthn Level 3: every statement is verified, and every signature that ring knows.

use crate::data::{self, NOW};
use crate::issuer::{entry, metadata};
use hybrid_attestation::{Flaw, Inspection, Vouched, verify_assertion, verify_attestation};

#[test]
fn every_statement_of_the_standards_vectors_is_verified() {
    let mut counted = [0; 3];
    for case in data::vectors() {
        let vouched = verify_attestation(&case.object, &case.client_data);
        let expected = if case.name.starts_with("none") {
            Vouched::Nobody
        } else if case.name.starts_with("packed-self") {
            Vouched::ItsOwnKey
        } else {
            Vouched::Certificates(1)
        };
        assert_eq!(vouched, Ok(expected), "{}", case.name);
        counted[match expected {
            Vouched::Nobody => 0,
            Vouched::ItsOwnKey => 1,
            Vouched::Certificates(_) => 2,
        }] += 1;
    }
    assert_eq!(counted, [4, 1, 10]);
}

#[test]
fn every_statement_of_the_vectors_ends_in_their_root_once_metadata_list_it() {
    for case in data::vectors() {
        let model = data::aaguid(&case.object);
        let known = metadata(&[entry(&model, "A vector", &[data::vectors_root()])]);
        let response = data::response(&case).to_string();
        let inspection = Inspection::of(response.as_bytes(), Some(&known), NOW).unwrap();
        let json = inspection.to_json();
        let sheet = &json["inspected"][0];
        let (result, standing) = match case.name.as_str() {
            none if none.starts_with("none") => ("none", "claimed"),
            "packed-self-es256" => ("self", "claimed"),
            // Its AAGUID is not signed, and nobody knows its certificate.
            "fido-u2f-es256" => ("unknown-model", "claimed"),
            // Its certificate says that software keeps the key.
            "android-key-es256" => ("software-key", "claimed"),
            _ => ("attested", "attested"),
        };
        assert_eq!(sheet["attestation"]["result"], result, "{}", case.name);
        assert_eq!(sheet["model"]["standing"], standing, "{}", case.name);
        assert_eq!(sheet["model"]["name"], "A vector");
        assert_eq!(sheet["origin"], "https://example.org");
        assert_eq!(sheet["rp_id"], "example.org");
    }
}

#[test]
fn every_signature_of_the_vectors_is_verified_but_those_that_ring_does_not_know() {
    let mut unknown = Vec::new();
    for case in data::vectors() {
        let [auth_data, client_data, signature] = case.sign_in.unwrap();
        match verify_assertion(&case.object, &auth_data, &client_data, &signature) {
            Ok(()) => {}
            Err(Flaw::Unsupported(_)) => unknown.push(case.name),
            Err(flaw) => panic!("{}: {flaw}", case.name),
        }
        for (place, part) in [&auth_data, &client_data, &signature]
            .into_iter()
            .enumerate()
        {
            for at in [0, part.len() / 2, part.len() - 1] {
                let mut changed = part.clone();
                changed[at] ^= 1;
                let parts = [&auth_data, &client_data, &signature];
                let with = |index: usize| {
                    if index == place {
                        &changed
                    } else {
                        parts[index]
                    }
                };
                let verified = verify_assertion(&case.object, with(0), with(1), with(2));
                assert!(verified.is_err(), "part {place}, byte {at}");
            }
        }
    }
    assert_eq!(unknown, ["packed-es512", "packed-ed448"]);
}
