//! The QR flow.

use crate::pair::*;
use hybrid_protocol::FrameError;
use hybrid_protocol::GreetingError;
use hybrid_protocol::HandshakeError;
use hybrid_protocol::Misuse;
use hybrid_protocol::{AdvertVerdict, Linking};
use hybrid_protocol::{
    Cause, Desktop, DesktopInput, DomainId, Path, PhoneInput, Stage, TunnelFault,
};
use std::time::Duration;

/// Brings a pair to a stage.
type Arrange = fn(Linking) -> Pair;

fn failed_at(pair: &Pair) -> (Stage, Cause) {
    assert!(!pair.d.ended && pair.d.reply.is_none());
    assert_eq!(
        pair.desktop.poll_timeout(),
        None,
        "a failed session waits for nothing"
    );
    let failure = pair.d.failed.clone().unwrap();
    (failure.at, failure.cause)
}

#[test]
fn a_sign_in_goes_through_every_stage_in_order() {
    let mut pair = Pair::asked(Linking::NotOffered);
    assert_eq!(pair.p.requests, [COMMAND]);
    pair.phone(PhoneInput::Respond(REPLY.to_vec()));
    pair.carry_frames();
    assert_eq!(pair.d.reply.as_deref(), Some(REPLY));
    assert!(pair.d.ended && pair.d.closed && pair.d.failed.is_none());
    assert!(pair.p.ended && pair.p.closed && pair.p.stopped_advertising);
    use Stage::{Advert, Done, Greeting, Handshake, Linger, Reply, Request, Tunnel};
    assert_eq!(
        pair.d.stages,
        [
            Advert, Tunnel, Handshake, Greeting, Request, Reply, Linger, Done
        ]
    );
}

#[test]
fn the_desktop_joins_the_tunnel_that_the_phone_advertised() {
    let pair = Pair::heard(Linking::NotOffered);
    let route = &pair.d.routes[0];
    assert_eq!(route.host.as_str(), "cable.ua5v.com");
    let Path::Connect(routing, _) = route.path else {
        panic!("{:?}", route.path)
    };
    assert_eq!(routing, ROUTING);
    assert_eq!(
        pair.d.heard,
        [AdvertVerdict::Ours(Some(DomainId(0).host().unwrap()))]
    );
}

#[test]
fn a_command_given_before_the_advert_goes_out_after_the_greeting() {
    let mut pair = Pair::scanned(Linking::NotOffered);
    pair.desktop(DesktopInput::Request(COMMAND.to_vec()));
    assert!(pair.d.frames.is_empty());
    let advert = pair.p.adverts[0];
    pair.advert(&advert);
    pair.desktop(DesktopInput::TunnelOpened { signal: false });
    pair.carry_frames();
    assert_eq!(pair.p.requests, [COMMAND]);
}

#[test]
fn silence_ends_each_stage_when_its_budget_is_over() {
    let cases: [(Arrange, Stage); 5] = [
        (Pair::showing, Stage::Advert),
        (Pair::heard, Stage::Tunnel),
        (Pair::joined, Stage::Handshake),
        (Pair::greeted, Stage::Request),
        (Pair::asked, Stage::Reply),
    ];
    for (arrange, stage) in cases {
        let mut pair = arrange(Linking::NotOffered);
        pair.phone = None;
        pair.wait(stage.budget() - Duration::from_millis(1));
        assert_eq!(pair.d.failed, None, "{stage}");
        pair.wait(Duration::from_millis(1));
        assert_eq!(failed_at(&pair), (stage, Cause::TimedOut));
    }
}

#[test]
fn a_phone_that_answers_the_handshake_and_never_greets_times_out_in_greeting() {
    let mut pair = Pair::joined(Linking::NotOffered);
    let message1 = pair.d.frames.remove(0);
    pair.phone(PhoneInput::Frame(&message1));
    let message2 = pair.p.frames.remove(0);
    pair.desktop(DesktopInput::Frame(&message2));
    pair.wait(Stage::Greeting.budget());
    assert_eq!(failed_at(&pair), (Stage::Greeting, Cause::TimedOut));
    assert!(pair.d.closed);
}

#[test]
fn a_closed_tunnel_ends_each_stage_that_has_one() {
    let cases: [(Arrange, Stage); 3] = [
        (Pair::joined, Stage::Handshake),
        (Pair::greeted, Stage::Request),
        (Pair::asked, Stage::Reply),
    ];
    for (arrange, stage) in cases {
        let mut pair = arrange(Linking::NotOffered);
        pair.desktop(DesktopInput::TunnelClosed { code: Some(1001) });
        assert_eq!(
            failed_at(&pair),
            (stage, Cause::TunnelClosed { code: Some(1001) })
        );
        assert!(!pair.d.closed, "there is nothing left to close");
    }
}

#[test]
fn cancel_ends_each_stage_and_tells_the_phone_once_there_is_a_channel() {
    let cases: [(Arrange, Stage, usize); 5] = [
        (Pair::showing, Stage::Advert, 0),
        (Pair::heard, Stage::Tunnel, 0),
        (Pair::joined, Stage::Handshake, 0),
        (Pair::greeted, Stage::Request, 1),
        (Pair::asked, Stage::Reply, 1),
    ];
    for (arrange, stage, frames) in cases {
        let mut pair = arrange(Linking::NotOffered);
        pair.d.frames.clear();
        pair.desktop(DesktopInput::Cancel);
        assert_eq!(failed_at(&pair), (stage, Cause::Cancelled));
        assert_eq!(pair.d.frames.len(), frames, "{stage}");
    }
}

#[test]
fn the_phone_learns_of_the_cancel() {
    let mut pair = Pair::asked(Linking::NotOffered);
    pair.desktop(DesktopInput::Cancel);
    pair.carry_frames();
    assert_eq!(pair.p.failed.unwrap().cause, Cause::PeerShutdown);
}

#[test]
fn a_refused_tunnel_keeps_its_http_status() {
    let mut pair = Pair::heard(Linking::NotOffered);
    pair.desktop(DesktopInput::TunnelFailed(TunnelFault::Http(404)));
    assert_eq!(
        failed_at(&pair),
        (Stage::Tunnel, Cause::Tunnel(TunnelFault::Http(404)))
    );
}

#[test]
fn a_text_message_is_refused_in_every_stage_with_a_tunnel() {
    for arrange in [Pair::joined, Pair::greeted, Pair::asked] {
        let mut pair = arrange(Linking::NotOffered);
        pair.desktop(DesktopInput::TextFrame);
        assert_eq!(failed_at(&pair).1, Cause::TextFrame);
        assert!(pair.d.closed);
    }
}

#[test]
fn foreign_and_short_adverts_are_counted_and_change_nothing() {
    let mut pair = Pair::showing(Linking::NotOffered);
    pair.advert(&[0; 20]);
    pair.advert(&[0; 19]);
    assert_eq!(
        pair.d.heard,
        [AdvertVerdict::Foreign, AdvertVerdict::Malformed]
    );
    assert_eq!(
        pair.desktop.poll_timeout().map(|(_, stage)| stage),
        Some(Stage::Advert)
    );
}

#[test]
fn an_advert_with_a_suffix_is_ours() {
    let mut pair = Pair::scanned(Linking::NotOffered);
    let advert = [pair.p.adverts[0].as_slice(), &[0xa1, 1, 0x18, 0x82]].concat();
    pair.advert(&advert);
    assert!(matches!(pair.d.heard[..], [AdvertVerdict::Ours(_)]));
}

#[test]
fn the_first_advert_decides_and_later_ones_are_late() {
    let mut pair = Pair::heard(Linking::NotOffered);
    let advert = pair.p.adverts[0];
    pair.advert(&advert);
    assert_eq!(pair.d.heard[1], AdvertVerdict::Late);
    assert_eq!(pair.d.routes.len(), 1);
}

#[test]
fn an_advert_of_a_previous_code_opens_under_the_kept_key_alone() {
    use hybrid_protocol::Opened;
    let old = Pair::scanned(Linking::NotOffered);
    let (mut new, _) = Desktop::by_qr(
        &qr_entropy(40),
        0,
        hybrid_protocol::Hint::SignIn,
        Linking::NotOffered,
        old.now,
    )
    .unwrap();
    new.handle_advert(&old.p.adverts[0], old.now);
    assert_eq!(
        new.poll_timeout().map(|(_, stage)| stage),
        Some(Stage::Advert)
    );
    assert!(matches!(
        old.desktop.eid_key().open_qr(&old.p.adverts[0]),
        Opened::Ours(_)
    ));
}

#[test]
fn a_wrong_second_message_fails_the_handshake_with_its_cause() {
    let mut short = Pair::joined(Linking::NotOffered);
    short.desktop(DesktopInput::Frame(&[4; 80]));
    assert_eq!(
        failed_at(&short),
        (
            Stage::Handshake,
            Cause::Handshake(HandshakeError::Length(80))
        )
    );

    let mut reflected = Pair::joined(Linking::NotOffered);
    let message1 = reflected.d.frames[0].clone();
    reflected.desktop(DesktopInput::Frame(&message1));
    assert_eq!(
        failed_at(&reflected),
        (Stage::Handshake, Cause::Handshake(HandshakeError::Tag))
    );
}

#[test]
fn a_greeting_that_does_not_decrypt_or_parse_is_told_apart() {
    let mut short = Pair::joined(Linking::NotOffered);
    let message1 = short.d.frames.remove(0);
    short.phone(PhoneInput::Frame(&message1));
    let message2 = short.p.frames.remove(0);
    short.desktop(DesktopInput::Frame(&message2));
    short.desktop(DesktopInput::Frame(&[0; 15]));
    assert_eq!(
        failed_at(&short),
        (Stage::Greeting, Cause::Frame(FrameError::Short(15)))
    );
    assert!(matches!(
        hybrid_protocol::Greeting::read(&[0x80]),
        Err(GreetingError::NotAMap)
    ));
}

#[test]
fn what_phones_do_not_serve_is_not_sent() {
    for (command, misuse) in [
        (vec![], Misuse::Empty),
        (vec![4], Misuse::GetInfo),
        (vec![6, 0xa0], Misuse::Command(6)),
    ] {
        let mut pair = Pair::greeted(Linking::NotOffered);
        pair.desktop(DesktopInput::Request(command));
        assert_eq!(failed_at(&pair).1, Cause::Misuse(misuse));
        assert!(pair.d.frames.is_empty());
    }
}

#[test]
fn a_second_command_is_refused_before_and_while_the_first_runs() {
    let mut early = Pair::scanned(Linking::NotOffered);
    early.desktop(DesktopInput::Request(COMMAND.to_vec()));
    early.desktop(DesktopInput::Request(COMMAND.to_vec()));
    assert_eq!(failed_at(&early).1, Cause::Misuse(Misuse::Second));
    let mut late = Pair::asked(Linking::NotOffered);
    late.desktop(DesktopInput::Request(COMMAND.to_vec()));
    assert_eq!(failed_at(&late).1, Cause::Misuse(Misuse::Second));
}

#[test]
fn a_link_that_comes_before_the_reply_is_verified_and_handed_over() {
    let mut pair = Pair::scanned(Linking::Offered);
    pair.phone(PhoneInput::OfferLink(offer()));
    let advert = pair.p.adverts[0];
    pair.advert(&advert);
    pair.desktop(DesktopInput::TunnelOpened { signal: false });
    pair.carry_frames();
    let link = pair.d.link.take().unwrap();
    assert_eq!(link.stored().name, "Pixel 9");
    assert!(link.stored().link_secret == secret(8));
    pair.desktop(DesktopInput::Request(COMMAND.to_vec()));
    pair.carry_frames();
    pair.phone(PhoneInput::Respond(REPLY.to_vec()));
    pair.carry_frames();
    assert!(
        pair.d.ended,
        "with the link there, nothing is left to wait for"
    );
}

#[test]
fn a_late_link_is_awaited_only_when_linking_was_offered() {
    let mut pair = Pair::asked(Linking::Offered);
    pair.phone(PhoneInput::Respond(REPLY.to_vec()));
    let reply = pair.p.frames.remove(0);
    pair.desktop(DesktopInput::Frame(&reply));
    assert_eq!(
        pair.d.reply.as_deref(),
        Some(REPLY),
        "handed over before lingering"
    );
    assert_eq!(
        pair.desktop.poll_timeout().map(|(_, stage)| stage),
        Some(Stage::Linger)
    );
    pair.phone(PhoneInput::OfferLink(offer()));
    pair.carry_frames();
    assert!(pair.d.link.is_some() && pair.d.ended);
}

#[test]
fn lingering_ends_by_itself_and_is_not_a_failure() {
    let mut pair = Pair::asked(Linking::Offered);
    pair.phone(PhoneInput::Respond(REPLY.to_vec()));
    let reply = pair.p.frames.remove(0);
    pair.desktop(DesktopInput::Frame(&reply));
    pair.wait(Stage::Linger.budget());
    assert!(pair.d.ended && pair.d.failed.is_none());
}

#[test]
fn a_phone_that_just_hangs_up_after_its_reply_is_no_failure() {
    let mut pair = Pair::asked(Linking::Offered);
    pair.phone(PhoneInput::Respond(REPLY.to_vec()));
    let reply = pair.p.frames.remove(0);
    pair.desktop(DesktopInput::Frame(&reply));
    pair.desktop(DesktopInput::TunnelClosed { code: None });
    assert!(pair.d.ended && pair.d.failed.is_none());
}

#[test]
fn a_link_is_not_taken_when_none_was_offered() {
    let mut pair = Pair::greeted(Linking::NotOffered);
    pair.phone(PhoneInput::OfferLink(offer()));
    assert!(pair.p.frames.is_empty(), "the phone does not even send it");
}

#[test]
fn endless_updates_end_the_session() {
    let mut pair = Pair::greeted(Linking::Offered);
    for _ in 0..9 {
        pair.phone(PhoneInput::OfferLink(offer()));
    }
    for frame in std::mem::take(&mut pair.p.frames) {
        pair.desktop(DesktopInput::Frame(&frame));
    }
    assert_eq!(failed_at(&pair), (Stage::Request, Cause::TooManyUpdates));
}

#[test]
fn the_phone_serves_a_second_command() {
    let mut pair = Pair::asked(Linking::NotOffered);
    pair.phone(PhoneInput::Respond(REPLY.to_vec()));
    assert_eq!(pair.p.stages.last(), Some(&Stage::Request));
    assert!(!pair.p.ended);
}

#[test]
fn the_phone_gives_up_when_nobody_joins() {
    let mut pair = Pair::scanned(Linking::NotOffered);
    pair.wait(Stage::Advert.budget());
    let failure = pair.p.failed.unwrap();
    assert_eq!(
        (failure.at, failure.cause),
        (Stage::Advert, Cause::TimedOut)
    );
    assert!(pair.p.stopped_advertising && pair.p.closed);
}

#[test]
fn the_phone_refuses_a_desktop_that_did_not_hear_its_advert() {
    let mut pair = Pair::scanned(Linking::NotOffered);
    let mut other = Pair::joined(Linking::NotOffered);
    // Same code, other advert: the PSK differs.
    other.d.frames[0][80] ^= 1;
    pair.phone(PhoneInput::Frame(&other.d.frames[0]));
    assert_eq!(
        pair.p.failed.unwrap().cause,
        Cause::Handshake(HandshakeError::Tag)
    );
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(64))]

    /// No order of events from outside makes a session panic, wait for ever, or both fail and end.
    #[test]
    fn any_order_of_events_leaves_a_session_that_ends(events in proptest::collection::vec(0u8..10, 0..12), bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..100)) {
        for arrange in [Pair::showing, Pair::heard, Pair::joined, Pair::greeted, Pair::asked] {
            let mut pair = arrange(Linking::Offered);
            for event in &events {
                if *event == 0 {
                    pair.advert(&bytes);
                    continue;
                }
                pair.desktop(match event {
                    1 => DesktopInput::TunnelOpened { signal: true },
                    2 => DesktopInput::TunnelFailed(TunnelFault::Dns),
                    3 => DesktopInput::Frame(&bytes),
                    4 => DesktopInput::TextFrame,
                    5 => DesktopInput::TunnelClosed { code: None },
                    6 => DesktopInput::Request(bytes.clone()),
                    7 => DesktopInput::Cancel,
                    8 => DesktopInput::Request(COMMAND.to_vec()),
                    _ => DesktopInput::Frame(&[0]),
                });
            }
            pair.wait(Duration::from_secs(3600));
            proptest::prop_assert!(pair.desktop.poll_timeout().is_none());
            proptest::prop_assert!(pair.d.ended != pair.d.failed.is_some());
        }
    }
}
