//! Each phone that can be imitated registers a passkey and signs in with it; what the site receives
//! tells whose it claims to be.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "scenarios"
)]

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hybrid_diagnosis::timeline::EventKind;
use hybrid_tests::relying_party::{Account, ORIGIN, RelyingParty, creation_options};
use hybrid_tests::trio::{Person, Played, Trio};
use hybrid_webauthn::{Ceremony, Origin};
use phone_sim::authenticator::Consent;
use phone_sim::profile::PROFILES;
use phone_sim::session::PhoneSettings;
use phone_sim::{Authenticator, Model, PasskeyStore, Profile};
use serde_json::Value;

const BACKUP_ELIGIBLE: u8 = 0x08;
const BACKED_UP: u8 = 0x10;

fn phone(profile: &Profile) -> Authenticator {
    Authenticator::new(PasskeyStore::in_memory(), profile.model.clone())
}

async fn play(
    trio: &Trio,
    ceremony: &Ceremony,
    phone: Authenticator,
    settings: PhoneSettings,
    says: Consent,
) -> (Played, Option<Authenticator>) {
    let person = Person {
        code: &mut |_| {},
        entry: &mut |_| {},
        says,
    };
    let network = trio.network();
    let (played, phone) = trio
        .play(ceremony, &network, phone, settings, person)
        .await
        .unwrap();
    (played, phone.end().await)
}

async fn registered(
    trio: &Trio,
    site: &RelyingParty,
    phone: Authenticator,
    settings: PhoneSettings,
) -> (Played, Account, Authenticator) {
    let begun = site.begin_registration().unwrap();
    let ceremony = Ceremony::register(Origin::parse(ORIGIN).unwrap(), &begun.options).unwrap();
    let (played, phone) = play(trio, &ceremony, phone, settings, Consent::Approved).await;
    let response = played.response.clone().unwrap().unwrap().to_string();
    let account = site.finish_registration(begun, &response).unwrap();
    (played, account, phone.unwrap())
}

/// Whether the site accepts a sign-in of this phone.
async fn signs_in(
    trio: &Trio,
    site: &RelyingParty,
    account: &Account,
    phone: Authenticator,
    settings: PhoneSettings,
) -> (Played, Result<(), String>) {
    let begun = site.begin_sign_in().unwrap();
    let ceremony = Ceremony::sign_in(Origin::parse(ORIGIN).unwrap(), &begun.options).unwrap();
    let (played, _) = play(trio, &ceremony, phone, settings, Consent::Approved).await;
    let response = played.response.clone().unwrap().unwrap().to_string();
    let verdict = site.finish_sign_in(begun, account, &response);
    (played, verdict.map_err(|refused| refused.to_string()))
}

fn auth_data(played: &Played) -> Vec<u8> {
    let Some(Ok(response)) = &played.response else {
        panic!("no response")
    };
    let text = response["response"]["authenticatorData"].as_str().unwrap();
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

/// Whether a passkey may be backed up, and whether it is.
fn backup(data: &[u8]) -> (bool, bool) {
    let flags = data[32];
    (flags & BACKUP_ELIGIBLE != 0, flags & BACKED_UP != 0)
}

fn heard(played: &Played) -> Option<u16> {
    played.entries.iter().find_map(|entry| {
        if let EventKind::Heard(heard) = &entry.what {
            Some(heard.uuid)
        } else {
            None
        }
    })
}

#[tokio::test]
async fn each_profile_is_accepted_and_shows_its_aaguid_flags_transports_and_uuid() {
    let trio = Trio::start().await.unwrap();
    for profile in PROFILES {
        let site = RelyingParty::new().unwrap();
        let (made, account, phone) =
            registered(&trio, &site, phone(profile), PhoneSettings::from(profile)).await;
        let data = auth_data(&made);
        let model = &profile.model;
        let known = (model.backup_eligible, model.backed_up);
        assert_eq!(data[37..53], model.aaguid.0, "{}", profile.name);
        assert_eq!(backup(&data), known, "{}", profile.name);
        assert_eq!(heard(&made), Some(profile.uuid), "{}", profile.name);
        let Some(Ok(response)) = &made.response else {
            panic!("no response")
        };
        let expected = ["hybrid", "internal"].map(Value::from).to_vec();
        assert_eq!(
            response["response"]["transports"],
            Value::Array(expected),
            "{}",
            profile.name
        );

        let (used, verdict) =
            signs_in(&trio, &site, &account, phone, PhoneSettings::from(profile)).await;
        verdict.unwrap();
        let data = auth_data(&used);
        assert_eq!(backup(&data), known, "{}", profile.name);
    }
}

#[tokio::test]
async fn a_no_on_an_iphone_closes_the_tunnel_and_on_android_is_told() {
    let trio = Trio::start().await.unwrap();
    let options = creation_options().unwrap();
    let ceremony = Ceremony::register(Origin::parse(ORIGIN).unwrap(), &options).unwrap();
    for (name, code) in [
        ("ios", "HS05"),
        ("authenticator-ios", "HS05"),
        ("android", "CT27"),
        ("microg", "CT27"),
    ] {
        let profile = Profile::find(name).unwrap();
        let (played, _) = play(
            &trio,
            &ceremony,
            phone(profile),
            PhoneSettings::from(profile),
            Consent::Denied,
        )
        .await;
        assert_eq!(played.explained().unwrap().0.code, code, "{name}");
    }
}

#[tokio::test]
async fn a_wrong_signature_and_a_strange_passkey_pass_the_desktop_and_not_the_site() {
    let trio = Trio::start().await.unwrap();
    for fault in ["bad-signature", "other-passkey"] {
        let site = RelyingParty::new().unwrap();
        let phone = Authenticator::new(PasskeyStore::in_memory(), Model::default());
        let (_, account, phone) = registered(&trio, &site, phone, PhoneSettings::default()).await;
        let mut settings = PhoneSettings::default();
        settings.script.faults = vec![fault.parse().unwrap()];
        let (_, verdict) = signs_in(&trio, &site, &account, phone, settings).await;
        assert!(verdict.is_err(), "{fault}");
    }
}
