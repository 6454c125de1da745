//! Who guesses learns nothing: a wrong routing id and an unknown tunnel make the relay do the same.
//!
//! What takes time is the search for the room: one look into one table, whose key is routing id and
//! tunnel id together, hashed with a key of this process. There is no step after which one half of
//! the key is known to be right, so there is nothing here to be timed.

use crate::client::{Client, TUNNEL, request};
use crate::program::{Program, command};
use rustix::process::Signal;

/// All that can be seen of one guess while a phone waits: the answer, what was counted, what was
/// logged.
async fn guess(path: impl Fn(&str) -> String) -> [String; 3] {
    let mut program = command();
    program.env("RUST_LOG", "debug");
    program.args([
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--admin",
        "127.0.0.1:0",
        "--closing",
        "50ms",
    ]);
    let relay = Program::start(program).await;
    let (_phone, routing) = Client::open(relay.addr).await;
    let answer = Client::sending(relay.addr, request(&path(&routing)))
        .await
        .refusal()
        .await;
    let metrics = Client::sending(
        relay.admin.unwrap(),
        "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n",
    );
    let metrics = metrics.await.refusal().await;
    relay.signal(Signal::TERM);
    relay.signal(Signal::INT);
    let (_, log) = relay.end().await;
    let answer = answer.lines().filter(|line| !line.starts_with("Date: "));
    // Times, and the hash that stands for the phone's tunnel.
    let log = log
        .lines()
        .map(|line| line.split_once(' ').map_or("", |(_, rest)| rest));
    let log = log.filter(|line| !line.contains("tunnel ended"));
    [
        answer.collect(),
        metrics,
        log.collect::<Vec<_>>().join("\n"),
    ]
}

#[tokio::test]
async fn a_wrong_routing_id_an_unknown_tunnel_and_both_are_answered_counted_and_logged_alike() {
    let other = "f".repeat(32);
    let wrong_routing = guess(|routing| {
        let last = if routing.ends_with('0') { "1" } else { "0" };
        format!("/cable/connect/{}{last}/{TUNNEL}", &routing[..5])
    })
    .await;
    let unknown_tunnel = guess(|routing| format!("/cable/connect/{routing}/{other}")).await;
    let neither = guess(|_| format!("/cable/connect/000000/{other}")).await;
    assert!(
        wrong_routing[0].starts_with("HTTP/1.1 404 "),
        "{}",
        wrong_routing[0]
    );
    assert!(
        wrong_routing[1].contains("{reason=\"no_room\"} 1\n"),
        "{}",
        wrong_routing[1]
    );
    assert!(wrong_routing[2].contains("no_room"), "{}", wrong_routing[2]);
    assert_eq!(wrong_routing, unknown_tunnel);
    assert_eq!(wrong_routing, neither);
}
