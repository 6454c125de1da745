//! Rules about the way to the relay.

use super::*;

#[test]
fn a_tunnel_that_fails_is_explained_by_the_step_that_failed() {
    let entries = |code| {
        vec![
            ADVERT,
            (5, heard(AdvertOwner::Ours)),
            (5, EventKind::Stage(Stage::Tunnel)),
            (5, step(Step::Tcp, code)),
            (
                5,
                failed(Stage::Tunnel, FailureKind::Tunnel(TunnelFault::Tcp)),
            ),
        ]
    };
    assert_eq!(
        first(5, entries("NW01")),
        Some(("NW01", Certainty::Certain))
    );
    assert_eq!(first(5, entries("NW03")), Some(("NW03", Certainty::Likely)));
    assert_eq!(first(5, entries("NW06")), Some(("NW06", Certainty::Likely)));
}

#[test]
fn a_network_that_reaches_no_relay_is_told_before_any_phone_is_heard() {
    let mut entries = vec![ADVERT, LISTENING, (0, ahead("a", Err("NW01")))];
    assert_eq!(
        first(1, entries.clone()),
        Some(("NW01", Certainty::Possible)),
        "b is not known yet"
    );
    entries.push((1, ahead("b", Err("NW23"))));
    assert_eq!(
        first(1, entries.clone()),
        Some(("NW01", Certainty::Certain))
    );
    entries.push((2, ahead("b", Ok(Step::Dns))));
    assert_eq!(
        first(2, entries.clone()),
        Some(("NW01", Certainty::Certain)),
        "a name alone is no line"
    );
    entries.push((2, ahead("b", Ok(Step::Tls))));
    assert_eq!(
        first(2, entries.clone()),
        Some(("NW01", Certainty::Possible)),
        "the phone may choose the other"
    );
    entries.push((3, ahead("a", Ok(Step::Tls))));
    assert_eq!(first(3, entries), None);
}

#[test]
fn a_path_that_loses_large_packets_is_told_while_the_session_goes_on() {
    let in_small_packets = EventKind::Net(NetStep {
        step: Step::Tls,
        host: "cable.ua5v.com".to_owned(),
        took: Duration::from_secs(3),
        outcome: Ok("fine".to_owned()),
        addr: None,
        code: Some("NW20"),
    });
    let mut entries = vec![
        (0, EventKind::Stage(Stage::Tunnel)),
        (6, in_small_packets),
        (6, EventKind::Stage(Stage::Handshake)),
    ];
    assert_eq!(first(6, entries.clone()), Some(("NW20", Certainty::Likely)));
    entries.push((7, EventKind::Done { ok: true }));
    assert_eq!(first(7, entries), None);
}

/// TLS that came about, with what is odd about it.
fn encrypted(oddity: Option<&'static str>) -> NetStep {
    NetStep {
        step: Step::Tls,
        host: "cable.ua5v.com".to_owned(),
        took: Duration::from_millis(3),
        outcome: Ok("TLS 1.3, signed by CN=Office".to_owned()),
        addr: None,
        code: oddity,
    }
}

#[test]
fn an_answer_is_certainly_the_relays_only_when_a_public_authority_vouches_for_who_gave_it() {
    let findings = |tls: Option<EventKind>, code| {
        let mut entries = vec![
            ADVERT,
            (5, heard(AdvertOwner::Ours)),
            (5, EventKind::Stage(Stage::Tunnel)),
        ];
        entries.extend(tls.map(|tls| (5, tls)));
        entries.push((5, step(Step::Http, code)));
        entries.push((
            5,
            failed(Stage::Tunnel, FailureKind::Tunnel(TunnelFault::Http(503))),
        ));
        let findings = explain(&timeline(5, entries), &[]);
        findings
            .iter()
            .map(|finding| (finding.code, finding.certainty))
            .collect::<Vec<_>>()
    };
    use Certainty::{Certain, Likely, Possible};
    let (public, private) = (encrypted(None), encrypted(Some("NW06")));
    assert_eq!(
        findings(Some(EventKind::Net(public.clone())), "NW17"),
        [("NW17", Certain)]
    );
    assert_eq!(
        findings(Some(EventKind::Ahead(public.clone())), "NW17"),
        [("NW17", Certain)]
    );
    let inspected = [("NW17", Likely), ("NW06", Possible)];
    assert_eq!(
        findings(Some(EventKind::Net(private.clone())), "NW17"),
        inspected
    );
    assert_eq!(findings(Some(EventKind::Ahead(private)), "NW17"), inspected);
    assert_eq!(
        findings(Some(EventKind::Net(encrypted(Some("NW06")))), "NW15"),
        [("NW15", Likely)]
    );
    assert_eq!(findings(None, "NW17"), [("NW17", Likely)], "nobody looked");
    let elsewhere = NetStep {
        host: "cable.auth.com".to_owned(),
        ..public.clone()
    };
    assert_eq!(
        findings(Some(EventKind::Ahead(elsewhere)), "NW17"),
        [("NW17", Likely)]
    );
    assert_eq!(
        findings(Some(EventKind::Net(public)), "NW12"),
        [("NW12", Likely)]
    );
}

#[test]
fn a_step_that_failed_is_told_while_another_way_is_tried_for_long() {
    let mut entries = vec![
        (5, heard(AdvertOwner::Ours)),
        (5, EventKind::Stage(Stage::Tunnel)),
        (11, step(Step::Proxy, "NW24")),
    ];
    assert_eq!(
        first(11, entries.clone()),
        None,
        "the next one may work at once"
    );
    assert_eq!(
        first(12, entries.clone()),
        Some(("NW24", Certainty::Possible))
    );
    entries.push((13, EventKind::Stage(Stage::Handshake)));
    assert_eq!(first(13, entries), None);
}

#[test]
fn a_tunnel_without_steps_is_explained_by_its_fault() {
    for (fault, code) in [
        (TunnelFault::Dns, "NW01"),
        (TunnelFault::Tcp, "NW03"),
        (TunnelFault::Proxy, "NW11"),
        (TunnelFault::Tls, "NW07"),
        (TunnelFault::Upgrade, "NW12"),
        (TunnelFault::Subprotocol, "NW13"),
        (TunnelFault::Http(400), "NW14"),
        (TunnelFault::Http(404), "NW15"),
        (TunnelFault::Http(410), "NW15"),
        (TunnelFault::Http(429), "NW17"),
        (TunnelFault::Http(503), "NW17"),
        (TunnelFault::Http(302), "NW18"),
        (TunnelFault::Http(407), "NW10"),
        (TunnelFault::Http(511), "NW08"),
    ] {
        let got = first(
            1,
            vec![(1, failed(Stage::Tunnel, FailureKind::Tunnel(fault)))],
        );
        assert_eq!(got.map(|(code, _)| code), Some(code), "{fault}");
    }
}

#[test]
fn a_late_request_says_how_late_it_was() {
    let entries = vec![
        ADVERT,
        (5, heard(AdvertOwner::Ours)),
        (40, step(Step::Http, "NW15")),
        (
            40,
            failed(Stage::Tunnel, FailureKind::Tunnel(TunnelFault::Http(404))),
        ),
    ];
    let findings = explain(&timeline(40, entries), &[]);
    assert_eq!(findings[0].code, "NW15");
    assert!(
        findings[0].saw.contains("35 s after it detected the phone"),
        "{}",
        findings[0].saw
    );
}

#[test]
fn only_a_linked_phone_can_be_gone_for_good() {
    let gone = |at| {
        first(
            1,
            vec![(1, failed(at, FailureKind::Tunnel(TunnelFault::Http(410))))],
        )
    };
    assert_eq!(gone(Stage::Contact), Some(("NW16", Certainty::Likely)));
    assert_eq!(gone(Stage::Tunnel), Some(("NW15", Certainty::Likely)));
}
