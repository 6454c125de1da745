//! What healthy pairs notice of clients that never finish their request.
//!
//! One relay, the same pairs all the time, and a crowd of slow clients that comes and goes: short windows without it and with it
//! stand side by side, so that what else the machine does falls on both, and what is quoted are medians over many of them.

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
/// Whether the crowd is there, window by window: what drifts falls on both alike.
const ORDER: [bool; 4] = [false, true, true, false];
const ROUNDS: usize = 10;
/// Longer than a request may take, so that the crowd has begun to be refused and to come again.
const SETTLED: Duration = Duration::from_secs(7);
const LIMITS: &str = "--accept-rate 1000000 --openings 1000000 --openings-per-address 1000000 --rooms-per-address 1000000 \
    --messages 10000000 --bytes 1024GiB --session 1h --ping 1h";

type Times = Arc<Mutex<Vec<f64>>>;

/// Measures the time of a message through the relay without and with `count` slow clients, and prints it.
pub async fn measure(program: &Path, count: u64) {
    let relay = Relay::start(program, &LIMITS.split_whitespace().collect::<Vec<_>>());
    let times = Times::default();
    let (crowd, here) = watch::channel(false);
    let mut running = JoinSet::new();
    for number in 0..PAIRS {
        running.spawn(pair(relay.addr, number, Arc::clone(&times)));
    }
    for number in 0..count {
        running.spawn(slow(relay.addr, number, count, here.clone()));
    }
    let mut windows: [Vec<(f64, f64)>; 2] = Default::default();
    for there in ORDER.into_iter().cycle().take(ORDER.len() * ROUNDS) {
        if crowd.send_replace(there) != there {
            gathered(&relay, if there { count } else { 0 }).await;
        }
        times.lock().unwrap().clear();
        sleep(WINDOW).await;
        let mut seen = std::mem::take(&mut *times.lock().unwrap());
        seen.sort_by(f64::total_cmp);
        windows[usize::from(there)].push((seen[seen.len() / 2], seen[seen.len() * 99 / 100]));
        let (name, (p50, p99)) = (
            if there { "beside" } else { "alone " },
            windows[usize::from(there)].last().unwrap(),
        );
        println!(
            "{name} {:4} slow, {:6} messages: p50 {p50:.0} p99 {p99:.0} us",
            relay.metrics()["openings"],
            seen.len()
        );
    }
    let [alone, beside] = &windows;
    let quartiles = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        [1, 2, 3].map(|quarter| values[values.len() * quarter / 4])
    };
    for (name, windows) in [("alone", alone), ("beside", beside)] {
        let [low, middle, high] = quartiles(windows.iter().map(|(_, p99)| *p99).collect());
        let [_, p50, _] = quartiles(windows.iter().map(|(p50, _)| *p50).collect());
        println!("{name}: median p50 {p50:.0}, p99 {middle:.0} (quartiles {low:.0} and {high:.0}) us");
    }
    let ratios = |of: fn(&(f64, f64)) -> f64| quartiles(alone.iter().zip(beside).map(|(a, b)| of(b) / of(a)).collect());
    let ([_, p50, _], [low, p99, high]) = (ratios(|times| times.0), ratios(|times| times.1));
    println!("window by window: p50 {p50:.2} times, p99 {p99:.2} times (quartiles {low:.2} and {high:.2})");
}

/// Waits until the crowd is there, or gone.
async fn gathered(relay: &Relay, count: u64) {
    while relay.metrics()["openings"].abs_diff(count) > count / 10 {
        sleep(Duration::from_millis(50)).await;
    }
    if count > 0 {
        sleep(SETTLED).await;
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
        times.lock().unwrap().push(start.elapsed().as_secs_f64() * 1e6);
        sleep(Duration::from_millis(1)).await;
    }
}

/// One of the crowd: while it is there, it sends a byte of its request a second, and comes again when it is refused.
async fn slow(to: SocketAddr, number: u64, count: u64, mut here: watch::Receiver<bool>) {
    let drip = || async {
        // Not all in the same moment.
        sleep(Duration::from_micros(number * 1_000_000 / count)).await;
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
    while here.wait_for(|there| *there).await.is_ok() {
        let mut gone = here.clone();
        tokio::select! {
            () = drip() => {}
            _ = gone.wait_for(|there| !*there) => {}
        }
    }
}
