//! The fake bluetoothd says and refuses what the real one was measured to, version 5.66
//! (docs/bluez.md lists it).

#![allow(clippy::unwrap_used, clippy::panic, reason = "scenarios")]

use futures_util::StreamExt as _;
use hybrid_tests::bluez::{Air, FFF9};
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::timeout;
use zbus::{Connection, MatchRule, MessageStream, OwnedVariant, Variant, connection, message};

const PATIENCE: Duration = Duration::from_secs(20);
const ADAPTER: &str = "org.bluez.Adapter1";

/// One adapter, and a client that hears all that is said.
async fn client() -> (Air, Connection, MessageStream) {
    let air = Air::start().await.unwrap();
    let client = connection::Builder::address(air.bus_address());
    let client = client.build().await.unwrap();
    let rule = MatchRule::builder()
        .msg_type(message::Type::Signal)
        .build()
        .unwrap();
    let signals = MessageStream::for_match_rule(rule, &client, Some(64.try_into().unwrap()));
    let signals = signals.await.unwrap();
    air.add_adapter("hci0").await.unwrap();
    (air, client, signals)
}

/// Calls a method of the adapter without arguments; the name of the error, if it is refused.
async fn call(client: &Connection, method: &str) -> Result<(), String> {
    let path = "/org/bluez/hci0";
    let called = client.call_method(Some("org.bluez"), path, Some(ADAPTER), method, &());
    refused(called.await.map(drop))
}

async fn set_powered(client: &Connection, on: bool) -> Result<(), String> {
    let interface = Some("org.freedesktop.DBus.Properties");
    let body = (ADAPTER, "Powered", Variant::from(on));
    let path = "/org/bluez/hci0";
    let called = client.call_method(Some("org.bluez"), path, interface, "Set", &body);
    refused(called.await.map(drop))
}

fn refused(called: zbus::Result<()>) -> Result<(), String> {
    let Err(error) = called else { return Ok(()) };
    let zbus::Error::MethodError(name, _, _) = error else {
        panic!("{error}")
    };
    Err(name.to_string())
}

async fn all(client: &Connection) -> HashMap<String, OwnedVariant> {
    let interface = Some("org.freedesktop.DBus.Properties");
    let path = "/org/bluez/hci0";
    let called = client.call_method(Some("org.bluez"), path, interface, "GetAll", &ADAPTER);
    called.await.unwrap().body().deserialize().unwrap()
}

/// A signal in words: what happened to what.
fn words(signal: &message::Message) -> Option<String> {
    let header = signal.header();
    let yes = |value: &OwnedVariant| matches!(&**value, Variant::Bool(true));
    match header.member()?.as_str() {
        "NameOwnerChanged" => {
            let (name, _, new): (String, String, String) = signal.body().deserialize().ok()?;
            let what = if new.is_empty() { "leaves" } else { "comes" };
            (name == "org.bluez").then(|| format!("{name} {what}"))
        }
        "InterfacesAdded" => {
            type Added = (
                zbus::OwnedObjectPath,
                HashMap<String, HashMap<String, OwnedVariant>>,
            );
            let (path, interfaces): Added = signal.body().deserialize().ok()?;
            let powered = interfaces.get(ADAPTER).and_then(|all| all.get("Powered"));
            let powered = powered.map_or("", |on| if yes(on) { ", on" } else { ", off" });
            Some(format!("+ {}{powered}", path.as_str()))
        }
        "InterfacesRemoved" => {
            let (path, names): (zbus::OwnedObjectPath, Vec<String>) =
                signal.body().deserialize().ok()?;
            let whole = names
                .iter()
                .any(|name| name == ADAPTER || name == "org.bluez.Device1");
            whole.then(|| format!("- {}", path.as_str()))
        }
        "PropertiesChanged" => {
            let (_, changed, gone): (String, HashMap<String, OwnedVariant>, Vec<String>) =
                signal.body().deserialize().ok()?;
            let mut said: Vec<String> = changed
                .iter()
                .filter(|(_, value)| matches!(&***value, Variant::Bool(_)))
                .map(|(name, value)| format!("{name} {}", yes(value)))
                .chain(gone.into_iter().map(|name| format!("{name} gone")))
                .collect();
            said.sort_by(|a, b| b.cmp(a));
            Some(said.join(", "))
        }
        _ => None,
    }
}

/// The next signals are these, in this order.
async fn says(signals: &mut MessageStream, expected: &[&str]) {
    let mut said = Vec::new();
    let read = async {
        while said.len() < expected.len() {
            said.extend(words(&signals.next().await.unwrap().unwrap()));
        }
    };
    let complete = timeout(PATIENCE, read).await;
    assert!(
        complete.is_ok() && said == expected,
        "{said:#?} in place of {expected:#?}"
    );
}

#[tokio::test]
async fn every_discovery_is_told_from_its_start_to_its_end_and_what_it_heard_goes_with_the_last() {
    let (air, client, mut signals) = client().await;
    says(&mut signals, &["+ /org/bluez/hci0, on"]).await;
    call(&client, "StartDiscovery").await.unwrap();
    air.hear("hci0", FFF9, &[1; 20]).await.unwrap();
    call(&client, "StopDiscovery").await.unwrap();
    let device = "/org/bluez/hci0/dev_7A_00_00_00_00_01";
    says(
        &mut signals,
        &[
            "Discovering true",
            &format!("+ {device}"),
            "RSSI gone",
            &format!("- {device}"),
            "Discovering false",
        ],
    )
    .await;
}

#[tokio::test]
async fn an_adapter_that_is_off_refuses_to_stop_a_discovery_and_one_that_is_blocked_to_go_on() {
    let (air, client, mut signals) = client().await;
    says(&mut signals, &["+ /org/bluez/hci0, on"]).await;
    assert!(!all(&client).await.contains_key("PowerState"));
    set_powered(&client, false).await.unwrap();
    says(&mut signals, &["Powered false, Discovering false"]).await;
    let not_ready = Err("org.bluez.Error.NotReady".to_owned());
    assert_eq!(call(&client, "StopDiscovery").await, not_ready);
    assert_eq!(call(&client, "StartDiscovery").await, not_ready);
    set_powered(&client, true).await.unwrap();
    air.block("hci0").await.unwrap();
    let failed = Err("org.bluez.Error.Failed".to_owned());
    assert_eq!(set_powered(&client, true).await, failed);
    air.unblock("hci0").await.unwrap();
    says(
        &mut signals,
        &[
            "Powered true",
            "Powered false, Discovering false",
            "Powered true",
        ],
    )
    .await;
    air.tell_power_state();
    assert!(all(&client).await.contains_key("PowerState"));
}

#[tokio::test]
async fn a_discovery_that_is_ended_under_its_client_is_begun_again_by_setting_its_filter() {
    let (air, client, mut signals) = client().await;
    call(&client, "StartDiscovery").await.unwrap();
    air.end_discovery_for_all("hci0").await.unwrap();
    let in_progress = Err("org.bluez.Error.InProgress".to_owned());
    assert_eq!(call(&client, "StartDiscovery").await, in_progress);
    let filter: HashMap<&str, Variant<'_>> = HashMap::new();
    client
        .call_method(
            Some("org.bluez"),
            "/org/bluez/hci0",
            Some(ADAPTER),
            "SetDiscoveryFilter",
            &(filter),
        )
        .await
        .unwrap();
    says(
        &mut signals,
        &[
            "+ /org/bluez/hci0, on",
            "Discovering true",
            "Discovering false",
            "Discovering true",
        ],
    )
    .await;
}

#[tokio::test]
async fn a_bluetoothd_that_has_lost_count_counts_again_when_a_client_leaves() {
    let (air, client, mut signals) = client().await;
    air.lose_count_of_discoveries("hci0");
    call(&client, "StartDiscovery").await.unwrap();
    air.hear("hci0", FFF9, &[1; 20]).await.unwrap();
    call(&client, "StopDiscovery").await.unwrap();
    call(&client, "StartDiscovery").await.unwrap();
    air.hear("hci0", FFF9, &[2; 20]).await.unwrap();
    says(
        &mut signals,
        &[
            "+ /org/bluez/hci0, on",
            "Discovering false",
            "Discovering true",
            "+ /org/bluez/hci0/dev_7A_00_00_00_00_01",
        ],
    )
    .await;
}

#[tokio::test]
async fn a_bluetoothd_that_is_stopped_takes_its_adapter_along_and_one_that_is_killed_leaves_it() {
    let (air, _client, mut signals) = client().await;
    air.stop_bluetoothd().await.unwrap();
    air.start_bluetoothd().await.unwrap();
    says(
        &mut signals,
        &[
            "+ /org/bluez/hci0, on",
            "Powered false, Discovering false",
            "- /org/bluez/hci0",
            "org.bluez leaves",
            "org.bluez comes",
            "+ /org/bluez",
            "+ /org/bluez/hci0, off",
            "Powered true",
        ],
    )
    .await;
    air.kill_bluetoothd().await.unwrap();
    air.start_bluetoothd().await.unwrap();
    says(
        &mut signals,
        &[
            "org.bluez leaves",
            "org.bluez comes",
            "+ /org/bluez",
            "+ /org/bluez/hci0, on",
        ],
    )
    .await;
}
