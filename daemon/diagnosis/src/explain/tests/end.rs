//! Rules about how a session ends: each way to fail, the other side's goodbye, and the phone's
//! answer.

use super::*;

#[test]
fn frames_that_are_none_are_the_relays_fault() {
    let got = first(
        1,
        vec![(1, failed(Stage::Handshake, FailureKind::Closed(Some(1002))))],
    );
    assert_eq!(got, Some(("HS06", Certainty::Likely)));
}

#[test]
fn each_way_to_fail_has_its_code() {
    for (at, why, code) in [
        (Stage::Contact, FailureKind::TimedOut, "PH01"),
        (Stage::Advert, FailureKind::TimedOut, "BT07"),
        (Stage::Tunnel, FailureKind::TimedOut, "NW03"),
        (Stage::Handshake, FailureKind::TimedOut, "HS01"),
        (Stage::Greeting, FailureKind::TimedOut, "HS01"),
        (Stage::Request, FailureKind::TimedOut, "US99"),
        (Stage::Reply, FailureKind::TimedOut, "PH07"),
        (Stage::Advert, FailureKind::Cancelled, "US01"),
        (Stage::Handshake, FailureKind::Closed(None), "HS07"),
        (Stage::Greeting, FailureKind::Closed(Some(1006)), "HS07"),
        (Stage::Reply, FailureKind::Closed(Some(1009)), "CT39"),
        (Stage::Reply, FailureKind::PeerShutdown, "HS05"),
        (Stage::Handshake, FailureKind::Handshake, "HS02"),
        (Stage::Greeting, FailureKind::Frame, "HS04"),
        (Stage::Greeting, FailureKind::Message, "HS03"),
        (Stage::Greeting, FailureKind::NoPasskeys, "PH08"),
        (Stage::Handshake, FailureKind::Rules, "HS06"),
        (Stage::Request, FailureKind::Defect, "US99"),
    ] {
        let got = first(1, vec![(1, failed(at, why))]);
        assert_eq!(got.map(|(code, _)| code), Some(code), "{at} {why:?}");
    }
}

#[test]
fn what_stood_there_when_it_was_cancelled_is_still_said() {
    let cancelled = || failed(Stage::Advert, FailureKind::Cancelled);
    let codes = |mut entries: Vec<(u64, EventKind)>| -> Vec<&'static str> {
        entries.insert(0, (0, EventKind::Stage(Stage::Advert)));
        let findings = explain(&timeline(3, entries), &[]);
        findings.iter().map(|finding| finding.code).collect()
    };
    let off = (1, EventKind::Radio(Trouble::Off));
    assert_eq!(codes(vec![off, (3, cancelled())]), ["US01", "BT03"]);
    assert_eq!(codes(vec![(3, cancelled())]), ["US01"]);
}

#[test]
fn what_fails_after_a_pause_is_laid_to_the_pause_and_not_to_the_phone() {
    let after = |why, new_code| {
        let mut entries = vec![
            (0, EventKind::Stage(Stage::Reply)),
            (1, EventKind::Paused(Duration::from_secs(60))),
        ];
        entries.extend(new_code);
        entries.push((70, failed(Stage::Reply, why)));
        first(70, entries).map(|(code, _)| code)
    };
    for why in [
        FailureKind::TimedOut,
        FailureKind::Closed(None),
        FailureKind::Closed(Some(1006)),
        FailureKind::Tunnel(TunnelFault::Tcp),
    ] {
        assert_eq!(after(why, None), Some("US02"), "{why:?}");
        let renewed = Some((2, EventKind::NewCode));
        assert_ne!(after(why, renewed), Some("US02"), "{why:?}");
    }
    assert_eq!(after(FailureKind::Cancelled, None), Some("US01"));
    assert_eq!(after(FailureKind::Handshake, None), Some("HS02"));
}

#[test]
fn a_connection_cut_after_a_round_time_of_silence_may_be_an_idle_limit() {
    let ended_after = |seconds, code| {
        let entries = vec![
            (0, EventKind::Stage(Stage::Reply)),
            (seconds, failed(Stage::Reply, FailureKind::Closed(code))),
        ];
        explain(&timeline(seconds, entries), &[])
            .iter()
            .map(|finding| finding.code)
            .collect::<Vec<_>>()
    };
    let cut = Some(1006);
    assert_eq!(ended_after(31, cut), ["NW19", "HS05"]);
    assert_eq!(ended_after(60, cut), ["NW19", "HS05"]);
    assert_eq!(ended_after(10, cut), ["NW21", "HS05"]);
    // A goodbye without a code is one, though: iPhones say no more.
    assert_eq!(ended_after(31, None), ["HS05", "NW19"]);
    assert_eq!(ended_after(10, None), ["HS05"]);
}

#[test]
fn a_goodbye_with_a_code_is_the_phones_and_not_the_networks() {
    let closed = vec![
        (0, EventKind::Stage(Stage::Reply)),
        (9, failed(Stage::Reply, FailureKind::Closed(Some(1000)))),
    ];
    let findings = explain(&timeline(9, closed), &[]);
    assert_eq!(
        findings
            .iter()
            .map(|finding| finding.code)
            .collect::<Vec<_>>(),
        ["HS05"]
    );
}

#[test]
fn a_relay_that_lost_the_phone_is_not_a_phone_that_said_no() {
    let closed = |code| {
        let entries = vec![
            (0, EventKind::Stage(Stage::Reply)),
            (9, failed(Stage::Reply, FailureKind::Closed(Some(code)))),
        ];
        explain(&timeline(9, entries), &[])
            .iter()
            .map(|finding| (finding.code, finding.certainty))
            .collect::<Vec<_>>()
    };
    for code in [1001, 1008, 1011, 1012] {
        let expected = [("HS07", Certainty::Likely), ("HS05", Certainty::Possible)];
        assert_eq!(closed(code), expected, "{code}");
    }
    assert_eq!(closed(1000), [("HS05", Certainty::Likely)]);
}

#[test]
fn each_answer_of_the_phone_has_its_code_and_success_none() {
    let answered = |byte| {
        first(
            9,
            vec![
                (8, EventKind::Answered(byte)),
                (9, EventKind::Done { ok: true }),
            ],
        )
    };
    for (byte, code) in [
        (0x19, "CT19"),
        (0x26, "CT26"),
        (0x27, "CT27"),
        (0x28, "CT28"),
        (0x2b, "CT2B"),
        (0x2c, "CT2B"),
        (0x2d, "CT2D"),
        (0x2e, "CT2E"),
        (0x2f, "CT2F"),
        (0x3a, "CT2F"),
        (0x30, "CT30"),
        (0x36, "CT36"),
        (0x7f, "CT01"),
    ] {
        assert_eq!(answered(byte).map(|(code, _)| code), Some(code));
    }
    assert_eq!(answered(0), None);
}
