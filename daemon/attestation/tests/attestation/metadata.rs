//! Metadata: accepted when they are the FIDO Alliance's, refused with a reason otherwise.

use crate::data::{self, NOW};
use crate::issuer::{Issuer, entry, metadata, payload};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hybrid_attestation::{Inspection, Metadata, MetadataError};
use serde_json::json;

#[test]
fn metadata_are_read_once_their_signature_is_verified() {
    let issuer = Issuer::new();
    let blob = issuer.blob(&payload(&[entry(MODEL, "A model", &[])]));
    let read = issuer.read(&blob, NOW).unwrap();
    assert_eq!((read.number(), read.len()), (7, 1));
    assert_eq!(read.next_update().to_string(), "2099-01-01");
    assert!(!read.is_stale() && !read.is_empty());
    let padded = format!("\u{feff}\r\n{blob}\n");
    assert!(issuer.read(&padded, NOW).is_ok());
}

const MODEL: &str = "11111111-2222-3333-4444-555555555555";

#[test]
fn metadata_of_somebody_else_are_refused_with_the_reason() {
    let issuer = Issuer::new();
    let good = issuer.blob(&payload(&[]));
    let refused = |issuer: &Issuer, blob: &str| issuer.read(blob, NOW).unwrap_err().to_string();
    let told = refused(&Issuer::new(), &good);
    assert!(
        told.contains("no authority that this system trusts"),
        "{told}"
    );
    for (other, expected) in [
        (
            Issuer::named("example.com", 2020, 2100),
            "not of mds.fidoalliance.org",
        ),
        (
            Issuer::named("mds.fidoalliance.org", 2020, 2022),
            "has expired",
        ),
        (
            Issuer::named("mds.fidoalliance.org", 2090, 2100),
            "is not valid yet, by this computer's clock",
        ),
    ] {
        let told = refused(&other, &other.blob(&payload(&[])));
        assert!(told.contains(expected), "{told}");
    }
}

#[test]
fn metadata_that_were_changed_anywhere_are_refused() {
    let issuer = Issuer::new();
    let blob = issuer.blob(&payload(&[entry(
        MODEL,
        "A model",
        &[data::vectors_root()],
    )]));
    // Of the last character two bits are not used.
    for at in (0..blob.len() - 1).step_by(7).chain([0, blob.len() - 2]) {
        let mut changed = blob.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        assert!(issuer.read(&changed, NOW).is_err(), "character {at}");
    }
}

#[test]
fn metadata_without_number_or_date_are_refused_and_old_ones_are_told() {
    let issuer = Issuer::new();
    let with = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut payload = payload(&[entry(MODEL, "A model", &[])]);
        change(&mut payload);
        issuer.read(&issuer.blob(&payload), NOW)
    };
    assert!(matches!(
        with(&|all| all["no"] = json!(0)),
        Err(MetadataError::Number)
    ));
    assert!(matches!(
        with(&|all| drop(all.as_object_mut().unwrap().remove("no"))),
        Err(MetadataError::Number)
    ));
    assert!(matches!(
        with(&|all| all["no"] = json!("7")),
        Err(MetadataError::Payload(_))
    ));
    assert!(matches!(
        with(&|all| all["nextUpdate"] = json!("soon")),
        Err(MetadataError::NextUpdate)
    ));
    assert!(matches!(
        with(&|all| all["entries"] = json!({})),
        Err(MetadataError::Payload(_))
    ));
    let old = with(&|all| all["nextUpdate"] = json!("2026-11-01")).unwrap();
    assert!(old.is_stale());
    let case = &data::vectors()[1];
    let response = data::response(case).to_string();
    let told = Inspection::of(response.as_bytes(), Some(&old), NOW)
        .unwrap()
        .to_string();
    assert!(told.contains("were to be replaced on 2026-11-01"), "{told}");
}

#[test]
fn other_files_are_no_metadata_and_the_algorithm_none_is_refused() {
    let refused = |blob: &str| Metadata::read(blob.as_bytes(), &[], NOW).unwrap_err();
    for blob in ["", "{}", "a.b", "a.b.c.d", "....", "é.é.é", "e30.e30.e30"] {
        let told = refused(blob).to_string();
        assert!(
            told.contains("expected") || told.contains("missing") || told.contains("header"),
            "{told}"
        );
    }
    let issuer = Issuer::new();
    let blob = issuer.blob(&payload(&[]));
    let (head, rest) = blob.split_once('.').unwrap();
    let head = String::from_utf8(URL_SAFE_NO_PAD.decode(head).unwrap()).unwrap();
    for alg in ["none", "HS256", "ES384"] {
        let changed = head.replace("ES256", alg);
        let changed = format!("{}.{rest}", URL_SAFE_NO_PAD.encode(changed));
        assert!(
            matches!(issuer.read(&changed, NOW), Err(MetadataError::Algorithm)),
            "{alg}"
        );
    }
}

#[test]
fn metadata_are_read_however_they_were_carried_and_named_where_their_signature_is_gone() {
    let issuer = Issuer::new();
    let payload = payload(&[entry(MODEL, "A model", &[])]);
    let blob = issuer.blob(&payload);
    let lines: Vec<&str> = { blob.as_bytes().chunks(76) }
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    let marked = format!("\u{feff}{blob}\r\n");
    let utf16: Vec<u8> = { marked.encode_utf16() }
        .flat_map(u16::to_le_bytes)
        .collect();
    for carried in [
        format!("\u{feff}{blob}").into_bytes(),
        format!(" \r\n{blob}\r\n\n").into_bytes(),
        lines.join("\r\n").into_bytes(),
        format!("\"{blob}\"\n").into_bytes(),
        utf16,
    ] {
        assert_eq!(issuer.read_bytes(&carried, NOW).unwrap().number(), 7);
    }
    for opened in [payload.to_string(), format!("\u{feff}\n{payload}")] {
        let told = issuer.read(&opened, NOW).unwrap_err().to_string();
        assert!(told.contains("got JSON, as what is in that file"), "{told}");
    }
}

#[test]
fn members_that_are_null_and_roots_in_pem_cost_no_metadata() {
    let case = { data::vectors().into_iter() }
        .find(|case| case.name == "packed-es256")
        .unwrap();
    let base64 = STANDARD.encode(data::vectors_root());
    let lines: Vec<&str> = { base64.as_bytes().chunks(64) }
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    let pem = |end: &str| {
        format!(
            "-----BEGIN CERTIFICATE-----{end}{}{end}-----END CERTIFICATE-----{end}",
            lines.join(end)
        )
    };
    for root in [
        base64.clone(),
        pem("\n"),
        pem("\r\n"),
        format!(" {base64}\n"),
    ] {
        let model = json!({
            "aaguid": data::aaguid(&case.object),
            "aaid": null,
            "attestationCertificateKeyIdentifiers": null,
            "metadataStatement": {
                "description": null,
                "attestationRootCertificates": [null, root],
                "authenticatorGetInfo": {"versions": null, "extensions": [null, "credProtect"], "options": null},
            },
            "statusReports": [null, {"status": null}],
            "timeOfLastStatusChange": null,
        });
        let others = [
            json!({"aaguid": null, "metadataStatement": null, "statusReports": null}),
            json!({"metadataStatement": {"attestationRootCertificates": null,
                "authenticatorGetInfo": {"options": {"rk": null, "plat": 7}}}}),
        ];
        let known = metadata(&[&others[..], &[model]].concat());
        let response = data::response(&case).to_string();
        let inspection = Inspection::of(response.as_bytes(), Some(&known), NOW).unwrap();
        let sheet = inspection.to_json()["inspected"][0].clone();
        assert_eq!(
            sheet["attestation"]["result"], "attested",
            "{root}: {sheet}"
        );
    }
}

#[test]
fn what_nobody_can_know_without_the_network_is_said_not_to_be_checked() {
    let case = &data::objects()[1];
    let known = metadata(&[entry(
        &data::aaguid(&case.object),
        "It",
        &[data::root("yubico")],
    )]);
    let response = data::response(case).to_string();
    let inspection = Inspection::of(response.as_bytes(), Some(&known), NOW).unwrap();
    let (text, json) = (inspection.to_string(), inspection.to_json());
    assert_eq!(json["inspected"][0]["attestation"]["result"], "attested");
    assert_eq!(json["inspected"][0]["revocation"], "not-checked");
    assert_eq!(json["metadata"]["signer_revocation"], "not-checked");
    assert!(
        text.contains("Revocation:            not checked: "),
        "{text}"
    );
    let told = "Whether its signer's certificate was revoked is not checked";
    assert!(text.contains(told), "{text}");
}

#[test]
fn a_model_that_was_revoked_is_told_even_when_its_chain_is_whole() {
    let case = data::vectors()
        .into_iter()
        .find(|case| case.name == "packed-es256")
        .unwrap();
    let mut model = entry(
        &data::aaguid(&case.object),
        "A model",
        &[data::vectors_root()],
    );
    model["statusReports"]
        .as_array_mut()
        .unwrap()
        .push(json!({"status": "REVOKED"}));
    let known = metadata(&[model]);
    let response = data::response(&case).to_string();
    let told = Inspection::of(response.as_bytes(), Some(&known), NOW)
        .unwrap()
        .to_string();
    assert!(told.contains("The metadata report REVOKED"), "{told}");
}
