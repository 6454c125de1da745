//! Limits of connections that have not finished their request, and of rooms.

use super::{NEW, SOON, refused, told};
use crate::client::{Client, TUNNEL, metric, relay, request, request_with, status, until, within};
use crate::program::Pki;
use hybrid_tunnel_server::Config;
use rustls::{ClientConfig, ClientConnection, RootCertStore};
use std::sync::Arc;
use tokio::io::AsyncReadExt as _;

fn tls(config: &mut Config) {
    let pki = Pki::new();
    let read = |name| std::fs::read(pki.path(name)).unwrap();
    *config = Config::tls(config.listen, read("chain.pem"), read("key.pem"));
}

/// The first message of a real client.
fn client_hello() -> Vec<u8> {
    let config =
        ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth();
    let mut client =
        ClientConnection::new(Arc::new(config), "localhost".try_into().unwrap()).unwrap();
    let mut bytes = Vec::new();
    client.write_tls(&mut bytes).unwrap();
    bytes
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
        let hello = client_hello();
        // Until its first message is whole, a client has begun nothing.
        let _slow = Client::sending(relay.local_addr(), &hello[..hello.len() - 1]).await;
        until(&relay, "openings", 1).await;
        let mut first = Client::sending(relay.local_addr(), &hello).await;
        assert_eq!(within(first.stream.read_u8()).await.unwrap(), 0x16, "answered with a handshake");
        let mut second = Client::sending(relay.local_addr(), &hello).await;
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
}
