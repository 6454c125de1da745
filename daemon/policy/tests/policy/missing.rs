//! What is missing is told with how to give it: a fact of the passkey, pages, a newer export.

use crate::scene::{DEFAULT, GPM, KEY, NOW, Scene, aaguid, keys, modern, profile};
use hybrid_policy::{
    Admission, AttestationFacts, Confidence, ExportFile, Inquiry, Moment, Occasion, Ruling, Way,
    check_files, lint, read,
};
use serde_json::json;

const WINDOWS_HELLO: [&str; 3] = [
    "9ddd1817-af5a-4672-a2b9-3e3dd95000a9",
    "08987058-cadc-4b81-b6e1-30de50dcbe96",
    "6028b017-b1d4-4c02-b4b3-afcdafc96bb2",
];

/// A tenant that enforces attestation, and a registration on this computer.
fn enforcing(model: &str, synced: bool) -> Scene {
    let all = "deviceBound,synced";
    let profiles = json!([profile(
        DEFAULT,
        all,
        "registrationOnly",
        &keys(false, "allow", &[])
    )]);
    modern()
        .fido2("/passkeyProfiles", profiles)
        .asked(|inquiry| {
            let holder = inquiry.holder.clone();
            *inquiry = Inquiry::new(Occasion::BeforeRegistration, Way::SameDevice, NOW);
            inquiry.holder = holder;
            inquiry.passkey.aaguid = Some(aaguid(model));
            inquiry.passkey.synced = Some(synced);
        })
}

fn missing(rulings: &[Ruling]) -> Vec<&Ruling> {
    rulings
        .iter()
        .filter(|ruling| ruling.code() == "PK002")
        .collect()
}

#[test]
fn a_fact_of_the_passkey_is_told_with_the_ways_to_give_it() {
    for (change, ways) in [
        (
            &(|_: &mut Inquiry| {}) as &dyn Fn(&mut Inquiry),
            &["--response", "--mds", "--attested"][..],
        ),
        (
            &|inquiry| {
                inquiry.occasion = Occasion::SignIn;
                inquiry.passkey.synced = None;
            },
            &["--type"],
        ),
        (
            &|inquiry| {
                inquiry.occasion = Occasion::SignIn;
                inquiry.passkey.aaguid = None;
            },
            &["--aaguid", "user's methods"],
        ),
    ] {
        let scene = enforcing(KEY, false)
            .fido2("/passkeyProfiles/0/passkeyTypes", json!("deviceBound"))
            .fido2(
                "/passkeyProfiles/0/keyRestrictions",
                keys(true, "allow", &[KEY]),
            )
            .asked(|inquiry| change(inquiry));
        let judgement = scene.judgement();
        let rulings = missing(&judgement.rulings);
        let [ruling] = rulings[..] else {
            panic!("{judgement}");
        };
        for way in ways {
            assert!(ruling.advice().contains(way), "{way}: {ruling}");
        }
        assert!(!ruling.advice().contains("raw JSON"), "{ruling}");
    }
}

#[test]
fn a_value_that_an_export_lacks_is_to_be_exported_again() {
    let mut scene = modern();
    scene.remove(
        "methods.json",
        "/authenticationMethodConfigurations/0/passkeyProfiles/0/passkeyTypes",
    );
    let judgement = scene.judgement();
    let rulings = missing(&judgement.rulings);
    let [ruling] = rulings[..] else {
        panic!("{judgement}");
    };
    assert!(
        ruling.advice().contains("methods.json") && ruling.advice().contains("raw JSON"),
        "{ruling}"
    );
}

#[test]
fn pages_and_age_are_told_apart_and_age_once_for_all_files() {
    let scene = modern().policies(&[]);
    let text = |name: &str| scene.files[name].to_string();
    let (methods, mut access) = (text("methods.json"), scene.files["access.json"].clone());
    access["@odata.nextLink"] = json!("https://graph.microsoft.com/x");
    let access = access.to_string();
    let ago = |days: i64| Some(Moment(NOW.0 - days * 86_400));
    let files = [
        ("methods.json", &methods, ago(12)),
        ("access.json", &access, ago(40)),
    ];
    let files = files.map(|(name, text, written)| ExportFile {
        name,
        bytes: text.as_bytes(),
        written,
    });
    let judgement = check_files(&files, &scene.inquiry);
    let rulings = missing(&judgement.rulings);
    let [one, other] = rulings[..] else {
        panic!("{judgement}");
    };
    let (old, pages) = if one.saw.contains("days") {
        (one, other)
    } else {
        (other, one)
    };
    for part in ["methods.json", "12 days", "access.json", "40 days"] {
        assert!(old.saw.contains(part), "{old}");
    }
    assert!(!old.advice().contains("page"), "{old}");
    assert!(pages.advice().contains("page"), "{pages}");
    assert_eq!(missing(&lint(&read(&files, NOW).unwrap(), NOW)).len(), 2);
}

#[test]
fn windows_hello_and_synced_passkeys_have_no_attestation_to_ask_for() {
    for model in WINDOWS_HELLO {
        let judgement = enforcing(model, false).judgement();
        assert_eq!(judgement.outcome(), Admission::Refused, "{judgement}");
        assert!(judgement.find("PK052").is_some(), "{judgement}");
        assert!(missing(&judgement.rulings).is_empty(), "{judgement}");
        let told = enforcing(model, false).fido2(
            "/passkeyProfiles/0/attestationEnforcement",
            json!("disabled"),
        );
        assert_eq!(told.judgement().outcome(), Admission::Accepted);
    }
    let judgement = enforcing(GPM, true).judgement();
    assert_eq!(judgement.outcome(), Admission::Refused, "{judgement}");
    assert_eq!(
        judgement.find("PK110").unwrap().confidence,
        Confidence::Likely
    );
    let judgement = enforcing(KEY, false).judgement();
    assert_eq!(judgement.outcome(), Admission::Undetermined, "{judgement}");
}

#[test]
fn an_attestation_that_is_only_supposed_makes_nothing_certain() {
    let planned = enforcing(KEY, false)
        .asked(|inquiry| inquiry.passkey.attestation = Some(AttestationFacts::Supposed));
    let judgement = planned.judgement();
    assert_eq!(judgement.outcome(), Admission::Accepted, "{judgement}");
    let ruling = judgement.find("PK000").unwrap();
    assert_eq!(ruling.confidence, Confidence::Likely);
    assert!(ruling.saw.contains("supposed"), "{ruling}");
}
