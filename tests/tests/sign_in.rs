//! The three real programs together: relay, phone and desktop, over TLS, with BlueZ faked on a
//! private bus.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "scenarios"
)]

use hybrid_tests::bluez::{Air, FFF9};
use hybrid_tests::namespace::inside;
use hybrid_tests::programs::{Ceremony, World};
use hybrid_tests::relying_party::{Account, RelyingParty, creation_options};

const NAMES: [&str; 2] = ["cable.ua5v.com", "cable.auth.com"];

async fn register(world: &World, site: &RelyingParty, phone: &[&str]) -> Account {
    let begun = site.begin_registration().unwrap();
    let registered = world.ceremony("register", &begun.options, &[], phone).await;
    let Ceremony { desktop, phone, .. } = registered.unwrap();
    assert_eq!(desktop.code, Some(0), "{}", desktop.stderr);
    assert_eq!(phone.code, Some(0), "{}", phone.stderr);
    site.finish_registration(begun, &desktop.stdout).unwrap()
}

#[tokio::test]
async fn a_passkey_is_registered_and_used_through_either_known_relay() {
    if !inside(
        "a_passkey_is_registered_and_used_through_either_known_relay",
        &NAMES,
    ) {
        return;
    }
    let air = Air::with_adapters(&["hci0", "hci1"]).await.unwrap();
    let world = World::new(air.bus_address(), &NAMES).unwrap();
    let _relay = world.relay().await.unwrap();
    let site = RelyingParty::new().unwrap();
    let account = register(&world, &site, &["--domain-id", "0"]).await;

    let begun = site.begin_sign_in().unwrap();
    let timeline = world.path("timeline.jsonl");
    let more = ["--timeline", timeline.to_str().unwrap()];
    let phone = ["--domain-id", "1", "--uuid", "fde2"];
    let signed_in = { world.ceremony("sign-in", &begun.options, &more, &phone) }.await;
    let Ceremony { desktop, phone, .. } = signed_in.unwrap();
    assert_eq!(desktop.code, Some(0), "{}", desktop.stderr);
    site.finish_sign_in(begun, &account, &desktop.stdout)
        .unwrap();
    assert_eq!(phone.code, Some(0), "{}", phone.stderr);

    let timeline = std::fs::read_to_string(timeline).unwrap();
    let stages: Vec<String> = timeline
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .filter(|event| event["ev"] == "stage")
        .map(|event| event["stage"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        stages,
        [
            "advert",
            "tunnel",
            "handshake",
            "greeting",
            "request",
            "reply",
            "linger",
            "done"
        ]
    );
    assert!(!timeline.contains("FIDO:/"));
    assert!(
        !air.was_meddled_with("hci0"),
        "no UUID filter, nothing switched on"
    );
}

#[tokio::test]
async fn the_phone_is_found_among_500_foreign_adverts_a_second() {
    if !inside(
        "the_phone_is_found_among_500_foreign_adverts_a_second",
        &NAMES,
    ) {
        return;
    }
    let air = Air::with_adapters(&["hci0", "hci1"]).await.unwrap();
    let world = World::new(air.bus_address(), &NAMES).unwrap();
    let _relay = world.relay().await.unwrap();
    let site = RelyingParty::new().unwrap();
    let flood = async {
        let mut every = tokio::time::interval(std::time::Duration::from_millis(2));
        for number in 0u64.. {
            every.tick().await;
            let mut advert = [0x5a; 20];
            advert[..8].copy_from_slice(&number.to_le_bytes());
            air.hear("hci0", FFF9, &advert).await.unwrap();
        }
    };
    tokio::select! {
        () = flood => panic!("the flood does not end"),
        _ = register(&world, &site, &[]) => {}
    }
}

#[tokio::test]
async fn a_broken_neighbour_does_not_hide_the_phone() {
    if !inside("a_broken_neighbour_does_not_hide_the_phone", &NAMES) {
        return;
    }
    let air = Air::with_adapters(&["hci0", "hci1"]).await.unwrap();
    air.break_lookups();
    let world = World::new(air.bus_address(), &NAMES).unwrap();
    let _relay = world.relay().await.unwrap();
    register(&world, &RelyingParty::new().unwrap(), &[]).await;
}

#[tokio::test]
async fn the_phones_no_is_told_with_its_code() {
    if !inside("the_phones_no_is_told_with_its_code", &NAMES) {
        return;
    }
    let air = Air::with_adapters(&["hci0", "hci1"]).await.unwrap();
    let world = World::new(air.bus_address(), &NAMES).unwrap();
    let _relay = world.relay().await.unwrap();
    let (options, no) = (creation_options().unwrap(), ["--user", "deny"]);
    let declined = world.ceremony("register", &options, &["--json"], &no).await;
    let ended = declined.unwrap().desktop;
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("declined on the phone"),
        "{}",
        ended.stderr
    );
    let error: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(error["error"]["code"], "CT27");
    let events = ended
        .stderr
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    let events: Vec<serde_json::Value> = events.collect();
    let findings: Vec<_> = events
        .iter()
        .filter(|event| event["ev"] == "finding")
        .collect();
    assert_eq!((findings.len(), &findings[0]["code"]), (1, &"CT27".into()));
    assert_eq!(events.last().unwrap()["ok"], false, "{}", ended.stderr);
}
