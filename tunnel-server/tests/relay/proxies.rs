//! Whose connection it is, behind load balancers: believed only from listed networks.

use crate::client::{Client, TUNNEL, header, metric, relay, request_with, status, until, within};
use crate::program::Pki;
use hybrid_tunnel_server::{Config, NetworkRange};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const PATH: &str = "/cable/new/000102030405060708090a0B0C0D0E0F";

fn local() -> Vec<NetworkRange> {
    vec![NetworkRange::read("127.0.0.0/8").unwrap()]
}

/// One room for each address, so that a second one tells whose it is.
fn one_each(config: &mut Config) {
    config.limits.rooms_per_address = 1;
}

fn v1(client: &str) -> Vec<u8> {
    let family = if client.contains(':') { 6 } else { 4 };
    let to = if family == 6 { "::1" } else { "127.0.0.1" };
    format!("PROXY TCP{family} {client} {to} 5000 443\r\n").into_bytes()
}

fn v2(client: [u8; 4]) -> Vec<u8> {
    let mut bytes = b"\r\n\r\n\0\r\nQUIT\n".to_vec();
    bytes.extend([0x21, 0x11, 0, 15]);
    bytes.extend(client);
    bytes.extend([127, 0, 0, 1, 0x12, 0x34, 1, 0xbb]);
    // One more field, of no interest.
    bytes.extend([4, 0, 0]);
    bytes
}

async fn opened(relay: &hybrid_tunnel_server::Running, before: &[u8], more: &str) -> (u16, Client) {
    let bytes = [before, request_with(PATH, more).as_bytes()].concat();
    let mut client = Client::sending(relay.local_addr(), bytes).await;
    let head = client.head().await;
    (status(&head), client)
}

#[tokio::test]
async fn both_versions_of_the_proxy_protocol_give_the_client_its_own_limits() {
    let relay = relay(|config| {
        one_each(config);
        config.proxy_protocol_from = local();
    })
    .await;
    let mut open = Vec::new();
    for (header, expected) in [
        (v1("192.0.2.1"), 101),
        (v2([192, 0, 2, 1]), 429),
        (v2([192, 0, 2, 2]), 101),
        (v1("192.0.2.2"), 429),
        (v1("2001:db8:0:100::1"), 101),
        (v1("2001:db8:0:1ff::2"), 429),
        (v1("2001:db8:0:200::1"), 101),
        // The balancer itself.
        (b"PROXY UNKNOWN\r\n".to_vec(), 101),
        (
            [b"\r\n\r\n\0\r\nQUIT\n", &[0x20, 0, 0, 0][..]].concat(),
            429,
        ),
    ] {
        let (status, client) = opened(&relay, &header, "").await;
        assert_eq!(status, expected, "{header:?}");
        open.push(client);
    }
}

#[tokio::test]
async fn a_proxy_header_in_single_bytes_is_one_header_and_nothing_behind_it_is_lost() {
    let relay = relay(|config| config.proxy_protocol_from = local()).await;
    for header in [v1("192.0.2.1"), v2([192, 0, 2, 1])] {
        let mut client = Client::connect(relay.local_addr()).await;
        for byte in &header {
            client.send([*byte]).await;
            tokio::task::yield_now().await;
        }
        client.send(request_with(PATH, "")).await;
        assert_eq!(status(&client.head().await), 101);
    }
}

#[tokio::test]
async fn a_proxy_header_stands_before_tls() {
    let pki = Pki::new();
    let read = |name| std::fs::read(pki.path(name)).unwrap();
    let (chain, key) = (read("chain.pem"), read("key.pem"));
    let relay = relay(|config| {
        *config = Config::tls(config.listen, chain, key);
        one_each(config);
        config.proxy_protocol_from = local();
    })
    .await;
    let mut open = Vec::new();
    for (header, expected) in [
        (v2([192, 0, 2, 1]), 101),
        (v1("192.0.2.1"), 429),
        (v1("192.0.2.2"), 101),
    ] {
        let mut stream = within(TcpStream::connect(relay.local_addr()))
            .await
            .unwrap();
        within(stream.write_all(&header)).await.unwrap();
        let mut stream = crate::operations::handshake(&pki, stream).await;
        within(stream.write_all(request_with(PATH, "").as_bytes()))
            .await
            .unwrap();
        let mut head = [0; 12];
        within(stream.read_exact(&mut head)).await.unwrap();
        assert_eq!(status(std::str::from_utf8(&head).unwrap()), expected);
        open.push(stream);
    }
}

#[tokio::test]
async fn a_listed_proxy_must_send_the_header_and_others_must_not() {
    let listed = relay(|config| config.proxy_protocol_from = local()).await;
    for bytes in [
        request_with(PATH, "").into_bytes(),
        b"PROXY TCP4 nonsense\r\n".to_vec(),
        vec![b'P'; 600],
    ] {
        let mut client = Client::sending(listed.local_addr(), bytes).await;
        assert_eq!(client.rest().await, b"");
    }
    assert_eq!(metric(&listed, "refused_total{reason=\"proxy\"}"), 3);
    let silent = relay(|config| {
        config.proxy_protocol_from = local();
        config.limits.request_head = Duration::from_millis(100);
    })
    .await;
    let mut client = Client::connect(silent.local_addr()).await;
    assert_eq!(client.rest().await, b"");
    assert_eq!(metric(&silent, "refused_total{reason=\"proxy\"}"), 1);

    let unlisted = relay(|config| {
        config.proxy_protocol_from = vec![NetworkRange::read("10.0.0.0/8").unwrap()]
    })
    .await;
    assert_eq!(opened(&unlisted, &v1("192.0.2.1"), "").await.0, 505);
    assert_eq!(opened(&unlisted, &v2([192, 0, 2, 1]), "").await.0, 400);
}

#[tokio::test]
async fn forwarded_addresses_are_believed_from_listed_proxies_only_and_only_as_far_as_they_reach() {
    let relay = relay(|config| {
        one_each(config);
        config.forwarded_from = [local(), vec![NetworkRange::read("10.0.0.0/8").unwrap()]].concat();
    })
    .await;
    let mut open = Vec::new();
    for (forwarded, expected) in [
        ("192.0.2.1", 101),
        ("192.0.2.1", 429),
        // The last one that is no proxy of ours counts: what stands before it is anybody's
        // invention.
        ("203.0.113.9, 192.0.2.1", 429),
        ("192.0.2.1, 10.0.0.1", 429),
        ("192.0.2.2:4711, 10.0.0.1", 101),
        ("192.0.2.2", 429),
        ("[2001:db8::1]", 101),
        ("2001:db8::2", 429),
        // Something unreadable ends the belief: it counts for the proxy that wrote it.
        ("198.51.100.1, unknown, 10.0.0.7", 101),
        ("198.51.100.2, unknown, 10.0.0.7", 429),
    ] {
        let (status, client) =
            opened(&relay, b"", &format!("X-Forwarded-For: {forwarded}\r\n")).await;
        assert_eq!(status, expected, "{forwarded}");
        open.push(client);
    }
}

#[tokio::test]
async fn a_byte_that_is_no_text_makes_no_client_count_as_the_proxy() {
    let relay = relay(|config| {
        one_each(config);
        config.forwarded_from = local();
    })
    .await;
    let mut open = Vec::new();
    // The client wrote the first entry, the proxy the second, in one line or in a line of its own.
    for (joint, client, expected) in [
        (", ", "192.0.2.1", 101),
        ("\r\nX-Forwarded-For: ", "192.0.2.1", 429),
        (", ", "192.0.2.2", 101),
        ("\r\nX-Forwarded-For: ", "192.0.2.3", 101),
    ] {
        let head = request_with(PATH, &format!("X-Forwarded-For: @{joint}{client}\r\n"));
        let mut bytes = head.into_bytes();
        let at = bytes.iter().position(|byte| *byte == b'@').unwrap();
        bytes[at] = 0xff;
        let mut stream = Client::sending(relay.local_addr(), bytes).await;
        assert_eq!(status(&stream.head().await), expected, "{joint}{client}");
        open.push(stream);
    }
}

#[tokio::test]
async fn a_forwarded_address_from_anybody_else_changes_nothing() {
    let relay = relay(one_each).await;
    let (first, _client) = opened(&relay, b"", "X-Forwarded-For: 192.0.2.1\r\n").await;
    let (second, _client) = opened(&relay, b"", "X-Forwarded-For: 192.0.2.2\r\n").await;
    assert_eq!((first, second), (101, 429));
}

#[tokio::test]
async fn unfinished_requests_behind_a_proxy_count_for_their_client() {
    let relay = relay(|config| {
        config.proxy_protocol_from = local();
        config.limits.openings_per_address = 1;
    })
    .await;
    let _first = Client::sending(relay.local_addr(), v1("192.0.2.1")).await;
    until(&relay, "openings", 1).await;
    // Entered before it is counted for its client: wait until the relay has read the header.
    let mut answer = String::new();
    for _ in 0..1000 {
        answer = Client::sending(
            relay.local_addr(),
            [v1("192.0.2.1"), request_with(PATH, "").into_bytes()].concat(),
        )
        .await
        .head()
        .await;
        if status(&answer) == 429 {
            break;
        }
    }
    assert_eq!(
        (status(&answer), header(&answer, "Retry-After").as_deref()),
        (429, Some("5"))
    );
    let (other, _client) = opened(&relay, &v1("192.0.2.2"), "").await;
    assert_eq!(other, 101);
    assert!(PATH.ends_with(TUNNEL));
}
