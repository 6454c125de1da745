//! Each misbehaviour of a phone is played for real, and the desktop says exactly what it is to say. The table goes to `phone_faults.md` in
//! the folder of this test's scratch files.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "scenarios")]

use futures_util::StreamExt as _;
use hybrid_tests::matrix::{self, Row};
use hybrid_tests::phone_faults::{Stage, row};
use hybrid_tests::trio::Played;
use hybridd::finding::Certainty;
use hybridd::session::Outcome;
use phone_sim::{Fault, fault};
use std::time::Duration;
use tokio::time::timeout;

/// Sessions at the same time: those that wait cost nothing, the others are over soon.
const TOGETHER: usize = 24;
/// No fault takes as long; what does, hangs.
const HANGS: Duration = Duration::from_secs(60);
/// Codes that name nothing but what was seen. All others have causes that look alike.
const OBSERVED: [&str; 4] = ["AD03", "AD06", "PH09", "PH12"];

/// The statuses that have a code of their own, and one that has none.
const STATUSES: [u32; 19] = [
    0x00, 0x01, 0x05, 0x19, 0x26, 0x27, 0x28, 0x2b, 0x2c, 0x2d, 0x2e, 0x2f, 0x30, 0x31, 0x36, 0x3a, 0x3c, 0x3f, 0x7f,
];

fn faults() -> Vec<Fault> {
    let usual = fault::all().map(Fault::usual);
    let statuses = STATUSES
        .iter()
        .map(|status| format!("status={status}").parse().unwrap());
    // The long waits first, so that the others fit into their time.
    let mut faults: Vec<Fault> = usual.collect();
    faults.extend(
        statuses
            .filter(|status| !faults.contains(status))
            .collect::<Vec<Fault>>(),
    );
    faults.sort_by_key(|fault| !matches!(fault.code(), Some("AD01" | "AD02" | "AD04" | "PH07" | "HS01")));
    faults
}

async fn play(stage: &Stage, fault: Fault) -> (Fault, Played) {
    let played = timeout(HANGS, stage.play(fault, &mut |_| {}, &mut |_| {})).await;
    let played = played.unwrap_or_else(|_| panic!("{fault} hangs"));
    (fault, played.unwrap())
}

/// What is wrong with how a fault was explained, beside its code.
fn wrong(fault: Fault, played: &Played, row: &Row) -> Option<String> {
    let Some((finding, since)) = played.explained() else {
        let works = matches!((&played.outcome, &played.response), (Outcome::Replied, Some(Ok(_))));
        return (!works).then(|| format!("{fault}: it neither works nor is explained"));
    };
    let observed = OBSERVED.contains(&finding.code) || finding.code.starts_with("CT");
    if !row.holds() {
        return Some(format!("{fault}: expected {}, got {finding}", row.expected));
    }
    if (finding.certainty == Certainty::Certain) != observed {
        return Some(format!("{fault}: {} for {}", finding.certainty.name(), finding.code));
    }
    if finding.advice.is_empty() || finding.saw.is_empty() {
        return Some(format!("{fault}: {} without a word", finding.code));
    }
    (since > Duration::from_secs(20)).then(|| format!("{fault}: explained after {since:?}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_misbehaviour_of_a_phone_is_explained_by_exactly_its_code() {
    let stage = Stage::start().await.unwrap();
    let sessions = faults().into_iter().map(|fault| play(&stage, fault));
    let played: Vec<_> = futures_util::stream::iter(sessions)
        .buffer_unordered(TOGETHER)
        .collect()
        .await;
    let mut rows = Vec::new();
    let mut complaints = Vec::new();
    for (fault, played) in &played {
        let row = row(*fault, played);
        complaints.extend(wrong(*fault, played, &row));
        rows.push(row);
    }
    let order: Vec<_> = fault::all().map(|entry| entry.name).collect();
    rows.sort_by_key(|row| {
        let name = row.fault.split('=').next().unwrap();
        (order.iter().position(|known| *known == name), row.fault.clone())
    });
    let table = matrix::table(&rows);
    std::fs::write(concat!(env!("CARGO_TARGET_TMPDIR"), "/phone_faults.md"), &table).unwrap();
    assert!(complaints.is_empty(), "{}\n{table}", complaints.join("\n"));
}
