//! Many pairs through one relay, and whether its books add up afterwards.

use crate::client::PATIENCE;
use crate::fate::{self, MESSAGES};
use crate::process::Relay;
use crate::tally::Tally;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

/// Short times, so that every limit is reached, and no limits per address: all pairs come from this
/// machine.
fn limits() -> Vec<String> {
    let text = format!(
        "--ping 3s --waiting 6s --stall 3s --closing 2s --messages {MESSAGES} --bytes 1GiB --message-size 1MiB --accept-rate 1000000 \
         --rooms-per-address 1000000 --openings-per-address 1000000 --openings 1000000"
    );
    text.split_whitespace().map(str::to_owned).collect()
}

/// What a soak showed.
#[derive(Debug)]
pub struct Report {
    pub tally: Tally,
    /// Resident memory of the relay in bytes: at every tenth of the pairs, and in the end.
    pub memory: Vec<u64>,
    /// What the relay held while it ran, before the first pair and after the last.
    pub samples: Vec<Sample>,
}

/// What the relay holds at a moment.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// Since the beginning.
    pub at: Duration,
    /// Resident memory in bytes.
    pub memory: u64,
    /// Open files and connections.
    pub descriptors: u64,
}

/// How often it is looked at.
const LOOK: Duration = Duration::from_millis(250);
/// How often it is told to read its settings anew, and what it counts is read: in looks.
const RELOAD: u64 = 40;

/// Sends `count` pairs through a relay, `at_once` at a time.
///
/// # Panics
/// When anything was lost, came out of order, was told wrongly, got stuck, or was not counted as it
/// should.
pub async fn soak(program: &Path, count: u64, at_once: usize) -> Report {
    let limits = limits();
    let relay = Arc::new(Relay::start(
        program,
        &limits.iter().map(String::as_str).collect::<Vec<_>>(),
    ));
    let start = Instant::now();
    let sample = move |relay: &Relay| Sample {
        at: start.elapsed(),
        memory: relay.memory(),
        descriptors: relay.descriptors(),
    };
    let mut samples = vec![sample(&relay)];
    let (done, mut over) = oneshot::channel::<()>();
    let looking = tokio::spawn({
        let relay = Arc::clone(&relay);
        async move {
            let (mut seen, mut looks) = (Vec::new(), tokio::time::interval(LOOK));
            for number in 1_u64.. {
                tokio::select! {
                    _ = &mut over => break,
                    _ = looks.tick() => {}
                }
                seen.push(sample(&relay));
                if number.is_multiple_of(RELOAD) {
                    relay.reload();
                    assert_ne!(relay.metrics().len(), 0);
                }
            }
            seen
        }
    });
    let begun = Arc::new(AtomicU64::new(0));
    let mut pairs = JoinSet::new();
    for _ in 0..at_once {
        let (relay, begun) = (Arc::clone(&relay), Arc::clone(&begun));
        pairs.spawn(async move {
            let (mut tally, mut memory) = (Tally::default(), Vec::new());
            loop {
                let number = begun.fetch_add(1, Ordering::Relaxed);
                if number >= count {
                    return (tally, memory);
                }
                if number % (count / 10).max(1) == 0 {
                    memory.push((number, relay.memory()));
                }
                tally.add(fate::live(relay.addr, number).await);
            }
        });
    }
    let (mut tally, mut memory) = (Tally::default(), Vec::new());
    while let Some(done) = pairs.join_next().await {
        let (of_one, seen) = done.expect("a pair failed");
        tally.add(of_one);
        memory.extend(seen);
    }
    memory.sort_unstable();
    let mut memory: Vec<u64> = memory.into_iter().map(|(_, bytes)| bytes).collect();
    empty(&relay).await;
    drop(done);
    samples.extend(looking.await.expect("the relay could not be looked at"));
    samples.push(sample(&relay));
    memory.push(relay.memory());
    check(&relay, &tally);
    Report {
        tally,
        memory,
        samples,
    }
}

/// Waits until the relay has forgotten everybody.
async fn empty(relay: &Relay) {
    let start = Instant::now();
    loop {
        let metrics = relay.metrics();
        let left: Vec<_> = { ["rooms", "rooms_waiting", "pairs", "openings", "listeners"].iter() }
            .filter(|gauge| metrics[**gauge] != 0)
            .collect();
        if left.is_empty() {
            return;
        }
        assert!(start.elapsed() < PATIENCE, "stuck: {left:?} {metrics:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn check(relay: &Relay, tally: &Tally) {
    let mut expected = BTreeMap::from([
        ("connections_accepted_total".to_owned(), tally.connections),
        ("tunnels_opened_total".to_owned(), tally.opened),
        ("tunnels_joined_total".to_owned(), tally.joined),
    ]);
    expected.extend(
        tally
            .ended
            .iter()
            .map(|(how, count)| (format!("tunnels_ended_total{{ended=\"{how}\"}}"), *count)),
    );
    expected.extend(
        tally
            .refused
            .iter()
            .map(|(why, count)| (format!("refused_total{{reason=\"{why}\"}}"), *count)),
    );
    let mut metrics = relay.metrics();
    let (messages, bytes) = (metrics["messages_total"], metrics["payload_bytes_total"]);
    if tally.unmeasured == 0 {
        assert_eq!((messages, bytes), (tally.messages, tally.bytes));
    }
    assert!(messages >= tally.messages && bytes >= tally.bytes);
    let counted =
        |name: &str| name.starts_with("tunnels_ended_total") || name.starts_with("refused_total");
    metrics.retain(|name, count| expected.contains_key(name) || (counted(name) && *count != 0));
    assert_eq!(metrics, expected);
    assert_eq!(
        tally.opened,
        tally.ended.values().sum::<u64>(),
        "every tunnel that was opened has ended"
    );
}
