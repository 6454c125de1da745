//! `policy matrix`: rows of ordinary tests are run again here, rows of runs by hand name where they
//! are written down.

use crate::stage::{docs, hybridd, world};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hybrid_tests::relying_party::{ORIGIN, RelyingParty};
use hybrid_tests::runs::{self, Measured};
use hybrid_tests::trio::{Person, Trio};
use hybrid_webauthn::{Ceremony, Origin};
use phone_sim::authenticator::Consent;
use phone_sim::profile::PROFILES;
use phone_sim::session::PhoneSettings;
use phone_sim::{Authenticator, PasskeyStore, Profile};
use serde_json::Value;
use std::fs;

async fn play(
    trio: &Trio,
    ceremony: &Ceremony,
    phone: Authenticator,
    profile: &Profile,
) -> (Value, Authenticator) {
    let person = Person {
        code: &mut |_| {},
        entry: &mut |_| {},
        says: Consent::Approved,
    };
    let network = trio.network();
    let settings = PhoneSettings::from(profile);
    let (played, phone) = trio
        .play(ceremony, &network, phone, settings, person)
        .await
        .unwrap();
    let response = played.response.unwrap().unwrap();
    (response, phone.end().await.unwrap())
}

/// The AAGUID that the site got.
fn model_in(made: &Value) -> [u8; 16] {
    let text = made["response"]["authenticatorData"].as_str().unwrap();
    let data = URL_SAFE_NO_PAD.decode(text).unwrap();
    data[37..53].try_into().unwrap()
}

/// A registration and a sign-in, which the site verifies.
async fn measured(trio: &Trio, profile: &Profile) -> Measured {
    let site = RelyingParty::new().unwrap();
    let origin = || Origin::parse(ORIGIN).unwrap();
    let phone = Authenticator::new(PasskeyStore::in_memory(), profile.model.clone());
    let begun = site.begin_registration().unwrap();
    let ceremony = Ceremony::register(origin(), &begun.options).unwrap();
    let (made, phone) = play(trio, &ceremony, phone, profile).await;
    let seen = model_in(&made);
    let account = site.finish_registration(begun, &made.to_string()).unwrap();
    let begun = site.begin_sign_in().unwrap();
    let ceremony = Ceremony::sign_in(origin(), &begun.options).unwrap();
    let (used, _) = play(trio, &ceremony, phone, profile).await;
    site.finish_sign_in(begun, &account, &used.to_string())
        .unwrap();
    let model = match seen == [0; 16] {
        true if profile.model.aaguid.0 == seen => "none stated",
        true => "removed",
        false => "passed on",
    };
    Measured {
        phone: profile.name.to_owned(),
        result: "completed".to_owned(),
        model: Some(model.to_owned()),
    }
}

#[tokio::test]
async fn the_rows_of_hybridd_in_the_matrix_are_what_its_imitated_phones_do() {
    let trio = Trio::start().await.unwrap();
    let mut all = Vec::new();
    for profile in PROFILES {
        all.push(measured(&trio, profile).await);
    }
    runs::settle("hybridd", &all).unwrap();
}

#[test]
fn every_row_of_the_matrix_that_no_test_repeats_is_written_down_where_it_says() {
    for row in runs::written().unwrap() {
        let of_a_test = row["evidence"].as_str().unwrap().starts_with("cargo test");
        assert_eq!(row["seen"].is_null(), of_a_test, "{row}");
        if let Some([file, part]) = row["seen"].as_array().map(Vec::as_slice) {
            let file = docs().join("..").join(file.as_str().unwrap());
            let text = fs::read_to_string(file).unwrap();
            assert!(text.contains(part.as_str().unwrap()), "{row}");
        }
    }
}

#[tokio::test]
async fn the_matrix_is_printed_with_its_head_and_can_be_narrowed() {
    let world = world();
    let whole = hybridd(&world, &["policy", "matrix"], "").await;
    assert_eq!(whole.code, Some(0), "{}", whole.stderr);
    let first = whole.stdout.lines().next().unwrap();
    assert!(first.starts_with("No real phone and no radio took part."));
    let narrow = ["policy", "matrix", "--phone", "authenticator-ios"];
    let program = ["--program", "chromium", "--json"];
    let told = hybridd(&world, &[&narrow[..], &program].concat(), "").await;
    let answer: Value = serde_json::from_str(&told.stdout).unwrap();
    let [run] = answer["runs"].as_array().unwrap().as_slice() else {
        panic!("{answer}");
    };
    assert_eq!(run["result"], "completed");
    assert!(run["date"].as_str().unwrap().starts_with("2026-"));
    assert!(answer["head"].as_str().unwrap().contains("No real phone"));
    let none = hybridd(&world, &["policy", "matrix", "--phone", "nokia"], "").await;
    assert_eq!(none.code, Some(2));
    assert!(none.stderr.contains("authenticator-ios"), "{}", none.stderr);
}
