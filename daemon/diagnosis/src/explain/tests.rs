//! Each rule from a timeline that a session of that kind writes.

mod tunnel;

use super::*;
use crate::observation::network::{NetStep, Step};
use crate::observation::radio::Trouble;
use crate::timeline::{AdvertOwner, AdvertSighting, EventKind, TimelineEntry};
use hybrid_protocol::TunnelFault;
use proptest::prelude::*;

/// A timeline of (seconds, what), up to `now` seconds.
fn timeline(now: u64, entries: Vec<(u64, EventKind)>) -> Timeline {
    let mut timeline = Timeline::default();
    for (at, what) in entries {
        timeline.push(TimelineEntry {
            at: Duration::from_secs(at),
            what,
        });
    }
    timeline.advance(Duration::from_secs(now));
    timeline
}

fn first(now: u64, entries: Vec<(u64, EventKind)>) -> Option<(&'static str, Certainty)> {
    let findings = explain(&timeline(now, entries), &[]);
    findings
        .first()
        .map(|finding| (finding.code, finding.certainty))
}

const ADVERT: (u64, EventKind) = (0, EventKind::Stage(Stage::Advert));
const LISTENING: (u64, EventKind) = (0, EventKind::Listening(Vec::new()));

fn heard(whose: AdvertOwner) -> EventKind {
    EventKind::Heard(AdvertSighting {
        uuid: 0xfff9,
        whose,
        rssi: Some(-60),
        adapter: "hci0".to_owned(),
    })
}

fn failed(at: Stage, why: FailureKind) -> EventKind {
    EventKind::Failed(SessionFailure {
        at,
        why,
        detail: "because".to_owned(),
    })
}

fn step(step: Step, code: &'static str) -> EventKind {
    EventKind::Net(NetStep {
        step,
        host: "cable.ua5v.com".to_owned(),
        took: Duration::from_millis(3),
        outcome: Err("refused".to_owned()),
        addr: None,
        code: Some(code),
    })
}

fn ahead(host: &str, outcome: Result<Step, &'static str>) -> EventKind {
    EventKind::Ahead(NetStep {
        step: outcome.unwrap_or(Step::Dns),
        host: host.to_owned(),
        took: Duration::ZERO,
        outcome: outcome
            .map(|_| "fine".to_owned())
            .map_err(|_| "broken".to_owned()),
        addr: None,
        code: outcome.err(),
    })
}

#[test]
fn ordinary_waiting_needs_no_explanation() {
    assert_eq!(first(13, vec![ADVERT, LISTENING]), None);
    assert_eq!(
        first(13, vec![ADVERT, (1, heard(AdvertOwner::Foreign))]),
        None
    );
    assert_eq!(first(13, vec![(0, EventKind::Stage(Stage::Reply))]), None);
    assert_eq!(first(600, vec![]), None);
}

#[test]
fn what_is_observable_is_said_at_once_and_certainly() {
    let certain = |code| Some((code, Certainty::Certain));
    for (trouble, code) in [
        (Trouble::NoAdapter, "BT01"),
        (Trouble::AdapterGone("hci0".to_owned()), "BT01"),
        (Trouble::NoBluetoothd, "BT02"),
        (Trouble::BluetoothdGone, "BT02"),
        (Trouble::NoDbus(String::new()), "BT02"),
        (Trouble::Off, "BT03"),
        (Trouble::Blocked { hard: true }, "BT04"),
        (Trouble::Blocked { hard: false }, "BT04"),
        (Trouble::Denied(String::new()), "BT05"),
        (Trouble::NoLowEnergy, "BT06"),
        (Trouble::Busy(String::new()), "BT07"),
    ] {
        assert_eq!(
            first(0, vec![ADVERT, (0, EventKind::Radio(trouble))]),
            certain(code)
        );
    }
    // Of these the cause is not seen: bluetoothd may not run, or be slow; the adapter may be another
    // system's.
    for (trouble, code) in [
        (
            Trouble::Hidden("this program runs in a Snap (x)".to_owned()),
            "BT05",
        ),
        (Trouble::Unlisted("hci0".to_owned()), "BT14"),
        (Trouble::Silent(String::new()), "BT02"),
    ] {
        let told = first(0, vec![ADVERT, (0, EventKind::Radio(trouble))]);
        assert_eq!(told, Some((code, Certainty::Likely)));
    }
    assert_eq!(
        first(1, vec![ADVERT, (1, heard(AdvertOwner::Stale))]),
        certain("AD03")
    );
    assert_eq!(
        first(1, vec![ADVERT, (1, heard(AdvertOwner::Unknown))]),
        certain("AD06")
    );
}

#[test]
fn waiting_for_an_advert_blames_who_can_be_at_fault() {
    let possible = |code| Some((code, Certainty::Possible));
    // Of the radio alone, whatever the phone's user does.
    let likely = Some(("BT08", Certainty::Likely));
    assert_eq!(first(14, vec![ADVERT, LISTENING]), likely);
    assert_eq!(
        first(14, vec![ADVERT]),
        possible("BT07"),
        "it never began to listen"
    );
    assert_eq!(
        first(14, vec![ADVERT, (1, EventKind::Neighbours(4))]),
        possible("AD01")
    );
    let foreign = vec![
        ADVERT,
        (1, EventKind::Neighbours(4)),
        (2, heard(AdvertOwner::Foreign)),
    ];
    assert_eq!(first(14, foreign), possible("AD02"));
    assert_eq!(
        first(14, vec![ADVERT, (1, heard(AdvertOwner::Malformed))]),
        possible("AD04")
    );
}

#[test]
fn a_radio_that_hears_nothing_is_likely_deaf_only_after_it_has_listened_for_a_while() {
    let late = (10, EventKind::Listening(Vec::new()));
    let off = (14, EventKind::Radio(Trouble::Off));
    let on = (15, EventKind::Listening(Vec::new()));
    let heard_nothing = |now, more: Vec<(u64, EventKind)>| {
        let entries = [vec![ADVERT, late.clone()], more].concat();
        first(now, entries)
    };
    assert_eq!(
        heard_nothing(20, vec![]),
        Some(("BT08", Certainty::Possible))
    );
    assert_eq!(heard_nothing(24, vec![]), Some(("BT08", Certainty::Likely)));
    // What it had listened before it was off counts as well.
    assert_eq!(
        heard_nothing(25, vec![off, on]),
        Some(("BT08", Certainty::Likely))
    );
}

#[test]
fn the_test_advert_of_a_beacon_is_named_and_is_nobodys_phone() {
    let beacon = || (1, heard(AdvertOwner::Beacon));
    let saw = |entries: Vec<(u64, EventKind)>| {
        let findings = explain(&timeline(14, entries), &[]);
        findings
            .first()
            .map(|first| (first.code, first.saw.clone()))
    };
    for (neighbours, words) in [
        (
            0,
            "The test advert of hybridd beacon was received, but no phone",
        ),
        (
            1,
            "which sends the test advert of hybridd beacon, but no phone",
        ),
        (
            4,
            "among them one that sends the test advert of hybridd beacon, but no phone",
        ),
    ] {
        let heard = vec![
            ADVERT,
            LISTENING,
            beacon(),
            (2, EventKind::Neighbours(neighbours)),
        ];
        let (code, told) = saw(heard).unwrap();
        assert_eq!(code, "AD01");
        assert!(told.contains(words), "{told}");
    }
    let foreign = vec![
        ADVERT,
        LISTENING,
        beacon(),
        (1, heard(AdvertOwner::Foreign)),
    ];
    let (code, told) = saw(foreign).unwrap();
    assert_eq!(code, "AD02");
    assert!(!told.contains("phone"), "whose it is nobody knows: {told}");
}

/// What is said at each of these times (in ms), with what happened until then.
fn said(entries: &[(u64, EventKind)], times: &[u64]) -> Vec<String> {
    let at = |now: u64| {
        let mut timeline = Timeline::default();
        for (at, what) in entries.iter().filter(|(at, _)| *at <= now) {
            let at = Duration::from_millis(*at);
            let what = what.clone();
            timeline.push(TimelineEntry { at, what });
        }
        timeline.advance(Duration::from_millis(now));
        let findings = explain(&timeline, &[]);
        let codes: Vec<_> = findings.iter().map(|finding| finding.code).collect();
        codes.join(" ")
    };
    times.iter().map(|now| at(*now)).collect()
}

#[test]
fn of_what_a_dying_bluetoothd_takes_along_only_the_cause_is_told() {
    let radio = EventKind::Radio;
    let dies = [
        ADVERT,
        (10, EventKind::Listening(vec!["hci0".to_owned()])),
        (1000, radio(Trouble::Off)),
        (1050, radio(Trouble::AdapterGone("hci0".to_owned()))),
        (1100, radio(Trouble::NoAdapter)),
        (1200, radio(Trouble::BluetoothdGone)),
    ];
    assert_eq!(
        said(&dies, &[1000, 1050, 1100, 1200, 9000]),
        ["", "", "", "BT02", "BT02"]
    );
    // It is started again.
    let comes = [
        ADVERT,
        (10, EventKind::Listening(vec!["hci0".to_owned()])),
        (1000, radio(Trouble::BluetoothdGone)),
        (1100, radio(Trouble::NoAdapter)),
        (1150, radio(Trouble::Off)),
        (1200, EventKind::Listening(vec!["hci0".to_owned()])),
    ];
    assert_eq!(
        said(&comes, &[1000, 1100, 1150, 1200]),
        ["BT02", "", "", ""]
    );
}

#[test]
fn trouble_that_lasts_is_told_after_a_moment() {
    let pulled = [
        ADVERT,
        (10, EventKind::Listening(vec!["hci0".to_owned()])),
        (
            1000,
            EventKind::Radio(Trouble::AdapterGone("hci0".to_owned())),
        ),
    ];
    assert_eq!(said(&pulled, &[1000, 1499, 1500]), ["", "", "BT01"]);
}

#[test]
fn who_gave_no_time_for_a_scan_is_told_no_likely_cause() {
    let over = |seconds| {
        let ended = (seconds, failed(Stage::Advert, FailureKind::TimedOut));
        first(seconds, vec![ADVERT, LISTENING, ended])
    };
    assert_eq!(over(1), Some(("BT08", Certainty::Possible)));
    assert_eq!(over(14), Some(("BT08", Certainty::Likely)));
    let heard = |seconds| {
        let ended = (seconds, failed(Stage::Advert, FailureKind::TimedOut));
        first(
            seconds,
            vec![ADVERT, LISTENING, (1, EventKind::Neighbours(3)), ended],
        )
    };
    assert_eq!(heard(2), Some(("AD01", Certainty::Possible)));
}

#[test]
fn a_statement_is_taken_back_when_the_facts_change() {
    let mut entries = vec![ADVERT, (1, EventKind::Radio(Trouble::Off))];
    assert_eq!(
        first(2, entries.clone()),
        Some(("BT03", Certainty::Certain))
    );
    entries.push((3, EventKind::Listening(vec!["hci0".to_owned()])));
    assert_eq!(first(4, entries.clone()), None);
    entries.push((5, heard(AdvertOwner::Stale)));
    assert_eq!(
        first(6, entries.clone()),
        Some(("AD03", Certainty::Certain))
    );
    entries.extend([
        (7, EventKind::NewCode),
        (7, EventKind::Stage(Stage::Advert)),
    ]);
    assert_eq!(
        first(8, entries),
        None,
        "the earlier code's adverts say nothing about the new one"
    );
}

#[test]
fn radio_trouble_does_not_matter_once_the_phone_was_heard() {
    let entries = vec![
        ADVERT,
        (1, heard(AdvertOwner::Ours)),
        (1, EventKind::Stage(Stage::Reply)),
        (2, EventKind::Radio(Trouble::Off)),
    ];
    assert_eq!(first(3, entries), None);
}

#[test]
fn a_silent_phone_comes_with_a_ranked_list_for_the_phone() {
    let codes = |checks: &[Check]| {
        let waited = timeline(20, vec![ADVERT, (1, EventKind::Neighbours(4))]);
        explain(&waited, checks)
            .iter()
            .map(|finding| finding.code)
            .collect::<Vec<_>>()
    };
    assert_eq!(codes(&[]), ["AD01", "PH01", "PH03"]);
    let reachable = Check {
        name: format!("{RELAY}cable.ua5v.com"),
        took: Duration::ZERO,
        evidence: String::new(),
        verdict: Verdict::Ok,
    };
    assert_eq!(codes(&[reachable]), ["AD01", "PH01", "PH02", "PH03"]);
}

#[test]
fn a_failed_check_hides_its_consequences() {
    let off = Check {
        name: "Bluetooth".to_owned(),
        took: Duration::ZERO,
        evidence: String::new(),
        verdict: Verdict::Fail(Finding::certain(&crate::catalogue::BLUETOOTH_OFF, "off")),
    };
    let waited = timeline(20, vec![ADVERT, LISTENING]);
    let findings = explain(&waited, &[off]);
    assert_eq!(
        findings
            .iter()
            .map(|finding| finding.code)
            .collect::<Vec<_>>(),
        ["BT03"]
    );
}

#[test]
fn frames_that_are_none_are_the_relays_fault() {
    let got = first(
        1,
        vec![(1, failed(Stage::Handshake, FailureKind::Closed(Some(1002))))],
    );
    assert_eq!(got, Some(("HS06", Certainty::Likely)));
}

#[test]
fn a_phone_that_stays_silent_while_this_computer_reaches_the_relay_may_be_kept_from_it() {
    let entries = vec![
        ADVERT,
        LISTENING,
        (0, ahead("a", Ok(Step::Tls))),
        (1, EventKind::Neighbours(4)),
    ];
    let findings = explain(&timeline(20, entries), &[]);
    let codes: Vec<_> = findings.iter().map(|finding| finding.code).collect();
    assert_eq!(codes, ["AD01", "PH01", "PH02", "PH03"]);
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

#[test]
fn a_saved_timeline_is_explained_like_the_session() {
    let original = timeline(
        40,
        vec![
            ADVERT,
            (1, EventKind::Neighbours(2)),
            (5, heard(AdvertOwner::Ours)),
            (6, EventKind::Stage(Stage::Tunnel)),
            (7, step(Step::Dns, "NW02")),
            (
                7,
                failed(Stage::Tunnel, FailureKind::Tunnel(TunnelFault::Dns)),
            ),
        ],
    );
    let mut saved = Vec::new();
    original.save(&mut saved).unwrap();
    let loaded = Timeline::load(saved.as_slice()).unwrap().timeline;
    assert_eq!(explain(&loaded, &[]), explain(&original, &[]));
}

fn any_what() -> impl Strategy<Value = EventKind> {
    let whose = proptest::sample::select(vec![
        AdvertOwner::Ours,
        AdvertOwner::Stale,
        AdvertOwner::Foreign,
        AdvertOwner::Malformed,
        AdvertOwner::Unknown,
        AdvertOwner::Beacon,
    ]);
    let stage = proptest::sample::select(Stage::ALL.to_vec());
    let why = proptest::sample::select(vec![
        FailureKind::TimedOut,
        FailureKind::Cancelled,
        FailureKind::Tunnel(TunnelFault::Http(404)),
        FailureKind::Closed(Some(1006)),
        FailureKind::PeerShutdown,
        FailureKind::Message,
    ]);
    prop_oneof![
        Just(EventKind::NewCode),
        stage.clone().prop_map(EventKind::Stage),
        whose.prop_map(heard),
        any::<u32>().prop_map(EventKind::Neighbours),
        Just(EventKind::Radio(Trouble::Off)),
        Just(EventKind::Listening(Vec::new())),
        any::<u8>().prop_map(EventKind::Answered),
        (stage, why).prop_map(|(at, why)| failed(at, why)),
    ]
}

proptest! {
    #[test]
    fn nothing_becomes_less_sure_by_mere_waiting(
        entries in proptest::collection::vec((0_u64..200, any_what()), 0..30),
        now in 200_u64..300,
        later in 0_u64..100,
    ) {
        let before = explain(&timeline(now, entries.clone()), &[]);
        let after = explain(&timeline(now + later, entries), &[]);
        for finding in before {
            let still = after.iter().find(|other| other.code == finding.code);
            prop_assert!(still.is_none_or(|still| still.certainty >= finding.certainty));
        }
    }

    #[test]
    fn any_timeline_is_explained_without_doubles_and_consequences(
        entries in proptest::collection::vec((0_u64..200, any_what()), 0..30),
        now in 0_u64..400,
    ) {
        let findings = explain(&timeline(now, entries), &[]);
        let codes: Vec<_> = findings.iter().map(|finding| finding.code).collect();
        for (place, finding) in findings.iter().enumerate() {
            prop_assert!(!codes[..place].contains(&finding.code));
            prop_assert!(finding.depends_on.iter().all(|cause| !codes.contains(cause)));
        }
    }
}
