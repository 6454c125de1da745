//! Advice can be followed: it names what can be changed, and contradicts no other verdict.

use crate::scene::{
    AUTHENTICATOR, DEFAULT, GPM, KEY, STRICT, Scene, T, access, keys, modern, profile, strength,
    target,
};
use hybrid_policy::{Admission, Inquiry, Occasion, Ruling, Way};
use serde_json::{Value, json};

const REGISTERING: &str = "urn:user:registersecurityinfo";

fn found(scene: Scene, code: &str) -> Vec<Ruling> {
    let rulings = scene.linted().rulings().into_iter();
    rulings.filter(|ruling| ruling.code() == code).collect()
}

/// Microsoft's own strength, as every tenant has it.
fn phishing_resistant() -> Value {
    json!({"id": "00000000-0000-0000-0000-000000000004", "displayName": "Phishing-resistant MFA",
        "policyType": "builtIn", "requirementsSatisfied": "mfa", "combinationConfigurations": [],
        "allowedCombinations": ["windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor"]})
}

fn on_registering(strength: &Value) -> Value {
    let mut policy = access(3, &[], strength);
    policy["conditions"]["applications"]["includeApplications"] = json!([]);
    policy["conditions"]["applications"]["includeUserActions"] = json!([REGISTERING]);
    policy
}

fn passes_off(mut scene: Scene) -> Scene {
    scene.set("methods.json", &format!("{T}/state"), json!("disabled"));
    scene
}

#[test]
fn a_strength_on_registering_that_no_pass_satisfies_is_a_loop() {
    let closed = found(
        modern().policies(&[on_registering(&phishing_resistant())]),
        "PK210",
    );
    let [ruling] = closed.as_slice() else {
        panic!("{closed:?}");
    };
    assert!(ruling.saw.contains("registering security info"), "{ruling}");
    assert!(
        ruling
            .means()
            .starts_with("Registering security info requires"),
        "{ruling}"
    );
    let with_passes = strength(
        1,
        "With passes",
        &["fido2", "temporaryAccessPassOneTime"],
        None,
    );
    assert!(found(modern().policies(&[on_registering(&with_passes)]), "PK210").is_empty());
    // A weaker strength, or another control that is enough, is no loop.
    let weaker = strength(2, "Any", &["fido2", "password, sms"], None);
    assert!(found(modern().policies(&[on_registering(&weaker)]), "PK210").is_empty());
    for mut policy in [
        on_registering(&phishing_resistant()),
        access(1, &[], &phishing_resistant()),
    ] {
        policy["grantControls"]["builtInControls"] = json!(["compliantDevice"]);
        assert!(found(modern().policies(&[policy]), "PK210").is_empty());
    }
    let mut off = on_registering(&phishing_resistant());
    off["state"] = json!("disabled");
    assert!(found(modern().policies(&[off]), "PK210").is_empty());
}

#[test]
fn nobody_is_told_to_change_a_strength_of_microsofts() {
    let mut some_app = access(1, &[], &phishing_resistant());
    some_app["conditions"]["applications"]["includeApplications"] = json!([KEY]);
    for (policy, code) in [
        (on_registering(&phishing_resistant()), "PK210"),
        (access(1, &[], &phishing_resistant()), "PK210"),
        (some_app, "PK045"),
    ] {
        for ruling in found(modern().policies(&[policy]), code) {
            for advice in [ruling.advice(), &ruling.flip] {
                assert!(
                    advice.contains(
                        "custom strength with the same methods and Temporary Access Pass"
                    ),
                    "{ruling}"
                );
            }
        }
    }
    let own = strength(1, "Passkeys", &["fido2"], None);
    let ruling = &found(modern().policies(&[access(1, &[], &own)]), "PK210")[0];
    assert!(ruling.flip.contains("allowedCombinations at access.json#/value/0/grantControls/authenticationStrength/allowedCombinations"), "{ruling}");
    // A strength that takes passes lacks nothing but passes.
    let takes = strength(1, "Both", &["fido2", "temporaryAccessPassOneTime"], None);
    let ruling = &found(
        passes_off(modern().policies(&[access(1, &[], &takes)])),
        "PK210",
    )[0];
    assert!(
        ruling.flip.contains("Temporary Access Pass") && ruling.flip.contains("/state"),
        "{ruling}"
    );
    assert!(!ruling.flip.contains("allowedCombinations"), "{ruling}");
}

#[test]
fn a_profile_that_no_passkey_can_meet_is_told() {
    let with = |kinds: &str, attestation: &str, list: &Value| {
        let profiles = json!([profile(DEFAULT, kinds, attestation, list)]);
        found(modern().fido2("/passkeyProfiles", profiles), "PK106")
    };
    let free = keys(false, "allow", &[]);
    let none = keys(true, "allow", &[]);
    let synced = with("synced", "registrationOnly", &free);
    assert!(synced[0].saw.contains("attestation"), "{synced:?}");
    assert_eq!(with("deviceBound,synced", "disabled", &none).len(), 1);
    for (kinds, attestation, list) in [
        ("synced", "disabled", &free),
        ("deviceBound", "registrationOnly", &free),
        ("deviceBound,synced", "registrationOnly", &free),
        ("synced", "disabled", &keys(false, "allow", &[])),
        ("synced", "disabled", &keys(true, "block", &[])),
        ("synced", "disabled", &keys(true, "allow", &[GPM])),
    ] {
        assert!(
            with(kinds, attestation, list).is_empty(),
            "{kinds} {attestation} {list}"
        );
    }
}

#[test]
fn one_time_passes_are_changed_where_they_are_configured() {
    let mut scene = modern();
    scene.set("methods.json", &format!("{T}/isUsableOnce"), json!(true));
    let ruling = &found(scene, "PK042")[0];
    assert!(
        ruling.flip.starts_with("Set isUsableOnce to false")
            && ruling.flip.contains("methods.json#"),
        "{ruling}"
    );
}

fn before(scene: Scene) -> Scene {
    scene.asked(|inquiry| {
        let holder = inquiry.holder.clone();
        *inquiry = Inquiry::new(Occasion::BeforeRegistration, Way::Qr, inquiry.now);
        inquiry.holder = holder;
    })
}

#[test]
fn nobody_is_told_to_enforce_attestation_everywhere_without_its_price() {
    let free = keys(false, "allow", &[]);
    let profiles = json!([
        profile(DEFAULT, "deviceBound", "registrationOnly", &free),
        profile(STRICT, "deviceBound,synced", "disabled", &free),
    ]);
    let scene = modern().fido2("/passkeyProfiles", profiles).fido2(
        "/includeTargets",
        json!([target("all_users", &[DEFAULT, STRICT])]),
    );
    let judgement = before(scene).judgement();
    let ruling = judgement.find("PK051").unwrap();
    assert!(
        ruling
            .flip
            .starts_with("Set attestationEnforcement to disabled"),
        "{ruling}"
    );
    assert!(
        ruling
            .flip
            .contains("/passkeyProfiles/0/attestationEnforcement"),
        "{ruling}"
    );
    assert!(ruling.flip.contains("QR"), "{ruling}");
}

#[test]
fn a_strength_that_lists_others_does_not_promise_a_registration() {
    let listed = strength(1, "Authenticator", &["fido2"], Some(&[AUTHENTICATOR]));
    let scene = modern()
        .fido2("/state", json!("disabled"))
        .policies(&[access(1, &[], &listed)]);
    let judgement = scene.judgement();
    assert_eq!(judgement.capability, Admission::Refused);
    let ruling = judgement.find("PK202").unwrap();
    assert!(!ruling.means().contains("can be registered"), "{ruling}");
    // In a list of what no profile accepts, it is the other way round.
    let both = strength(1, "Two", &["fido2"], Some(&[AUTHENTICATOR, KEY]));
    let list = keys(true, "allow", &[KEY]);
    let scene = modern()
        .fido2("/passkeyProfiles/0/keyRestrictions", list)
        .strengths(&[both]);
    let ruling = &found(scene, "PK202")[0];
    assert!(ruling.means().contains("no profile"), "{ruling}");
    assert!(ruling.flip.contains("aaGuids"), "{ruling}");
}

#[test]
fn flat_settings_are_not_taken_from_a_user() {
    let scene = modern()
        .fido2("/passkeyProfiles", json!([]))
        .fido2("/defaultPasskeyProfile", Value::Null)
        .fido2("/includeTargets", json!([target("all_users", &[])]));
    let judgement = scene.judgement();
    let ruling = judgement.find("PK000").unwrap();
    assert!(
        ruling
            .flip
            .starts_with("Exclude the user, at methods.json#"),
        "{ruling}"
    );
}

#[test]
fn a_policy_that_blocks_has_no_strength_to_change() {
    let scene = modern()
        .policies(&[access(1, &["block"], &Value::Null)])
        .asked(|inquiry| inquiry.occasion = Occasion::SignIn);
    let judgement = scene.judgement();
    let ruling = judgement.find("PK203").unwrap();
    assert!(
        !ruling.to_string().contains("allowedCombinations"),
        "{ruling}"
    );
    assert!(ruling.flip.contains("access.json#/value/0"), "{ruling}");
}
