//! SIGTERM: the relay takes nothing new, lets what runs finish, and is gone; a second one ends it
//! at once.

use crate::process::{Client, Relay, until};
use rustix::process::Signal;

const CLOSE: u8 = 8;
const BINARY: u8 = 2;

#[test]
fn a_draining_relay_refuses_new_tunnels_and_lets_running_and_waiting_ones_finish() {
    let mut relay = Relay::start(|_| {});
    assert_eq!(relay.ask("/readyz"), (200, "ready\n".to_owned()));
    let (mut phone, routing) = Client::open(relay.addr, 1);
    let mut desktop = Client::join(relay.addr, &routing, 1);
    let (mut late_phone, late_routing) = Client::open(relay.addr, 2);

    relay.signal(Signal::TERM);
    until("readyz to say no", || {
        (relay.ask("/readyz").0 == 503).then_some(())
    });
    assert_eq!(relay.ask("/healthz").0, 200);
    assert!(relay.ask("/metrics").1.contains("\ntunnel_draining 1\n"));
    assert_eq!(
        Client::ask(relay.addr, &format!("/cable/new/{:032x}", 3)).err(),
        Some(503)
    );

    phone.send(b"from the phone");
    assert_eq!(desktop.frame(), (BINARY, b"from the phone".to_vec()));
    let mut late_desktop = Client::join(relay.addr, &late_routing, 2);
    late_desktop.send(b"late but in time");
    assert_eq!(late_phone.frame(), (BINARY, b"late but in time".to_vec()));
    assert!(!relay.has_ended());

    for (side, other) in [
        (&mut phone, &mut desktop),
        (&mut late_desktop, &mut late_phone),
    ] {
        side.close();
        assert_eq!(other.frame(), (CLOSE, vec![0x03, 0xe8]));
        other.close();
    }
    assert_eq!(relay.end().code(), Some(0));
}

#[test]
fn a_second_signal_ends_running_tunnels_with_1012_and_the_relay_with_0() {
    let mut relay = Relay::start(|_| {});
    let (mut phone, routing) = Client::open(relay.addr, 1);
    let mut desktop = Client::join(relay.addr, &routing, 1);
    relay.signal(Signal::TERM);
    until("readyz to say no", || {
        (relay.ask("/readyz").0 == 503).then_some(())
    });
    relay.signal(Signal::TERM);
    for side in [&mut phone, &mut desktop] {
        let (opcode, payload) = side.frame();
        assert_eq!((opcode, &payload[..2]), (CLOSE, &1012u16.to_be_bytes()[..]));
    }
    drop((phone, desktop));
    assert_eq!(relay.end().code(), Some(0));
}
