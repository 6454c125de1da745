//! Rules about the wait for the phone's advert.

use super::*;

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
