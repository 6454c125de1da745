//! `hybridd register` and `hybridd sign-in` before anything is asked: what is wrong with the input
//! is a sentence, exit 2, and nothing is written.

#![expect(clippy::unwrap_used, reason = "tests")]

use serde_json::{Value, json};
use std::fs;
use std::process::{Command, Output};

struct Run {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

fn hybridd(command: &str, origin: &str, options: impl AsRef<[u8]>, more: &[&str]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("options.json");
    fs::write(&file, options).unwrap();
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(env!("CARGO_BIN_EXE_hybridd"))
        .args([command, "--origin", origin, "--options"])
        .arg(&file)
        .args(more)
        .output()
        .unwrap();
    Run {
        code: status.code(),
        stdout: String::from_utf8(stdout).unwrap(),
        stderr: String::from_utf8(stderr).unwrap(),
    }
}

fn creation() -> Value {
    json!({
        "rp": {"id": "example.com", "name": "Example"},
        "user": {"id": "AQID", "name": "alice", "displayName": "Alice"},
        "challenge": "Y2hhbGxlbmdl",
        "pubKeyCredParams": [{"type": "public-key", "alg": -7}],
    })
}

fn refused(command: &str, origin: &str, options: &str) -> String {
    let run = hybridd(command, origin, options, &["--dry-run"]);
    assert_eq!(run.code, Some(2), "{options}: {}", run.stderr);
    assert_eq!(run.stdout, "", "{options}");
    assert!(!run.stderr.contains("panicked"), "{options}");
    run.stderr
}

#[test]
fn a_time_to_listen_that_is_none_is_told_what_was_expected() {
    for command in ["doctor", "report"] {
        for wrong in ["", "x", "-1", "0", "121", "1.5", "99999999999999999999"] {
            let output = Command::new(env!("CARGO_BIN_EXE_hybridd"))
                .args([command, &format!("--seconds={wrong}")])
                .output()
                .unwrap();
            let said = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(2), "{wrong}: {said}");
            let expected = "'--seconds <N>': expected a number of seconds from 1 to 120\n";
            assert!(said.contains(expected), "{wrong}: {said}");
        }
    }
}

#[test]
fn a_dry_run_says_what_would_be_asked_and_asks_nobody() {
    let run = hybridd(
        "register",
        "https://example.com",
        creation().to_string(),
        &["--dry-run"],
    );
    assert_eq!(run.code, Some(0));
    assert_eq!(run.stdout, "");
    for word in [
        "register",
        "example.com",
        "alice",
        "user verification preferred",
    ] {
        assert!(run.stderr.contains(word), "{word}: {}", run.stderr);
    }
}

#[test]
fn each_wrong_input_is_told_by_what_was_expected() {
    let with = |member: &str, value: Value| {
        let mut options = creation();
        options[member] = value;
        refused("register", "https://example.com", &options.to_string())
    };
    let page = "https://example.com";
    assert!(refused("register", page, "").contains("expected WebAuthn options as JSON"));
    assert!(refused("register", page, "{\"rp\":").contains("expected WebAuthn options as JSON"));
    assert!(refused("register", page, "[]").contains("expected WebAuthn options as JSON"));
    assert!(with("user", json!({"id": "a+b="})).contains("user.id"));
    assert!(with("challenge", json!({})).contains("challenge"));
    assert!(
        with("rp", json!({"id": "example.org"})).contains("may not use passkeys for example.org")
    );
    assert!(with("rp", json!({"id": "com"})).contains("may not use passkeys for com"));
    assert!(with("rp", json!({"id": "192.0.2.1"})).contains("expected a domain name"));
    assert!(
        with(
            "pubKeyCredParams",
            json!([{"type": "public-key", "alg": -8}])
        )
        .contains("ES256")
    );
    assert!(
        refused(
            "sign-in",
            page,
            "{\"challenge\": \"AAAA\", \"rpId\": \"other.org\"}"
        )
        .contains("other.org")
    );
}

#[test]
fn a_password_in_an_origin_is_not_repeated() {
    for origin in [
        "https://me:hunter2@example.com",
        "https://me:hunter2@exa mple",
    ] {
        let run = hybridd("sign-in", origin, "{}", &["--json"]);
        assert_eq!(run.code, Some(2));
        let said = run.stderr + &run.stdout;
        assert!(said.contains("https://…@exa"), "{said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
}

#[test]
fn whatever_is_wrong_with_options_their_file_is_named() {
    for wrong in [
        &b""[..],
        b"{\"rp\":",
        b"[]",
        b"\xff\xff",
        b"<!doctype html>",
        b"{\"challenge\": \"AAAA\", \"rpId\": \"other.org\"}",
    ] {
        let run = hybridd("sign-in", "https://example.com", wrong, &[]);
        assert_eq!(run.code, Some(2));
        assert!(run.stderr.contains("/options.json: "), "{}", run.stderr);
    }
}

#[test]
fn options_are_read_as_editors_and_shells_save_them() {
    let text = format!("\u{feff}{}", creation());
    let utf16 = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<_>>();
    for options in [
        text.clone().into_bytes(),
        utf16(u16::to_le_bytes),
        utf16(u16::to_be_bytes),
    ] {
        let run = hybridd("register", "https://example.com", options, &["--dry-run"]);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
    }
    let run = hybridd("register", "https://example.com", b"{\xff}", &["--dry-run"]);
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("UTF-8 or UTF-16"), "{}", run.stderr);
}

#[test]
fn options_of_the_other_command_are_told_by_their_kind() {
    let page = "https://example.com";
    let said = refused("sign-in", page, &creation().to_string());
    assert!(
        said.contains("registration") && said.contains("hybridd register"),
        "{said}"
    );
    let said = refused(
        "register",
        page,
        r#"{"challenge": "AAAA", "rpId": "example.com"}"#,
    );
    assert!(said.contains("hybridd sign-in"), "{said}");
}

#[test]
fn each_wrong_origin_is_told_by_what_was_expected() {
    for (origin, expected) in [
        (
            "example.com",
            "expected an origin such as https://example.com",
        ),
        ("http://example.com", "expected an https origin"),
        (
            "https://192.0.2.1",
            "passkeys do not work with IP addresses",
        ),
        ("https://example.com/login", "without path"),
        ("https://example.com.", "without a trailing dot"),
    ] {
        let said = refused("sign-in", origin, "{\"challenge\": \"AAAA\"}");
        assert!(said.contains(expected), "{origin}: {said}");
    }
}

#[test]
fn hostile_options_cannot_steer_the_terminal() {
    let mut options = creation();
    options["user"]["name"] = json!("ali\u{1b}[2Jce\u{202e}");
    options["rp"]["id"] = json!("exa\u{1b}mple.com");
    assert!(!refused("register", "https://example.com", &options.to_string()).contains('\u{1b}'));
    options["rp"]["id"] = json!("example.com");
    let run = hybridd(
        "register",
        "https://example.com",
        options.to_string(),
        &["--dry-run"],
    );
    assert!(
        !run.stderr.contains('\u{1b}') && !run.stderr.contains('\u{202e}'),
        "{:?}",
        run.stderr
    );
}

#[test]
fn huge_options_are_refused_without_reading_them_all() {
    let said = refused("register", "https://example.com", &" ".repeat(3 << 20));
    assert!(said.contains("expected"), "{said}");
    let said = refused(
        "register",
        "https://example.com",
        &format!("\"{}\"", "x".repeat(3 << 20)),
    );
    assert!(said.contains("at most"), "{said}");
}

#[test]
fn with_json_an_error_is_one_document_on_stdout() {
    let run = hybridd("register", "https://example.com", "{}", &["--json"]);
    assert_eq!(run.code, Some(2));
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    assert!(document["error"]["code"].is_string(), "{document}");
}

#[test]
fn a_missing_options_file_is_told_by_its_name() {
    let output = Command::new(env!("CARGO_BIN_EXE_hybridd"))
        .args([
            "sign-in",
            "--origin",
            "https://example.com",
            "--options",
            "/nonexistent/options.json",
        ])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("/nonexistent/options.json"));
}

#[test]
fn a_limit_of_file_sizes_takes_an_output_and_not_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let options = folder.path().join("options.json");
    let text = r#"{"challenge":"AAAAAAAAAAAAAAAAAAAAAA","rpId":"example.com"}"#;
    fs::write(&options, text).unwrap();
    let limited = r#"ulimit -f 0; exec "$0" "$@""#;
    let output = Command::new("sh")
        .args(["-c", limited, env!("CARGO_BIN_EXE_hybridd"), "sign-in"])
        .args([
            "--origin",
            "https://example.com",
            "--qr",
            "none",
            "--seconds",
            "1",
            "--options",
        ])
        .arg(&options)
        .arg("--events")
        .arg(folder.path().join("events"))
        .arg("--timeline")
        .arg(folder.path().join("timeline"))
        .env("HOME", folder.path())
        .env("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere/bus")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let code = output.status.code();
    assert!(matches!(code, Some(3 | 4)), "{:?} {said}", output.status);
}
