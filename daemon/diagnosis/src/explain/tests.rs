//! Each rule from a timeline that a session of that kind writes.

mod advert;
mod end;
mod radio;
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
