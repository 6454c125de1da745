//! What healthy pairs notice of clients that never finish their request.
//!
//! One relay, the same pairs all the time, and a crowd of slow clients that comes and goes. Short
//! windows without it, with it at another relay, and with it at this one stand side by side, so
//! that what else the machine does falls on all alike, and what is quoted are medians over many of
//! them. The crowd elsewhere shows what it costs the machine and the one who measures.

use crate::client::{Client, TUNNEL, binary, header};
use crate::process::Relay;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

/// Healthy pairs.
const PAIRS: u64 = 8;
const WINDOW: Duration = Duration::from_secs(3);
/// Where the crowd is, window by window: what drifts falls on all alike.
const ORDER: [Crowd; 6] = [
    Crowd::Nowhere,
    Crowd::Elsewhere,
    Crowd::Here,
    Crowd::Here,
    Crowd::Elsewhere,
    Crowd::Nowhere,
];
const ROUNDS: usize = 5;
/// How long the crowd takes to come, and how long it is left alone before the next window.
const SPREAD: Duration = Duration::from_secs(5);
const SETTLED: Duration = Duration::from_secs(4);
/// What the crowd meets are the defaults: a thousand of it are let in per second.
const LIMITS: &str = "--messages 10000000 --bytes 1024GiB --session 1h --ping 1h";

type Times = Arc<Mutex<Vec<f64>>>;

#[derive(Clone, Copy, PartialEq, Debug)]
enum Crowd {
    Nowhere,
    Elsewhere,
    Here,
}

/// Measures the time of a message through the relay without and with `count` slow clients, and
/// prints it.
pub async fn measure(program: &Path, count: u64) {
    let limits: Vec<_> = LIMITS.split_whitespace().collect();
    let (relay, other) = (
        Relay::start(program, &limits),
        Relay::start(program, &limits),
    );
    let times = Times::default();
    let (crowd, place) = watch::channel(None);
    let mut running = JoinSet::new();
    for number in 0..PAIRS {
        running.spawn(pair(relay.addr, number, Arc::clone(&times)));
    }
    for number in 0..count {
        running.spawn(slow(number, count, place.clone()));
    }
    let mut windows: [Vec<(f64, f64)>; 3] = Default::default();
    for at in ORDER.into_iter().cycle().take(ORDER.len() * ROUNDS) {
        let place = match at {
            Crowd::Nowhere => None,
            Crowd::Elsewhere => Some(other.addr),
            Crowd::Here => Some(relay.addr),
        };
        if crowd.send_replace(place) != place {
            let there = |relay: &Relay| if place == Some(relay.addr) { count } else { 0 };
            gathered(&relay, there(&relay)).await;
            gathered(&other, there(&other)).await;
            sleep(SETTLED).await;
        }
        times.lock().unwrap().clear();
        sleep(WINDOW).await;
        let mut seen = std::mem::take(&mut *times.lock().unwrap());
        seen.sort_by(f64::total_cmp);
        let (p50, p99) = (seen[seen.len() / 2], seen[seen.len() * 99 / 100]);
        windows[at as usize].push((p50, p99));
        println!(
            "{at:?}: {} messages, p50 {p50:.0} p99 {p99:.0} us",
            seen.len()
        );
    }
    for (at, seen) in ORDER.iter().zip(&windows) {
        let p50 = quartiles(seen.iter().map(|times| times.0))[1];
        let [low, p99, high] = quartiles(seen.iter().map(|times| times.1));
        println!(
            "crowd {at:?}: median p50 {p50:.0}, p99 {p99:.0} (quartiles {low:.0} and {high:.0}) us"
        );
    }
    for (at, from) in [
        (Crowd::Here, Crowd::Nowhere),
        (Crowd::Here, Crowd::Elsewhere),
    ] {
        let both = || windows[at as usize].iter().zip(&windows[from as usize]);
        let p50 = quartiles(both().map(|(a, b)| a.0 / b.0))[1];
        let [low, p99, high] = quartiles(both().map(|(a, b)| a.1 / b.1));
        println!(
            "{at:?} to {from:?}, window by window: p50 {p50:.2}, p99 {p99:.2} (quartiles {low:.2} and {high:.2})"
        );
    }
}

fn quartiles(values: impl Iterator<Item = f64>) -> [f64; 3] {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    [1, 2, 3].map(|quarter| values[values.len() * quarter / 4])
}

/// Waits until so many of the crowd are at this relay.
async fn gathered(relay: &Relay, count: u64) {
    while relay.metrics()["openings"].abs_diff(count) > count / 5 {
        sleep(Duration::from_millis(50)).await;
    }
}

/// Sends messages from side to side without end, and notes how long each took, in microseconds.
async fn pair(to: SocketAddr, number: u64, times: Times) {
    let (mut phone, head) = Client::upgrade(to, &format!("/cable/new/{TUNNEL}")).await;
    let id = header(&head, "X-caBLE-Routing-ID").unwrap();
    let (mut desktop, _) = Client::upgrade(to, &format!("/cable/connect/{id}/{TUNNEL}")).await;
    let message = binary(&[number as u8; 512]);
    loop {
        let start = Instant::now();
        phone.send(&message).await;
        desktop.message().await;
        times
            .lock()
            .unwrap()
            .push(start.elapsed().as_secs_f64() * 1e6);
        sleep(Duration::from_millis(1)).await;
    }
}

/// One of the crowd: wherever it is, it sends a byte of its request a second, and comes again when
/// it is refused.
async fn slow(number: u64, count: u64, mut place: watch::Receiver<Option<SocketAddr>>) {
    let drip = async |to: SocketAddr| {
        // Not all in the same moment.
        sleep(SPREAD.mul_f64(number as f64 / count as f64)).await;
        loop {
            let from = [127, 1, (number % 200) as u8, (number / 200 % 250) as u8 + 1];
            let mut client = Client::connect_from(from, to).await;
            for byte in b"GET /cable/new/0" {
                client.send([*byte]).await;
                sleep(Duration::from_secs(1)).await;
                if client.stream.try_read(&mut [0]).is_ok() {
                    break;
                }
            }
        }
    };
    loop {
        let now = *place.borrow_and_update();
        tokio::select! {
            () = async { if let Some(to) = now { drip(to).await } else { std::future::pending().await } } => {}
            moved = place.changed() => if moved.is_err() { return },
        }
    }
}
