//! The traps of BlueZ, each under the real `hybridd`: what is heard once, late, oddly, or not at
//! all.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "scenarios"
)]

use hybrid_tests::bluez::{Air, FDE2, FFF9, Refusal};
use hybrid_tests::namespace::{inside, inside_with_controller};
use hybrid_tests::programs::{Desktop, World};
use hybrid_tests::relying_party::{ORIGIN, creation_options};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Child;

const NAMES: [&str; 1] = ["cable.ua5v.com"];

struct Scene {
    air: Air,
    world: World,
}

/// One adapter, listening.
async fn scene() -> Scene {
    let air = Air::with_adapters(&["hci0"]).await.unwrap();
    let world = World::new(air.bus_address(), &NAMES).unwrap();
    Scene { air, world }
}

impl Scene {
    async fn desktop(&self, more: &[&str]) -> Desktop {
        let options = creation_options().unwrap();
        self.world
            .desktop("register", &options, more)
            .await
            .unwrap()
    }

    /// A phone whose advert is not on the air; the caller carries it.
    async fn phone(&self, desktop: &mut Desktop) -> (Child, Vec<u8>) {
        let code = desktop.code().await.unwrap();
        let mut phone = self
            .world
            .phone(&code, &["--radio", "print"])
            .await
            .unwrap();
        let mut lines = BufReader::new(phone.stdout.take().unwrap()).lines();
        while let Some(line) = lines.next_line().await.unwrap() {
            let event: Value = serde_json::from_str(&line).unwrap();
            if event["ev"] == "advert" {
                return (phone, hex::decode(event["hex"].as_str().unwrap()).unwrap());
            }
        }
        panic!("the phone does not advertise");
    }
}

async fn finding(desktop: &mut Desktop, code: &str) -> Value {
    desktop
        .event_where(|event| event["ev"] == "finding" && event["code"] == code)
        .await
        .unwrap()
}

async fn succeeds(desktop: Desktop) {
    let ended = desktop.end().await.unwrap();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
}

#[tokio::test]
async fn an_advert_with_a_suffix_under_the_older_uuid_is_ours() {
    if !inside(
        "an_advert_with_a_suffix_under_the_older_uuid_is_ours",
        &NAMES,
    ) {
        return;
    }
    let scene = scene().await;
    let _relay = scene.world.relay().await.unwrap();
    let mut desktop = scene.desktop(&[]).await;
    let (_phone, mut advert) = scene.phone(&mut desktop).await;
    desktop.listening().await.unwrap();
    advert.extend([0xa1, 0x01, 0x18, 0x82]);
    scene.air.hear("hci0", FDE2, &advert).await.unwrap();
    succeeds(desktop).await;
}

#[tokio::test]
async fn an_advert_that_only_bluez_remembers_is_found_and_older_ones_do_not_count() {
    if !inside(
        "an_advert_that_only_bluez_remembers_is_found_and_older_ones_do_not_count",
        &NAMES,
    ) {
        return;
    }
    let scene = scene().await;
    let _relay = scene.world.relay().await.unwrap();
    scene.air.remember("hci0", FFF9, &[0x11; 20]);
    let mut desktop = scene.desktop(&[]).await;
    let (_phone, advert) = scene.phone(&mut desktop).await;
    desktop.listening().await.unwrap();
    // No signal tells of it: it is in the list of objects alone, which is read again when
    // bluetoothd comes back.
    scene.air.remember("hci0", FFF9, &advert);
    scene.air.stop_bluetoothd().await.unwrap();
    scene.air.start_bluetoothd().await.unwrap();
    let ended = desktop.end().await.unwrap();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(
        !ended.stderr.contains(r#""ours":false"#),
        "the older one was not heard: {}",
        ended.stderr
    );
}

#[tokio::test]
async fn bluetooth_off_is_told_at_once_and_listening_starts_when_it_comes_on() {
    if !inside(
        "bluetooth_off_is_told_at_once_and_listening_starts_when_it_comes_on",
        &NAMES,
    ) {
        return;
    }
    let scene = scene().await;
    let _relay = scene.world.relay().await.unwrap();
    scene.air.set_powered("hci0", false).await.unwrap();
    let mut desktop = scene.desktop(&[]).await;
    let (_phone, advert) = scene.phone(&mut desktop).await;
    let told = finding(&mut desktop, "BT03").await;
    assert!(told["ms"].as_u64().unwrap() < 1000, "{told}");
    assert!(
        !scene.air.was_meddled_with("hci0"),
        "nobody agreed to switch it on"
    );
    scene.air.set_powered("hci0", true).await.unwrap();
    desktop.listening().await.unwrap();
    scene.air.hear("hci0", FFF9, &advert).await.unwrap();
    succeeds(desktop).await;
}

#[tokio::test]
async fn an_adapter_that_is_pulled_and_plugged_in_again_goes_on_listening() {
    if !inside(
        "an_adapter_that_is_pulled_and_plugged_in_again_goes_on_listening",
        &NAMES,
    ) {
        return;
    }
    let scene = scene().await;
    let _relay = scene.world.relay().await.unwrap();
    let mut desktop = scene.desktop(&[]).await;
    let (_phone, advert) = scene.phone(&mut desktop).await;
    desktop.listening().await.unwrap();
    scene.air.remove_adapter("hci0").await.unwrap();
    finding(&mut desktop, "BT01").await;
    scene.air.plug_in("hci0").await.unwrap();
    desktop.listening().await.unwrap();
    scene.air.hear("hci0", FFF9, &advert).await.unwrap();
    succeeds(desktop).await;
}

#[tokio::test]
async fn a_restart_of_bluetoothd_during_the_wait_is_not_told_as_an_adapter_that_is_off_or_gone() {
    let test =
        "a_restart_of_bluetoothd_during_the_wait_is_not_told_as_an_adapter_that_is_off_or_gone";
    if !inside_with_controller(test, &NAMES) {
        return;
    }
    let scene = scene().await;
    let mut desktop = scene.desktop(&["--seconds", "9"]).await;
    desktop.listening().await.unwrap();
    scene.air.stop_bluetoothd().await.unwrap();
    scene.air.start_bluetoothd().await.unwrap();
    desktop.listening().await.unwrap();
    let ended = desktop.end().await.unwrap();
    // A computer that is very busy may need longer than a restart is waited for, and says BT02.
    for code in ["BT01", "BT03"] {
        assert!(!ended.stderr.contains(code), "{code}: {}", ended.stderr);
    }
}

/// Two adapters, of which hci1 is off.
async fn two_adapters() -> Scene {
    hybrid_tests::programs::build();
    let scene = scene().await;
    scene.air.add_adapter("hci1").await.unwrap();
    scene.air.set_powered("hci1", false).await.unwrap();
    scene
}

#[tokio::test]
async fn an_adapter_that_was_named_and_is_off_is_told_and_another_one_is_not_used() {
    let scene = two_adapters().await;
    let mut desktop = scene.desktop(&["--adapter", "hci1"]).await;
    let told = finding(&mut desktop, "BT03").await;
    assert!(told["saw"].as_str().unwrap().contains("hci1"), "{told}");
    scene.air.set_powered("hci1", true).await.unwrap();
    let event = desktop.listening().await.unwrap();
    assert_eq!(event["listening"], serde_json::json!(["hci1"]));
    assert_eq!(scene.air.discoveries("hci0"), 0);
}

#[tokio::test]
async fn an_adapter_that_does_not_exist_is_refused_at_once_with_those_that_do() {
    let scene = two_adapters().await;
    let wrong = ["--adapter", "hci0", "--adapter", "hci7"];
    let ended = scene.desktop(&wrong).await.end().await.unwrap();
    let names = "no Bluetooth adapter named hci7; this computer has hci0, hci1";
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(ended.stderr.contains(names), "{}", ended.stderr);
    assert!(!ended.stderr.contains("FIDO:/"), "no code was shown");
    for (verb, name, says) in [
        ("doctor", "hci7", names),
        ("beacon", "hci7", names),
        ("doctor", "bluetooth", "such as hci0"),
    ] {
        let mut command = scene.world.command("hybridd");
        let output = command.args([verb, "--adapter", name]).output();
        let output = output.await.unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{verb}: {said}");
        assert!(said.contains(says), "{verb}: {said}");
    }
}

#[tokio::test]
async fn the_address_of_a_phone_is_in_the_debug_log_and_nowhere_else() {
    hybrid_tests::programs::build();
    for (level, logged) in [("debug", true), ("info", false)] {
        let scene = scene().await;
        let options = creation_options().unwrap();
        let mut command = scene.world.command("hybridd");
        command
            .args(["register", "--origin", ORIGIN, "--qr", "none"])
            .args(["--events", "-", "--seconds", "3"])
            .env("RUST_LOG", level);
        let mut desktop = Desktop::start(&mut command, &options).await.unwrap();
        desktop.listening().await.unwrap();
        scene.air.hear("hci0", FFF9, &[1; 20]).await.unwrap();
        let ended = desktop.end().await.unwrap();
        let said = ended.to_string();
        assert_eq!(
            said.contains("7A:00:00:00:00:01"),
            logged,
            "{level}: {said}"
        );
    }
}

#[tokio::test]
async fn a_second_adapter_listens_too() {
    if !inside("a_second_adapter_listens_too", &NAMES) {
        return;
    }
    let scene = scene().await;
    let _relay = scene.world.relay().await.unwrap();
    scene.air.add_adapter("hci1").await.unwrap();
    let mut desktop = scene.desktop(&[]).await;
    let (_phone, advert) = scene.phone(&mut desktop).await;
    desktop
        .event_where(|event| {
            event["listening"]
                .as_array()
                .is_some_and(|adapters| adapters.len() == 2)
        })
        .await
        .unwrap();
    scene.air.hear("hci1", FFF9, &advert).await.unwrap();
    succeeds(desktop).await;
}

#[tokio::test]
async fn bluetoothd_going_away_is_told() {
    let test = "bluetoothd_going_away_is_told";
    if !inside_with_controller(test, &NAMES) {
        return;
    }
    let scene = scene().await;
    let mut desktop = scene.desktop(&[]).await;
    desktop.listening().await.unwrap();
    scene.air.stop_bluetoothd().await.unwrap();
    finding(&mut desktop, "BT02").await;
}

/// What keeps the radio from listening, with the code that is told and the exit code of a script.
async fn fails_with(scene: Scene, code: &str) {
    let mut desktop = scene.desktop(&["--seconds", "2", "--json"]).await;
    let told = finding(&mut desktop, code).await;
    assert_eq!(told["certainty"], "certain");
    assert!(told["ms"].as_u64().unwrap() < 1000, "{told}");
    let ended = desktop.end().await.unwrap();
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    let error: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(error["error"]["code"], code);
    let why = format!("gave up after 2 s, because of {code}");
    assert!(ended.stderr.contains(&why), "{}", ended.stderr);
}

#[tokio::test]
async fn no_adapter_is_told() {
    hybrid_tests::programs::build();
    let scene = scene().await;
    scene.air.remove_adapter("hci0").await.unwrap();
    fails_with(scene, "BT01").await;
}

#[tokio::test]
async fn no_bluetoothd_is_told() {
    let test = "no_bluetoothd_is_told";
    if !inside_with_controller(test, &NAMES) {
        return;
    }
    let scene = scene().await;
    scene.air.stop_bluetoothd().await.unwrap();
    fails_with(scene, "BT02").await;
}

#[tokio::test]
async fn no_bus_is_told() {
    hybrid_tests::programs::build();
    let air = Air::start().await.unwrap();
    let world = World::without_bus(&NAMES).unwrap();
    fails_with(Scene { air, world }, "BT02").await;
}

#[tokio::test]
async fn a_refused_discovery_is_told_with_its_reason() {
    hybrid_tests::programs::build();
    for (refusal, code) in [(Refusal::Denied, "BT05"), (Refusal::Busy, "BT07")] {
        let scene = scene().await;
        scene.air.refuse(Some(refusal));
        fails_with(scene, code).await;
    }
}

#[tokio::test]
async fn silence_on_the_air_is_told_apart_from_a_silent_phone() {
    hybrid_tests::programs::build();
    let silent = scene().await;
    let ended = silent
        .desktop(&["--seconds", "2"])
        .await
        .end()
        .await
        .unwrap();
    assert_eq!(ended.code, Some(4), "{}", ended.stderr);
    assert!(
        ended.stderr.contains(r#""code":"BT08""#),
        "{}",
        ended.stderr
    );

    let lively = scene().await;
    let mut desktop = lively.desktop(&["--seconds", "3"]).await;
    desktop.listening().await.unwrap();
    lively
        .air
        .hear("hci0", "0000180f-0000-1000-8000-00805f9b34fb", &[1])
        .await
        .unwrap();
    let ended = desktop.end().await.unwrap();
    assert!(
        ended.stderr.contains(r#""code":"AD01""#),
        "{}",
        ended.stderr
    );
}
