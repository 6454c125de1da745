//! The traps of BlueZ under the radio alone: each as bluetoothd 5.66 was seen to set it, or as its
//! sources do.

#![allow(clippy::unwrap_used, clippy::panic, reason = "scenarios")]

use hybrid_radio::bluez::{Bluez, Bus, missing};
use hybrid_radio::{AdapterChoice, Advert, DeviceAddress, Radio as _, RadioEvent, Trouble};
use hybrid_tests::bluez::{Air, FDE2, FFF9, Lookups, Refusal, uuid};
use hybrid_tests::stranger::Stranger;
use std::time::{Duration, Instant};
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(20);

async fn air() -> Air {
    Air::with_adapters(&["hci0"]).await.unwrap()
}

fn bus(air: &Air) -> Bus {
    Bus::At(air.bus_address().to_owned())
}

fn radio(air: &Air) -> Bluez {
    Bluez::start_on(bus(air), AdapterChoice::Any)
}

/// These adapters alone.
fn only(names: &[&str]) -> AdapterChoice {
    names.iter().map(|name| name.parse().unwrap()).collect()
}

/// Waits for an event that is looked for.
async fn wait_for<T>(radio: &mut Bluez, mut pick: impl FnMut(RadioEvent) -> Option<T>) -> T {
    let mut seen = Vec::new();
    let wait = async {
        loop {
            let event = radio.next().await;
            seen.push(format!("{event:?}"));
            if let Some(found) = pick(event) {
                return found;
            }
        }
    };
    match timeout(PATIENCE, wait).await {
        Ok(found) => found,
        Err(_) => panic!("it did not come; the radio said {seen:#?}"),
    }
}

async fn listening(radio: &mut Bluez) -> Vec<String> {
    wait_for(radio, |event| match event {
        RadioEvent::Listening(adapters) => Some(adapters),
        RadioEvent::Advert(_) | RadioEvent::Neighbour | RadioEvent::Trouble(_) => None,
        _ => None,
    })
    .await
}

async fn trouble(radio: &mut Bluez) -> Trouble {
    wait_for(radio, |event| match event {
        RadioEvent::Trouble(trouble) => Some(trouble),
        RadioEvent::Advert(_) | RadioEvent::Neighbour | RadioEvent::Listening(_) => None,
        _ => None,
    })
    .await
}

/// What it listens on next, without trouble before.
async fn without_a_word(radio: &mut Bluez) -> Vec<String> {
    let heard = wait_for(radio, |event| match event {
        RadioEvent::Listening(adapters) => Some(Ok(adapters)),
        RadioEvent::Trouble(trouble) => Some(Err(trouble)),
        RadioEvent::Advert(_) | RadioEvent::Neighbour => None,
        _ => None,
    });
    heard.await.unwrap()
}

async fn advert(radio: &mut Bluez) -> Advert {
    wait_for(radio, |event| match event {
        RadioEvent::Advert(advert) => Some(advert),
        RadioEvent::Trouble(_) | RadioEvent::Neighbour | RadioEvent::Listening(_) => None,
        _ => None,
    })
    .await
}

#[tokio::test]
async fn an_advert_that_is_reported_once_is_handed_over_whole() {
    let air = air().await;
    let mut radio = radio(&air);
    assert_eq!(listening(&mut radio).await, ["hci0"]);
    assert!(!air.was_meddled_with("hci0"), "no UUIDs, Low Energy alone");
    air.hear("hci0", FDE2, &[7; 24]).await.unwrap();
    let heard = advert(&mut radio).await;
    assert_eq!(
        (heard.uuid, heard.data.as_slice(), heard.rssi),
        (0xfde2, &[7; 24][..], Some(-52))
    );
    assert_eq!((heard.adapter.as_str(), heard.cached), ("hci0", false));
}

#[tokio::test]
async fn an_advert_is_handed_over_within_ten_milliseconds() {
    let air = air().await;
    let mut radio = radio(&air);
    listening(&mut radio).await;
    let mut took = Vec::new();
    for number in 0u8..21 {
        let started = Instant::now();
        air.hear("hci0", FFF9, &[number; 20]).await.unwrap();
        assert_eq!(advert(&mut radio).await.data, [number; 20]);
        took.push(started.elapsed());
    }
    took.sort();
    println!(
        "advert on the bus to event: median {:?}, worst {:?}",
        took[10], took[20]
    );
    assert!(took[10] < Duration::from_millis(10), "{took:?}");
}

#[tokio::test]
async fn the_same_data_again_is_handed_over_once() {
    let air = air().await;
    let mut radio = radio(&air);
    listening(&mut radio).await;
    air.hear("hci0", FFF9, &[1; 20]).await.unwrap();
    for _ in 0..50 {
        air.hear_again("hci0").await.unwrap();
    }
    air.hear("hci0", FFF9, &[2; 20]).await.unwrap();
    assert_eq!(advert(&mut radio).await.data, [1; 20]);
    assert_eq!(advert(&mut radio).await.data, [2; 20]);
}

#[tokio::test]
async fn what_bluez_remembers_is_offered_as_such_and_again_when_it_is_heard() {
    let air = air().await;
    air.remember("hci0", FFF9, &[1; 20]);
    let mut radio = radio(&air);
    let remembered = advert(&mut radio).await;
    assert!(
        remembered.cached && remembered.rssi.is_none(),
        "{remembered:?}"
    );
    air.hear_again("hci0").await.unwrap();
    let heard = advert(&mut radio).await;
    assert!(!heard.cached && heard.data == [1; 20], "{heard:?}");
}

#[tokio::test]
async fn only_what_is_heard_counts_as_a_neighbour() {
    let air = air().await;
    air.remember("hci0", FFF9, &[1; 20]);
    let mut radio = radio(&air);
    listening(&mut radio).await;
    air.connect_mouse("hci0").await.unwrap();
    air.hear("hci0", &uuid(0x180f), &[1]).await.unwrap();
    air.hear_again("hci0").await.unwrap();
    air.hear("hci0", FFF9, &[2; 20]).await.unwrap();
    let mut neighbours = 0;
    wait_for(&mut radio, |event| match event {
        RadioEvent::Neighbour => {
            neighbours += 1;
            None
        }
        RadioEvent::Advert(advert) if advert.data == [2; 20] => Some(()),
        RadioEvent::Advert(_) | RadioEvent::Listening(_) | RadioEvent::Trouble(_) => None,
        _ => None,
    })
    .await;
    assert_eq!(
        neighbours, 3,
        "the battery, the remembered one that was heard, the phone"
    );
}

#[tokio::test]
async fn neither_broken_nor_hanging_neighbours_keep_it_from_listening() {
    for lookups in [Lookups::Broken, Lookups::Hanging] {
        let air = air().await;
        air.answer_lookups(lookups);
        let mut radio = radio(&air);
        listening(&mut radio).await;
        air.hear("hci0", FFF9, &[1; 20]).await.unwrap();
        assert_eq!(advert(&mut radio).await.data, [1; 20], "{lookups:?}");
    }
}

#[tokio::test]
async fn an_adapter_that_is_off_is_told_and_left_off_until_somebody_switches_it_on() {
    let air = air().await;
    air.set_powered("hci0", false).await.unwrap();
    let mut radio = radio(&air);
    assert_eq!(trouble(&mut radio).await, Trouble::Off);
    assert!(!air.was_meddled_with("hci0"));
    air.set_powered("hci0", true).await.unwrap();
    assert_eq!(listening(&mut radio).await, ["hci0"]);
    air.tell_power_state();
    air.block("hci0").await.unwrap();
    assert_eq!(trouble(&mut radio).await, Trouble::Blocked { hard: false });
    air.unblock("hci0").await.unwrap();
    assert_eq!(listening(&mut radio).await, ["hci0"]);
}

#[tokio::test]
async fn an_adapter_without_low_energy_is_told_apart() {
    let air = air().await;
    air.take_low_energy("hci0");
    assert_eq!(trouble(&mut radio(&air)).await, Trouble::NoLowEnergy);
}

#[tokio::test]
async fn a_discovery_of_the_bluetoothd_before_is_not_taken_for_ours() {
    let air = air().await;
    let mut radio = radio(&air);
    listening(&mut radio).await;
    air.refuse(Some(Refusal::StillForTheLast));
    air.stop_bluetoothd().await.unwrap();
    assert_eq!(trouble(&mut radio).await, Trouble::BluetoothdGone);
    air.start_bluetoothd().await.unwrap();
    let still = wait_for(&mut radio, |event| match event {
        RadioEvent::Trouble(Trouble::NoBluetoothd | Trouble::BluetoothdGone) => None,
        RadioEvent::Trouble(trouble) => Some(Ok(trouble)),
        RadioEvent::Listening(adapters) => Some(Err(adapters)),
        RadioEvent::Advert(_) | RadioEvent::Neighbour | _ => None,
    })
    .await;
    assert!(matches!(still, Ok(Trouble::Busy(_))), "{still:?}");
    air.refuse(None);
    assert_eq!(listening(&mut radio).await, ["hci0"]);
}

#[tokio::test]
async fn refusals_are_told_with_their_reason_and_retried() {
    for refusal in [Refusal::Denied, Refusal::Busy, Refusal::StillForTheLast] {
        let air = air().await;
        air.refuse(Some(refusal));
        let mut radio = radio(&air);
        let told = trouble(&mut radio).await;
        match refusal {
            Refusal::Denied => assert_eq!(
                told,
                Trouble::Denied("org.bluez.Error.NotPermitted".to_owned())
            ),
            Refusal::Busy => assert!(
                matches!(&told, Trouble::Busy(why) if why.contains("Error.Busy")),
                "{told:?}"
            ),
            Refusal::StillForTheLast => assert!(
                matches!(&told, Trouble::Busy(why) if why.contains("Error.InProgress")),
                "{told:?}"
            ),
        }
        air.refuse(None);
        assert_eq!(listening(&mut radio).await, ["hci0"]);
    }
}

#[tokio::test]
async fn a_pulled_adapter_is_no_trouble_while_the_other_listens_on() {
    let air = air().await;
    air.add_adapter("hci1").await.unwrap();
    let mut radio = radio(&air);
    while listening(&mut radio).await.len() < 2 {}
    air.remove_adapter("hci1").await.unwrap();
    assert_eq!(without_a_word(&mut radio).await, ["hci0"]);
    air.remove_adapter("hci0").await.unwrap();
    assert_eq!(
        trouble(&mut radio).await,
        Trouble::AdapterGone("hci0".to_owned())
    );
    air.plug_in("hci0").await.unwrap();
    assert_eq!(without_a_word(&mut radio).await, ["hci0"]);
}

#[tokio::test]
async fn bluetoothd_may_die_and_come_back() {
    let air = air().await;
    let mut radio = radio(&air);
    listening(&mut radio).await;
    air.stop_bluetoothd().await.unwrap();
    assert_eq!(trouble(&mut radio).await, Trouble::BluetoothdGone);
    air.start_bluetoothd().await.unwrap();
    assert_eq!(without_a_word(&mut radio).await, ["hci0"]);
}

#[tokio::test]
async fn a_restart_of_bluetoothd_is_waited_for_without_a_word() {
    let air = air().await;
    let mut radio = radio(&air);
    listening(&mut radio).await;
    air.stop_bluetoothd().await.unwrap();
    air.start_bluetoothd().await.unwrap();
    assert_eq!(without_a_word(&mut radio).await, ["hci0"]);
    air.kill_bluetoothd().await.unwrap();
    air.start_bluetoothd().await.unwrap();
    assert_eq!(without_a_word(&mut radio).await, ["hci0"]);
    assert!(!air.was_meddled_with("hci0"));
}

#[tokio::test]
async fn a_bluetoothd_that_leaves_its_adapter_off_is_told_once_by_that() {
    let air = air().await;
    let mut radio = radio(&air);
    listening(&mut radio).await;
    air.block("hci0").await.unwrap();
    air.stop_bluetoothd().await.unwrap();
    air.start_bluetoothd().await.unwrap();
    assert_eq!(trouble(&mut radio).await, Trouble::Off);
}

#[tokio::test]
async fn only_the_adapters_that_were_named_are_used() {
    let air = air().await;
    air.add_adapter("hci1").await.unwrap();
    let mut both = radio(&air);
    while listening(&mut both).await.len() < 2 {}
    let mut one = Bluez::start_on(bus(&air), only(&["hci1"]));
    assert_eq!(listening(&mut one).await, ["hci1"]);
    air.hear("hci0", FFF9, &[1; 20]).await.unwrap();
    air.hear("hci1", FFF9, &[2; 20]).await.unwrap();
    assert_eq!(advert(&mut both).await.data, [1; 20]);
    assert_eq!(advert(&mut one).await.data, [2; 20], "hci0 is not its own");
}

#[tokio::test]
async fn an_adapter_that_was_named_is_told_by_its_name_when_it_is_off_or_away() {
    let air = air().await;
    air.add_adapter("hci1").await.unwrap();
    air.set_powered("hci1", false).await.unwrap();
    let mut radio = Bluez::start_on(bus(&air), only(&["hci1"]));
    let off = Trouble::AdapterOff("hci1".to_owned());
    assert_eq!(trouble(&mut radio).await, off);
    air.set_powered("hci1", true).await.unwrap();
    assert_eq!(listening(&mut radio).await, ["hci1"]);
    air.remove_adapter("hci1").await.unwrap();
    let gone = Trouble::AdapterGone("hci1".to_owned());
    assert_eq!(trouble(&mut radio).await, gone);
    let mut next = Bluez::start_on(bus(&air), only(&["hci1"]));
    let absent = Trouble::NoSuchAdapter("hci1".to_owned());
    assert_eq!(trouble(&mut next).await, absent);
}

#[tokio::test]
async fn a_name_of_no_adapter_is_known_with_the_names_there_are() {
    let air = Air::start().await.unwrap();
    let asked = async |names: &[&str]| {
        let missing = missing(&bus(&air), &only(names)).await;
        missing.map(|missing| missing.to_string())
    };
    assert_eq!(
        asked(&["hci7"]).await,
        None,
        "without adapters the radio says why"
    );
    air.add_adapter("hci0").await.unwrap();
    air.add_adapter("hci1").await.unwrap();
    assert_eq!(asked(&["hci1"]).await, None);
    let expected = "there is no Bluetooth adapter named hci7; this computer has hci0, hci1";
    assert_eq!(asked(&["hci0", "hci7"]).await.as_deref(), Some(expected));
    assert_eq!(missing(&bus(&air), &AdapterChoice::Any).await, None);
    air.stop_bluetoothd().await.unwrap();
    assert_eq!(asked(&["hci7"]).await, None);
}

#[tokio::test]
async fn an_advert_comes_with_the_address_of_its_device_also_when_only_the_advert_changes() {
    let air = air().await;
    air.remember("hci0", FFF9, &[1; 20]);
    let mut radio = radio(&air);
    let first = DeviceAddress::parse("7A:00:00:00:00:01", "random");
    assert!(first.is_some());
    assert_eq!(advert(&mut radio).await.address, first);
    listening(&mut radio).await;
    // No signal repeats it.
    air.hear_again("hci0").await.unwrap();
    assert_eq!(advert(&mut radio).await.address, first);
    air.hear("hci0", FFF9, &[2; 20]).await.unwrap();
    let second = DeviceAddress::parse("7A:00:00:00:00:02", "random");
    assert_eq!(advert(&mut radio).await.address, second);
}

/// Discovery began once more since so many, and something is heard.
async fn hears_again(air: &Air, radio: &mut Bluez, before: u32) {
    let restarted = async {
        while air.discoveries("hci0") == before {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, restarted).await.unwrap();
    air.hear("hci0", FFF9, &[1; 20]).await.unwrap();
    assert_eq!(advert(radio).await.data, [1; 20]);
}

#[tokio::test]
async fn a_discovery_that_was_ended_by_a_reset_is_started_again() {
    let air = air().await;
    let mut radio = radio(&air);
    listening(&mut radio).await;
    let before = air.discoveries("hci0");
    air.stop_discovery("hci0").await.unwrap();
    hears_again(&air, &mut radio, before).await;
}

#[tokio::test]
async fn a_discovery_that_bluetoothd_ended_along_with_another_clients_is_begun_again() {
    let air = air().await;
    let mut radio = radio(&air);
    listening(&mut radio).await;
    let before = air.discoveries("hci0");
    air.end_discovery_for_all("hci0").await.unwrap();
    hears_again(&air, &mut radio, before).await;
}

#[tokio::test]
async fn a_bluetoothd_that_lost_count_of_its_discoveries_is_made_to_begin_one() {
    let air = air().await;
    air.lose_count_of_discoveries("hci0");
    let mut radio = radio(&air);
    listening(&mut radio).await;
    air.hear("hci0", FFF9, &[1; 20]).await.unwrap();
    assert_eq!(advert(&mut radio).await.data, [1; 20]);
    // It goes on when its own end is told, which comes with its beginning.
    air.hear("hci0", FFF9, &[2; 20]).await.unwrap();
    assert_eq!(advert(&mut radio).await.data, [2; 20]);
}

#[tokio::test]
async fn a_bus_that_is_not_there_is_told() {
    let mut radio = Bluez::start_on(
        Bus::At("unix:path=/nowhere/bus".to_owned()),
        AdapterChoice::Any,
    );
    assert!(matches!(trouble(&mut radio).await, Trouble::NoDbus(_)));
}

#[tokio::test]
async fn discovery_ends_with_the_radio() {
    let air = air().await;
    let mut radio = radio(&air);
    listening(&mut radio).await;
    drop(radio);
    let ended = async {
        while air.is_discovering("hci0") {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, ended).await.unwrap();
}

#[tokio::test]
async fn what_another_program_says_in_bluetoothds_place_is_not_heard() {
    let air = air().await;
    let mut radio = radio(&air);
    listening(&mut radio).await;
    let stranger = Stranger::start(air.bus_address()).await.unwrap();
    stranger.pretends_an_advert(FFF9, &[6; 20]).await.unwrap();
    stranger.pretends_that_adapters_go(&["hci0"]).await.unwrap();
    air.hear("hci0", FFF9, &[1; 20]).await.unwrap();
    let heard = wait_for(&mut radio, |event| match event {
        RadioEvent::Advert(advert) => Some(Ok(advert.data)),
        RadioEvent::Trouble(trouble) => Some(Err(trouble)),
        RadioEvent::Listening(_) | RadioEvent::Neighbour | _ => None,
    });
    assert_eq!(heard.await, Ok(vec![1; 20]));
}
