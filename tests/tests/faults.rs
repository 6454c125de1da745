//! The fault matrix: each fault is produced for real, under the real `hybridd`, and must be named
//! by exactly its code.
//!
//! `docs/faults.md` is what it published; `UPDATE=1 cargo test -p hybrid-tests --test faults`
//! writes it anew.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "scenarios"
)]

use hybrid_diagnosis::catalogue;
use hybrid_diagnosis::finding::Certainty;
use hybrid_tests::faults::{Expected, Fault, When, all, play};
use hybrid_tests::matrix::{Row, publish, table};
use hybrid_tests::programs;
use std::collections::{BTreeSet, VecDeque};
use std::fmt::Write as _;
use std::sync::Mutex;
use std::thread;

const TEST: &str = "every_fault_is_named_by_exactly_its_code";
/// Played at a time. Most of each is waiting.
const AT_A_TIME: usize = 5;

#[test]
fn every_fault_is_named_by_exactly_its_code() {
    let faults: Vec<(&str, Fault)> = all()
        .into_iter()
        .flat_map(|(area, faults)| faults.into_iter().map(move |fault| (area, fault)))
        .collect();
    if let Some(name) = play::asked() {
        let fault = faults.iter().find(|(_, fault)| fault.name == name).unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        println!("{}", runtime.block_on(play::here(&fault.1)).unwrap());
        return;
    }
    programs::build();
    let only = std::env::var("FAULT").unwrap_or_default();
    let chosen: Vec<&Fault> = faults
        .iter()
        .map(|(_, fault)| fault)
        .filter(|fault| fault.name.contains(&only))
        .collect();
    assert!(!chosen.is_empty(), "no fault is called {only}");
    let (seen, mut complaints) = play_all(&chosen);
    complaints.extend(sure_of_what_looks_alike(&seen));
    let rows: Vec<Row> = seen.into_iter().map(|(row, _)| row).collect();
    println!("{}", table(&rows));
    for complaint in &complaints {
        println!("{complaint}");
    }
    let red = complaints.len();
    assert!(
        complaints.is_empty(),
        "{red} of {} faults are not named as they should be",
        chosen.len()
    );
    if only.is_empty() {
        publish("network and radio", &document(&faults)).unwrap();
    }
}

#[test]
fn each_fault_is_listed_once_and_has_a_first_word_within_15_seconds() {
    let faults: Vec<Fault> = all().into_iter().flat_map(|(_, faults)| faults).collect();
    let names: BTreeSet<&str> = faults.iter().map(|fault| fault.name).collect();
    assert_eq!(names.len(), faults.len());
    for fault in &faults {
        for expected in [fault.sign_in, fault.doctor].into_iter().flatten() {
            if let Expected::Code(_, _, When::Within(seconds)) = expected {
                assert!(seconds <= 15, "{}", fault.name);
            }
        }
    }
}

#[test]
fn every_code_is_produced_or_it_is_said_why_not() {
    let published =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/faults.md")).unwrap();
    let produced: BTreeSet<&str> = ["network and radio", "the phone"]
        .into_iter()
        .flat_map(|part| part_of(&published, part).split(['|', ' ', '\n']))
        .collect();
    let mut table = "| code | cause | why it is not above |\n| --- | --- | --- |\n".to_owned();
    for entry in catalogue::all() {
        let elsewhere = ELSEWHERE.iter().find(|(code, _)| *code == entry.code);
        let why = match (elsewhere, entry.lookup) {
            (Some((_, why)), None) => (*why).to_owned(),
            (None, None) if entry.code.starts_with("UH") => KEY.to_owned(),
            (None, Some(why)) => format!("only for reference; hybridd never reports it: {why}"),
            (None, None) => {
                assert!(
                    produced.contains(entry.code),
                    "{} is produced by no test",
                    entry.code
                );
                continue;
            }
            (Some(_), Some(_)) => panic!("{}: one reason is enough", entry.code),
        };
        assert!(!produced.contains(entry.code), "{} is produced", entry.code);
        let _ = writeln!(table, "| {} | {} | {why} |", entry.code, entry.name);
    }
    publish("the rest", &table).unwrap();
}

/// Codes that other tests produce.
const ELSEWHERE: [(&str, &str); 9] = [
    (
        "AD09",
        "read in Chromium's log (`daemon/diagnosis/src/chromium_log/tests.rs`)",
    ),
    (
        "BT10",
        "read in Chromium's log (`daemon/diagnosis/src/chromium_log/tests.rs`)",
    ),
    ("PH01", BESIDE),
    ("PH02", BESIDE),
    ("PH03", BESIDE),
    (
        "NW16",
        "read in Chromium's log, which knows linked phones (`daemon/diagnosis/src/chromium_log/tests.rs`)",
    ),
    (
        "US02",
        "the program is stopped and continued (`tests/tests/pause.rs`)",
    ),
    (
        "US03",
        "a settings file is broken (`tests/tests/settings.rs`)",
    ),
    ("US99", "it would require a bug, and none is known"),
];
/// The security key is no sign-in of this program's own.
const KEY: &str = "belongs to the security key, which has its own tests (`tests/tests/key_service`, `tests/tests/agent`)";
const BESIDE: &str =
    "reported as a possible cause below AD01 (`daemon/diagnosis/src/explain/tests/advert.rs`)";

fn part_of<'d>(document: &'d str, part: &str) -> &'d str {
    let (_, rest) = document.split_once(&format!("<!-- {part} -->\n")).unwrap();
    rest.split_once(&format!("<!-- end of {part} -->"))
        .unwrap()
        .0
}

/// Two causes that look the same must not be told apart with certainty.
fn sure_of_what_looks_alike(seen: &[(Row, String)]) -> Vec<String> {
    let mut complaints = Vec::new();
    for (index, (row, saw)) in seen.iter().enumerate() {
        for (other, other_saw) in seen.iter().skip(index + 1) {
            let sure = [row, other]
                .iter()
                .any(|row| row.certainty == Some(Certainty::Certain));
            if sure && !saw.is_empty() && saw == other_saw && row.got != other.got {
                complaints.push(format!(
                    "{} and {} look the same ({saw}), and one is certain",
                    row.fault, other.fault
                ));
            }
        }
    }
    complaints
}

/// Plays them, those that wait longest first, and returns rows and what was seen in the order of
/// the faults.
fn play_all(faults: &[&Fault]) -> (Vec<(Row, String)>, Vec<String>) {
    let mut order: Vec<usize> = (0..faults.len()).collect();
    order.sort_by_key(|index| std::cmp::Reverse(faults.get(*index).map(|fault| longest(fault))));
    let queue = Mutex::new(VecDeque::from(order));
    let done = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                loop {
                    let Some(index) = queue.lock().unwrap().pop_front() else {
                        return;
                    };
                    let fault = faults.get(index).unwrap();
                    let judged = judge(fault);
                    done.lock().unwrap().push((index, judged));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap();
    done.sort_by_key(|(index, _)| *index);
    let (rows, complaints): (Vec<_>, Vec<_>) = done.into_iter().map(|(_, judged)| judged).unzip();
    (
        rows.into_iter().flatten().collect(),
        complaints.into_iter().flatten().collect(),
    )
}

fn longest(fault: &Fault) -> u64 {
    [fault.sign_in, fault.doctor]
        .into_iter()
        .flatten()
        .map(|expected| match expected {
            Expected::Works => 0,
            Expected::Code(_, _, when) => when.latest(),
        })
        .max()
        .unwrap_or_default()
        .max(fault.scene.seconds)
}

fn judge(fault: &Fault) -> (Vec<(Row, String)>, Vec<String>) {
    let played = match play::apart(fault, TEST) {
        Ok(played) => played,
        Err(why) => return (Vec::new(), vec![format!("{}: {why}", fault.name)]),
    };
    let mut rows = Vec::new();
    let mut complaints = Vec::new();
    for (who, expected, said) in [
        ("sign-in", fault.sign_in, played.sign_in),
        ("doctor", fault.doctor, played.doctor),
    ] {
        let (Some(expected), Some(said)) = (expected, said) else {
            continue;
        };
        let row = said.row(&format!("{}, {who}", fault.name), expected);
        rows.push((row, said.saw.clone()));
        let wrong = said.complaints(expected, fault.words);
        if !wrong.is_empty() {
            let evidence = said.evidence.join("\n    ");
            complaints.push(format!(
                "{} ({who}): {}; it saw: {}\n    {evidence}",
                fault.name,
                wrong.join(", "),
                said.saw
            ));
        }
    }
    (rows, complaints)
}

/// The part of the published matrix.
fn document(faults: &[(&str, Fault)]) -> String {
    let mut text = String::new();
    let mut last = "";
    for (area, fault) in faults {
        if *area != last {
            let _ = write!(
                text,
                "\n### {area}\n\n| fault | a sign-in says | how soon | doctor says | how soon |\n| --- | --- | --- | --- | --- |\n"
            );
            last = area;
        }
        let (sign_in, soon) = cells(fault.sign_in);
        let (doctor, doctor_soon) = cells(fault.doctor);
        let _ = writeln!(
            text,
            "| {} | {sign_in} | {soon} | {doctor} | {doctor_soon} |",
            fault.name
        );
    }
    text
}

fn cells(expected: Option<Expected>) -> (String, String) {
    match expected {
        None => (String::new(), String::new()),
        Some(Expected::Works) => ("works".to_owned(), String::new()),
        Some(Expected::Code(code, certainty, when)) => {
            (format!("{code} {}", certainty.name()), when.words())
        }
    }
}
