//! Each misbehaviour of a phone is played for real, and the desktop says exactly what it is to say,
//! as `docs/faults.md` has it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "scenarios"
)]

use futures_util::StreamExt as _;
use hybrid_diagnosis::finding::Certainty;
use hybrid_tests::matrix::{self, NOTHING, Row};
use hybrid_tests::phone_faults::{Stage, row};
use hybrid_tests::trio::Played;
use hybridd::session::Outcome;
use phone_sim::fault::Shows;
use phone_sim::{Fault, fault};
use std::time::Duration;
use tokio::time::timeout;

/// Sessions at the same time: those that wait cost nothing, the others are over soon.
const TOGETHER: usize = 24;
/// No fault takes as long; what does, hangs.
const HANGS: Duration = Duration::from_secs(60);
/// Codes that name nothing but what was seen. All others have causes that look alike.
const OBSERVED: [&str; 4] = ["AD03", "AD06", "PH09", "PH12"];

/// Statuses that say what a person did, and that phones send for reasons of their own, too.
const OF_A_PERSON: [&str; 2] = ["CT27", "CT2D"];

/// The statuses that have a code of their own, and one that has none.
const STATUSES: [u32; 21] = [
    0x00, 0x01, 0x05, 0x15, 0x19, 0x26, 0x27, 0x28, 0x2b, 0x2c, 0x2d, 0x2e, 0x2f, 0x30, 0x31, 0x36,
    0x39, 0x3a, 0x3c, 0x3f, 0x7f,
];

/// Each with its usual number, and a status of each kind.
fn faults() -> Vec<Fault> {
    let statuses = || {
        STATUSES
            .map(|status| format!("status={status}").parse().unwrap())
            .to_vec()
    };
    let each = fault::all().map(|entry| match entry.shows {
        Shows::OfStatus => statuses(),
        Shows::Nothing | Shows::Code(_) | Shows::WhenLong(_) => vec![Fault::usual(entry)],
    });
    each.flatten().collect()
}

/// The long waits first, so that the others fit into their time.
fn by_length(faults: &[Fault]) -> Vec<Fault> {
    let mut faults = faults.to_vec();
    faults.sort_by_key(|fault| {
        !matches!(
            fault.code(),
            Some("AD01" | "AD02" | "AD04" | "PH07" | "HS01")
        )
    });
    faults
}

async fn play(stage: &Stage, fault: Fault) -> (Fault, Played) {
    let played = timeout(HANGS, stage.play(fault, &mut |_| {}, &mut |_| {})).await;
    let played = played.unwrap_or_else(|_| panic!("{fault} hangs"));
    (fault, played.unwrap())
}

/// How soon a code is to be said, in words, and when a busy machine is too late.
fn soon(code: &str) -> (&'static str, Duration) {
    match code {
        "AD01" | "AD02" | "AD04" | "PH07" => ("within 15 s", Duration::from_secs(20)),
        "HS01" => ("within 6 s", Duration::from_secs(11)),
        NOTHING => ("", HANGS),
        _ => ("at once", Duration::from_secs(5)),
    }
}

/// What is wrong with how a fault was explained.
fn wrong(fault: Fault, played: &Played, row: &Row) -> Option<String> {
    let Some((finding, since)) = played.explained() else {
        let works = matches!(
            (&played.outcome, &played.response),
            (Outcome::Replied, Some(Ok(_)))
        );
        return (!works || !row.holds())
            .then(|| format!("{fault}: not explained; expected {}", row.expected));
    };
    let observed = OBSERVED.contains(&finding.code)
        || finding.code.starts_with("CT") && !OF_A_PERSON.contains(&finding.code);
    if !row.holds() {
        return Some(format!("{fault}: expected {}, got {finding}", row.expected));
    }
    if (finding.certainty == Certainty::Certain) != observed {
        return Some(format!(
            "{fault}: {} for {}",
            finding.certainty.name(),
            finding.code
        ));
    }
    if finding.advice.is_empty() || finding.saw.is_empty() {
        return Some(format!("{fault}: {} without a word", finding.code));
    }
    (since > soon(finding.code).1).then(|| format!("{fault}: explained after {since:?}"))
}

/// A line of the published table.
fn published(fault: Fault, row: &Row) -> String {
    let said = match row.certainty {
        Some(certainty) => format!("{} {}", row.got, certainty.name()),
        None => "works".to_owned(),
    };
    format!(
        "| `{fault}` | {} | {said} | {} |\n",
        fault.entry().does,
        soon(&row.got).0
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_misbehaviour_of_a_phone_is_explained_by_exactly_its_code() {
    let stage = Stage::start().await.unwrap();
    let faults = faults();
    let sessions = by_length(&faults)
        .into_iter()
        .map(|fault| play(&stage, fault));
    let played: Vec<_> = futures_util::stream::iter(sessions)
        .buffer_unordered(TOGETHER)
        .collect()
        .await;
    let (mut rows, mut lines, mut complaints) = (Vec::new(), Vec::new(), Vec::new());
    for fault in faults {
        let (_, played) = played.iter().find(|(other, _)| *other == fault).unwrap();
        let row = row(fault, played);
        complaints.extend(wrong(fault, played, &row));
        lines.push(published(fault, &row));
        rows.push(row);
    }
    println!("{}", matrix::table(&rows));
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    let head = "| fault | the phone | a sign-in says | how soon |\n| --- | --- | --- | --- |\n";
    matrix::publish("the phone", &format!("\n{head}{}", lines.concat())).unwrap();
}
