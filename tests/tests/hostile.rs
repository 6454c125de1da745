//! Relays and phones that misbehave: the session ends with its stage and cause, never with a panic
//! or without end.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "scenarios"
)]

use futures_util::{SinkExt as _, StreamExt as _};
use hybrid_diagnosis::timeline::{EventKind, TimelineEntry};
use hybrid_protocol::Stage;
use hybrid_tests::lab::{self, Io, Relay};
use hybridd::session::Outcome;
use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::AsyncWriteExt as _;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

type Socket = WebSocketStream<Io>;

/// Where the session failed, and with which code.
async fn failure(relay: &Relay) -> (Stage, &'static str) {
    let (outcome, entries) = lab::desktop(relay).await.unwrap();
    let Outcome::Failed { failure, findings } = outcome else {
        panic!("it did not fail: {entries:?}")
    };
    let first = findings.first().unwrap();
    assert!(!first.advice.is_empty() && !first.saw.is_empty());
    (failure.at, first.code)
}

async fn answering(answer: &str) -> (Stage, &'static str) {
    failure(&Relay::answering(answer).await.unwrap()).await
}

/// A relay that accepts as it should, and then does this.
async fn speaking<F>(
    speak: impl Fn(Socket) -> F + Clone + Send + Sync + 'static,
) -> (Stage, &'static str)
where
    F: Future<Output = ()> + Send + 'static,
{
    let relay = Relay::behaving(move |io| {
        let speak = speak.clone();
        async move {
            if let Ok(socket) = lab::accept(io).await {
                speak(socket).await;
            }
        }
    });
    failure(&relay.await.unwrap()).await
}

async fn linger(mut socket: Socket) {
    while let Some(Ok(_)) = socket.next().await {}
}

#[tokio::test]
async fn each_http_status_has_its_code() {
    for (status, code) in [
        ("404 Not Found", "NW15"),
        // Only a linked phone is gone for good (NW16); this is a tunnel of a code.
        ("410 Gone", "NW15"),
        ("429 Too Many Requests", "NW17"),
        ("503 Service Unavailable", "NW17"),
        ("400 Bad Request", "NW14"),
        ("426 Upgrade Required", "NW12"),
        ("200 OK", "NW12"),
        ("302 Found\r\nLocation: https://portal.example/", "NW18"),
    ] {
        let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        assert_eq!(answering(&answer).await, (Stage::Tunnel, code), "{status}");
    }
}

#[tokio::test]
async fn a_session_that_failed_goes_on_with_a_new_code_and_explains_the_second_failure_by_itself() {
    let asked = Arc::new(AtomicUsize::new(0));
    let relay = Relay::behaving(move |mut io| {
        let status = if asked.fetch_add(1, Ordering::Relaxed) == 0 {
            404
        } else {
            503
        };
        async move {
            lab::read_head(&mut io).await;
            let answer =
                format!("HTTP/1.1 {status} x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            let _ = io.write_all(answer.as_bytes()).await;
            let _ = io.shutdown().await;
        }
    });
    let (outcome, entries) = lab::desktop_that_goes_on(&relay.await.unwrap())
        .await
        .unwrap();
    assert!(outcome.to_string().starts_with("NW17"), "{outcome}");
    let told: Vec<_> = entries
        .iter()
        .filter_map(|entry| {
            if let EventKind::Finding(finding) = &entry.what {
                Some(finding.code)
            } else {
                matches!(entry.what, EventKind::NewCode).then_some("new code")
            }
        })
        .collect();
    // The lab's certificate is a private one: what inspects the traffic could have answered 503.
    assert_eq!(told, ["NW15", "new code", "NW17", "NW06"]);
    assert!(matches!(
        entries.last().unwrap().what,
        EventKind::Done { ok: false }
    ));
}

#[tokio::test]
async fn a_web_page_in_place_of_the_relay_is_a_portal() {
    let page =
        "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 2\r\n\r\nhi";
    assert_eq!(answering(page).await, (Stage::Tunnel, "NW08"));
}

#[tokio::test]
async fn an_answer_that_is_no_http_is_told() {
    let (stage, code) = answering("220 mail.example ESMTP\r\n").await;
    assert_eq!(stage, Stage::Tunnel);
    assert!(["NW12", "NW21"].contains(&code), "{code}");
}

#[tokio::test]
async fn a_connection_that_is_cut_instead_of_an_answer_is_told() {
    assert_eq!(answering("").await, (Stage::Tunnel, "NW21"));
}

#[tokio::test]
async fn an_accept_without_the_subprotocol_is_refused() {
    let relay = Relay::behaving(|mut io| async move {
        let head = lab::read_head(&mut io).await;
        let answer = lab::switching(&head).replace("Sec-WebSocket-Protocol: fido.cable\r\n", "");
        let _ = io.write_all(answer.as_bytes()).await;
        let _ = tokio::io::AsyncReadExt::read_u8(&mut io).await;
    });
    assert_eq!(
        failure(&relay.await.unwrap()).await,
        (Stage::Tunnel, "NW13")
    );
}

#[tokio::test]
async fn frames_that_are_no_handshake_end_the_session() {
    for length in [0, 1, 15, 80, 81, 82, 1 << 20] {
        let ended = speaking(move |mut socket| async move {
            let _ = socket.send(Message::Binary(vec![4; length].into())).await;
            linger(socket).await;
        });
        assert_eq!(ended.await, (Stage::Handshake, "HS02"), "{length} bytes");
    }
}

#[tokio::test]
async fn a_message_over_a_mebibyte_ends_the_session_unread() {
    let ended = speaking(|mut socket| async move {
        let _ = socket
            .send(Message::Binary(vec![0; (1 << 20) + 1].into()))
            .await;
        linger(socket).await;
    });
    assert_eq!(ended.await, (Stage::Handshake, "HS07"));
}

#[tokio::test]
async fn a_text_message_ends_the_session() {
    let ended = speaking(|mut socket| async move {
        let _ = socket.send(Message::text("hello")).await;
        linger(socket).await;
    });
    assert_eq!(ended.await, (Stage::Handshake, "HS06"));
}

#[tokio::test]
async fn a_failure_is_told_before_the_goodbye_to_the_relay() {
    let order = Arc::new(Mutex::new(Vec::new()));
    let (at_relay, on_screen) = (Arc::clone(&order), Arc::clone(&order));
    let relay = Relay::behaving(move |io| {
        let order = Arc::clone(&at_relay);
        async move {
            let mut socket = lab::accept(io).await.unwrap();
            let _ = socket.send(Message::text("hello")).await;
            while let Some(Ok(message)) = socket.next().await {
                if message.is_close() {
                    order.lock().unwrap().push("goodbye");
                }
            }
        }
    });
    let shown = |entry: &TimelineEntry| {
        if matches!(entry.what, EventKind::Failed(_)) {
            on_screen.lock().unwrap().push("told");
        }
    };
    lab::desktop_that_shows(&relay.await.unwrap(), shown)
        .await
        .unwrap();
    assert_eq!(*order.lock().unwrap(), ["told", "goodbye"]);
}

#[tokio::test]
async fn a_close_before_the_handshake_is_told_with_its_stage() {
    assert_eq!(
        speaking(|mut socket| async move { drop(socket.close(None).await) }).await,
        (Stage::Handshake, "HS07")
    );
    assert_eq!(
        speaking(|socket| async move { drop(socket) }).await,
        (Stage::Handshake, "HS07")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn pings_for_ever_do_not_extend_the_handshakes_time() {
    let ended = speaking(|mut socket| async move {
        // More than can be read before more are there: the desktop always has something to read.
        let pings = [0x89, 0].repeat(32 * 1024);
        while socket.get_mut().write_all(&pings).await.is_ok() {}
    });
    let ended = tokio::time::timeout(3 * Stage::Handshake.budget(), ended).await;
    assert_eq!(ended.unwrap(), (Stage::Handshake, "HS01"));
}

/// Cuts a connection: it is closed, or reset.
async fn cut(mut io: Io, reset: bool) {
    if reset {
        let _ = io.get_ref().0.set_zero_linger();
    } else {
        let _ = io.shutdown().await;
    }
}

#[tokio::test]
async fn an_answer_that_is_cut_after_any_byte_is_told_as_what_it_is() {
    for reset in [false, true] {
        for length in 0.. {
            let relay = Relay::behaving(move |mut io| async move {
                let head = lab::read_head(&mut io).await;
                let answer = lab::switching(&head).into_bytes();
                let _ = io.write_all(&answer[..length.min(answer.len() - 1)]).await;
                cut(io, reset).await;
            });
            let ended = failure(&relay.await.unwrap()).await;
            assert_eq!(ended, (Stage::Tunnel, "NW21"), "after {length} bytes");
            if length == lab::switching("").len() {
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_tunnel_that_is_reset_after_any_byte_of_the_handshake_is_told_with_its_stage() {
    // A binary frame as the phone's answer would be one, on its way.
    let frame = [&[0x82, 81][..], &[4; 81]].concat();
    for length in 0..frame.len() {
        let frame = frame.clone();
        let ended = speaking(move |mut socket| {
            let frame = frame.clone();
            async move {
                let _ = socket.get_mut().write_all(&frame[..length]).await;
                let _ = socket.get_mut().flush().await;
                let _ = socket.get_mut().get_ref().0.set_zero_linger();
            }
        });
        assert_eq!(ended.await, (Stage::Handshake, "HS07"), "{length} bytes");
    }
}
