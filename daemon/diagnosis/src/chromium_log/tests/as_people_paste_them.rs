//! Logs as people paste and save them, one file for each.

use super::*;
use std::fs;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/pasted");
const DECLINED: &str = "CT27 likely";
const SILENT: &str = "AD01 possible, AD09 possible";

/// What each file is to say, one text for each attempt; none when no attempt is in it.
const FILES: &[(&str, &[&str])] = &[
    ("gatt-chatter.log", &["AD02 likely"]),
    ("journal.log", &[DECLINED]),
    ("macos-no-match.log", &[SILENT]),
    ("macos-undetermined.log", &["BT10 likely"]),
    ("old-2021.log", &["HS01 possible, NW03 possible"]),
    ("one-line-paste.log", &[DECLINED]),
    ("page-from-established.log", &[DECLINED]),
    ("page-full-declined.log", &[DECLINED]),
    ("page-no-debug-level.log", &["CT19 certain"]),
    ("page-one-line-get.log", &["CT2E certain"]),
    ("page-one-line.log", &[DECLINED]),
    ("page-same-second-declined.log", &[DECLINED]),
    ("page-two-attempts.log", &["NW03 possible", DECLINED]),
    ("page-two-lines.log", &[DECLINED]),
    ("qr-step-only.log", &[SILENT]),
    ("quoted.log", &[DECLINED]),
    ("saved-page-lines.html", &[DECLINED]),
    ("saved-page-long.html", &[DECLINED]),
    ("saved-page.html", &[DECLINED]),
    ("stderr-bom-crlf.log", &[DECLINED]),
    ("stderr-utf16.log", &[DECLINED]),
    ("stderr.log", &[DECLINED]),
    ("suffix-advert.log", &[SILENT]),
    ("usb-key-only.log", &[]),
];

fn said(bytes: &[u8]) -> Vec<String> {
    match read(bytes) {
        Ok(attempts) => attempts.iter().map(told).collect(),
        Err(LogError::NothingFound { .. }) => Vec::new(),
        Err(LogError::Io(error)) => panic!("{error}"),
    }
}

fn file(name: &str) -> Vec<u8> {
    fs::read(format!("{FOLDER}/{name}")).unwrap()
}

#[test]
fn a_log_is_understood_however_it_was_pasted_or_saved() {
    for (name, expected) in FILES {
        assert_eq!(said(&file(name)), *expected, "{name}");
    }
    assert_eq!(fs::read_dir(FOLDER).unwrap().count(), FILES.len());
}

#[test]
fn the_order_of_lines_of_one_second_makes_no_difference() {
    for name in [
        "page-same-second-declined.log",
        "page-full-declined.log",
        "page-two-lines.log",
    ] {
        let text = String::from_utf8(file(name)).unwrap();
        let reversed: Vec<&str> = text.lines().rev().collect();
        assert_eq!(said(reversed.join("\n").as_bytes()), [DECLINED], "{name}");
    }
}

#[test]
fn two_attempts_of_one_second_are_told_apart() {
    let declined = String::from_utf8(file("page-same-second-declined.log")).unwrap();
    let failed = "FIDODebug[10:00:00] tunnel-00: tunnel failed to connect\n\
        FIDODebug[10:00:00] tunnel-00: connecting caBLEv2 tunnel: wss://cable.ua5v.com/cable/connect/0A/00\n\
        FIDODebug[10:00:00]   (00 matches QR code)\n\
        FIDOEvent[10:00:00] UI step: kCableV2QRCode\n\
        FIDODebug[10:00:00] BLE adapter address 00:00:00:00:00:00\n";
    assert_eq!(
        said(format!("{declined}\n{failed}").as_bytes()),
        ["NW03 possible", DECLINED]
    );
}

#[test]
fn an_attempt_begins_with_its_code_where_no_adapter_is_told() {
    let text = "FIDOEvent[10:00:00] UI step: kCableV2QRCode\n\
        FIDOEvent[10:00:05] UI step: kCableV2Connecting\n\
        FIDODebug[10:00:05] tunnel-00: connecting caBLEv2 tunnel: wss://cable.ua5v.com/cable/connect/0A/00\n\
        FIDOEvent[10:01:00] UI step: kCableV2QRCode\n";
    assert_eq!(
        said(text.as_bytes()),
        ["HS01 possible, NW03 possible", SILENT]
    );
}

#[test]
fn a_page_that_was_saved_in_one_file_is_read() {
    let page = String::from_utf8(file("saved-page.html")).unwrap();
    let quoted: Vec<char> = page.replace('=', "=3D").chars().collect();
    let lines: Vec<String> = quoted
        .chunks(75)
        .map(|part| part.iter().collect())
        .collect();
    let body = lines.join("=\r\n");
    let archive = format!(
        "From: <Saved by Blink>\r\nSnapshot-Content-Location: chrome://device-log/\r\n\
         Content-Transfer-Encoding: quoted-printable\r\n\r\n{body}\r\n"
    );
    // A code that is broken in its middle is none; no browser breaks it there.
    let archive = archive
        .replace("=3=\r\nD", "=\r\n=3D")
        .replace("==\r\n3D", "=\r\n=3D");
    assert_eq!(said(archive.as_bytes()), [DECLINED]);
}

#[test]
fn entries_of_three_lines_that_became_one_are_taken_apart() {
    let text = "FIDO Error [10:00:09] CTAP error response code 39 received from tunnel-0011 FIDO Debug [10:00:05] \
        (00 matches QR code) FIDO Event [10:00:00] UI step: kCableV2QRCode";
    assert_eq!(said(text.as_bytes()), [DECLINED]);
}

#[test]
fn permission_that_was_given_in_time_is_not_the_cause() {
    let text = "FIDODebug[10:00:00] Bluetooth authorized: 0\n\
        FIDOEvent[10:00:00] UI step: kBlePermissionMac\n\
        FIDODebug[10:00:05] BLE adapter address 00:00:00:00:00:00\n\
        FIDOEvent[10:00:06] UI step: kCableV2QRCode\n";
    assert_eq!(said(text.as_bytes()), [SILENT]);
}

#[test]
fn a_status_of_chromiums_own_numbering_is_none_of_the_phones() {
    let text =
        "FIDOError[10:00:09] Failing make credential request due to status 3 from tunnel-0011";
    assert_eq!(said(text.as_bytes()), [""; 0]);
    let text = "FIDOError[10:00:09] CTAP error response code 39 received from tunnel-0011";
    assert_eq!(said(text.as_bytes()), [DECLINED]);
}

/// As mail folds lines: within words when they are cut, else at spaces.
fn folded(text: &str, width: usize, cut: bool, mark: &str) -> String {
    let mut folded = String::new();
    for line in text.lines() {
        let mut rest: Vec<char> = line.chars().collect();
        while rest.len() > width {
            let space = rest[..=width].iter().rposition(|char| *char == ' ');
            let at = space.filter(|at| *at > 0 && !cut).unwrap_or(width);
            folded.extend(mark.chars().chain(rest.drain(..at)));
            folded.push('\n');
            if !cut && rest.first() == Some(&' ') {
                rest.remove(0);
            }
        }
        folded.extend(mark.chars().chain(rest));
        folded.push('\n');
    }
    folded
}

#[test]
fn lines_that_were_folded_say_the_same() {
    let plain: Vec<_> = FILES
        .iter()
        .filter(|(name, _)| !name.contains("html") && !name.contains("utf16"))
        .collect();
    assert!(plain.len() > 15);
    for (name, expected) in plain {
        let text = String::from_utf8(file(name)).unwrap();
        for width in (40..100).step_by(4).chain([60, 72, 78, 120]) {
            for (cut, mark) in [(true, ""), (false, ""), (false, "> "), (true, "> > ")] {
                let folded = folded(&text, width, cut, mark);
                assert_eq!(
                    said(folded.as_bytes()),
                    *expected,
                    "{name} {width} {cut} {mark}"
                );
            }
        }
    }
}

#[test]
fn what_chromium_itself_wrote_says_the_same_when_it_is_folded() {
    let folder = format!("{FOLDER}/../chromium");
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let (_, log) = text.split_once('\n').unwrap();
        for width in [60, 72, 76, 78, 80, 100] {
            for cut in [true, false] {
                let folded = folded(log, width, cut, "");
                let path = path.display();
                assert_eq!(
                    said(folded.as_bytes()),
                    said(log.as_bytes()),
                    "{path} {width} {cut}"
                );
            }
        }
    }
}

#[test]
fn one_line_is_understood_wherever_it_was_broken() {
    for name in ["page-one-line.log", "page-one-line-get.log"] {
        let text = String::from_utf8(file(name)).unwrap();
        let line = text.trim_end();
        let whole = said(line.as_bytes());
        for first in 0..line.len() {
            for second in first..line.len() {
                let (a, b, c) = (&line[..first], &line[first..second], &line[second..]);
                // What begins the record is no longer there to be seen, but the message is.
                let broken = format!("{a}\n{b}\n{c}");
                let ends = broken.trim_start_matches('\n');
                if ends.lines().all(|line| !line.trim().is_empty()) {
                    assert_eq!(said(ends.as_bytes()), whole, "{ends}");
                }
            }
        }
    }
}

#[test]
fn spaces_of_every_kind_are_spaces_and_none_are_none() {
    let text = String::from_utf8(file("page-full-declined.log")).unwrap();
    for space in [
        "\u{a0}",
        "&nbsp;",
        "&#160;",
        "  ",
        "\t",
        "\u{2007}",
        "\u{200b} \u{feff}",
    ] {
        let spaced = text.replace(' ', space);
        assert_eq!(said(spaced.as_bytes()), [DECLINED], "{space:?}");
    }
    let joined: Vec<String> = text.chars().map(|char| format!("{char}\u{200b}")).collect();
    assert_eq!(said(joined.concat().as_bytes()), [DECLINED]);
    let linked = text.replace("tunnel-", "<a href=\"x\">tunnel-</a>");
    assert_eq!(said(linked.as_bytes()), [DECLINED]);
    let broken = "<p>FIDOError[10:00:09] Failing make credential request due to<br>status 0x27 \
        (kCtap2ErrOperationDenied) <b>from</b> tunnel-0011</p>";
    assert_eq!(said(broken.as_bytes()), [DECLINED]);
}

#[test]
fn chromiums_own_steps_tell_what_no_other_line_tells() {
    let step = |name: &str| format!("FIDOEvent[10:00:20] UI step: {name}\n");
    for (steps, expected) in [
        (
            &["kCableV2QRCode", "kCableV2Connecting"][..],
            "HS01 possible, NW03 possible",
        ),
        (
            &["kCableV2QRCode", "kCableV2Connecting", "kCableV2Connected"],
            "PH07 possible",
        ),
        (&["kCableV2QRCode", "kKeyNotRegistered"], "CT2E likely"),
        (&["kCableV2Connected", "kKeyNotRegistered"], "CT2E likely"),
        (&["kCableV2Connected", "kErrorNoPasskeys"], "CT2E likely"),
        (
            &["kCableV2Connected", "kKeyAlreadyRegistered"],
            "CT19 likely",
        ),
        (&["kCableV2Connected", "kMissingCapability"], "PH12 likely"),
        (&["kCableV2Connected", "kStorageFull"], "CT28 likely"),
        (&["kCableV2Connected", "kCableV2Error"], "HS07 possible"),
        (
            &["kCableV2Connected", "kErrorInternalUnrecognized"],
            "CT27 possible",
        ),
        (&["kCableV2QRCode", "kErrorInternalUnrecognized"], SILENT),
        (&["kErrorNoAvailableTransports"], "BT01 possible"),
        (&["kCableActivate"], "PH01 possible"),
        (&["kCableV2QRCode", "kClosed", "kNotStarted"], SILENT),
    ] {
        let mut lines: Vec<String> = steps.iter().copied().map(step).collect();
        assert_eq!(said(lines.concat().as_bytes()), [expected], "{steps:?}");
        lines.reverse();
        if steps.len() > 1 && expected != SILENT {
            assert_eq!(said(lines.concat().as_bytes()), [expected], "{steps:?}");
        }
    }
}

#[test]
fn the_steps_of_a_security_key_are_no_sign_in_with_a_phone() {
    for step in ["kKeyNotRegistered", "kKeyAlreadyRegistered", "kTimedOut"] {
        let text = format!(
            "FIDOEvent[10:00:00] UI step: kUsbInsertAndActivate\nFIDOEvent[10:00:09] UI step: {step}\n"
        );
        assert_eq!(said(text.as_bytes()), [""; 0], "{step}");
    }
}
