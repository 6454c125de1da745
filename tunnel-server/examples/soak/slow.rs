//! What healthy pairs notice of clients that never finish their request.

use crate::client::{Client, TUNNEL, binary};
use crate::process::Relay;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// Healthy pairs, and messages through each in one measurement.
const PAIRS: u64 = 8;
const MESSAGES: usize = 1500;
const TURNS: usize = 5;
const LIMITS: [&str; 12] = [
    "--accept-rate",
    "1000000",
    "--openings",
    "1000000",
    "--openings-per-address",
    "1000000",
    "--rooms-per-address",
    "1000000",
    "--messages",
    "1000000",
    "--bytes",
    "1GiB",
];

/// Measures the time of a message through the relay with and without `count` slow clients, in turn, and prints it.
pub async fn measure(program: &Path, count: u64) {
    println!("time of a 512-byte message through the relay in microseconds, {PAIRS} pairs at once:");
    let (mut without, mut with) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        let relay = Relay::start(program, &LIMITS);
        without.push(times(&relay).await);
        let slow = clients(&relay, count).await;
        with.push(times(&relay).await);
        println!(
            "p50 {:.0} p99 {:.0} alone, p50 {:.0} p99 {:.0} beside {} slow clients",
            without[without.len() - 1].0,
            without[without.len() - 1].1,
            with[with.len() - 1].0,
            with[with.len() - 1].1,
            relay.metrics()["openings"]
        );
        drop(slow);
    }
    let median = |turns: &[(f64, f64)]| {
        let mut p99: Vec<f64> = turns.iter().map(|(_, p99)| *p99).collect();
        p99.sort_by(f64::total_cmp);
        p99[p99.len() / 2]
    };
    println!(
        "median p99 {:.0} alone, {:.0} beside them: {:.2} times",
        median(&without),
        median(&with),
        median(&with) / median(&without)
    );
}

/// Keeps `count` clients in the middle of their request: each sends a byte a second, and comes again when it is refused.
async fn clients(relay: &Relay, count: u64) -> JoinSet<()> {
    let mut clients = JoinSet::new();
    let to = relay.addr;
    for number in 0..count {
        clients.spawn(async move {
            // Not all in the same moment.
            tokio::time::sleep(Duration::from_micros(number * 1_000_000 / count.max(1))).await;
            loop {
                let mut client =
                    Client::connect_from([127, 1, (number % 200) as u8, (number / 200 % 250) as u8 + 1], to).await;
                for byte in b"GET /cable/new/0".iter() {
                    client.send([*byte]).await;
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    if client.stream.try_read(&mut [0]).is_ok() {
                        break;
                    }
                }
            }
        });
    }
    while relay.metrics()["openings"] < count * 9 / 10 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    clients
}

/// Microseconds of one way, p50 and p99.
async fn times(relay: &Relay) -> (f64, f64) {
    let mut pairs = JoinSet::new();
    for number in 0..PAIRS {
        let to = relay.addr;
        pairs.spawn(async move {
            let (mut phone, head) = Client::upgrade(to, &format!("/cable/new/{TUNNEL}")).await;
            let id = crate::client::header(&head, "X-caBLE-Routing-ID").unwrap();
            let (mut desktop, _) = Client::upgrade(to, &format!("/cable/connect/{id}/{TUNNEL}")).await;
            let message = binary(&[number as u8; 512]);
            let mut times = Vec::new();
            for _ in 0..MESSAGES {
                let start = Instant::now();
                phone.send(&message).await;
                desktop.message().await;
                times.push(start.elapsed().as_secs_f64() * 1e6);
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            times
        });
    }
    let mut all = Vec::new();
    while let Some(times) = pairs.join_next().await {
        all.extend(times.unwrap());
    }
    all.sort_by(f64::total_cmp);
    (all[all.len() / 2], all[all.len() * 99 / 100])
}
