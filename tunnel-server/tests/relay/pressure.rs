//! Much more than any buffer holds, through real sockets, to readers that take their time.

use crate::client::{Client, PATIENCE, relay, until};
use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::Poll;
use tokio::io::{AsyncRead as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::oneshot;
use tokio::time::timeout;

/// Lengths of messages, over and over.
const LENGTHS: [usize; 6] = [65_536, 1, 126, 200_000, 125, 0];
const ROUNDS: u64 = 200;
const MASK: [u8; 4] = [0x5a, 0x01, 0xff, 0x80];

#[tokio::test]
async fn fifty_megabytes_reach_a_slow_reader_whole_and_in_order() {
    let relay = raised().await;
    let (phone, desktop) = pair(relay.local_addr()).await;
    let (full, is_full) = oneshot::channel();
    let reading = async {
        // Nothing is read before the writer has had to wait.
        is_full.await.unwrap();
        read_all(desktop.0).await
    };
    let both = async { tokio::join!(write_all(phone.1, Some(full)), reading) };
    let _ends = timeout(PATIENCE, both).await.expect("dead-lock");
    drop((phone.0, desktop.1, _ends));
    until(&relay, "messages_total", ROUNDS * LENGTHS.len() as u64).await;
    until(&relay, "rooms", 0).await;
}

#[tokio::test]
async fn fifty_megabytes_each_way_at_once_do_not_dead_lock() {
    let relay = raised().await;
    let (phone, desktop) = pair(relay.local_addr()).await;
    let all = async {
        tokio::join!(
            write_all(phone.1, None),
            write_all(desktop.1, None),
            read_all(phone.0),
            read_all(desktop.0)
        )
    };
    let ends = timeout(PATIENCE, all).await.expect("dead-lock");
    drop(ends);
    until(&relay, "messages_total", 2 * ROUNDS * LENGTHS.len() as u64).await;
    until(&relay, "rooms", 0).await;
}

async fn raised() -> hybrid_tunnel_server::Running {
    relay(|config| {
        (config.limits.messages, config.limits.bytes) = (u64::MAX, u64::MAX);
        config.limits.message_size = 1 << 20;
    })
    .await
}

type Halves = (OwnedReadHalf, OwnedWriteHalf);

async fn pair(to: SocketAddr) -> (Halves, Halves) {
    let (phone, desktop) = Client::pair(to).await;
    (phone.stream.into_split(), desktop.stream.into_split())
}

/// Writes all messages; says when it had to wait for the first time.
async fn write_all(
    mut to: OwnedWriteHalf,
    mut full: Option<oneshot::Sender<()>>,
) -> OwnedWriteHalf {
    let masked: Vec<u8> = pattern()
        .iter()
        .zip(MASK.iter().cycle())
        .map(|(byte, key)| byte ^ key)
        .collect();
    for number in 0..ROUNDS * LENGTHS.len() as u64 {
        let length = LENGTHS[number as usize % LENGTHS.len()];
        let mut frame = header(length, 0x80);
        frame.extend(MASK);
        frame.extend(&masked[..length]);
        let start = frame.len() - length;
        for ((byte, stamp), key) in frame[start..]
            .iter_mut()
            .zip(number.to_be_bytes())
            .zip(MASK.iter().cycle())
        {
            *byte = stamp ^ key;
        }
        let mut rest = &frame[..];
        while !rest.is_empty() {
            let n = poll_fn(|cx| {
                let written = Pin::new(&mut to).poll_write(cx, rest);
                if written.is_pending()
                    && let Some(full) = full.take()
                {
                    let _ = full.send(());
                }
                written
            });
            rest = &rest[n.await.unwrap()..];
        }
    }
    to.flush().await.unwrap();
    to
}

/// Reads and checks all messages, in pieces that fit to nothing, and lets everybody else go first
/// after each.
async fn read_all(mut from: OwnedReadHalf) -> OwnedReadHalf {
    let pattern = pattern();
    let mut number = 0;
    let mut expected = Vec::new();
    let mut buffer = [0; 7_919];
    while number < ROUNDS * LENGTHS.len() as u64 || !expected.is_empty() {
        let n = poll_fn(|cx| {
            let mut space = ReadBuf::new(&mut buffer);
            match Pin::new(&mut from).poll_read(cx, &mut space) {
                Poll::Ready(read) => Poll::Ready(read.map(|()| space.filled().len())),
                Poll::Pending => Poll::Pending,
            }
        });
        let n = n.await.unwrap();
        assert_ne!(n, 0, "the connection ended at message {number}");
        while expected.len() < n {
            let length = LENGTHS[number as usize % LENGTHS.len()];
            expected.extend(header(length, 0));
            let start = expected.len();
            expected.extend(&pattern[..length]);
            for (byte, stamp) in expected[start..].iter_mut().zip(u64::to_be_bytes(number)) {
                *byte = stamp;
            }
            number += 1;
        }
        assert!(
            buffer[..n] == expected[..n],
            "wrong bytes before message {number}"
        );
        expected.drain(..n);
        tokio::task::yield_now().await;
    }
    from
}

/// What messages are cut from; their number is stamped over the first eight bytes.
fn pattern() -> Vec<u8> {
    (0..200_000usize).map(|at| (at * 7 % 251) as u8).collect()
}

fn header(length: usize, masked: u8) -> Vec<u8> {
    let mut bytes = vec![0x82];
    match length {
        0..=125 => bytes.push(masked | length as u8),
        126..=0xffff => {
            bytes.push(masked | 126);
            bytes.extend((length as u16).to_be_bytes());
        }
        _ => {
            bytes.push(masked | 127);
            bytes.extend((length as u64).to_be_bytes());
        }
    }
    bytes
}
