//! The parsers of hybrid-attestation.

use hybrid_attestation::{Evidence, Inspection, Metadata, hazmat, verify_attestation};
use hybrid_policy::{
    Confidence, ExportFile, Inquiry, Judgement, Moment, Occasion, Site, Way, check_files,
};

/// December 2026.
const NOW: u64 = 1_796_000_000;

/// What somebody pastes: it is inspected or refused, and what is told steers no terminal and stays
/// readable.
pub fn inspection(data: &[u8]) {
    match Inspection::of(data, None, NOW) {
        Ok(inspection) => {
            assert!(!inspection.sheets().is_empty());
            let told = inspection.to_string();
            assert!(
                !told.chars().any(|char| char.is_control() && char != '\n'),
                "{told:?}"
            );
            assert!(
                told.lines().all(|line| line.chars().count() < 600),
                "{told}"
            );
            let (all, impersonal) = (inspection.to_json(), inspection.to_impersonal_json());
            let members = |json: &serde_json::Value| json["inspected"].as_array().unwrap().len();
            assert_eq!(members(&all), members(&impersonal));
        }
        Err(error) => {
            let told = error.to_string();
            assert!(told.starts_with("expected ") && told.len() < 400, "{told}");
        }
    }
}

/// The same as facts that a policy is asked about: what holds some is inspected as well, is judged
/// without a panic and without a word that steers a terminal, and is never sure, because nobody
/// vouches for a model here.
pub fn evidence(data: &[u8]) {
    let evidence = match Evidence::of(data, None) {
        Ok(evidence) => evidence,
        Err(error) => return assert!(error.to_string().len() > 10),
    };
    assert!(Inspection::of(data, None, NOW).is_ok());
    assert_eq!(Evidence::of(data, None).ok(), Some(evidence.clone()));
    for way in [Way::Qr, Way::VirtualKey, Way::SameDevice] {
        let judgement = judged(evidence.clone(), way);
        let told = judgement.to_string();
        assert!(
            !told.chars().any(|char| char.is_control() && char != '\n'),
            "{told:?}"
        );
        let sure = judgement.find("PK000");
        assert!(sure.is_none_or(|ruling| ruling.confidence < Confidence::Certain));
    }
}

/// By a policy that lists models and takes both types.
fn judged(evidence: Evidence, way: Way) -> Judgement {
    const EXPORT: &[u8] =
        br#"{"id": "Fido2", "state": "enabled", "isSelfServiceRegistrationAllowed": true,
        "excludeTargets": [], "includeTargets": [{"targetType": "group", "id": "all_users",
            "allowedPasskeyProfiles": ["00000000-0000-0000-0000-000000000001"]}],
        "passkeyProfiles": [{"id": "00000000-0000-0000-0000-000000000001", "name": "Default",
            "passkeyTypes": "deviceBound,synced", "attestationEnforcement": "disabled",
            "keyRestrictions": {"isEnforced": true, "enforcementType": "allow",
                "aaGuids": ["ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4"]}}]}"#;
    let file = ExportFile {
        name: "export.json",
        bytes: EXPORT,
        written: None,
    };
    let occasion = evidence.occasion.unwrap_or(Occasion::BeforeRegistration);
    let now = Moment(i64::try_from(NOW).unwrap());
    let mut inquiry = Inquiry::new(occasion, way, now);
    inquiry.site = evidence.site.unwrap_or_else(Site::entra);
    inquiry.passkey = evidence.passkey;
    check_files(&[file], &inquiry)
}

/// An attestation object with its client data. Nobody has the key of any certificate, so nothing is
/// verified that a fuzzer made; formats without a key prove nothing.
pub fn statement(data: &[u8]) {
    let (length, rest) = data.split_at(data.len().min(1));
    let split = usize::from(length.first().copied().unwrap_or_default()).min(rest.len());
    let (client_data, object) = rest.split_at(split);
    for (object, client_data) in [(object, client_data), (data, &b"{}"[..])] {
        if let Err(flaw) = verify_attestation(object, client_data) {
            assert!(!flaw.to_string().is_empty());
        }
    }
}

/// A file that is said to be metadata: nobody trusts its signer.
pub fn metadata(data: &[u8]) {
    let read = Metadata::read(data, &[], NOW);
    assert!(read.is_err_and(|error| !error.to_string().is_empty()));
    if let Ok(metadata) = hazmat::metadata_payload(data, NOW) {
        assert!(metadata.number() > 0);
        let model = Inspection::of(
            b"de1e552d-db1d-4423-a619-566b625cdc84",
            Some(&metadata),
            NOW,
        );
        assert!(model.is_ok_and(|model| !model.to_string().is_empty()));
    }
}
