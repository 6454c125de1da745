//! Lines that are opened while the code is shown: what the phone's advert then still costs, and
//! what happens when they die.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "scenarios"
)]

use futures_util::StreamExt as _;
use hybrid_diagnosis::timeline::{AdvertOwner, EventKind, TimelineEntry};
use hybrid_dial::Step;
use hybrid_tests::lab::{self, HOST, Relay};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// Who spoke on a connection, in turns: what one side sends before the other speaks is one flight.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Speaker {
    Desktop,
    Relay,
}

#[derive(Clone, Default)]
struct Tap {
    connections: Arc<AtomicUsize>,
    flights: Arc<Mutex<Vec<Speaker>>>,
}

impl Tap {
    /// Listens in front of a relay.
    async fn before(&self, relay: SocketAddr) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let tap = self.clone();
        tokio::spawn(async move {
            while let Ok((desktop, _)) = listener.accept().await {
                tap.connections.fetch_add(1, Ordering::Relaxed);
                let relay = TcpStream::connect(relay).await.unwrap();
                let ((from_desktop, to_desktop), (from_relay, to_relay)) =
                    (desktop.into_split(), relay.into_split());
                tokio::spawn(tap.clone().carry(from_desktop, to_relay, Speaker::Desktop));
                tokio::spawn(tap.clone().carry(from_relay, to_desktop, Speaker::Relay));
            }
        });
        addr
    }

    async fn carry(
        self,
        mut from: tokio::net::tcp::OwnedReadHalf,
        mut to: tokio::net::tcp::OwnedWriteHalf,
        speaker: Speaker,
    ) {
        let mut buffer = vec![0; 16 * 1024];
        while let Ok(length @ 1..) = from.read(&mut buffer).await {
            self.note(speaker);
            let _ = to.write_all(&buffer[..length]).await;
        }
        let _ = to.shutdown().await;
    }

    fn note(&self, speaker: Speaker) {
        let mut flights = self.flights.lock().unwrap();
        if flights.last() != Some(&speaker) {
            flights.push(speaker);
        }
    }

    fn flights(&self) -> usize {
        self.flights.lock().unwrap().len()
    }
}

fn steps(entries: &[TimelineEntry]) -> Vec<(bool, Step)> {
    let step = |entry: &TimelineEntry| {
        if let EventKind::Ahead(step) = &entry.what {
            Some((true, step.step))
        } else if let EventKind::Net(step) = &entry.what {
            Some((false, step.step))
        } else {
            None
        }
    };
    entries.iter().filter_map(step).collect()
}

#[tokio::test]
async fn between_the_advert_and_the_first_handshake_frame_lies_one_round_trip() {
    let tap = Tap::default();
    let when = Arc::new(Mutex::new((0, 0)));
    let (at_request, at_frame) = (tap.clone(), tap.clone());
    let seen = Arc::clone(&when);
    let relay = Relay::behaving(move |mut io| {
        let (before, after, seen) = (at_request.clone(), at_frame.clone(), Arc::clone(&seen));
        async move {
            let head = lab::read_head(&mut io).await;
            let asked = before.flights();
            let _ = io.write_all(lab::switching(&head).as_bytes()).await;
            let _first_byte_of_the_frame = io.read_u8().await.unwrap();
            *seen.lock().unwrap() = (asked, after.flights());
        }
    });
    let relay = relay.await.unwrap();
    let through = relay.reached_at(tap.before(relay.addr).await);
    let (_, entries) = lab::desktop_with_a_line(&through).await.unwrap();
    assert_eq!(
        steps(&entries),
        [(true, Step::Tcp), (true, Step::Tls), (false, Step::Http)],
        "all but the request was done before the phone was heard"
    );
    let heard = |entry: &TimelineEntry| matches!(&entry.what, EventKind::Heard(heard) if heard.whose == AdvertOwner::Ours);
    assert!(entries.iter().any(heard));
    assert_eq!(tap.connections.load(Ordering::Relaxed), 1);
    let (asked, framed) = *when.lock().unwrap();
    assert_eq!(
        framed - asked,
        2,
        "behind the request come the answer and the frame alone"
    );
}

#[tokio::test]
async fn a_line_that_is_over_when_it_is_needed_costs_a_new_one_and_not_the_session() {
    // It is closed at the request, or the relay gives up waiting in the very moment in which the
    // request is made.
    for last_words in [
        "",
        "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    ] {
        opens_on_a_second_line(last_words).await;
    }
}

async fn opens_on_a_second_line(last_words: &'static str) {
    let connections = Arc::new(AtomicUsize::new(0));
    let relay = Relay::behaving(move |mut io| {
        let first = connections.fetch_add(1, Ordering::Relaxed) == 0;
        async move {
            if first {
                lab::read_head(&mut io).await;
                let _ = io.write_all(last_words.as_bytes()).await;
                let _ = io.shutdown().await;
            } else if let Ok(mut socket) = lab::accept(io).await {
                let _ = socket.next().await;
            }
        }
    });
    let (_, entries) = lab::desktop_with_a_line(&relay.await.unwrap())
        .await
        .unwrap();
    let opened = |entry: &TimelineEntry| matches!(&entry.what, EventKind::Net(step) if step.step == Step::Http && step.outcome.is_ok());
    assert!(entries.iter().any(opened), "{entries:?}");
}

#[tokio::test]
async fn what_a_line_does_while_it_is_opened_is_told_as_it_happens_once_the_phone_chose_its_relay()
{
    let relay = Relay::behaving(|io| async move {
        if let Ok(mut socket) = lab::accept(io).await {
            let _ = socket.next().await;
        }
    });
    let relay = relay.await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let through = relay.reached_at(listener.local_addr().unwrap());
    let told = Arc::new(Notify::new());
    let heard = Arc::clone(&told);
    tokio::spawn(async move {
        let (mut desktop, _) = listener.accept().await.unwrap();
        // The relay says nothing before the person was told that it is connected.
        heard.notified().await;
        let mut relay = TcpStream::connect(relay.addr).await.unwrap();
        let _ = tokio::io::copy_bidirectional(&mut desktop, &mut relay).await;
    });
    let (_, entries) = lab::desktop_with_half_a_line(&through, |entry| {
        if matches!(&entry.what, EventKind::Net(step) if step.step == Step::Tcp) {
            told.notify_one();
        }
    })
    .await
    .unwrap();
    assert_eq!(
        steps(&entries),
        [
            (true, Step::Tcp),
            (false, Step::Tcp),
            (false, Step::Tls),
            (false, Step::Http)
        ]
    );
}

#[tokio::test]
async fn a_redirect_is_followed_on_the_same_relay_and_nowhere_else() {
    for (location, opens) in [
        ("/elsewhere".to_owned(), true),
        (format!("https://{HOST}/elsewhere"), true),
        ("https://192.168.0.1/elsewhere".to_owned(), false),
        (format!("wss://{HOST}:8443/elsewhere"), false),
    ] {
        let asked = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&asked);
        let relay = Relay::behaving(move |mut io| {
            let (first, location) = (
                counted.fetch_add(1, Ordering::Relaxed) == 0,
                location.clone(),
            );
            async move {
                if first {
                    lab::read_head(&mut io).await;
                    let answer = format!(
                        "HTTP/1.1 307 x\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n"
                    );
                    let _ = io.write_all(answer.as_bytes()).await;
                    let _ = io.shutdown().await;
                } else if let Ok(mut socket) = lab::accept(io).await {
                    let _ = socket.next().await;
                }
            }
        });
        let (outcome, entries) = lab::desktop(&relay.await.unwrap()).await.unwrap();
        let open = entries.iter().any(
            |entry| matches!(&entry.what, EventKind::Net(step) if step.outcome == Ok("the tunnel is open".to_owned())),
        );
        assert_eq!(open, opens);
        assert_eq!(asked.load(Ordering::Relaxed), if opens { 2 } else { 1 });
        if !opens {
            assert!(outcome.to_string().starts_with("NW18"), "{outcome}");
        }
    }
}

#[tokio::test]
async fn redirects_without_end_end() {
    let relay = Relay::answering(
        "HTTP/1.1 302 x\r\nLocation: /again\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    );
    let (outcome, entries) = lab::desktop(&relay.await.unwrap()).await.unwrap();
    assert!(outcome.to_string().starts_with("NW"), "{outcome}");
    assert!(
        steps(&entries)
            .iter()
            .filter(|(_, step)| *step == Step::Http)
            .count()
            <= 6
    );
}
