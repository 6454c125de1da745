//! Silence and stalls, to the moment.

use super::*;
use tokio::time::Instant;

const PING: [u8; 2] = [0x89, 0];
const PONG: [u8; 6] = [0x8a, 0x80, 0, 0, 0, 0];
/// The default, as it is documented.
const DEFAULT: Duration = Duration::from_secs(30);
const MOMENT: Duration = Duration::from_millis(10);

/// Who waits alone, with the default limits.
fn waiting(
    pipe: usize,
) -> (
    DuplexStream,
    JoinHandle<TunnelOutcome>,
    oneshot::Sender<Far>,
) {
    let (phone, near) = duplex(pipe);
    let (joiner, joined) = oneshot::channel();
    let tunnel = tokio::spawn(async move {
        let near = Box::new(Endpoint::new(near, Vec::new()));
        let (limits, stop) = (Limits::default(), CancellationToken::new());
        run(near, joined, JoinNotice::None, &limits, &stop, |_| ()).await
    });
    (phone, tunnel, joiner)
}

type Far = Box<Endpoint<DuplexStream>>;

/// How long it takes until a ping comes.
async fn pinged(client: &mut DuplexStream) -> Duration {
    let start = Instant::now();
    assert_eq!(receive(client, 2).await, PING);
    start.elapsed()
}

fn is(took: Duration, expected: Duration) -> bool {
    took >= expected && took < expected + MOMENT
}

#[tokio::test(start_paused = true)]
async fn who_waits_in_silence_is_pinged_after_thirty_seconds_and_not_after_sixty() {
    let (mut phone, tunnel, _joiner) = waiting(1024);
    for _ in 0..3 {
        let took = pinged(&mut phone).await;
        assert!(is(took, DEFAULT), "{took:?}");
        phone.write_all(&PONG).await.unwrap();
    }
    let took = pinged(&mut phone).await;
    assert!(is(took, DEFAULT), "{took:?}");
    let start = Instant::now();
    assert_eq!(phone.read_u8().await.unwrap(), 0x88);
    assert!(is(start.elapsed(), DEFAULT), "{:?}", start.elapsed());
    drop(phone);
    assert_eq!(tunnel.await.unwrap().reason, CloseReason::Silent);
}

#[tokio::test(start_paused = true)]
async fn silence_begins_with_the_last_word_whenever_it_was_said() {
    for said in [1, 29, 31, 59, 61] {
        let (mut phone, mut desktop, _tunnel) = joined(1024, 1024);
        let said = Duration::from_secs(said);
        let start = Instant::now();
        while start.elapsed() + DEFAULT < said {
            assert_eq!(receive(&mut phone, 2).await, PING);
            phone.write_all(&PONG).await.unwrap();
            desktop.write_all(&PONG).await.unwrap();
        }
        tokio::time::sleep(said.saturating_sub(start.elapsed())).await;
        phone.write_all(&PONG).await.unwrap();
        let took = pinged(&mut phone).await;
        assert!(is(took, DEFAULT), "{said:?}: {took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_reader_is_not_ended_for_a_ping_that_it_was_not_sent() {
    let (mut phone, mut desktop, tunnel) = joined(1024, 1024);
    // A long message comes so slowly that no ping of ours fits in for minutes.
    let sent = frames(&[12]);
    let (head, payload) = sent.split_at(7);
    for part in [head].into_iter().chain(payload.chunks(1)) {
        desktop.write_all(part).await.unwrap();
        tokio::time::sleep(Duration::from_secs(20)).await;
    }
    let mut expected = passed_on(&[12]);
    expected.extend(PING);
    assert_eq!(receive(&mut phone, expected.len()).await, expected);
    let start = Instant::now();
    phone.write_all(&PONG).await.unwrap();
    desktop.write_all(&PONG).await.unwrap();
    assert!(
        is(pinged(&mut phone).await, DEFAULT),
        "{:?}",
        start.elapsed()
    );
    drop((phone, desktop));
    assert_eq!(tunnel.await.unwrap().reason, CloseReason::Broken);
}

#[tokio::test(start_paused = true)]
async fn who_leaves_data_unread_is_ended_after_thirty_seconds_and_not_after_sixty() {
    for before in [0, 1, 29, 31] {
        let (mut phone, mut desktop, tunnel) = joined(64 * 1024, 16);
        for _ in 0..before {
            tokio::time::sleep(Duration::from_secs(1)).await;
            phone.write_all(&PONG).await.unwrap();
            desktop.write_all(&PONG).await.unwrap();
        }
        let start = Instant::now();
        phone.write_all(&frames(&[100])).await.unwrap();
        let told = CloseReason::Stalled.frame_for_other();
        let mut read = Vec::new();
        while !read.ends_with(&told) {
            read.push(phone.read_u8().await.unwrap());
        }
        let took = start.elapsed();
        assert!(is(took, DEFAULT), "{before}: {took:?}");
        drop((phone, desktop));
        assert_eq!(tunnel.await.unwrap().reason, CloseReason::Stalled);
    }
}
