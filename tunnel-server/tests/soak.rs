//! A small soak: a thousand pairs in all states of health through one relay process.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "tests"
)]

#[path = "relay/client.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod client;
#[path = "../examples/soak/fate.rs"]
mod fate;
#[path = "../examples/soak/pairs.rs"]
#[allow(dead_code, reason = "the example draws what is seen")]
mod pairs;
#[path = "../examples/soak/process.rs"]
mod process;
#[path = "../examples/soak/random.rs"]
mod random;
#[path = "../examples/soak/tally.rs"]
mod tally;

use std::path::Path;

#[tokio::test]
async fn a_thousand_pairs_with_every_fault_lose_nothing_and_leave_nothing_behind() {
    let report = pairs::soak(Path::new(env!("CARGO_BIN_EXE_tunnel-server")), 1000, 100).await;
    let (first, last) = (report.memory[2], report.memory[report.memory.len() - 1]);
    assert!(
        last <= first + 8_000_000,
        "resident memory grew: {:?}",
        report.memory
    );
    let (before, after) = (report.samples[0], report.samples[report.samples.len() - 1]);
    assert!(
        after.descriptors <= before.descriptors + 4,
        "descriptors were left: {before:?}, {after:?}"
    );
    assert_eq!(
        report.tally.ended.len(),
        10,
        "a fault did not happen: {:?}",
        report.tally
    );
}
