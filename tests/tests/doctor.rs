//! `hybridd doctor`: every prerequisite as a step, when all is right and when all is broken.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "scenarios"
)]

use hybrid_tests::bluez::Air;
use hybrid_tests::namespace::inside;
use hybrid_tests::programs::{self, Ended, World};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const NAMES: [&str; 3] = [
    "cable.ua5v.com",
    "cable.auth.com",
    "cable.wufkweyy3uaxb.com",
];

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
    if !inside(
        "when_all_is_right_nothing_fails_and_the_page_says_so",
        &NAMES,
    ) {
        return;
    }
    let air = Air::with_adapters(&["hci0"]).await.unwrap();
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
        let told: Vec<_> = events
            .iter()
            .filter(|event| event["name"] == name)
            .collect();
        let [http] = told.as_slice() else {
            panic!("each relay is looked at once: {told:?}")
        };
        assert_eq!(
            (http["verdict"].as_str(), http["evidence"].as_str()),
            (
                Some("ok"),
                Some("the server responds like a relay (HTTP 404)")
            )
        );
    }
    // The test's own authority is none of the public ones: that is what inspection looks like.
    assert!(
        events.last().unwrap()["findings"]
            .to_string()
            .contains("NW06")
    );
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains("cable.auth.com") && !page.contains("<script") && !page.contains("src="));
}

#[tokio::test]
async fn when_all_is_broken_it_says_what_and_what_it_could_not_look_at() {
    if !inside(
        "when_all_is_broken_it_says_what_and_what_it_could_not_look_at",
        &NAMES,
    ) {
        return;
    }
    // Names that lead to this machine, where nobody listens; no bus.
    let world = World::without_bus(&NAMES).unwrap();
    let ended = doctor(&world, &["--json"]).await;
    assert_eq!(ended.code, Some(3), "{}", ended.stdout);
    let events = events(&ended);
    let findings = events.last().unwrap()["findings"].to_string();
    assert!(
        findings.contains("BT02") && findings.contains("NW03"),
        "{findings}"
    );
    assert!(
        events
            .iter()
            .any(|event| event["verdict"] == "not checked"
                && event["not_checked_because"].is_string())
    );
}

/// A terminal that is steered, a line that is turned, markup; as far as HTTP lets it through.
const HOSTILE: &str = "Bad\u{9b}31m\u{202e}\u{2066}<img/onerror=x>";

#[tokio::test]
async fn what_a_proxy_says_steers_neither_terminal_nor_page() {
    if !inside("what_a_proxy_says_steers_neither_terminal_nor_page", &NAMES) {
        return;
    }
    let proxy = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", proxy.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = proxy.accept().await {
            let mut request = [0; 1024];
            let _ = stream.read(&mut request).await;
            let answer = format!(
                "HTTP/1.1 407 No\r\nProxy-Authenticate: {HOSTILE}\r\nContent-Length: 0\r\n\r\n"
            );
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    let world = World::without_bus(&NAMES).unwrap();
    let (page, bundle) = (world.path("doctor.html"), world.path("bundle.json"));
    let mut outputs = Vec::new();
    for more in [&[] as &[&str], &["--json"]] {
        let mut command = world.command("hybridd");
        command
            .args(["doctor", "--seconds", "1"])
            .args(more)
            .env("HTTPS_PROXY", &address);
        command
            .arg("--html")
            .arg(&page)
            .arg("--bundle")
            .arg(&bundle);
        let ended = programs::end(command.spawn().unwrap()).await.unwrap();
        assert_eq!(ended.code, Some(3), "{}", ended.stdout);
        outputs.push(ended.stdout);
    }
    outputs.extend([&page, &bundle].map(|path| std::fs::read_to_string(path).unwrap()));
    for output in &outputs {
        assert!(
            output.contains("NW10") && output.contains("Bad31m"),
            "{output}"
        );
        let steers =
            |char: char| (char.is_control() && char != '\n') || "\u{202e}\u{2066}".contains(char);
        assert!(
            !output.contains(steers) && !output.contains("u001b"),
            "{output:?}"
        );
    }
    assert!(!outputs[2].contains("<img"), "{}", outputs[2]);
}

#[tokio::test]
async fn a_host_that_is_none_is_refused() {
    programs::build();
    let world = World::without_bus(&NAMES).unwrap();
    for host in [
        "a.example:443",
        "https://a.example",
        "192.0.2.1",
        "localhost",
        "",
    ] {
        let ended = doctor(&world, &["--host", host]).await;
        assert_eq!(ended.code, Some(2), "{host}");
        assert!(
            ended.stderr.contains("expected a host name"),
            "{}",
            ended.stderr
        );
    }
}
