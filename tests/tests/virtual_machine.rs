//! How `tests/vm/boot` starts machines, with an emulator that hangs as the real one sometimes does.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

/// Hangs at its first HANGS starts, then plays a round; notes each start's process.
const EMULATOR: &str = r#"#!/bin/sh
echo "task swapper/0:1 blocked" >"$SHARE/console"
echo $$ >>"$SHARE/starts"
[ "$(wc -l <"$SHARE/starts")" -gt "$HANGS" ] || exec sleep 1000
touch "$SHARE/began"
echo "[1.0] ok a check"
exit "$CODE"
"#;

/// Runs it to its end: what it said, and the emulators that it started.
fn boot(hangs: u8, code: u8) -> (Output, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let emulator = folder.path().join("qemu-system-x86_64");
    fs::write(&emulator, EMULATOR).unwrap();
    fs::set_permissions(&emulator, fs::Permissions::from_mode(0o755)).unwrap();
    let share = folder.path().join("share");
    fs::create_dir(&share).unwrap();
    let path = std::env::var("PATH").unwrap();
    let output = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("vm/boot"))
        .args([
            folder.path().as_os_str(),
            share.as_os_str(),
            "60".as_ref(),
            "/sbin/init".as_ref(),
        ])
        .env("PATH", format!("{}:{path}", folder.path().display()))
        .env("SHARE", &share)
        .env("HANGS", hangs.to_string())
        .env("CODE", code.to_string())
        .env("MEMORY", "1")
        .env("BEGIN", "1")
        .output()
        .unwrap();
    let starts = fs::read_to_string(share.join("starts")).unwrap();
    (output, starts.lines().map(str::to_owned).collect())
}

#[test]
fn a_machine_whose_kernel_hangs_is_started_again() {
    let (output, starts) = boot(2, 0);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "[1.0] ok a check\n"
    );
    assert_eq!(said.matches("started again").count(), 2, "{said}");
    assert!(said.contains("task swapper/0:1 blocked"), "{said}");
    assert_eq!(starts.len(), 3);
}

#[test]
fn a_machine_that_never_begins_is_given_up_and_no_emulator_is_left() {
    let (output, starts) = boot(9, 0);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.ends_with("did not begin within 1 s, 3 times\n"),
        "{said}"
    );
    assert_eq!(starts.len(), 3);
    for process in starts {
        assert!(!Path::new("/proc").join(process).exists());
    }
}

#[test]
fn a_machine_that_ends_by_itself_is_not_started_again() {
    let (output, starts) = boot(0, 7);
    assert_eq!(output.status.code(), Some(7));
    assert_eq!(starts.len(), 1);
}
