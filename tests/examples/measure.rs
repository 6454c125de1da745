//! What a sign-in costs, with the real programs: time from the advert on the air to the printed
//! result, and memory while waiting.
//!
//! `cargo build --profile dist --bins && cargo run --profile dist -p hybrid-tests --example measure`

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a measurement"
)]

use hybrid_tests::bluez::Air;
use hybrid_tests::namespace::{is_inside, rerun};
use hybrid_tests::programs::World;
use hybrid_tests::relying_party::RelyingParty;
use std::time::Duration;

const NAMES: [&str; 1] = ["cable.ua5v.com"];
const ROUNDS: usize = 20;

fn main() {
    if !is_inside() {
        let output = rerun(&NAMES, &[]).unwrap();
        print!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        return;
    }
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(measure());
}

async fn measure() {
    let air = Air::with_adapters(&["hci0", "hci1"]).await.unwrap();
    let world = World::new(air.bus_address(), &NAMES).unwrap();
    let _relay = world
        .relay_logging("warn", std::process::Stdio::inherit())
        .await
        .unwrap();
    let site = RelyingParty::new().unwrap();
    let (mut times, mut stages, mut memory) = (Vec::new(), Vec::new(), 0);
    for _ in 0..ROUNDS {
        let options = site.begin_registration().unwrap().options;
        let mut desktop = world.desktop("register", &options, &[]).await.unwrap();
        let code = desktop.code().await.unwrap();
        desktop.listening().await.unwrap();
        memory = memory.max(resident(desktop.id().unwrap()));
        let _phone = world.phone(&code, &[]).await.unwrap();
        let heard = desktop
            .event_where(|event| event["ours"] == true)
            .await
            .unwrap();
        let printed = desktop.first_line().await.unwrap();
        times.push(printed.duration_since(air.last_on_air().unwrap()));
        let ended = desktop.end().await.unwrap();
        let done = ended
            .stderr
            .lines()
            .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
            .find(|e| e["ev"] == "done");
        stages.push(Duration::from_millis(
            done.unwrap()["ms"].as_u64().unwrap() - heard["ms"].as_u64().unwrap(),
        ));
    }
    times.sort();
    stages.sort();
    println!(
        "advert on the air to printed result: median {:?}, worst {:?} of {ROUNDS}",
        times[ROUNDS / 2],
        times[ROUNDS - 1]
    );
    println!(
        "of it from hearing to the end of the session: median {:?}",
        stages[ROUNDS / 2]
    );
    println!("hybridd resident while waiting: {} kB", memory);
}

/// Resident memory in kB.
fn resident(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
