//! Objects of real authenticators, kept from packages of others.

use crate::data::{self, NOW};
use crate::issuer::{entry, metadata};
use hybrid_attestation::{Flaw, Inspection, Vouched, verify_attestation};

#[test]
fn every_statement_of_real_authenticators_is_verified() {
    for case in data::objects() {
        let vouched = verify_attestation(&case.object, &case.client_data);
        let expected = match case.name.as_str() {
            "none-attestation" | "fido2-helpers-none" => Ok(Vouched::Nobody),
            "yubikey-4"
            | "yubikey-5-nfc"
            | "yubikey-u2f-response"
            | "hypersecu-u2f"
            | "fido2-helpers-u2f" => Ok(Vouched::Certificates(1)),
            "fido2-helpers-packed" => Ok(Vouched::Certificates(3)),
            "iphone-12" | "microsoft-surface-1796" | "fido2-helpers-tpm" => {
                Ok(Vouched::Certificates(2))
            }
            "pixel-8a" => Ok(Vouched::Certificates(5)),
            "nexus-5" | "fido2-helpers-safetynet" => {
                assert!(matches!(vouched, Err(Flaw::Unsupported(_))), "{vouched:?}");
                continue;
            }
            other => panic!("{other} is new"),
        };
        assert_eq!(vouched, expected, "{}", case.name);
    }
}

#[test]
fn objects_end_in_the_roots_of_their_makers() {
    for (name, root) in [
        ("yubikey-5-nfc", "yubico"),
        ("iphone-12", "apple"),
        ("pixel-8a", "google-0"),
    ] {
        let all = data::objects();
        let case = all.iter().find(|case| case.name == name).unwrap();
        let model = data::aaguid(&case.object);
        let response = data::response(case).to_string();
        let result = |roots: &[Vec<u8>]| {
            let known = metadata(&[entry(&model, "It", roots)]);
            let inspection = Inspection::of(response.as_bytes(), Some(&known), NOW).unwrap();
            inspection.to_json()["inspected"][0]["attestation"]["result"].clone()
        };
        assert_eq!(result(&[data::root(root)]), "attested", "{name}");
        assert_eq!(result(&[data::vectors_root()]), "unknown-root", "{name}");
        assert_eq!(
            result(&[b"no certificate".to_vec()]),
            "unknown-root",
            "{name}"
        );
    }
}

#[test]
fn a_key_from_before_aaguids_is_known_by_its_certificate() {
    let all = data::objects();
    let case = all.iter().find(|case| case.name == "yubikey-4").unwrap();
    let response = data::response(case).to_string();
    // SHA-1 of the key in its certificate (RFC 5280 section 4.2.1.2).
    let identifier = "0000000000000000000000000000000000000000";
    let mut model = entry(
        "00000000-0000-0000-0000-000000000000",
        "YubiKey 4",
        &[data::root("yubico")],
    );
    let mut judged = |identifiers: serde_json::Value| {
        model["attestationCertificateKeyIdentifiers"] = identifiers;
        let known = metadata(&[model.clone()]);
        let inspection = Inspection::of(response.as_bytes(), Some(&known), NOW).unwrap();
        inspection.to_json()["inspected"][0].clone()
    };
    let other = judged(serde_json::json!([identifier]));
    assert_eq!(other["attestation"]["result"], "unknown-model");
    let own = judged(serde_json::json!([KEY_OF_YUBIKEY_4.to_uppercase()]));
    assert_eq!(own["attestation"]["result"], "attested");
    assert_eq!(own["model"]["name"], "YubiKey 4");

    // Whoever has such a key can write any model beside its signature.
    let mut other = data::Case {
        name: String::new(),
        object: case.object.clone(),
        client_data: case.client_data.clone(),
        sign_in: None,
    };
    let at = data::auth_data_at(&other.object) + 37;
    other.object[at..at + 16].fill(7);
    let response = data::response(&other).to_string();
    let mut known = entry(
        &data::aaguid(&other.object),
        "Another of the maker's",
        &[data::root("yubico")],
    );
    known["attestationCertificateKeyIdentifiers"] = serde_json::json!([KEY_OF_YUBIKEY_4]);
    let known = metadata(&[known]);
    let inspection = Inspection::of(response.as_bytes(), Some(&known), NOW).unwrap();
    let sheet = inspection.to_json()["inspected"][0].clone();
    assert_eq!(sheet["attestation"]["result"], "unsigned-model");
    assert_eq!(sheet["model"]["standing"], "claimed");
}

/// Computed once in Python.
const KEY_OF_YUBIKEY_4: &str = "a72096772326b1b282b286c3e7d64089bd7aaad9";
