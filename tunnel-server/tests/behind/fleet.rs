//! Three relays and two HAProxys with the shipped configuration.

use crate::client::{Client, address};
use crate::place::Place;
use crate::process::Relay;
use std::sync::Arc;

/// HAProxy's address and the nodes', as the configuration names them.
pub const ADDRESSES: [&str; 4] = ["10.0.0.1", "10.0.0.10", "10.0.0.11", "10.0.0.12"];

/// A node with the settings that the configuration file asks for.
pub fn node(place: u8, number: &str) -> Relay {
    trusting(place, number, "--forwarded-from")
}

fn trusting(place: u8, number: &str, proxies: &str) -> Relay {
    let host = format!("10.0.0.{}", 10 + place);
    Relay::at(
        &format!("{host}:8443"),
        &format!("{host}:9443"),
        |command| {
            command
                .args(["--node", number, proxies, "10.0.0.1"])
                .env("RUST_LOG", "error");
        },
    )
}

/// Three nodes and HAProxy twice, both on port 443: the kernel chooses the entry point of every
/// connection.
pub fn fleet() -> (Vec<Relay>, Place) {
    numbered(["0/3", "1/3", "2/3"], &[])
}

/// The same with PROXY headers in place of `X-Forwarded-For`.
pub fn fleet_with_proxy_protocol() -> (Vec<Relay>, Place) {
    let nodes = (0..3).map(|n| trusting(n, &format!("{n}/3"), "--proxy-protocol-from"));
    let changes = [
        (
            "    http-request del-header X-Forwarded-For\n    option forwardfor\n",
            "",
        ),
        (":8443\"", ":8443\" send-proxy-v2"),
    ];
    balanced(nodes.collect(), &changes)
}

/// Nodes with other numbers.
pub fn numbered(numbers: [&str; 3], changes: &[(&str, &str)]) -> (Vec<Relay>, Place) {
    let nodes = (0..)
        .zip(numbers)
        .map(|(place, number)| node(place, number));
    balanced(nodes.collect(), changes)
}

fn balanced(nodes: Vec<Relay>, changes: &[(&str, &str)]) -> (Vec<Relay>, Place) {
    let mut place = Place::new();
    // HAProxy speaks from its own address, as its machine would have it.
    let mut all = vec![("    mode http\n", "    mode http\n    source 10.0.0.1\n")];
    all.extend(changes);
    for _ in 0..2 {
        place.haproxy("haproxy-nodes.cfg", &all);
    }
    place.await_port_443();
    (nodes, place)
}

pub fn client(place: &Place, n: u16) -> Client {
    Client {
        trust: Arc::clone(&place.trust),
        from: address(n),
    }
}
