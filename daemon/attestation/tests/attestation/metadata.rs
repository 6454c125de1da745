//! Metadata: accepted when they are the FIDO Alliance's, refused with a reason otherwise.

use crate::data::{self, NOW};
use crate::issuer::{Issuer, entry, payload};
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
            "is not accepted",
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
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
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
    let known = crate::issuer::metadata(&[model]);
    let response = data::response(&case).to_string();
    let told = Inspection::of(response.as_bytes(), Some(&known), NOW)
        .unwrap()
        .to_string();
    assert!(told.contains("The metadata report REVOKED"), "{told}");
}
