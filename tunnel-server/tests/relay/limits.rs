//! Every limit of the table, hit over a socket: what the client is told, and the metric, are those of the table.

use crate::client::{
    Client, TUNNEL, binary, frame, header, metric, relay, request, request_with, status, until, within,
};
use crate::contact::{Phone, contact, contact_path, headers, listen_path};
use crate::program::{Pki, Program};
use hybrid_protocol::listen::Wish;
use hybrid_tunnel_server::{Config, Limit, Limits, Running};
use rustix::process::Signal;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket};

const SOON: Duration = Duration::from_millis(100);
const NEW: &str = "/cable/new/000102030405060708090a0B0C0D0E0F";

macro_rules! cases {
    ($($key:ident $case:block)*) => {
        $(#[tokio::test] async fn $key() $case)*
        const CASES: &[&str] = &[$(stringify!($key)),*];
    };
}

#[test]
fn every_limit_of_the_table_is_hit_by_a_test_of_its_name() {
    let table: Vec<_> = Limits::TABLE.iter().map(|limit| limit.key).collect();
    assert_eq!(CASES, table);
}

/// Checks that the table says of this limit what was seen: a status or close code, and a metric that has been counted.
async fn told(relay: &Running, key: &str, said: &str, metric: &str) {
    documented(key, said, metric);
    let name = match metric.split_once('{') {
        Some((name, labels)) => format!("{name}_total{{{labels}"),
        None => format!("{metric}_total"),
    };
    until(relay, &name, 1).await;
}

fn documented(key: &str, said: &str, metric: &str) {
    let row: &Limit = Limits::TABLE.iter().find(|row| row.key == key).unwrap();
    assert!(row.hit.contains(said), "{key}: saw {said}, documented is {}", row.hit);
    assert!(
        row.hit.contains(&format!("`{metric}`")),
        "{key}: counted {metric}, documented is {}",
        row.hit
    );
}

/// Checks a refusal: status and Retry-After, as the table says.
async fn refused(relay: &Running, key: &str, answer: &str, metric: &str) {
    let retry = header(answer, "Retry-After").is_some();
    let said = format!("{}{}", status(answer), if retry { " with Retry-After" } else { "," });
    told(relay, key, &said, &format!("refused{{reason=\"{metric}\"}}")).await;
}

async fn closed(relay: &Running, key: &str, code: u16, ended: &str) {
    told(
        relay,
        key,
        &format!("close {code},"),
        &format!("tunnels_ended{{ended=\"{ended}\"}}"),
    )
    .await;
}

fn tls(config: &mut Config) {
    let pki = Pki::new();
    let read = |name| std::fs::read(pki.path(name)).unwrap();
    *config = Config::tls(config.listen, read("chain.pem"), read("key.pem"));
}

cases! {
    tls_handshake {
        let relay = relay(|config| {
            tls(config);
            config.limits.tls_handshake = SOON;
        }).await;
        let mut silent = Client::connect(relay.local_addr()).await;
        assert_eq!(silent.rest().await, b"");
        told(&relay, "tls_handshake", "connection closed", "refused{reason=\"tls_timeout\"}").await;
    }

    tls_handshakes {
        let relay = relay(|config| {
            tls(config);
            config.limits.tls_handshakes = 1;
        }).await;
        // A handshake begins with the client's first byte.
        let _first = Client::sending(relay.local_addr(), [0x16]).await;
        until(&relay, "openings", 1).await;
        let mut second = Client::sending(relay.local_addr(), [0x16]).await;
        assert_eq!(second.rest().await, b"");
        told(&relay, "tls_handshakes", "connection closed", "refused{reason=\"tls_busy\"}").await;
    }

    request_head {
        let relay = relay(|config| config.limits.request_head = SOON).await;
        let mut slow = Client::sending(relay.local_addr(), "GET /cable").await;
        let answer = slow.refusal().await;
        refused(&relay, "request_head", &answer, "head_timeout").await;
    }

    request_head_size {
        let relay = relay(|config| config.limits.request_head_size = 512).await;
        let sized = |size: usize| {
            let bare = request_with(NEW, "X: \r\n").len();
            request_with(NEW, &format!("X: {}\r\n", "x".repeat(size - bare)))
        };
        let head = Client::sending(relay.local_addr(), sized(512)).await.head().await;
        assert_eq!(status(&head), 101, "the limit itself is allowed");
        let answer = Client::sending(relay.local_addr(), sized(513)).await.refusal().await;
        refused(&relay, "request_head_size", &answer, "head_size").await;
    }

    accept_rate {
        let relay = relay(|config| config.limits.accept_rate = 4).await;
        let mut open = Vec::new();
        for _ in 0..6 {
            open.push(Client::open(relay.local_addr()).await);
        }
        assert_eq!(metric(&relay, "connections_accepted_total"), 6, "all are served, the last ones later");
        told(&relay, "accept_rate", "wait in the kernel's queue", "accept_paused").await;
    }

    accept_rate_per_address {
        let relay = relay(|config| config.limits.accept_rate_per_address = 3).await;
        let mut answers = Vec::new();
        for _ in 0..4 {
            answers.push(Client::sending(relay.local_addr(), request("/cable/")).await.refusal().await);
        }
        let statuses: Vec<_> = answers.iter().map(|answer| status(answer)).collect();
        assert_eq!(statuses, [404, 404, 404, 429], "as many at once as in a second");
        refused(&relay, "accept_rate_per_address", &answers[3], "accept_rate_address").await;
        let mut other = Client::connect_from([127, 0, 0, 2], relay.local_addr()).await;
        other.send(request(NEW)).await;
        assert_eq!(status(&other.head().await), 101);
        let again = async {
            while status(&Client::sending(relay.local_addr(), request("/cable/")).await.refusal().await) == 429 {}
        };
        within(again).await;
    }

    openings {
        let relay = relay(|config| config.limits.openings = 1).await;
        let _first = Client::connect(relay.local_addr()).await;
        until(&relay, "openings", 1).await;
        let answer = Client::sending(relay.local_addr(), request(NEW)).await.refusal().await;
        refused(&relay, "openings", &answer, "openings").await;
        let secure = crate::client::relay(|config| {
            tls(config);
            config.limits.openings = 1;
        }).await;
        let _first = Client::connect(secure.local_addr()).await;
        until(&secure, "openings", 1).await;
        assert_eq!(Client::connect(secure.local_addr()).await.rest().await, b"");
        told(&secure, "openings", "(TLS: closed)", "refused{reason=\"openings\"}").await;
    }

    openings_per_address {
        let relay = relay(|config| config.limits.openings_per_address = 1).await;
        let _first = Client::connect(relay.local_addr()).await;
        until(&relay, "openings", 1).await;
        let answer = Client::sending(relay.local_addr(), request(NEW)).await.refusal().await;
        refused(&relay, "openings_per_address", &answer, "openings_address").await;
        let mut other = Client::connect_from([127, 0, 0, 2], relay.local_addr()).await;
        other.send(request(NEW)).await;
        assert_eq!(status(&other.head().await), 101);
    }

    rooms {
        let relay = relay(|config| config.limits.rooms = 1).await;
        let (first, _) = Client::open(relay.local_addr()).await;
        let answer = Client::sending(relay.local_addr(), request(NEW)).await.refusal().await;
        refused(&relay, "rooms", &answer, "rooms").await;
        drop(first);
        until(&relay, "rooms", 0).await;
        Client::open(relay.local_addr()).await;
    }

    rooms_per_address {
        let relay = relay(|config| config.limits.rooms_per_address = 1).await;
        let (_first, id) = Client::open(relay.local_addr()).await;
        let answer = Client::sending(relay.local_addr(), request(NEW)).await.refusal().await;
        refused(&relay, "rooms_per_address", &answer, "rooms_address").await;
        let mut other = Client::connect_from([127, 0, 0, 2], relay.local_addr()).await;
        other.send(request(NEW)).await;
        assert_eq!(status(&other.head().await), 101);
        // Joining is not opening: a phone and its desktop may share an address.
        Client::upgrade(relay.local_addr(), &format!("/cable/connect/{id}/{TUNNEL}")).await;
    }

    waiting {
        let relay = relay(|config| config.limits.waiting = SOON).await;
        let (mut phone, _) = Client::open(relay.local_addr()).await;
        assert_eq!(phone.closed().await, (1008, "nobody joined in time".to_owned()));
        closed(&relay, "waiting", 1008, "waited").await;
    }

    early {
        let relay = relay(|config| config.limits.early = 64).await;
        let (mut phone, id) = Client::open(relay.local_addr()).await;
        phone.send((0..5).flat_map(|n| binary(&[n; 50])).collect::<Vec<_>>()).await;
        let (mut desktop, _) = Client::upgrade(relay.local_addr(), &format!("/cable/connect/{id}/{TUNNEL}")).await;
        for n in 0..5 {
            assert_eq!(desktop.message().await, [n; 50], "nothing is lost");
        }
        phone.send(frame(0x88, &[])).await;
        desktop.closed().await;
        told(&relay, "early", "not read further until the other side joins", "early_full").await;
    }

    session {
        let relay = relay(|config| config.limits.session = SOON).await;
        let (mut phone, mut desktop) = Client::pair(relay.local_addr()).await;
        for side in [&mut phone, &mut desktop] {
            assert_eq!(side.closed().await, (1008, "tunnel open for too long".to_owned()));
        }
        closed(&relay, "session", 1008, "lasted").await;
    }

    ping {
        let relay = relay(|config| config.limits.ping = SOON).await;
        let (mut phone, mut desktop) = Client::pair(relay.local_addr()).await;
        let talking = tokio::spawn(async move {
            while let Some((first, payload)) = desktop.frame().await {
                match first {
                    0x89 => desktop.send(frame(0x8a, &payload)).await,
                    _ => return payload,
                }
            }
            Vec::new()
        });
        assert_eq!(phone.frame().await.unwrap().0, 0x89, "silence is asked about first");
        assert_eq!(phone.closed().await, (1008, "no answer to pings".to_owned()));
        closed(&relay, "ping", 1008, "silent").await;
        assert_eq!(within(talking).await.unwrap()[..2], 1001u16.to_be_bytes());
    }

    stall {
        let relay = relay(|config| {
            config.limits.stall = Duration::from_millis(300);
            config.limits.closing = SOON;
            (config.limits.bytes, config.limits.messages) = (1 << 30, 1 << 20);
        }).await;
        let (phone, id) = Client::open(relay.local_addr()).await;
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let mut desktop = Client::on(within(socket.connect(relay.local_addr())).await.unwrap());
        desktop.send(request(&format!("/cable/connect/{id}/{TUNNEL}"))).await;
        desktop.head().await;
        let (mut reading, mut writing) = phone.stream.into_split();
        let sending = tokio::spawn(async move { while writing.write_all(&binary(&[7; 60_000])).await.is_ok() {} });
        assert_eq!(within(reading.read_u8()).await.unwrap(), 0x88, "the phone is told");
        // The desktop reads after all; what was cut within a message has no place for a close frame.
        while let Some((first, payload)) = desktop.frame().await {
            if first == 0x88 {
                assert_eq!(payload[..2], 1008u16.to_be_bytes());
                break;
            }
        }
        closed(&relay, "stall", 1008, "stalled").await;
        sending.abort();
    }

    closing {
        let relay = relay(|config| config.limits.closing = SOON).await;
        let (mut phone, mut desktop) = Client::pair(relay.local_addr()).await;
        desktop.send(frame(0x88, &[])).await;
        assert_eq!(phone.frame().await.unwrap().0, 0x88);
        // The answer never comes.
        assert_eq!(phone.frame().await, None);
        told(&relay, "closing", "connection closed", "connections_cut").await;
    }

    message_size {
        let relay = relay(|config| config.limits.message_size = 200).await;
        let (mut phone, mut desktop) = Client::pair(relay.local_addr()).await;
        phone.send(binary(&[1; 200])).await;
        assert_eq!(desktop.message().await, [1; 200], "the limit itself is allowed");
        phone.send([frame(0x02, &[1; 150]), frame(0x80, &[1; 51])].concat()).await;
        assert_eq!(phone.closed().await, (1009, "message too long".to_owned()));
        closed(&relay, "message_size", 1009, "message_size").await;
    }

    messages {
        let relay = relay(|config| config.limits.messages = 2).await;
        let (mut phone, mut desktop) = Client::pair(relay.local_addr()).await;
        for _ in 0..2 {
            phone.send(binary(b"x")).await;
            desktop.send(binary(b"y")).await;
            assert_eq!((desktop.message().await, phone.message().await), (b"x".to_vec(), b"y".to_vec()));
        }
        phone.send(binary(b"x")).await;
        assert_eq!(phone.closed().await, (1008, "too many messages".to_owned()));
        closed(&relay, "messages", 1008, "messages").await;
    }

    bytes {
        let relay = relay(|config| config.limits.bytes = 200).await;
        let (mut phone, mut desktop) = Client::pair(relay.local_addr()).await;
        for _ in 0..2 {
            phone.send(binary(&[1; 100])).await;
            desktop.message().await;
        }
        phone.send(binary(b"x")).await;
        assert_eq!(phone.closed().await, (1008, "too many bytes".to_owned()));
        closed(&relay, "bytes", 1008, "bytes").await;
    }

    control_rate {
        let relay = relay(|config| config.limits.control_rate = 3).await;
        let fragments = [frame(0x02, b""), frame(0x00, b"").repeat(8)].concat();
        for flood in [frame(0x89, b"").repeat(8), frame(0x8a, b"").repeat(8), fragments] {
            let before = metric(&relay, "tunnels_ended_total{ended=\"control_rate\"}");
            let (mut phone, _desktop) = Client::pair(relay.local_addr()).await;
            phone.send(flood).await;
            assert_eq!(phone.closed().await, (1008, "too many pings".to_owned()));
            drop(phone);
            drop(_desktop);
            until(&relay, "tunnels_ended_total{ended=\"control_rate\"}", before + 1).await;
        }
        documented("control_rate", "close 1008,", "tunnels_ended{ended=\"control_rate\"}");
    }

    listeners {
        let relay = relay(|config| config.limits.listeners = 1).await;
        let _first = Phone::listening(relay.local_addr(), 1).await;
        let answer = Client::sending(relay.local_addr(), request(&listen_path(2))).await.refusal().await;
        refused(&relay, "listeners", &answer, "listeners").await;
    }

    listeners_per_address {
        let relay = relay(|config| config.limits.listeners_per_address = 1).await;
        let _first = Phone::listening(relay.local_addr(), 1).await;
        let answer = Client::sending(relay.local_addr(), request(&listen_path(2))).await.refusal().await;
        refused(&relay, "listeners_per_address", &answer, "listeners_address").await;
    }

    contact_rate {
        let relay = relay(|config| config.limits.contact_rate = 1).await;
        let _phone = Phone::listening(relay.local_addr(), 1).await;
        drop(contact(relay.local_addr(), 1).await);
        until(&relay, "rooms", 0).await;
        let answer = Client::sending(relay.local_addr(), request_with(&contact_path(1), &headers())).await.refusal().await;
        refused(&relay, "contact_rate", &answer, "contact_rate").await;
    }

    contacts_pending {
        let relay = relay(|config| config.limits.contacts_pending = 1).await;
        let _phone = Phone::listening(relay.local_addr(), 1).await;
        let _waiting = contact(relay.local_addr(), 1).await;
        let answer = Client::sending(relay.local_addr(), request_with(&contact_path(1), &headers())).await.refusal().await;
        refused(&relay, "contacts_pending", &answer, "contacts_pending").await;
    }

    payload_size {
        let relay = relay(|config| config.limits.payload_size = 16).await;
        let _phone = Phone::listening(relay.local_addr(), 1).await;
        let more = |size| format!("X-caBLE-Client-Payload: {}\r\n", "ab".repeat(size));
        let head = Client::sending(relay.local_addr(), request_with(&contact_path(1), &more(16))).await.head().await;
        assert_eq!(status(&head), 101, "the limit itself is allowed");
        let answer = Client::sending(relay.local_addr(), request_with(&contact_path(1), &more(17))).await.refusal().await;
        refused(&relay, "payload_size", &answer, "payload").await;
    }

    listen_proof {
        let relay = relay(|config| config.limits.listen_proof = SOON).await;
        let (mut phone, _) = Client::upgrade(relay.local_addr(), &listen_path(1)).await;
        phone.message().await;
        assert_eq!(phone.closed().await.0, 1008);
        told(&relay, "listen_proof", "close 1008,", "refused{reason=\"listen_proof\"}").await;
    }

    revocations {
        let relay = relay(|config| config.limits.revocations = 0).await;
        let mut phone = Phone::wishing(relay.local_addr(), 1, Wish::Revoke).await;
        assert_eq!(phone.client.closed().await, (1013, "the relay is full, try again later".to_owned()));
        told(&relay, "revocations", "close 1013,", "refused{reason=\"revocations\"}").await;
    }

    revocations_per_address {
        let relay = relay(|config| config.limits.revocations_per_address = 1).await;
        let mut first = Phone::wishing(relay.local_addr(), 1, Wish::Revoke).await;
        assert_eq!(first.client.message().await, [0xa0]);
        let mut second = Phone::wishing(relay.local_addr(), 2, Wish::Revoke).await;
        assert_eq!(second.client.closed().await.0, 1013);
        told(&relay, "revocations_per_address", "close 1013,", "refused{reason=\"revocations\"}").await;
    }

    drain {
        let program = Program::serve(&["--drain", "100ms"]).await;
        let (mut phone, mut desktop) = Client::pair(program.addr).await;
        program.signal(Signal::TERM);
        for side in [&mut phone, &mut desktop] {
            assert_eq!(side.closed().await, (1012, "relay is being stopped".to_owned()));
        }
        let (code, log) = program.end().await;
        assert_eq!(code, Some(0), "{log}");
        assert!(log.contains("the time for draining is over"), "{log}");

        // The metric of the same ending, which a program that has ended cannot be asked for.
        let relay = relay(|_| ()).await;
        let admin = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = admin.local_addr().unwrap();
        let _admin = relay.admin(admin);
        let (mut phone, _) = Client::open(relay.local_addr()).await;
        let stopping = tokio::spawn(relay.shutdown());
        assert_eq!(phone.closed().await.0, 1012);
        within(stopping).await.unwrap();
        let text = Client::sending(at, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n").await.refusal().await;
        assert!(text.contains("\ntunnel_tunnels_ended_total{ended=\"stopped\"} 1\n"), "{text}");
        documented("drain", "close 1012,", "tunnels_ended{ended=\"stopped\"}");
    }
}
