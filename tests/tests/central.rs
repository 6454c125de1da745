//! What our programs advertise over BlueZ is heard by a central that is not ours: btleplug, as
//! other desktops use it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "scenarios"
)]

use hybrid_radio::beacon::is_beacon;
use hybrid_tests::bluez::{Air, FDE2, FFF9};
use hybrid_tests::programs::{PATIENCE, World, build, give};
use hybrid_tests::stray_code::stray_code;
use hybrid_tunnel_server::{Config, Server};
use serde_json::Value;
use std::time::Instant;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout};
use tokio::time::timeout;

/// btleplug on hci0, beside a program of ours on hci1.
struct Central {
    _child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Central {
    async fn start(world: &World) -> Self {
        let mut child = world
            .command("examples/central")
            .arg("hci0")
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut central = Self {
            _child: child,
            lines,
        };
        let first = central.line().await;
        assert_eq!(first["ev"], "listening", "{first}");
        central
    }

    async fn line(&mut self) -> Value {
        let line = timeout(PATIENCE, self.lines.next_line()).await;
        let line = line.unwrap_or_else(|_| panic!("the central heard nothing"));
        serde_json::from_str(&line.unwrap().unwrap()).unwrap()
    }

    /// The data of the next report.
    async fn heard(&mut self, uuid: &str) -> String {
        let report = self.line().await;
        assert_eq!(report["uuid"], uuid, "{report}");
        report["data"].as_str().unwrap().to_owned()
    }
}

async fn two_adapters() -> (Air, World) {
    build();
    let air = Air::with_adapters(&["hci0", "hci1"]).await.unwrap();
    let world = World::new(air.bus_address(), &["localhost"]).unwrap();
    (air, world)
}

#[tokio::test]
async fn a_beacon_is_heard_by_an_independent_central_again_and_again() {
    let (_air, world) = two_adapters().await;
    let mut central = Central::start(&world).await;
    let _beacon = world
        .command("hybridd")
        .args(["beacon", "--adapter", "hci1"])
        .spawn()
        .unwrap();
    for _ in 0..3 {
        let data = hex::decode(central.heard(FFF9).await).unwrap();
        assert!(is_beacon(&data), "{data:?}");
    }
}

#[tokio::test]
async fn a_central_that_comes_later_hears_what_is_on_the_air_already() {
    let (air, world) = two_adapters().await;
    let _beacon = world
        .command("hybridd")
        .args(["beacon", "--adapter", "hci1"])
        .spawn()
        .unwrap();
    let started = Instant::now();
    while air.last_on_air().is_none() {
        assert!(started.elapsed() < PATIENCE, "nothing goes on the air");
        tokio::task::yield_now().await;
    }
    let mut central = Central::start(&world).await;
    let data = hex::decode(central.heard(FFF9).await).unwrap();
    assert!(is_beacon(&data), "{data:?}");
}

#[tokio::test]
async fn the_phones_advert_is_heard_by_an_independent_central_under_both_uuids() {
    for (flag, uuid) in [("fff9", FFF9), ("fde2", FDE2)] {
        let (_air, world) = two_adapters().await;
        let mut central = Central::start(&world).await;
        let relay = Server::bind(Config::plain("127.0.0.1:0".parse().unwrap()))
            .await
            .unwrap();
        let mut phone = world
            .command("phone-sim")
            .args([
                "answer",
                "-",
                "--adapter",
                "hci1",
                "--uuid",
                flag,
                "--store",
            ])
            .arg(world.path("phone.json"))
            .args(["--tunnel", &format!("ws://{}", relay.local_addr())])
            .spawn()
            .unwrap();
        let code = stray_code(2).unwrap();
        give(&mut phone, &format!("{code}\n")).await.unwrap();
        let mut events = BufReader::new(phone.stdout.take().unwrap()).lines();
        let advert = loop {
            let line = timeout(PATIENCE, events.next_line())
                .await
                .unwrap()
                .unwrap();
            let event: Value = serde_json::from_str(&line.unwrap()).unwrap();
            if event["ev"] == "advert" {
                break event["hex"].as_str().unwrap().to_owned();
            }
        };
        assert_eq!(central.heard(uuid).await, advert);
    }
}
