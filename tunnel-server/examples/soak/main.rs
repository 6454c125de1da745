//! Sends pairs in all states of health through one relay process.
//!
//!     cargo build --profile dist -p hybrid-tunnel-server
//!     cargo run --profile dist -p hybrid-tunnel-server --example soak -- --pairs 100000
//!     cargo run --profile dist -p hybrid-tunnel-server --example soak -- --pairs 1000000 --graph soak.svg
//!     cargo run --profile dist -p hybrid-tunnel-server --example soak -- --slow 5000
//!
//! `--pairs` ends with an error as soon as a frame is lost or out of order, a side is told
//! something wrong, a room gets stuck, or the relay has counted wrongly; `--graph` draws its memory
//! and its descriptors. `--slow` measures what
//! healthy pairs notice of clients that never finish their request. `--relay PATH` takes another
//! program than `target/dist/tunnel-server`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::print_stdout,
    missing_docs,
    reason = "a load test"
)]

#[path = "../../tests/relay/client.rs"]
#[allow(dead_code, reason = "shared with the tests")]
mod client;
mod fate;
mod graph;
mod pairs;
mod process;
mod random;
mod slow;
mod tally;

use std::path::PathBuf;
use std::time::Instant;

/// Pairs at the same time.
const AT_ONCE: usize = 400;

#[tokio::main]
async fn main() {
    let args: Vec<String> = std::env::args().collect();
    let value = |name: &str| {
        let at = args.iter().position(|arg| arg == name)?;
        args.get(at + 1).cloned()
    };
    let number = |name: &str| value(name).map(|text| text.parse::<u64>().expect("a number"));
    let beside = std::env::current_exe().unwrap();
    let relay =
        value("--relay").map_or_else(|| beside.with_file_name("../tunnel-server"), PathBuf::from);
    match (number("--pairs"), number("--slow")) {
        (Some(pairs), _) => {
            let start = Instant::now();
            let report = pairs::soak(&relay, pairs, AT_ONCE).await;
            println!(
                "{pairs} pairs in {:.1} s, nothing lost, out of order, stuck or miscounted",
                start.elapsed().as_secs_f64()
            );
            println!("{:#?}", report.tally);
            let memory: Vec<String> = report
                .memory
                .iter()
                .map(|bytes| format!("{:.1}", *bytes as f64 / 1e6))
                .collect();
            println!(
                "resident memory at every tenth and in the end, MB: {}",
                memory.join(" ")
            );
            let descriptors = report.samples.iter().map(|sample| sample.descriptors);
            println!(
                "descriptors: {} before, {} at most, {} after",
                report.samples[0].descriptors,
                descriptors.max().unwrap(),
                report.samples[report.samples.len() - 1].descriptors
            );
            if let Some(file) = value("--graph") {
                let title = format!("A relay under {pairs} pairs, {AT_ONCE} at a time");
                std::fs::write(&file, graph::svg(&report.samples, &title)).unwrap();
                println!("drawn to {file}");
            }
        }
        (None, Some(slow)) => slow::measure(&relay, slow).await,
        (None, None) => panic!("expected --pairs N or --slow N"),
    }
}
