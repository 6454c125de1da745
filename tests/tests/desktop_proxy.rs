//! The proxy of the desktop's settings: asked of a portal on a session bus, as GNOME and KDE offer
//! it, and used by the real program.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "scenarios"
)]

use hybrid_tests::bluez::Bus;
use hybrid_tests::programs::{self, World};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

struct Portal {
    answer: Result<Vec<String>, PortalTrouble>,
}

#[derive(Clone, Copy)]
enum PortalTrouble {
    /// As GLib says it of a PAC file that cannot be run.
    Pac,
    Silent,
}

#[zbus::interface(name = "org.freedesktop.portal.ProxyResolver")]
impl Portal {
    async fn lookup(&self, uri: &str) -> zbus::fdo::Result<Vec<String>> {
        assert!(uri.starts_with("https://cable."), "{uri}");
        match &self.answer {
            Ok(answer) => Ok(answer.clone()),
            Err(PortalTrouble::Pac) => {
                Err(zbus::fdo::Error::Failed("PAC: \u{1b}[31moops".to_owned()))
            }
            Err(PortalTrouble::Silent) => std::future::pending().await,
        }
    }
}

async fn portal(bus: &Bus, answer: &[&str]) -> zbus::Connection {
    let answer = answer.iter().map(|text| (*text).to_owned()).collect();
    answering(bus, Ok(answer)).await
}

async fn answering(bus: &Bus, answer: Result<Vec<String>, PortalTrouble>) -> zbus::Connection {
    zbus::connection::Builder::address(bus.address())
        .name("org.freedesktop.portal.Desktop")
        .serve_at("/org/freedesktop/portal/desktop", Portal { answer })
        .build()
        .await
        .unwrap()
}

async fn doctor(world: &World, bus: &Bus, more: &[(&str, &str)]) -> Vec<Value> {
    let mut command = world.command("hybridd");
    command
        .args(["doctor", "--json", "--seconds", "1"])
        .env("DBUS_SESSION_BUS_ADDRESS", bus.address())
        .envs(more.iter().copied());
    let ended = programs::end(command.spawn().unwrap()).await.unwrap();
    ended
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn evidence(checks: &[Value], name: &str) -> String {
    let check = checks.iter().find(|check| check["name"] == name);
    check.map_or_else(String::new, |check| {
        check["evidence"].as_str().unwrap().to_owned()
    })
}

#[tokio::test]
async fn the_desktops_proxy_is_asked_for_and_used_unless_the_environment_names_one() {
    programs::build();
    // A proxy that refuses everything tells what it was asked for.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = format!("http://{}", listener.local_addr().unwrap());
    let asked = tokio::spawn(async move {
        let mut asked = Vec::new();
        while asked.len() < 2 {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.unwrap());
            }
            asked.push(
                String::from_utf8(head)
                    .unwrap()
                    .lines()
                    .next()
                    .unwrap()
                    .to_owned(),
            );
            stream
                .write_all(b"HTTP/1.1 403 Forbidden\r\n\r\n")
                .await
                .unwrap();
        }
        asked.sort();
        asked
    });
    let world = World::without_bus(&["cable.ua5v.com"]).unwrap();
    let bus = Bus::start().unwrap();
    let _portal = portal(&bus, &[&proxy, "direct://"]).await;
    let checks = doctor(&world, &bus, &[]).await;
    assert_eq!(
        evidence(&checks, "network: proxy"),
        format!("{proxy} (the desktop's settings)")
    );
    assert_eq!(
        asked.await.unwrap(),
        [
            "CONNECT cable.auth.com:443 HTTP/1.1",
            "CONNECT cable.ua5v.com:443 HTTP/1.1"
        ]
    );
    let failed = evidence(&checks, "relay cable.ua5v.com: proxy");
    assert!(
        failed.ends_with("refused the connection with HTTP status 403"),
        "{failed}"
    );
    assert!(
        checks.last().unwrap()["findings"]
            .to_string()
            .contains("NW11")
    );

    let checks = doctor(&world, &bus, &[("HTTPS_PROXY", "http://127.0.0.1:9")]).await;
    assert_eq!(
        evidence(&checks, "network: proxy"),
        "http://127.0.0.1:9 (HTTPS_PROXY)"
    );
}

#[tokio::test]
async fn the_login_for_a_proxy_is_sent_to_it_and_printed_nowhere() {
    programs::build();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = format!("http://me:se%3Acret@{}", listener.local_addr().unwrap());
    let asked = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        let answer = b"HTTP/1.1 407 x\r\nProxy-Authenticate: Negotiate\r\n\r\n";
        stream.write_all(answer).await.unwrap();
        String::from_utf8(head).unwrap()
    });
    let world = World::without_bus(&["cable.ua5v.com"]).unwrap();
    let mut command = world.command("hybridd");
    command
        .args(["doctor", "--seconds", "1"])
        .env("HTTPS_PROXY", proxy)
        .env("RUST_LOG", "trace");
    let ended = programs::end(command.spawn().unwrap()).await.unwrap();
    assert!(
        asked
            .await
            .unwrap()
            .contains("Proxy-Authorization: Basic bWU6c2U6Y3JldA==\r\n")
    );
    let said = ended.stdout + &ended.stderr;
    assert!(
        said.contains("Negotiate") && said.contains("NW10"),
        "{said}"
    );
    for secret in ["se:cret", "se%3Acret", "bWU6c2U6Y3JldA"] {
        assert!(!said.contains(secret), "{said}");
    }
}

#[tokio::test]
async fn a_desktop_without_a_proxy_means_a_direct_way() {
    programs::build();
    let world = World::without_bus(&["cable.ua5v.com"]).unwrap();
    let bus = Bus::start().unwrap();
    let _portal = portal(&bus, &["direct://"]).await;
    let checks = doctor(&world, &bus, &[]).await;
    assert_eq!(
        evidence(&checks, "network: proxy"),
        "no proxy is configured"
    );
}

#[tokio::test]
async fn a_desktop_that_does_not_say_which_proxy_it_has_is_not_one_without() {
    programs::build();
    let world = World::without_bus(&["cable.ua5v.com"]).unwrap();
    let named = |proxies: &[&str]| Ok(proxies.iter().map(|proxy| (*proxy).to_owned()).collect());
    for (answer, verdict, words) in [
        (
            Err(PortalTrouble::Silent),
            "warn",
            "did not respond within 2 s",
        ),
        (Err(PortalTrouble::Pac), "warn", "failed (PAC: "),
        (
            named(&["gopher://proxy.example"]),
            "fail",
            "got the scheme gopher",
        ),
        (
            named(&["socks4://proxy.example:1080", "direct://"]),
            "fail",
            "got the scheme socks4",
        ),
        (named(&["http//proxy.example"]), "fail", "without ://"),
    ] {
        let bus = Bus::start().unwrap();
        let _portal = answering(&bus, answer).await;
        let checks = doctor(&world, &bus, &[]).await;
        let check = checks
            .iter()
            .find(|check| check["name"] == "network: proxy")
            .unwrap();
        assert_eq!(check["verdict"], verdict, "{check}");
        assert_eq!(check["finding"]["code"], "NW24", "{check}");
        let evidence = check["evidence"].as_str().unwrap();
        assert!(
            evidence.contains(words) && !evidence.contains('\u{1b}'),
            "{evidence}"
        );
    }
    // Nobody to ask is no trouble; a bus that is not there is told.
    let bus = Bus::start().unwrap();
    assert_eq!(
        evidence(&doctor(&world, &bus, &[]).await, "network: proxy"),
        "no proxy is configured"
    );
    let gone = [("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus")];
    let told = evidence(&doctor(&world, &bus, &gone).await, "network: proxy");
    assert!(told.contains("the session bus is unreachable"), "{told}");
}

#[tokio::test]
async fn a_proxy_for_plain_http_alone_is_told_in_either_case_and_not_believed_of_a_web_server() {
    programs::build();
    let world = World::without_bus(&["cable.ua5v.com"]).unwrap();
    let bus = Bus::start().unwrap();
    let proxy = |name| (name, "http://127.0.0.1:9");
    for (set, expected) in [
        (
            vec![proxy("http_proxy")],
            "no proxy is used: http_proxy is set, but HTTPS_PROXY is not",
        ),
        (
            vec![proxy("HTTP_PROXY")],
            "no proxy is used: HTTP_PROXY is set, but HTTPS_PROXY is not",
        ),
        (
            vec![proxy("HTTP_PROXY"), ("REQUEST_METHOD", "GET")],
            "no proxy is configured",
        ),
    ] {
        assert_eq!(
            evidence(&doctor(&world, &bus, &set).await, "network: proxy"),
            expected
        );
    }
}
