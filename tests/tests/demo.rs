//! The demo as a newcomer runs it when a part is broken: it shows the code that it promises, and
//! says so by its exit code.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "scenarios"
)]

use hybrid_tests::programs::{self, Ended};
use hybrid_tests::relay_fault::RELAY_FAULTS;
use std::process::Stdio;
use tokio::process::Command;
use tokio::task::JoinSet;

async fn demo(args: &[&str]) -> Ended {
    let child = Command::new(env!("CARGO_BIN_EXE_demo"))
        .args(args)
        .env("NO_COLOR", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    programs::end(child).await.unwrap()
}

#[tokio::test]
async fn each_broken_relay_and_a_broken_phone_are_shown_with_their_code_and_advice() {
    let relays = RELAY_FAULTS.iter().map(|fault| (fault.name, fault.code));
    let phones = [
        ("ios-cancel", "HS05"),
        ("no-answer", "HS01"),
        ("status=0x2e", "CT2E"),
    ];
    let mut demos = JoinSet::new();
    for (name, code) in relays.chain(phones) {
        demos.spawn(async move { (name, code, demo(&["--fault", name]).await) });
    }
    for (name, code, ended) in demos.join_all().await {
        assert_eq!(ended.code, Some(0), "{name}: {}", ended.stdout);
        let end = ended.stdout.split("\ndemo: ").nth(1).unwrap();
        assert!(
            end.starts_with(&format!("{code} was on the screen")),
            "{name}: {end}"
        );
        assert!(end.contains("What to do: "), "{name}: {end}");
        assert!(
            !ended.stdout.contains("US01"),
            "{name}: the stopping is not the fault's"
        );
    }
}

#[tokio::test]
async fn a_fault_without_harm_is_shown_to_work() {
    let ended = demo(&["--fault", "suffix=11"]).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stdout);
    assert!(ended.stdout.contains("it works anyway"), "{}", ended.stdout);
}

#[tokio::test]
async fn what_can_be_broken_is_listed_and_anything_else_refused() {
    let listed = demo(&["--fault", "list"]).await;
    assert_eq!(listed.code, Some(0));
    for name in ["silent", "relay-503"] {
        assert!(listed.stdout.contains(name), "{}", listed.stdout);
    }
    let refused = demo(&["--fault", "everything"]).await;
    assert_eq!(refused.code, Some(2));
    assert!(
        refused.stderr.contains("--fault list"),
        "{}",
        refused.stderr
    );
}

#[tokio::test]
async fn json_is_the_timeline_up_to_the_finding() {
    let ended = demo(&["--json", "--fault", "relay-404"]).await;
    let lines: Vec<&str> = ended
        .stdout
        .lines()
        .take_while(|line| line.starts_with('{'))
        .collect();
    let findings = lines
        .iter()
        .filter(|line| line.contains("\"ev\":\"finding\""));
    assert_eq!(findings.count(), 1, "{}", ended.stdout);
    assert!(
        ended.stdout.contains("\"code\":\"NW15\""),
        "{}",
        ended.stdout
    );
}
