//! The vectors of WebAuthn Level 3: every statement is verified.

use crate::data::{self, NOW};
use crate::issuer::{entry, metadata};
use hybrid_attestation::{Inspection, Vouched, verify_attestation};

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
fn a_root_that_several_models_share_attests_none_that_the_certificate_does_not_name() {
    let real = [
        ("iphone-12", "apple", "Apple vouches for the key"),
        (
            "pixel-8a",
            "google-0",
            "the keystore of an Android phone keeps the key",
        ),
    ];
    let real = real.map(|(name, root, told)| (name, data::root(root), told));
    let vectors = [
        ("tpm-es256", data::vectors_root(), "a TPM keeps the key"),
        (
            "apple-es256",
            data::vectors_root(),
            "Apple vouches for the key",
        ),
    ];
    let cases: Vec<data::Case> = data::objects().into_iter().chain(data::vectors()).collect();
    for (name, root, told) in real.into_iter().chain(vectors) {
        let case = cases.iter().find(|case| case.name == name).unwrap();
        let roots = [root];
        let own = entry(&data::aaguid(&case.object), "It", &roots);
        let other = entry("11111111-2222-3333-4444-555555555555", "Another", &roots);
        let response = data::response(case).to_string();
        let judged = |entries: &[serde_json::Value]| {
            let inspection =
                Inspection::of(response.as_bytes(), Some(&metadata(entries)), NOW).unwrap();
            (
                inspection.to_json()["inspected"][0].clone(),
                inspection.to_string(),
            )
        };
        let (alone, _) = judged(std::slice::from_ref(&own));
        assert_eq!(alone["attestation"]["result"], "attested", "{name}");
        for both in [[own.clone(), other.clone()], [other, own]] {
            let (sheet, text) = judged(&both);
            assert_eq!(sheet["attestation"]["result"], "unsigned-model", "{name}");
            assert_eq!(sheet["model"]["standing"], "claimed", "{name}");
            assert!(text.contains(told), "expected {told} in {text}");
        }
    }
}
