//! Rules about Bluetooth on this computer.

use super::*;

#[test]
fn who_has_no_bus_no_service_or_no_adapter_is_told_what_helps_first() {
    let advice = |trouble| radio(&trouble).advice;
    assert!(advice(Trouble::NoDbus(String::new())).starts_with("Start the system D-Bus first"));
    let no_service = advice(Trouble::NoBluetoothd);
    assert!(no_service.starts_with("Run: sudo systemctl enable --now bluetooth"));
    let no_adapter = advice(Trouble::NoController);
    for part in ["Plug in", "virtual machine", "modprobe"] {
        assert!(no_adapter.contains(part), "{no_adapter}");
    }
}

#[test]
fn what_is_observable_is_said_at_once_and_certainly() {
    let certain = |code| Some((code, Certainty::Certain));
    for (trouble, code) in [
        (Trouble::NoAdapter, "BT01"),
        (Trouble::AdapterGone("hci0".to_owned()), "BT01"),
        (Trouble::NoController, "BT01"),
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
fn radio_trouble_does_not_matter_once_the_phone_was_heard() {
    let entries = vec![
        ADVERT,
        (1, heard(AdvertOwner::Ours)),
        (1, EventKind::Stage(Stage::Reply)),
        (2, EventKind::Radio(Trouble::Off)),
    ];
    assert_eq!(first(3, entries), None);
}
