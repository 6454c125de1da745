//! The doctor's steps for the radio, and the beacon that it hears, over the fake BlueZ.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "scenarios"
)]

use hybrid_diagnosis::check::{Check, Conclusion, Verdict};
use hybrid_diagnosis::explain;
use hybrid_diagnosis::finding::Certainty;
use hybrid_radio::AdapterChoice;
use hybrid_radio::Sandbox;
use hybrid_radio::Trouble;
use hybrid_radio::beacon::{Beacon, BeaconError};
use hybrid_radio::bluez::{Bus, NoSuchAdapter};
use hybrid_radio::rfkill::RfkillBlock;
use hybrid_tests::bluez::{Air, Bus as PrivateBus, FFF9, Refusal};
use hybridd::doctor::radio::radio;
use hybridd::doctor::system::{Rfkill, System};
use std::time::Duration;

const LISTEN: Duration = Duration::from_millis(300);

fn bus(air: &Air) -> Bus {
    Bus::At(air.bus_address().to_owned())
}

/// Bare metal, nothing blocked.
fn system() -> System {
    System {
        rfkill: Rfkill::from_iter([]),
        ..System::default()
    }
}

async fn one_adapter() -> Air {
    Air::with_adapters(&["hci0"]).await.unwrap()
}

async fn examine(bus: &Bus, system: &System) -> Vec<Check> {
    examine_only(AdapterChoice::Any, bus, system).await
}

async fn examine_only(choice: AdapterChoice, bus: &Bus, system: &System) -> Vec<Check> {
    let mut checks = Vec::new();
    radio(bus, &choice, system, LISTEN, &mut |check| {
        checks.push(check)
    })
    .await;
    assert_eq!(checks.len(), 9, "every step is told: {checks:?}");
    checks
}

/// The codes of what is wrong, in order.
fn codes(checks: &[Check]) -> Vec<&'static str> {
    checks
        .iter()
        .filter_map(Check::finding)
        .map(|finding| finding.code)
        .collect()
}

#[tokio::test]
async fn with_everything_right_a_beacon_is_heard_with_its_strength() {
    let air = one_adapter().await;
    air.add_adapter("hci1").await.unwrap();
    let beacon = Beacon::start(&bus(&air), "hci1".parse().ok())
        .await
        .unwrap();
    assert_eq!(beacon.adapter(), "hci1");
    let checks = examine(&bus(&air), &system()).await;
    assert_eq!(codes(&checks), ["BT09"], "{checks:#?}");
    assert_eq!(checks[8].verdict, Verdict::Ok);
    assert!(
        checks[8].evidence.contains("on hci0 at -52 dBm"),
        "{}",
        checks[8].evidence
    );
}

#[tokio::test]
async fn a_beacon_leaves_the_air_with_its_program() {
    let air = one_adapter().await;
    air.add_adapter("hci1").await.unwrap();
    drop(Beacon::start(&bus(&air), None).await.unwrap());
    let checks = examine(&bus(&air), &system()).await;
    assert!(
        matches!(checks[8].verdict, Verdict::NotChecked(_)),
        "{checks:#?}"
    );
}

#[tokio::test]
async fn a_beacon_says_why_it_cannot_be_sent() {
    let air = Air::start().await.unwrap();
    let start = async |adapter| Beacon::start(&bus(&air), adapter).await.err();
    assert_eq!(
        start(None).await,
        Some(BeaconError::Radio(Trouble::NoAdapter))
    );
    air.add_adapter("hci0").await.unwrap();
    assert_eq!(
        start("hci7".parse().ok()).await,
        Some(BeaconError::NoSuchAdapter(NoSuchAdapter {
            wanted: "hci7".parse().unwrap(),
            known: vec!["hci0".to_owned()],
        }))
    );
    air.set_powered("hci0", false).await.unwrap();
    assert_eq!(start(None).await, Some(BeaconError::Radio(Trouble::Off)));
    air.stop_bluetoothd().await.unwrap();
    assert_eq!(
        start(None).await,
        Some(BeaconError::Radio(Trouble::NoBluetoothd))
    );
}

#[tokio::test]
async fn silence_and_phones_are_told_apart() {
    let air = one_adapter().await;
    let silent = examine(&bus(&air), &system()).await;
    let Verdict::Warn(finding) = &silent[7].verdict else {
        panic!("{silent:#?}")
    };
    let told = (finding.code, finding.certainty);
    assert_eq!(told, ("BT08", Certainty::Possible), "after so short a time");
    let hear = async {
        loop {
            air.hear("hci0", FFF9, &[1; 20]).await.unwrap();
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let bus = bus(&air);
    let system = system();
    let checks = tokio::select! {
        () = hear => panic!("it does not end"),
        checks = examine(&bus, &system) => checks,
    };
    assert!(codes(&checks).is_empty(), "{checks:#?}");
    assert!(
        checks[7].evidence.contains("1 passkey advert "),
        "{}",
        checks[7].evidence
    );
}

#[tokio::test]
async fn each_fault_has_its_code_and_the_steps_after_it_say_why_they_were_not_done() {
    let nowhere = Bus::At("unix:path=/nowhere/bus".to_owned());
    assert_eq!(codes(&examine(&nowhere, &system()).await), ["BT02"]);

    let air = Air::start().await.unwrap();
    let checks = examine(&bus(&air), &system()).await;
    assert_eq!(codes(&checks), ["BT01"]);
    assert_eq!(
        checks[8].verdict,
        Verdict::NotChecked(format!(
            "an earlier step failed ({})",
            checks[4].finding().unwrap().code
        ))
    );

    air.add_adapter("hci0").await.unwrap();
    for (refusal, code) in [(Refusal::Denied, "BT05"), (Refusal::Busy, "BT07")] {
        air.refuse(Some(refusal));
        assert_eq!(codes(&examine(&bus(&air), &system()).await), [code]);
    }
    air.set_powered("hci0", false).await.unwrap();
    assert_eq!(codes(&examine(&bus(&air), &system()).await), ["BT03"]);
    air.tell_power_state();
    air.block("hci0").await.unwrap();
    assert_eq!(codes(&examine(&bus(&air), &system()).await), ["BT04"]);
    air.take_low_energy("hci0");
    air.unblock("hci0").await.unwrap();
    air.set_powered("hci0", true).await.unwrap();
    assert_eq!(codes(&examine(&bus(&air), &system()).await), ["BT06"]);
    air.stop_bluetoothd().await.unwrap();
    assert_eq!(codes(&examine(&bus(&air), &system()).await), ["BT02"]);
}

#[tokio::test]
async fn a_computer_without_an_adapter_is_not_told_to_start_a_service() {
    let air = Air::start().await.unwrap();
    air.stop_bluetoothd().await.unwrap();
    let desktop = System {
        has_no_controller: true,
        machine: Some("QEMU".to_owned()),
        ..system()
    };
    let checks = examine(&bus(&air), &desktop).await;
    assert_eq!(codes(&checks), ["BT01"]);
    let seen = &checks[3].evidence;
    for part in ["the kernel has no", "bluetoothd", "virtual machine (QEMU)"] {
        assert!(seen.contains(part), "{seen}");
    }
    // The agent says the same, and the conclusion once.
    let agent = Verdict::Fail(explain::radio(&Trouble::NoController));
    let agent = Check::new("security key: agent", Duration::ZERO, "", agent);
    let all = [checks[3].clone(), agent];
    let [finding] = &Conclusion::of(&all).blocking[..] else {
        panic!("{all:#?}")
    };
    assert_eq!(finding.saw, format!("The{}.", &seen[3..]));
    let sandboxed = System {
        sandbox: Some(Sandbox::Snap("x".to_owned())),
        ..desktop
    };
    assert_eq!(codes(&examine(&bus(&air), &sandboxed).await), ["BT05"]);
    let kernel = System {
        controllers: vec!["hci0".to_owned()],
        ..system()
    };
    let checks = examine(&bus(&air), &kernel).await;
    assert_eq!(codes(&checks), ["BT02"]);
    assert!(checks[3].evidence.contains("hci0"), "{checks:#?}");
}

#[tokio::test]
async fn a_switch_that_takes_the_adapter_away_is_the_cause_and_not_a_missing_adapter() {
    let air = Air::start().await.unwrap();
    let laptop = System {
        has_no_controller: true,
        rfkill: Rfkill::from_iter([("laptop_bluetooth_sw", Some(RfkillBlock::Soft))]),
        ..system()
    };
    for runs in [true, false] {
        if !runs {
            air.stop_bluetoothd().await.unwrap();
        }
        let checks = examine(&bus(&air), &laptop).await;
        let [finding] = &Conclusion::of(&checks).blocking[..] else {
            panic!("bluetoothd runs: {runs}: {checks:#?}")
        };
        assert_eq!(finding.code, "BT04", "bluetoothd runs: {runs}");
    }
}

#[tokio::test]
async fn in_a_flatpak_a_service_that_cannot_be_seen_is_a_matter_of_permission() {
    let air = Air::start().await.unwrap();
    air.stop_bluetoothd().await.unwrap();
    let flatpak = System {
        sandbox: Some(Sandbox::Flatpak("org.example.App".to_owned())),
        ..system()
    };
    assert_eq!(codes(&examine(&bus(&air), &flatpak).await), ["BT05"]);
}

#[tokio::test]
async fn an_adapter_that_only_the_kernel_has_is_not_to_be_bought() {
    let air = Air::start().await.unwrap();
    let kernel = System {
        controllers: vec!["hci0".to_owned()],
        ..system()
    };
    let checks = examine(&bus(&air), &kernel).await;
    assert_eq!(codes(&checks), ["BT14"]);
    assert!(
        matches!(&checks[4].verdict, Verdict::Fail(finding) if finding.certainty == Certainty::Likely)
    );
}

#[tokio::test]
async fn a_bluetoothd_that_does_not_answer_is_no_missing_adapter() {
    let bus = PrivateBus::start().unwrap();
    // It has the name, and reads nothing.
    let _hangs = zbus::connection::Builder::address(bus.address())
        .name("org.bluez")
        .build()
        .await
        .unwrap();
    let checks = examine(&Bus::At(bus.address().to_owned()), &system()).await;
    assert_eq!(codes(&checks), ["BT02"], "{checks:#?}");
    assert!(
        matches!(&checks[4].verdict, Verdict::Fail(finding) if finding.certainty == Certainty::Likely)
    );
    assert!(
        checks[4].evidence.contains("does not respond"),
        "{}",
        checks[4].evidence
    );
}

#[tokio::test]
async fn airplane_mode_is_told_as_that_alone_also_by_a_bluez_that_does_not_know_it() {
    let air = one_adapter().await;
    air.block("hci0").await.unwrap();
    let blocked = System {
        rfkill: Rfkill::from_iter([("hci0", Some(RfkillBlock::Soft))]),
        ..system()
    };
    assert_eq!(
        codes(&examine(&bus(&air), &blocked).await),
        ["BT04", "BT04"]
    );
}

#[tokio::test]
async fn a_doctor_that_is_told_an_adapter_looks_at_no_other() {
    let air = one_adapter().await;
    air.add_adapter("hci1").await.unwrap();
    let beacon = Beacon::start(&bus(&air), "hci1".parse().ok())
        .await
        .unwrap();
    let only = |name: &str| -> AdapterChoice { name.parse().into_iter().collect() };
    let checks = examine_only(only("hci0"), &bus(&air), &system()).await;
    assert!(codes(&checks).is_empty(), "{checks:#?}");
    assert!(!air.is_discovering("hci1") && air.discoveries("hci1") == 0);
    assert!(
        checks[8].evidence.contains("on hci0"),
        "{}",
        checks[8].evidence
    );
    drop(beacon);
    air.set_powered("hci1", false).await.unwrap();
    let checks = examine_only(only("hci1"), &bus(&air), &system()).await;
    assert_eq!(codes(&checks), ["BT03"]);
    assert!(
        checks[5].evidence.contains("hci1"),
        "{}",
        checks[5].evidence
    );
    let checks = examine_only(only("hci7"), &bus(&air), &system()).await;
    assert_eq!(codes(&checks), ["BT01"]);
    assert!(
        checks[4].evidence.contains("hci7"),
        "{}",
        checks[4].evidence
    );
}
