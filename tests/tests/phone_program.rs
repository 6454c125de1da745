//! The phone's program misbehaves before the real desktop: faults and profiles get from its command
//! line onto the air and the wire.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "scenarios"
)]

use hybrid_tests::bluez::Air;
use hybrid_tests::namespace::inside;
use hybrid_tests::programs::{Ceremony, World};
use hybrid_tests::relying_party::creation_options;
use serde_json::Value;

const NAMES: [&str; 2] = ["cable.ua5v.com", "cable.auth.com"];

/// What the desktop says to a phone with these arguments: exit code, and the code of its first
/// finding.
async fn answer(world: &World, phone: &[&str]) -> (Option<i32>, String, Vec<Value>) {
    let options = creation_options().unwrap();
    let answered = { world.ceremony("register", &options, &["--json"], phone) }.await;
    let Ceremony { desktop, phone, .. } = answered.unwrap();
    let said: Value = serde_json::from_str(&desktop.stdout).unwrap_or_default();
    let events = phone
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let code = said["error"]["code"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    (desktop.code, code, events)
}

#[tokio::test]
async fn faults_delays_and_profiles_of_the_command_line_are_played() {
    if !inside(
        "faults_delays_and_profiles_of_the_command_line_are_played",
        &NAMES,
    ) {
        return;
    }
    let air = Air::with_adapters(&["hci0", "hci1"]).await.unwrap();
    let world = World::new(air.bus_address(), &NAMES).unwrap();
    let _relay = world.relay().await.unwrap();

    let (exit, code, events) =
        answer(&world, &["--fault", "ios-cancel", "--delay", "advert=200"]).await;
    assert_eq!((exit, code.as_str()), (Some(1), "HS05"));
    assert_eq!(
        events[0],
        serde_json::json!({"ev": "fault", "fault": "ios-cancel"})
    );

    let (exit, code, _) = answer(&world, &["--fault", "greeting-not-cbor"]).await;
    assert_eq!((exit, code.as_str()), (Some(3), "HS03"));

    let (exit, code, _) = answer(&world, &["--profile", "ios", "--user", "deny"]).await;
    assert_eq!((exit, code.as_str()), (Some(1), "HS05"));

    let (exit, code, _) = answer(&world, &["--profile", "android", "--user", "deny"]).await;
    assert_eq!((exit, code.as_str()), (Some(1), "CT27"));
}
