//! Nothing that a test starts here outlives it, whatever becomes of it: servers start processes of
//! their own, which do not end with the one that was started.

use crate::place::{is_inside, rerun};
use crate::process::{Started, until};
use std::fs;
use std::process::{Command, Stdio};

const TEST: &str = "left_behind::nothing_outlives_a_test_that_fails_or_is_killed";
/// What becomes of the test in between.
const FATE: &str = "TUNNEL_TEST_FATE";
/// Seconds to sleep, by which its programs are found.
const MARK: &str = "TUNNEL_TEST_MARK";

#[test]
fn nothing_outlives_a_test_that_fails_or_is_killed() {
    let fate = std::env::var(FATE).unwrap_or_default();
    if is_inside() {
        sleeper(&fate);
    } else if fate.is_empty() {
        for fate in ["fails", "is killed"] {
            watch(fate);
        }
    } else {
        let output = rerun(TEST, &[]);
        assert!(output.status.success(), "{output:?}");
    }
}

/// A test in its namespaces, and a server with a child that its end does not end.
fn sleeper(fate: &str) {
    let mark = std::env::var(MARK).unwrap();
    let script = format!("setsid sleep {mark} & exec sleep {mark}");
    let mut server = Command::new("sh").args(["-c", &script]).spawn().unwrap();
    until("both to run", || (found(&mark) >= 2).then_some(()));
    assert_ne!(fate, "fails");
    server.wait().unwrap();
}

/// Another test, which fails or is killed; afterwards nothing of it is left.
fn watch(fate: &str) {
    let mark = format!("3600.{}", std::process::id());
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", TEST, "--test-threads=1"]);
    command.env(FATE, fate).env(MARK, &mark);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut test = Started::start(&mut command);
    if fate == "is killed" {
        until("its programs to run", || (found(&mark) >= 2).then_some(()));
        test.kill().unwrap();
    }
    let ended = until("its end", || test.try_wait().unwrap());
    assert!(!ended.success(), "{fate}");
    until("its programs to be gone", || {
        (found(&mark) == 0).then_some(())
    });
}

/// How many processes have this among their arguments.
fn found(mark: &str) -> usize {
    let lines = fs::read_dir("/proc").unwrap().flatten().map(|entry| {
        // Most are processes; each may end while it is looked at.
        fs::read(entry.path().join("cmdline")).unwrap_or_default()
    });
    let has_it = |line: &Vec<u8>| {
        line.split(|byte| *byte == 0)
            .any(|word| word == mark.as_bytes())
    };
    lines.filter(has_it).count()
}
