//! What the log holds, at its lowest level: what happened, and nobody's address, id or data.

use crate::process::{Client, Relay};
use rustix::process::Signal;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;

/// A tunnel, some refusals and a tunnel nobody joins; the log of all that, and what must not be in
/// it.
fn run(format: &str, level: &str) -> (String, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let mut relay = Relay::start(|command| {
        command
            .args(["--log", format])
            .env("RUST_LOG", level)
            .stderr(File::create(&log).unwrap());
    });
    let (mut phone, routing) = Client::open(relay.addr, 0xa1);
    let mut desktop = Client::join(relay.addr, &routing, 0xa1);
    desktop.send(b"what is carried");
    phone.frame();
    let (waiting, other_routing) = Client::open(relay.addr, 0xa2);
    assert_eq!(
        Client::ask(relay.addr, &format!("/cable/connect/ABCDEF/{:032x}", 0xa3)).err(),
        Some(404)
    );
    assert!(Client::ask(relay.addr, "/cable/contact/QUJDREVGR0hJSktMTU5PUA").is_err());
    assert_eq!(Client::ask(relay.addr, "/cable/new/a4a4").err(), Some(400));
    drop((phone, desktop, waiting));
    relay.signal(Signal::TERM);
    assert_eq!(relay.end().code(), Some(0));
    let mut hidden: Vec<String> = [0xa1, 0xa2, 0xa3]
        .iter()
        .map(|id| format!("{id:032x}"))
        .collect();
    hidden.extend([routing, other_routing].map(|id| id.to_lowercase()));
    hidden.extend(
        [
            "127.0.0.1",
            "carried",
            "abcdef",
            "qujdrevgr0hjsktmtu5pua",
            "a4a4",
        ]
        .map(str::to_owned),
    );
    (fs::read_to_string(log).unwrap(), hidden)
}

#[test]
fn no_line_of_any_level_holds_an_address_an_id_or_what_was_carried() {
    for format in ["text", "json"] {
        let (log, hidden) = run(format, "trace");
        assert!(
            log.contains("no_room") && log.contains("tunnel ended"),
            "{log}"
        );
        // A hash or a time may hold six digits that look like a routing id; ids stand in paths,
        // between other characters.
        let words: Vec<String> = log
            .to_lowercase()
            .split(|c: char| !(c.is_alphanumeric() || c == '.'))
            .map(str::to_owned)
            .collect();
        for secret in hidden {
            assert!(
                !words
                    .iter()
                    .any(|word| word.starts_with(&secret) && !is_tag(word)),
                "{secret} in {log}"
            );
        }
    }
}

/// The hash that stands for a tunnel.
fn is_tag(word: &str) -> bool {
    word.len() == 16 && word.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[test]
fn there_is_one_line_for_each_tunnel_with_the_fields_that_the_page_for_operators_names() {
    let (log, _) = run("json", "info");
    let lines: Vec<serde_json::Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let tunnels: Vec<_> = lines
        .iter()
        .filter(|line| line["message"] == "tunnel ended")
        .collect();
    assert_eq!(tunnels.len(), 2, "{log}");
    let joined = tunnels
        .iter()
        .find(|line| line.get("joined_ms").is_some())
        .unwrap();
    for field in [
        "tunnel",
        "waited_ms",
        "joined_ms",
        "messages",
        "bytes",
        "ended",
    ] {
        assert!(joined.get(field).is_some(), "{field}: {joined}");
    }
    assert_eq!(
        (&joined["messages"], &joined["bytes"]),
        (&1.into(), &15.into())
    );
    assert!(is_tag(joined["tunnel"].as_str().unwrap()));
    assert_ne!(tunnels[0]["tunnel"], tunnels[1]["tunnel"]);
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/relay.md");
    let page = fs::read_to_string(page).unwrap();
    let example = page
        .lines()
        .find(|line| line.contains("tunnel ended"))
        .unwrap();
    for field in joined
        .as_object()
        .unwrap()
        .keys()
        .filter(|key| !["timestamp", "level", "message"].contains(&key.as_str()))
    {
        assert!(
            example.contains(&format!("{field}=")),
            "the page's example lacks {field}"
        );
    }
}

/// A client's first TLS message that asks for this name, which has to be as long as `relay.test`.
fn hello(name: &[u8; 10]) -> Vec<u8> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    let mut hello = Vec::new();
    let mut client =
        rustls::ClientConnection::new(Arc::new(config), "relay.test".try_into().unwrap()).unwrap();
    client.write_tls(&mut hello).unwrap();
    let at = hello
        .windows(name.len())
        .position(|part| part == b"relay.test")
        .unwrap();
    hello[at..at + name.len()].copy_from_slice(name);
    hello
}

#[test]
fn nothing_that_an_unauthenticated_client_says_in_tls_is_written_at_the_default_level() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let made = rcgen::generate_simple_self_signed(["relay.test".to_owned()]).unwrap();
    fs::write(path("chain.pem"), made.cert.pem()).unwrap();
    fs::write(path("key.pem"), made.signing_key.serialize_pem()).unwrap();
    for level in [None, Some("trace")] {
        let mut relay = Relay::start(|command| {
            command
                .arg("--tls-cert")
                .arg(path("chain.pem"))
                .arg("--tls-key")
                .arg(path("key.pem"));
            command
                .stderr(File::create(path("log")).unwrap())
                .env_remove("RUST_LOG");
            command.envs(level.map(|level| ("RUST_LOG", level)));
        });
        for name in [
            b"relay_.te!",
            b"192.0.2.77",
            b"..........",
            b"\n\x1b[2J\0\xff\xfe\xfd\xfc",
            b"relay.test",
        ] {
            for more in [
                &b""[..],
                b"\x15\x03\x03\x00\x02\x02\x28",
                b"\x17\x03\x03\x00\x05hello",
                b"GET / HTTP/1.1\r\n\r\n",
            ] {
                let mut client = TcpStream::connect(relay.addr).unwrap();
                client.write_all(&hello(name)).unwrap();
                let _ = client.write_all(more);
                let _ = client.shutdown(std::net::Shutdown::Write);
                let _ = client.read_to_end(&mut Vec::new());
            }
        }
        relay.signal(Signal::TERM);
        assert_eq!(relay.end().code(), Some(0));
        let log = fs::read_to_string(path("log")).unwrap();
        let ours = |line: &str| {
            [
                "draining: accepting no new tunnels",
                "stopped",
                "DEBUG refused reason=",
            ]
            .iter()
            .any(|text| line.contains(text))
        };
        assert!(log.contains("stopped") && log.lines().all(ours), "{log}");
        assert_eq!(log.contains("refused"), level.is_some(), "{log}");
    }
}
