//! `hybridd explain` as a person types it.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

fn explain(args: &[&str], stdin: &[u8]) -> Output {
    explain_with("/elsewhere", args, stdin)
}

/// With a state folder.
fn explain_with(state: &str, args: &[&str], stdin: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_hybridd"))
        .arg("explain")
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .env("XDG_STATE_HOME", state)
        .spawn()
        .unwrap();
    // A program that refuses its arguments does not read.
    let _ = child.stdin.take().unwrap().write_all(stdin);
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn a_code_is_explained_in_either_case() {
    let output = explain(&["nw15"], b"");
    assert_eq!(output.status.code(), Some(0));
    let printed = text(&output.stdout);
    assert!(
        printed.starts_with("NW15: ") && printed.contains("What to do: "),
        "{printed}"
    );
}

#[test]
fn an_unknown_code_is_a_wrong_input() {
    let output = explain(&["NW\x1b[2J99"], b"");
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output.stderr);
    assert!(
        said.contains("Expected a code such as NW15") && !said.contains('\x1b'),
        "{said:?}"
    );
    for way in ["0x80090035", "a text that", "hybridd doctor"] {
        assert!(said.contains(way), "{way}: {said}");
    }
    assert!(text(&explain(&[&"x".repeat(50_000)], b"").stderr).len() < 1000);
}

#[test]
fn what_people_see_on_their_screens_is_explained() {
    for (shown, code) in [
        ("Connecting to your device", "NW03"),
        ("Something went wrong", "PH10"),
        (
            "NotAllowedError: The operation either timed out or was not allowed. See: https://www.w3.org/TR/webauthn-2/",
            "AD01",
        ),
        ("0x80090035", "BT01"),
        ("0x2E", "CT2E"),
        ("CTAP2 error code 0x27", "CT27"),
        ("My bank says: enable the Bluetooth thing", "BT03"),
    ] {
        let output = explain(&[shown], b"");
        assert_eq!(output.status.code(), Some(0), "{shown}");
        let printed = text(&output.stdout);
        assert!(printed.contains(&format!("{code}: ")), "{shown}: {printed}");
    }
}

#[test]
fn a_text_needs_no_quotes_and_a_number_may_be_negative() {
    for (words, code) in [
        (&["Connecting", "to", "your", "device"][..], "NW03"),
        (&["-2147023673"], "CT2D"),
        (
            &["BT02", "(certain):", "the", "Bluetooth", "service"],
            "BT02",
        ),
        (&["finding", "AD01:"], "AD01"),
        (&["ERR_CERT_REVOKED"], "NW07"),
        (&["CTAP2_ERR_PIN_REQUIRED"], "CT36"),
    ] {
        let output = explain(words, b"");
        assert_eq!(output.status.code(), Some(0), "{words:?}");
        let printed = text(&output.stdout);
        assert!(
            printed.contains(&format!("{code}: ")),
            "{words:?}: {printed}"
        );
    }
    let json = |words: &[&str]| {
        let words: Vec<&str> = words.iter().copied().chain(["--json"]).collect();
        serde_json::from_slice::<serde_json::Value>(&explain(&words, b"").stdout).unwrap()
    };
    assert_eq!(json(&["NW15"])["code"], "NW15");
    assert_eq!(json(&["Check", "your", "phone"])[0]["code"], "PH07");
    let both = explain(&["NW15", "--timeline", "x"], b"");
    assert_eq!(both.status.code(), Some(2));
}

#[test]
fn without_arguments_every_code_is_listed() {
    let listed = text(&explain(&[], b"").stdout);
    assert!(listed.starts_with("Pages:\nways  "), "{listed}");
    for code in ["BT01", "AD01", "PH01", "NW01", "HS01", "CT2E", "US99"] {
        assert!(listed.lines().any(|line| line.starts_with(code)), "{code}");
    }
}

#[test]
fn a_saved_timeline_is_replayed_and_explained() {
    let timeline = concat!(
        "{\"ev\":\"stage\",\"stage\":\"advert\",\"ms\":0}\n",
        "{\"ev\":\"neighbours\",\"count\":3,\"ms\":900}\n",
        "{\"ev\":\"failed\",\"stage\":\"advert\",\"cause\":\"timed-out\",\"number\":null,\"detail\":\"x\",\"ms\":90000}\n",
        "{\"ev\":\"from the future\",\"ms\":90001}\n",
        "{\"ev\":\"done\",\"ok\":fal",
    );
    let output = explain(&["--timeline", "-"], timeline.as_bytes());
    assert_eq!(output.status.code(), Some(0));
    let printed = text(&output.stdout);
    assert!(
        printed.contains("AD01 (likely)") && printed.contains("2 lines were not understood"),
        "{printed}"
    );
    let json: serde_json::Value = serde_json::from_slice(
        &explain(&["--timeline", "-", "--json"], timeline.as_bytes()).stdout,
    )
    .unwrap();
    assert_eq!(
        (&json["findings"][0]["code"], &json["skipped"]),
        (&"AD01".into(), &2.into())
    );
}

#[test]
fn chromiums_log_is_explained_without_its_ids() {
    let log = b"BLE adapter address 00:11\n(aa matches QR code)\n\
        tunnel-0F: connecting caBLEv2 tunnel: wss://cable.ua5v.com/cable/connect/0a0b0c/8F3A\n\
        Tunnel server connection failed: x: 404 -320 404\n";
    let output = explain(&["--chromium-log", "-"], log);
    assert_eq!(output.status.code(), Some(0));
    let printed = text(&output.stdout);
    assert!(
        printed.contains("NW15 (likely)") && printed.contains("cable.ua5v.com"),
        "{printed}"
    );
    assert!(
        !printed.contains("8F3A") && !printed.contains("0a0b0c"),
        "{printed}"
    );
}

#[test]
fn hostile_and_wrong_input_is_a_sentence_and_exit_2() {
    for args in [
        ["--timeline", "/nonexistent"],
        ["--timeline", "/dev/null"],
        ["--timeline", "/dev/zero"],
        ["--chromium-log", "/dev/null"],
        ["--timeline", "/"],
    ] {
        let output = explain(&args, b"");
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(text(&output.stderr).starts_with("hybridd: "), "{args:?}");
        assert!(output.stdout.is_empty(), "{args:?}");
    }
}

#[test]
fn words_that_people_try_lead_to_a_page_and_an_unknown_one_lists_the_pages() {
    for (word, page) in [
        ("attestation", "Same device"),
        ("passkey", "Same device"),
        ("policy", "Enabled is not enforced"),
        ("profiles", "Enforce key restrictions"),
    ] {
        let output = explain(&[word], b"");
        assert!(text(&output.stdout).starts_with(page), "{word}");
    }
    let unknown = text(&explain(&["xyzzy"], b"").stderr);
    assert!(
        unknown.contains("a page (ways, recovery, bootstrap, restrictions, enforcement)"),
        "{unknown}"
    );
}

#[test]
fn a_code_is_found_in_what_is_pasted_with_it_or_read_out() {
    for (shown, codes) in [
        (
            "PK050 (capability, certain): attestation is enforced, so a QR code cannot work",
            &["PK050"][..],
        ),
        ("“PK050”", &["PK050"]),
        ("PK050.", &["PK050"]),
        ("code pk 050", &["PK050"]),
        ("PK012, PK040 and PK012", &["PK012", "PK040"]),
        ("NW 15", &["NW15"]),
        ("NW-15", &["NW15"]),
    ] {
        let output = explain(&[shown], b"");
        let printed = text(&output.stdout);
        let found: Vec<&str> = { printed.lines() }
            .filter(|line| !line.starts_with(' ') && !line.is_empty())
            .filter_map(|line| line.split([':', ' ']).next())
            .collect();
        assert_eq!(found, codes, "{shown}: {printed}");
    }
    let told = text(&explain(&["PK012, PK040", "--json"], b"").stdout);
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told.as_array().unwrap().len(), 2);
    let told = text(&explain(&["PK050.", "--json"], b"").stdout);
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["code"], "PK050");
}

#[test]
fn a_file_without_an_option_is_told_which_options_take_files() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("chromium.log");
    std::fs::write(&log, "anything").unwrap();
    let output = explain(&[log.to_str().unwrap()], b"");
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output.stderr);
    assert!(
        said.contains("chromium.log is a file, not a code"),
        "{said}"
    );
    for way in ["--timeline FILE", "--chromium-log FILE", "hybridd inspect"] {
        assert!(said.contains(way), "{way}: {said}");
    }
}

#[test]
fn an_empty_file_is_told_as_one_and_a_line_is_not_lines() {
    for option in ["--timeline", "--chromium-log"] {
        let said = text(&explain(&[option, "/dev/null"], b"").stderr);
        assert!(said.contains("got nothing"), "{option}: {said}");
        let said = text(&explain(&[option, "-"], b"one").stderr);
        assert!(said.contains("got one line "), "{option}: {said}");
    }
}

#[test]
fn a_log_that_is_not_there_is_not_answered_with_a_timeline() {
    let said = text(&explain(&["--chromium-log", "/nonexistent"], b"").stderr);
    assert!(
        !said.contains("timeline") && said.contains("chrome://device-log"),
        "{said}"
    );
}

#[test]
fn the_last_timeline_is_named_as_one_that_is_there() {
    let state = tempfile::tempdir().unwrap();
    let kept = state.path().join("hybridd/last-timeline.jsonl");
    std::fs::create_dir(kept.parent().unwrap()).unwrap();
    std::fs::write(&kept, "{\"ev\":\"timeline\",\"version\":1}\n").unwrap();
    let state = state.path().to_str().unwrap();
    for file in ["/nonexistent", "/dev/null"] {
        let said = text(&explain_with(state, &["--timeline", file], b"").stderr);
        let place = format!("The last sign-in's timeline is in {}", kept.display());
        assert!(said.trim_end().ends_with(&place), "{said}");
    }
}

/// Every outcome leaves a person with something to do.
#[test]
fn whatever_is_explained_ends_with_what_to_do() {
    let done = "{\"ev\":\"stage\",\"stage\":\"advert\",\"ms\":0}\n{\"ev\":\"done\",\"ok\":true,\"ms\":9}\n";
    let cut = "{\"ev\":\"stage\",\"stage\":\"advert\",\"ms\":0}\n";
    for (args, stdin, next) in [
        (&["BT11"][..], "", "  What to do: Ask the administrator"),
        (&["NW03"], "", "  What to do: Allow outgoing"),
        (
            &["Connecting to your device"],
            "",
            "What to do next: run hybridd doctor",
        ),
        (
            &["my bluetooth is odd"],
            "",
            "What to do next: run hybridd doctor",
        ),
        (&["--timeline", "-"], done, "What to do: nothing."),
        (&["--timeline", "-"], cut, "What to do: run hybridd doctor."),
        (
            &[],
            "",
            "What a code means, and what to do: hybridd explain CODE",
        ),
    ] {
        let output = explain(args, stdin.as_bytes());
        let printed = text(&output.stdout);
        let last = printed.lines().last().unwrap_or_default();
        assert!(last.starts_with(next), "{args:?}: {printed}");
    }
    for (args, next) in [
        (&["xyzzy"][..], "hybridd doctor"),
        (
            &["--timeline", "/nonexistent"],
            "would be in /elsewhere/hybridd/last-timeline.jsonl, but none is kept",
        ),
        (
            &["--timeline", "/dev/null"],
            "would be in /elsewhere/hybridd/last-timeline.jsonl, but none is kept",
        ),
        (&["--chromium-log", "/dev/null"], "chrome://device-log"),
        (&["--chromium-log", "/nonexistent"], "chrome://device-log"),
    ] {
        let said = text(&explain(args, b"").stderr);
        let last = said.lines().last().unwrap_or_default();
        assert!(
            last.starts_with("  What to do: ") && last.contains(next),
            "{args:?}: {said}"
        );
    }
}

#[test]
fn what_cannot_be_read_after_it_was_opened_is_named_too() {
    for option in ["--timeline", "--chromium-log"] {
        let folder = tempfile::tempdir().unwrap();
        let named = folder.path().to_str().unwrap();
        let output = explain(&[option, named], b"");
        assert_eq!(output.status.code(), Some(2));
        let said = text(&output.stderr);
        assert!(said.contains(&format!("cannot read {named}: ")), "{said}");
        assert!(said.contains("name a file that you can read"), "{said}");
    }
}
