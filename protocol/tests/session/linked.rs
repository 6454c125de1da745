//! The linked flow.

use crate::pair::*;
use hybrid_protocol::AdvertVerdict;
use hybrid_protocol::{Cause, DesktopInput, Path, PhoneInput, Stage, TunnelFault};
use std::time::Duration;

fn finish(mut pair: Pair) -> Pair {
    pair.desktop(DesktopInput::Request(COMMAND.to_vec()));
    pair.carry_frames();
    pair.phone(PhoneInput::Respond(REPLY.to_vec()));
    pair.carry_frames();
    assert_eq!(pair.d.reply.as_deref(), Some(REPLY));
    assert!(pair.d.ended && pair.p.ended);
    pair
}

#[test]
fn a_linked_phone_is_contacted_first_and_then_heard() {
    let mut pair = Pair::rung();
    assert!(matches!(pair.d.routes[0].path, Path::Contact(_)));
    pair.desktop(DesktopInput::TunnelOpened { signal: false });
    let advert = pair.p.adverts[0];
    pair.advert(&advert);
    assert_eq!(pair.d.heard, [AdvertVerdict::Ours(None)]);
    let pair = finish(pair);
    use Stage::{Advert, Contact, Done, Greeting, Handshake, Linger, Reply, Request};
    assert_eq!(
        pair.d.stages,
        [
            Contact, Advert, Handshake, Greeting, Request, Reply, Linger, Done
        ]
    );
}

#[test]
fn an_advert_that_comes_before_the_tunnel_is_remembered() {
    let mut pair = Pair::rung();
    let advert = pair.p.adverts[0];
    pair.advert(&advert);
    pair.desktop(DesktopInput::TunnelOpened { signal: true });
    pair.desktop(DesktopInput::Frame(&[0]));
    finish(pair);
}

#[test]
fn the_signal_may_come_before_the_advert() {
    let mut pair = Pair::rung();
    pair.desktop(DesktopInput::TunnelOpened { signal: true });
    pair.desktop(DesktopInput::Frame(&[0]));
    let advert = pair.p.adverts[0];
    pair.advert(&advert);
    finish(pair);
}

#[test]
fn anything_else_in_the_signals_place_is_fatal() {
    let mut pair = Pair::rung();
    pair.desktop(DesktopInput::TunnelOpened { signal: true });
    pair.desktop(DesktopInput::Frame(&[1]));
    assert_eq!(pair.d.failed.unwrap().cause, Cause::BadSignal);
}

#[test]
fn a_signal_that_was_not_promised_is_a_frame_before_its_turn() {
    let mut pair = Pair::rung();
    pair.desktop(DesktopInput::TunnelOpened { signal: false });
    pair.desktop(DesktopInput::Frame(&[0]));
    assert_eq!(pair.d.failed.unwrap().cause, Cause::UnexpectedFrame);
}

#[test]
fn a_dead_contact_id_is_told_as_http_410_in_contact() {
    let mut pair = Pair::contacting();
    pair.desktop(DesktopInput::TunnelFailed(TunnelFault::Http(410)));
    let failure = pair.d.failed.unwrap();
    assert_eq!(
        (failure.at, failure.cause),
        (Stage::Contact, Cause::Tunnel(TunnelFault::Http(410)))
    );
}

#[test]
fn silence_of_relay_and_of_phone_have_their_own_budgets() {
    let mut relay = Pair::contacting();
    relay.wait(Stage::Contact.budget());
    assert_eq!(relay.d.failed.unwrap().at, Stage::Contact);

    let mut phone = Pair::contacting();
    phone.desktop(DesktopInput::TunnelOpened { signal: false });
    phone.wait(Stage::Advert.budget() - Duration::from_millis(1));
    assert_eq!(phone.d.failed, None);
    phone.wait(Duration::from_millis(1));
    assert_eq!(phone.d.failed.unwrap().at, Stage::Advert);
}

#[test]
fn a_phone_with_another_identity_fails_the_handshake() {
    let mut pair = Pair::rung();
    pair.desktop(DesktopInput::TunnelOpened { signal: false });
    let advert = pair.p.adverts[0];
    pair.advert(&advert);
    pair.desktop(DesktopInput::Frame(&[4; 81]));
    assert!(matches!(pair.d.failed.unwrap().cause, Cause::Handshake(_)));
}
