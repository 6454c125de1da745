//! What happens at the edges of WebSocket and of a tunnel's life, byte by byte and against
//! tungstenite.

use crate::client::{Client, TUNNEL, binary, frame, metric, relay, request, status, until, within};
use futures_util::{SinkExt as _, StreamExt as _};
use hybrid_tunnel_server::Running;
use std::net::SocketAddr;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, frame::coding::CloseCode};
use tokio_tungstenite::{WebSocketStream, client_async};

/// What a client must not send, and the close code that says so.
fn faults() -> Vec<(&'static str, Vec<u8>, u16)> {
    let raw = |bytes: &[u8]| bytes.to_vec();
    vec![
        ("an unmasked frame", raw(&[0x82, 1, 7]), 1002),
        ("the first reserved bit", frame(0xc2, b"x"), 1002),
        ("the second reserved bit", frame(0xa2, b"x"), 1002),
        ("the third reserved bit", frame(0x92, b"x"), 1002),
        ("opcode 3", frame(0x83, b"x"), 1002),
        ("opcode 11", frame(0x8b, b"x"), 1002),
        ("a ping in fragments", frame(0x09, b"x"), 1002),
        ("a ping of 126 bytes", frame(0x89, &[0; 126]), 1002),
        ("a close of 126 bytes", frame(0x88, &[0x03; 126]), 1002),
        (
            "a length of 5 in two bytes",
            raw(&[0x82, 0xfe, 0, 5, 0, 0, 0, 0]),
            1002,
        ),
        (
            "a length of 5 in eight bytes",
            raw(&[0x82, 0xff, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0]),
            1002,
        ),
        (
            "a length of 64 bits",
            raw(&[0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
            1002,
        ),
        ("a continuation of nothing", frame(0x80, b"x"), 1002),
        (
            "a message within a message",
            [frame(0x02, b"x"), frame(0x82, b"y")].concat(),
            1002,
        ),
        ("half a close code", frame(0x88, &[3]), 1002),
        ("close code 1005", frame(0x88, &1005u16.to_be_bytes()), 1002),
        ("close code 999", frame(0x88, &999u16.to_be_bytes()), 1002),
        ("close code 5000", frame(0x88, &5000u16.to_be_bytes()), 1002),
        (
            "a reason that is not UTF-8",
            frame(0x88, &[3, 0xe8, 0xff]),
            1007,
        ),
        ("text", frame(0x81, b"hello"), 1003),
        ("text in fragments", frame(0x01, b"hello"), 1003),
        (
            "a message that is too long",
            frame(0x82, &[0; 65 * 1024]),
            1009,
        ),
        (
            "fragments that are too long",
            [frame(0x02, &[0; 40 * 1024]), frame(0x80, &[0; 40 * 1024])].concat(),
            1009,
        ),
    ]
}

#[tokio::test]
async fn every_fault_of_a_joined_side_has_its_close_code_and_the_other_is_told() {
    let relay = relay(|_| ()).await;
    for by_phone in [true, false] {
        for (name, bytes, code) in faults() {
            let (phone, desktop) = Client::pair(relay.local_addr()).await;
            let (mut faulty, mut other) = if by_phone {
                (phone, desktop)
            } else {
                (desktop, phone)
            };
            faulty.send(bytes).await;
            let (got, reason) = faulty.closed().await;
            assert_eq!(got, code, "{name}: {reason}");
            let (got, reason) = other.closed().await;
            assert_eq!(
                (got, reason.as_str()),
                (1001, "the other side was disconnected"),
                "{name}"
            );
        }
    }
    until(&relay, "rooms", 0).await;
}

#[tokio::test]
async fn every_fault_of_a_waiting_side_has_its_close_code_and_its_room_is_gone() {
    let relay = relay(|_| ()).await;
    for (name, bytes, code) in faults() {
        let (mut phone, id) = Client::open(relay.local_addr()).await;
        // Longer than what may be sent ahead: it is seen only once somebody has joined.
        if bytes.len() > 8 * 1024 {
            continue;
        }
        phone.send(bytes).await;
        assert_eq!(phone.closed().await.0, code, "{name}");
        drop(phone);
        until(&relay, "rooms", 0).await;
        assert_eq!(joining(&relay, &id).await, 404);
    }
}

#[tokio::test]
async fn a_fragmented_message_comes_whole_whatever_stands_between_its_fragments() {
    let relay = relay(|_| ()).await;
    let (mut phone, id) = Client::open(relay.local_addr()).await;
    let mut desktop = join(&relay, &id).await;
    let pieces = [
        frame(0x02, b"one "),
        frame(0x89, b"?"),
        frame(0x00, b""),
        frame(0x8a, b"!"),
        frame(0x00, b"two "),
        frame(0x80, b"three"),
    ];
    phone.send(pieces.concat()).await;
    assert_eq!(
        next(&mut desktop).await,
        Message::binary(&b"one two three"[..])
    );
    assert_eq!(phone.frame().await, Some((0x8a, b"?".to_vec())));
    phone.send(binary(b"")).await;
    assert_eq!(next(&mut desktop).await, Message::binary(&b""[..]));
}

#[tokio::test]
async fn pings_are_answered_and_neither_pings_nor_pongs_are_relayed() {
    let relay = relay(|_| ()).await;
    let (mut phone, mut desktop) = Client::pair(relay.local_addr()).await;
    for payload in [&b""[..], b"x", &[7; 125]] {
        phone.send(frame(0x89, payload)).await;
        assert_eq!(phone.frame().await, Some((0x8a, payload.to_vec())));
    }
    phone.send(frame(0x8a, b"nobody asked")).await;
    phone.send(binary(b"first")).await;
    assert_eq!(desktop.message().await, b"first");
    assert_eq!(metric(&relay, "tunnels_joined_total"), 1);
}

/// Nothing but the end of the connection can be what the other side is told of: no timer of the
/// relay is near.
fn without_timers(config: &mut hybrid_tunnel_server::Config) {
    let long = std::time::Duration::from_secs(3600);
    (
        config.limits.ping,
        config.limits.stall,
        config.limits.closing,
    ) = (long, long, long);
}

#[tokio::test]
async fn a_half_close_and_a_reset_are_told_to_the_other_side_at_once() {
    let relay = relay(without_timers).await;
    for reset in [false, true] {
        for by_phone in [true, false] {
            let (phone, desktop) = Client::pair(relay.local_addr()).await;
            let (mut leaving, mut other) = if by_phone {
                (phone, desktop)
            } else {
                (desktop, phone)
            };
            leaving.send(binary(b"last words")).await;
            if reset {
                assert_eq!(other.message().await, b"last words");
                reset_connection(leaving);
            } else {
                within(tokio::io::AsyncWriteExt::shutdown(&mut leaving.stream))
                    .await
                    .unwrap();
                assert_eq!(other.message().await, b"last words");
            }
            let (code, reason) = other.closed().await;
            assert_eq!(
                (code, reason.as_str()),
                (1001, "the other side's connection broke")
            );
        }
    }
    until(&relay, "tunnels_ended_total{ended=\"broken\"}", 4).await;
}

#[tokio::test]
async fn a_connection_cut_within_a_frame_ends_the_other_without_a_false_frame() {
    let relay = relay(without_timers).await;
    let (mut phone, mut desktop) = Client::pair(relay.local_addr()).await;
    let whole = binary(&[7; 1000]);
    phone.send(&whole[..500]).await;
    within(tokio::io::AsyncWriteExt::shutdown(&mut phone.stream))
        .await
        .unwrap();
    // A close frame within the payload would be taken for payload.
    assert_eq!(desktop.frame().await, None);
    assert!(desktop.rest().await.iter().skip(4).all(|byte| *byte == 7));
}

#[tokio::test]
async fn a_waiting_side_that_goes_takes_its_room_along() {
    let relay = relay(without_timers).await;
    for reset in [false, true] {
        let (phone, id) = Client::open(relay.local_addr()).await;
        if reset {
            reset_connection(phone);
        } else {
            drop(phone);
        }
        until(&relay, "rooms", 0).await;
        assert_eq!(joining(&relay, &id).await, 404);
    }
}

#[tokio::test]
async fn who_is_refused_and_does_not_leave_is_not_waited_for() {
    let relay = relay(|config| {
        without_timers(config);
        config.limits.request_head = std::time::Duration::from_millis(100);
    })
    .await;
    let mut slow = Client::sending(relay.local_addr(), "GET /cable").await;
    assert_eq!(status(&slow.head().await), 408);
    until(&relay, "openings", 0).await;
}

#[tokio::test]
async fn a_close_is_passed_on_with_its_code_and_answered() {
    let relay = relay(|_| ()).await;
    for code in [1000u16, 1001, 1011, 3000, 4999] {
        let (mut phone, mut desktop) = Client::pair(relay.local_addr()).await;
        desktop
            .send(
                [
                    binary(b"bye"),
                    frame(0x88, &[&code.to_be_bytes(), &b"done"[..]].concat()),
                ]
                .concat(),
            )
            .await;
        assert_eq!(phone.message().await, b"bye");
        assert_eq!(phone.closed().await.0, code);
        assert_eq!(desktop.closed().await.0, code);
        assert_eq!((phone.rest().await, desktop.rest().await), (vec![], vec![]));
    }
    let (mut phone, mut desktop) = Client::pair(relay.local_addr()).await;
    phone.send(frame(0x88, b"")).await;
    assert_eq!(
        (desktop.closed().await.0, phone.closed().await.0),
        (1000, 1000)
    );
}

#[tokio::test]
async fn the_end_of_a_tunnel_leaves_a_newer_one_with_the_same_tunnel_id_alone() {
    let relay = relay(|_| ()).await;
    let to = relay.local_addr();
    let (mut phone, mut desktop) = Client::pair(to).await;
    let (mut stale, stale_id) = Client::open(to).await;
    let (mut again, id) = Client::open(to).await;
    assert_ne!(stale_id, id);
    desktop.send(frame(0x88, &1000u16.to_be_bytes())).await;
    phone.closed().await;
    stale.send(frame(0x88, &1000u16.to_be_bytes())).await;
    stale.closed().await;
    until(&relay, "rooms", 1).await;
    let (mut second, _) = Client::upgrade(to, &format!("/cable/connect/{id}/{TUNNEL}")).await;
    second.send(binary(b"rightful")).await;
    assert_eq!(again.message().await, b"rightful");
    let path = format!("/cable/connect/{id}/{TUNNEL}");
    assert_eq!(
        status(&Client::sending(to, request(&path)).await.refusal().await),
        404,
        "a third finds nothing"
    );
}

#[tokio::test]
async fn of_many_that_join_at_once_exactly_one_gets_in() {
    let relay = relay(|config| {
        config.limits.openings_per_address = 1000;
        config.limits.accept_rate_per_address = 1000;
    })
    .await;
    let to = relay.local_addr();
    for _ in 0..20 {
        let (_phone, id) = Client::open(to).await;
        let path = format!("/cable/connect/{id}/{TUNNEL}");
        let tries = (0..8).map(|_| {
            let request = request(&path);
            tokio::spawn(async move {
                let mut client = Client::sending(to, request).await;
                (status(&client.head().await), client)
            })
        });
        let mut statuses = Vec::new();
        let mut clients = Vec::new();
        for attempt in tries.collect::<Vec<_>>() {
            let (status, client) = attempt.await.unwrap();
            statuses.push(status);
            clients.push(client);
        }
        statuses.sort_unstable();
        assert_eq!(statuses, [101, 404, 404, 404, 404, 404, 404, 404]);
    }
}

#[tokio::test]
async fn tungstenite_on_both_sides_exchanges_messages_of_every_kind_of_length_both_ways_at_once() {
    let relay = relay(|_| ()).await;
    let (mut phone, id) = open(&relay).await;
    let mut desktop = join(&relay, &id).await;
    let lengths = [0, 1, 124, 125, 126, 127, 1000, 32 * 1024, 65_535, 65_536];
    let message = |length: usize, salt: u8| {
        Message::binary((0..length).map(|at| at as u8 ^ salt).collect::<Vec<u8>>())
    };
    for (from, to) in lengths.into_iter().zip(lengths.into_iter().rev()) {
        let there = async {
            desktop.send(message(from, 1)).await.unwrap();
            assert_eq!(next(&mut desktop).await, message(to, 2));
        };
        let back = async {
            phone.send(message(to, 2)).await.unwrap();
            assert_eq!(next(&mut phone).await, message(from, 1));
        };
        within(async { tokio::join!(there, back) }).await;
    }
    let frame = CloseFrame {
        code: CloseCode::Normal,
        reason: "".into(),
    };
    desktop.close(Some(frame.clone())).await.unwrap();
    assert_eq!(next(&mut phone).await, Message::Close(Some(frame.clone())));
    assert_eq!(next(&mut desktop).await, Message::Close(Some(frame)));
}

#[tokio::test]
async fn a_burst_to_a_reader_that_starts_late_comes_whole_and_in_order() {
    let relay = relay(|_| ()).await;
    let (mut phone, id) = open(&relay).await;
    let mut desktop = join(&relay, &id).await;
    // Past every buffer of the kernel on the way.
    let message = |n: u8| Message::binary(vec![n; 60_000]);
    let burst = tokio::spawn(async move {
        for n in 0..60 {
            phone.send(message(n)).await.unwrap();
        }
        phone
    });
    tokio::task::yield_now().await;
    for n in 0..60 {
        assert_eq!(next(&mut desktop).await, message(n));
    }
    within(burst).await.unwrap();
}

/// The status that a desktop is refused with.
async fn joining(relay: &Running, id: &str) -> u16 {
    let path = format!("/cable/connect/{id}/{TUNNEL}");
    let mut desktop = Client::sending(relay.local_addr(), request(&path)).await;
    status(&desktop.refusal().await)
}

fn reset_connection(client: Client) {
    // With no time to linger, closing sends a reset.
    #[expect(deprecated, reason = "it blocks only with a time above zero")]
    client
        .stream
        .set_linger(Some(std::time::Duration::ZERO))
        .unwrap();
}

type Socket = WebSocketStream<TcpStream>;

async fn dial(to: SocketAddr, path: &str) -> (Socket, String) {
    let mut request = format!("ws://{to}{path}").into_client_request().unwrap();
    request
        .headers_mut()
        .insert("Sec-WebSocket-Protocol", "fido.cable".parse().unwrap());
    let stream = within(TcpStream::connect(to)).await.unwrap();
    let (socket, response) = within(client_async(request, stream)).await.unwrap();
    let id = response.headers().get("X-caBLE-Routing-ID");
    (
        socket,
        id.map(|id| id.to_str().unwrap().to_owned())
            .unwrap_or_default(),
    )
}

async fn open(relay: &Running) -> (Socket, String) {
    dial(relay.local_addr(), &format!("/cable/new/{TUNNEL}")).await
}

async fn join(relay: &Running, id: &str) -> Socket {
    dial(relay.local_addr(), &format!("/cable/connect/{id}/{TUNNEL}"))
        .await
        .0
}

async fn next(socket: &mut Socket) -> Message {
    loop {
        let message = within(socket.next()).await.unwrap().unwrap();
        if !message.is_ping() && !message.is_pong() {
            return message;
        }
    }
}
