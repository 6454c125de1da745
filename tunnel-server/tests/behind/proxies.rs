//! One relay behind HAProxy, nginx and Caddy, each with its shipped configuration: pairs work,
//! limits see the client's address, and no log of the proxy holds a tunnel id.

use crate::client::{Client, address};
use crate::place::{HOST, Place, inside, path};
use crate::process::{Relay, until};
use std::process::Command;
use std::sync::Arc;

fn relay() -> Relay {
    Relay::at("127.0.0.1:8443", "127.0.0.1:0", |command| {
        command
            .args(["--forwarded-from", "127.0.0.1"])
            .env("RUST_LOG", "error");
    })
}

/// What must hold behind any proxy. `log` is what the proxy wrote.
async fn serves(place: &mut Place, relay: Relay, log: impl Fn(&Place) -> String) {
    place.await_port_443();
    let client = |n| Client {
        trust: Arc::clone(&place.trust),
        from: address(n),
    };
    for n in 0..20 {
        let waiting = client(n).open().await.unwrap();
        let mut pair = client(n + 100).join(waiting).await.unwrap();
        pair.exchange(20).await.unwrap();
        pair.close().await.unwrap();
    }
    let mut open = Vec::new();
    for _ in 0..32 {
        open.push(client(1).open().await.unwrap());
    }
    let refused = client(1).open().await.err();
    assert_eq!(
        refused.as_deref(),
        Some("new: 429 too many tunnels from this address")
    );
    let other = client(2)
        .open()
        .await
        .expect("another address is not concerned");
    let unknown = client(1)
        .ask(&format!("/cable/connect/AAAAAA/{:032x}", 7))
        .await
        .err();
    assert_eq!(
        unknown.as_deref(),
        Some("404 no such tunnel is waiting here")
    );

    // Without the relay every proxy complains, in a log, about a request whose path holds an id.
    drop(relay);
    let gone = until("the proxy to notice", || {
        let asked = client(3);
        let asked = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(asked.open()).err()
        });
        asked.join().unwrap()
    });
    assert!(gone.starts_with("new: 50"), "{gone}");
    drop((open, other));
    let log = log(place);
    assert!(
        !log.to_uppercase().contains("ACE0") && !log.contains("AAAAAA"),
        "{log}"
    );
}

#[tokio::test]
async fn a_relay_behind_haproxy_serves_pairs() {
    if !inside("proxies::a_relay_behind_haproxy_serves_pairs", &[]) {
        return;
    }
    let (relay, mut place) = (relay(), Place::new());
    place.haproxy("haproxy.cfg", &[]);
    serves(&mut place, relay, |place| {
        until("HAProxy to log both", || {
            let log = place.said().concat();
            (log.contains("status=101") && log.contains("status=503")).then_some(log)
        })
    })
    .await;
}

#[tokio::test]
async fn a_relay_behind_nginx_serves_pairs() {
    if !inside("proxies::a_relay_behind_nginx_serves_pairs", &[]) {
        return;
    }
    let (relay, mut place) = (relay(), Place::new());
    let letsencrypt = format!("/etc/letsencrypt/live/{HOST}");
    let (chain, key) = (
        place.path("chain.pem").display().to_string(),
        place.path("key.pem").display().to_string(),
    );
    let error_log = place.path("error.log").display().to_string();
    let server = place.shipped(
        "nginx.conf",
        &[
            (&format!("{letsencrypt}/fullchain.pem"), &chain),
            (&format!("{letsencrypt}/privkey.pem"), &key),
            ("/var/log/nginx/error.log", &error_log),
        ],
    );
    let folder = place.path("").display().to_string();
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|what| format!("{what}_temp_path {folder}{what}; "))
        .concat();
    let main = format!(
        "user root; daemon off; pid {folder}nginx.pid; events {{ worker_connections 768; }} http {{ {temporary} access_log {folder}access.log; include {}; }}",
        server.display()
    );
    let config = place.path("main.conf");
    std::fs::write(&config, main).unwrap();
    let mut nginx = Command::new("nginx");
    // The log that nginx writes until it has read its configuration.
    place.run(
        nginx
            .env("PATH", path())
            .arg("-e")
            .arg(&error_log)
            .arg("-c")
            .arg(config),
    );
    serves(&mut place, relay, |place| {
        [
            place.said().concat(),
            place.read(&place.path("error.log")),
            place.read(&place.path("access.log")),
        ]
        .concat()
    })
    .await;
}

#[tokio::test]
async fn a_relay_behind_caddy_serves_pairs() {
    if !inside("proxies::a_relay_behind_caddy_serves_pairs", &[]) {
        return;
    }
    let (relay, mut place) = (relay(), Place::new());
    let (chain, key) = (
        place.path("chain.pem").display().to_string(),
        place.path("key.pem").display().to_string(),
    );
    // No certificate authority can be asked here, and Caddy asks for one only when it is given
    // none.
    let given = format!("{HOST} {{\n\ttls {chain} {key}");
    let config = place.shipped("Caddyfile", &[(&format!("{HOST} {{"), &given)]);
    let home = place.path("").display().to_string();
    let mut caddy = Command::new("caddy");
    caddy
        .args(["run", "--adapter", "caddyfile", "--config"])
        .arg(config);
    place.run(caddy.env("PATH", path()).env("HOME", home));
    serves(&mut place, relay, |place| {
        until("Caddy to complain", || {
            let log = place.said().concat();
            log.contains("connection refused").then_some(log)
        })
    })
    .await;
}
