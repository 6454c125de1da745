//! Profiles and flat settings, in every cloud: profiles first, flat settings second, and an absent
//! field is never false.

use crate::scene::{DEFAULT, F, GPM, KEY, Scene, keys, modern, target};
use hybrid_policy::{Admission, AttestationFacts, Confidence, Occasion};
use serde_json::{Value, json};

/// A tenant before profiles, as Graph answers of it today.
fn flat() -> Scene {
    modern()
        .fido2("/passkeyProfiles", json!([]))
        .fido2("/defaultPasskeyProfile", Value::Null)
        .fido2("/includeTargets", json!([target("all_users", &[])]))
}

/// The same in China's cloud, whose schema has no profiles.
fn china() -> Scene {
    let mut scene = flat();
    let context =
        "https://microsoftgraph.chinacloudapi.cn/v1.0/$metadata#authenticationMethodsPolicy";
    scene.set("methods.json", "/@odata.context", json!(context));
    for member in [
        "passkeyProfiles",
        "defaultPasskeyProfile",
        "includeTargets/0/allowedPasskeyProfiles",
    ] {
        assert!(scene.remove("methods.json", &format!("{F}/{member}")));
    }
    scene
}

#[test]
fn flat_settings_decide_where_there_are_no_profiles() {
    for scene in [flat(), china()] {
        assert_eq!(scene.judgement().outcome(), Admission::Accepted);

        let listed = scene
            .clone()
            .fido2("/keyRestrictions", keys(true, "allow", &[KEY]));
        let judgement = listed.judgement();
        assert_eq!(judgement.outcome(), Admission::Refused);
        let ruling = judgement.find("PK102").unwrap();
        assert_eq!(ruling.confidence, Confidence::Certain);
        assert!(
            ruling.flip.contains("/keyRestrictions/aaGuids"),
            "{}",
            ruling.flip
        );

        let attested = scene.fido2("/isAttestationEnforced", json!(true));
        let judgement = attested.judgement();
        assert!(judgement.find("PK110").is_some(), "{judgement}");
        assert!(
            judgement.find("PK100").is_some(),
            "attestation excludes synced passkeys"
        );
    }
}

#[test]
fn attestation_switched_on_later_blocks_no_sign_in_of_device_bound_passkeys() {
    let scene = flat()
        .fido2("/isAttestationEnforced", json!(true))
        .asked(|inquiry| {
            inquiry.occasion = Occasion::SignIn;
            inquiry.passkey.synced = Some(false);
            inquiry.passkey.attestation = Some(AttestationFacts::Missing);
        });
    assert_eq!(scene.judgement().outcome(), Admission::Accepted);
}

#[test]
fn an_absent_flat_field_is_unknown_and_not_false() {
    for member in ["isAttestationEnforced", "keyRestrictions"] {
        let mut scene = flat();
        assert!(scene.remove("methods.json", &format!("{F}/{member}")));
        let judgement = scene.judgement();
        assert_eq!(judgement.outcome(), Admission::Undetermined, "{member}");
        let missing = judgement.missing();
        assert!(
            missing.iter().any(|lack| lack.to_string().contains(member)),
            "{missing:?}"
        );

        let null = flat().fido2(&format!("/{member}"), Value::Null);
        assert_eq!(
            null.judgement().outcome(),
            Admission::Undetermined,
            "{member}"
        );
    }
}

#[test]
fn flat_fields_decide_nothing_where_there_are_profiles() {
    let scene = modern()
        .fido2("/isAttestationEnforced", json!(true))
        .fido2("/keyRestrictions", keys(true, "block", &[GPM]));
    assert_eq!(scene.judgement().outcome(), Admission::Accepted);
    let mut without = modern();
    for member in ["isAttestationEnforced", "keyRestrictions"] {
        assert!(without.remove("methods.json", &format!("{F}/{member}")));
    }
    assert_eq!(without.judgement(), modern().judgement());
}

#[test]
fn any_sign_of_profiles_makes_flat_fields_void() {
    let mut scene = modern();
    assert!(scene.remove("methods.json", &format!("{F}/passkeyProfiles")));
    let judgement = scene.judgement();
    assert_eq!(judgement.outcome(), Admission::Undetermined);
    let missing = judgement.missing();
    assert!(
        missing
            .iter()
            .any(|lack| lack.to_string().ends_with("/passkeyProfiles")),
        "{missing:?}"
    );
}

#[test]
fn without_any_word_of_profiles_flat_settings_are_likely_where_profiles_exist() {
    let mut scene = flat().fido2("/keyRestrictions", keys(true, "allow", &[KEY]));
    assert!(scene.remove("methods.json", &format!("{F}/passkeyProfiles")));
    let judgement = scene.judgement();
    assert_eq!(
        judgement.find("PK102").unwrap().confidence,
        Confidence::Likely
    );
}

#[test]
fn a_cloud_that_has_only_the_list_of_allowed_profiles_is_undetermined() {
    let mut scene = modern();
    for member in ["passkeyProfiles", "defaultPasskeyProfile"] {
        assert!(scene.remove("methods.json", &format!("{F}/{member}")));
    }
    let list = format!("{F}/includeTargets/0/allowedPasskeyProfiles");
    assert_eq!(
        scene.files["methods.json"].pointer(&list).unwrap(),
        &json!([DEFAULT])
    );
    assert_eq!(scene.judgement().outcome(), Admission::Undetermined);
}
