//! Logs as Chromium writes them, with the parts that must not come through.

mod as_people_paste_them;

use super::attempt::MOST_STEPS;
use super::*;
use crate::finding::Certainty;
use proptest::prelude::*;

const ADAPTER: &str = "[FIDO] [Debug] v2_discovery.cc:412 BLE adapter address 00:11:22:33:44:55";
const MATCH: &str = "[FIDO] [Debug] v2_discovery.cc:233   (8f3ac1d9 matches QR code)";
const NO_MATCH: &str = "[FIDO] [Debug] v2_discovery.cc:262   (0011aabb: no v2 match)";
const CONNECTING: &str = "[FIDO] [Debug] fido_tunnel_device.cc:152 tunnel-0F: connecting caBLEv2 tunnel: \
                          wss://cable.ua5v.com/cable/connect/0a0b0c/8F3AC1D98F3AC1D98F3AC1D98F3AC1D9";

fn log(lines: &[&str]) -> Vec<SignInAttempt> {
    read(lines.join("\n").as_bytes()).unwrap()
}

fn first(lines: &[&str]) -> Option<(&'static str, Certainty)> {
    let attempts = log(lines);
    attempts[0]
        .findings
        .first()
        .map(|finding| (finding.code, finding.certainty))
}

fn failed(text: &str) -> Option<&'static str> {
    let line = format!(
        "[1:2:1124/ERROR:websocket_adapter.cc(91)] Tunnel server connection failed: {text}"
    );
    first(&[
        ADAPTER,
        MATCH,
        CONNECTING,
        &line,
        "tunnel-0F: tunnel failed to connect",
    ])
    .map(|(code, _)| code)
}

/// Each file was written by Chromium 156 on Debian 12 (see docs/interoperability.md), without ids
/// and keys, and begins with what is to be said.
#[test]
fn what_chromium_itself_wrote_is_explained() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/chromium");
    let mut files = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let (expected, log) = text.split_once('\n').unwrap();
        let attempts = read(log.as_bytes()).unwrap();
        let said: Vec<_> = attempts.iter().map(told).collect();
        assert_eq!(
            said,
            [expected.strip_prefix("expect: ").unwrap()],
            "{}",
            path.display()
        );
        files += 1;
    }
    assert!(files > 30, "{files}");
}

/// `CODE certainty` of each finding.
fn told(attempt: &SignInAttempt) -> String {
    let findings = attempt.findings.iter();
    let told: Vec<_> = findings
        .map(|finding| format!("{} {}", finding.code, finding.certainty.name()))
        .collect();
    if told.is_empty() {
        "nothing".to_owned()
    } else {
        told.join(", ")
    }
}

#[test]
fn a_log_that_begins_with_its_newest_line_is_read_from_its_end() {
    let oldest_first = [
        "[20:25:30] BLE adapter address 00:11",
        "[20:25:31] (aa matches QR code)",
        "[20:25:31] tunnel-0F: connecting caBLEv2 tunnel: wss://cable.ua5v.com/cable/connect/0a/8F",
        "[20:25:32] tunnel-0F: tunnel failed to connect",
        "[20:25:40] BLE adapter address 00:11",
    ];
    let newest_first: Vec<_> = oldest_first.into_iter().rev().collect();
    let told = |lines: &[&str]| log(lines).iter().map(told).collect::<Vec<_>>();
    assert_eq!(
        told(&newest_first),
        ["NW03 possible", "AD01 possible, AD09 possible"]
    );
    assert_eq!(told(&newest_first), told(&oldest_first));
}

#[test]
fn a_failed_handshake_with_another_host_is_not_the_relays() {
    let other = "[9:9:1124/1:ERROR:net/socket/ssl_client_socket_impl.cc:949] handshake failed; returned -1, SSL error code 1, net_error -202";
    let refused = "Tunnel server connection failed: net::ERR_CONNECTION_REFUSED -102 -1";
    let codes = |lines: &[&str]| first(lines).map(|(code, _)| code);
    assert_eq!(
        codes(&[ADAPTER, other, MATCH, CONNECTING, refused]),
        Some("NW03")
    );
    assert!(read(other.as_bytes()).is_err());
}

#[test]
fn only_a_linked_phone_can_be_gone_for_good() {
    let linked = "tunnel-0F: connecting caBLEv2 tunnel: wss://cable.ua5v.com/cable/contact/AAAA";
    let gone = "Tunnel server connection failed: Unexpected response code: 410 -2 410";
    assert_eq!(
        first(&[ADAPTER, linked, gone]),
        Some(("NW16", Certainty::Likely))
    );
    assert_eq!(
        first(&[ADAPTER, MATCH, CONNECTING, gone]),
        Some(("NW15", Certainty::Likely))
    );
}

#[test]
fn bluetooth_that_was_switched_on_in_time_is_not_the_cause() {
    let asked = "UI step: kBlePowerOnAutomatic";
    assert_eq!(first(&[ADAPTER, asked]), Some(("BT03", Certainty::Likely)));
    let failed = "Tunnel server connection failed: net::ERR_NAME_NOT_RESOLVED -105 -1";
    assert_eq!(
        log(&[ADAPTER, asked, MATCH, CONNECTING, failed])[0]
            .findings
            .len(),
        1
    );
}

#[test]
fn how_far_chromium_came_decides_who_is_at_fault() {
    assert_eq!(
        first(&["No BLE adapter present"]),
        Some(("BT01", Certainty::Likely))
    );
    assert_eq!(first(&[ADAPTER]), Some(("AD01", Certainty::Possible)));
    assert_eq!(
        first(&[ADAPTER, NO_MATCH, NO_MATCH]),
        Some(("AD02", Certainty::Likely))
    );
    assert_eq!(
        first(&[ADAPTER, MATCH, CONNECTING]),
        Some(("HS01", Certainty::Possible))
    );
    let failed = "tunnel-0F: tunnel failed to connect";
    assert_eq!(
        first(&[ADAPTER, MATCH, CONNECTING, failed]),
        Some(("NW03", Certainty::Possible))
    );
}

#[test]
fn each_text_has_its_code() {
    for (text, code) in [
        (
            "Failed to start caBLE LE scan session, error_code = 3",
            "BT07",
        ),
        ("Tunnel server didn't select cable protocol", "NW13"),
        ("Invalid routing ID from tunnel server: zz", "HS06"),
        (
            "tunnel-0F: tunnel server reports that contact ID is invalid",
            "NW16",
        ),
        (
            "tunnel-0F: server reported an invalid contact ID for an unpaired connection",
            "NW15",
        ),
        ("tunnel-0F: caBLEv2 handshake failed", "HS02"),
        (
            "tunnel-0F: decryption failed for caBLE post-handshake message",
            "HS04",
        ),
        (
            "tunnel-0F: decode failed for caBLE post-handshake message",
            "HS03",
        ),
        (
            "tunnel-0F: caBLE post-handshake message missing getInfo response",
            "HS03",
        ),
        (
            "tunnel-0F: invalid linking data in caBLE post-handshake message",
            "HS03",
        ),
        ("tunnel-0F: decryption failed for caBLE message", "HS04"),
        (
            "tunnel-0F: invalid features data in caBLE post-handshake message",
            "HS03",
        ),
        ("tunnel-0F: caBLE device doesn't support CTAP", "PH08"),
        ("tunnel-0F: bad connection signal", "HS06"),
        ("tunnel-0F: invalid shutdown frame", "HS05"),
        (
            "tunnel-0F: unsolicited CTAP message from caBLE device",
            "HS03",
        ),
        ("invalid WebSocket frame (type: 1, len: 5)", "HS06"),
        ("reading WebSocket frame failed: 9", "NW21"),
    ] {
        assert_eq!(
            first(&[ADAPTER, MATCH, CONNECTING, text]).map(|(code, _)| code),
            Some(code),
            "{text}"
        );
    }
}

#[test]
fn macos_that_denies_bluetooth_is_told() {
    let denied = Some(("BT10", Certainty::Likely));
    for text in [
        "Bluetooth authorized: 0",
        "Bluetooth authorized: 1",
        "UI step: kBlePermissionMac",
    ] {
        assert_eq!(first(&[text]), denied, "{text}");
    }
}

#[test]
fn what_the_phone_answered_is_told() {
    let established = "fido_tunnel_device.cc:520 tunnel-0F: established v2.1";
    let get_info = "device_response_converter.cc:403 -> {1: [\"FIDO_2_0\"], 4: {\"rk\": true}}";
    let asked =
        "ctap2_device_operation.h:91 <- 0x2 (kAuthenticatorGetAssertion) {1: \"example.com\"}";
    let with = |last: &str| {
        first(&[
            ADAPTER,
            MATCH,
            CONNECTING,
            established,
            get_info,
            asked,
            last,
        ])
    };
    assert_eq!(with("nothing more"), Some(("PH07", Certainty::Possible)));
    assert_eq!(with("-> {1: {\"id\": h'00'}}"), None);
    assert_eq!(
        with("-> (CTAP2 error code 0x2e (kCtap2ErrNoCredentials))"),
        Some(("CT2E", Certainty::Certain))
    );
    assert_eq!(
        with("-> (CTAP2 error code 39)"),
        Some(("CT27", Certainty::Likely))
    );
    assert_eq!(
        with("-> (Unknown CTAP2 error code 200)"),
        Some(("CT01", Certainty::Certain))
    );
    assert_eq!(
        with("-> (error reading)"),
        Some(("HS05", Certainty::Likely))
    );
    for refused in [
        "-> (CBOR parse error 'x' from raw message 00)",
        "-> (rejected CBOR structure) []",
        "Failing make credential request due to bad response from tunnel-0F",
    ] {
        assert_eq!(
            with(refused),
            Some(("HS03", Certainty::Likely)),
            "{refused}"
        );
    }
    assert_eq!(
        first(&[ADAPTER, MATCH, CONNECTING, established, get_info]),
        Some(("PH07", Certainty::Possible))
    );
}

#[test]
fn what_a_security_key_answered_is_no_answer_of_the_phone() {
    let key = "-> (CTAP2 error code 0x2e (kCtap2ErrNoCredentials))";
    assert_eq!(
        first(&[key, ADAPTER, "<- 0x2 (kAuthenticatorGetAssertion) {}", key]),
        Some(("AD01", Certainty::Possible))
    );
    assert!(read(key.as_bytes()).is_err());
}

#[test]
fn a_failed_connection_is_told_by_status_or_error() {
    let status = |status| {
        format!(
            "Error during WebSocket handshake: Unexpected response code: {status} -320 {status}"
        )
    };
    for (code, number) in [
        ("NW15", 404),
        ("NW15", 410),
        ("NW17", 503),
        ("NW18", 302),
        ("NW10", 407),
        ("NW14", 400),
    ] {
        assert_eq!(failed(&status(number)), Some(code), "{number}");
    }
    for (text, code) in [
        (
            "Error in connection establishment: net::ERR_NAME_NOT_RESOLVED -105 -1",
            "NW01",
        ),
        (
            "Error in connection establishment: net::ERR_CONNECTION_REFUSED -102 -1",
            "NW03",
        ),
        (
            "Error in connection establishment: net::ERR_CERT_AUTHORITY_INVALID -202 -1",
            "NW06",
        ),
        (
            "Error in connection establishment: net::ERR_CERT_DATE_INVALID -201 0",
            "NW07",
        ),
        (
            "Error in connection establishment: net::ERR_TUNNEL_CONNECTION_FAILED -111 -1",
            "NW11",
        ),
        ("net::ERR_CONNECTION_RESET", "NW21"),
        ("something new -9999 -1", "NW03"),
    ] {
        assert_eq!(failed(text), Some(code), "{text}");
    }
}

#[test]
fn each_attempt_is_explained_on_its_own() {
    let attempts = log(&[
        ADAPTER,
        NO_MATCH,
        "other things",
        ADAPTER,
        MATCH,
        CONNECTING,
        "caBLEv2 handshake failed",
    ]);
    let codes: Vec<_> = attempts
        .iter()
        .map(|attempt| attempt.findings[0].code)
        .collect();
    assert_eq!(codes, ["AD02", "HS02"]);
    assert_eq!(
        attempts[1]
            .steps
            .iter()
            .map(|step| step.line)
            .collect::<Vec<_>>(),
        [4, 5, 6, 7]
    );
}

#[test]
fn nothing_of_a_line_comes_through_but_the_relays_host() {
    let shown = format!(
        "{:?}",
        log(&[
            ADAPTER,
            NO_MATCH,
            MATCH,
            CONNECTING,
            "caBLEv2 handshake failed \x1b[2J"
        ])
    );
    for secret in [
        "8F3AC1D9", "8f3ac1d9", "0a0b0c", "0011aabb", "00:11:22", "\x1b", "[2J",
    ] {
        assert!(!shown.contains(secret), "{secret}");
    }
    assert!(shown.contains("cable.ua5v.com"));
    let evil = CONNECTING.replace("cable.ua5v.com", "a\x1b]8;;b");
    assert!(format!("{:?}", log(&[ADAPTER, &evil])).contains("connects to the relay\""));
}

#[test]
fn a_log_of_something_else_is_refused_with_what_was_expected() {
    for text in ["", "hello\n", "[USB] [Event] device added\n"] {
        let error = read(text.as_bytes()).unwrap_err().to_string();
        assert!(error.contains("chrome://device-log"), "{error}");
    }
}

#[test]
fn a_huge_log_keeps_the_last_attempts_and_few_of_their_steps() {
    let mut lines = vec![ADAPTER; MOST_ATTEMPTS + 5];
    lines.extend([MATCH; 1000]);
    let attempts = log(&lines);
    assert_eq!(attempts.len(), MOST_ATTEMPTS);
    assert_eq!(attempts.last().unwrap().steps.len(), MOST_STEPS);
}

proptest! {
    #[test]
    fn reading_any_bytes_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = read(bytes.as_slice());
    }

    #[test]
    fn reading_any_end_of_a_known_text_never_panics(end in ".{0,60}", which in 0_usize..4) {
        let text = ["connecting caBLEv2 tunnel: ", "Tunnel server connection failed: ", "connecting caBLEv2 tunnel: wss://", "BLE adapter address"];
        let _ = read(format!("{}{end}", text[which]).as_bytes());
    }
}
