//! `hybridd doctor`: every prerequisite as a step, when all is right and when all is broken.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "scenarios")]

use hybrid_tests::bluez::Air;
use hybrid_tests::namespace::inside;
use hybrid_tests::programs::{self, Ended, World};
use serde_json::Value;

const NAMES: [&str; 3] = ["cable.ua5v.com", "cable.auth.com", "cable.wufkweyy3uaxb.com"];

async fn doctor(world: &World, more: &[&str]) -> Ended {
    let mut command = world.command("hybridd");
    command.args(["doctor", "--seconds", "1"]).args(more);
    programs::end(command.spawn().unwrap()).await.unwrap()
}

fn events(ended: &Ended) -> Vec<Value> {
    ended
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[tokio::test]
async fn when_all_is_right_nothing_fails_and_the_page_says_so() {
    if !inside("when_all_is_right_nothing_fails_and_the_page_says_so", &NAMES) {
        return;
    }
    let air = Air::start().await.unwrap();
    air.add_adapter("hci0").await.unwrap();
    let world = World::new(air.bus_address(), &NAMES).unwrap();
    let _relay = world.relay().await.unwrap();
    let page = world.path("doctor.html");
    let ended = doctor(
        &world,
        &[
            "--json",
            "--host",
            NAMES[2],
            "--host",
            NAMES[1],
            "--html",
            page.to_str().unwrap(),
        ],
    )
    .await;
    assert_eq!(ended.code, Some(0), "{}", ended.stdout);
    let events = events(&ended);
    assert!(
        events.iter().all(|event| event["verdict"] != "fail"),
        "{}",
        ended.stdout
    );
    for host in NAMES {
        let name = format!("relay {host}: http");
        let told: Vec<_> = events.iter().filter(|event| event["name"] == name).collect();
        let [http] = told.as_slice() else {
            panic!("each relay is looked at once: {told:?}")
        };
        assert_eq!(
            (http["verdict"].as_str(), http["evidence"].as_str()),
            (Some("ok"), Some("it answers like a relay (HTTP 404)"))
        );
    }
    // The test's own authority is none of the public ones: that is what inspection looks like.
    assert!(events.last().unwrap()["findings"].to_string().contains("NW06"));
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains("cable.auth.com") && !page.contains("<script") && !page.contains("src="));
}

#[tokio::test]
async fn when_all_is_broken_it_says_what_and_what_it_could_not_look_at() {
    if !inside("when_all_is_broken_it_says_what_and_what_it_could_not_look_at", &NAMES) {
        return;
    }
    // Names that lead to this machine, where nobody listens; no bus.
    let world = World::new("unix:path=/nowhere", &NAMES).unwrap();
    let ended = doctor(&world, &["--json"]).await;
    assert_eq!(ended.code, Some(3), "{}", ended.stdout);
    let events = events(&ended);
    let findings = events.last().unwrap()["findings"].to_string();
    assert!(findings.contains("BT02") && findings.contains("NW03"), "{findings}");
    assert!(
        events
            .iter()
            .any(|event| event["verdict"] == "not checked" && event["not_checked_because"].is_string())
    );
}

#[tokio::test]
async fn a_host_that_is_none_is_refused() {
    programs::build();
    let world = World::new("unix:path=/nowhere", &NAMES).unwrap();
    for host in ["a.example:443", "https://a.example", "192.0.2.1", "localhost", ""] {
        let ended = doctor(&world, &["--host", host]).await;
        assert_eq!(ended.code, Some(2), "{host}");
        assert!(ended.stderr.contains("expected a host name"), "{}", ended.stderr);
    }
}
