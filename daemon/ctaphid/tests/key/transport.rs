//! Channels, messages and who may go on when: CTAPHID without a clock.

use crate::host::{BROADCAST, CANCEL, CBOR, ERROR, Host, INIT, MSG, PING};
use crate::requests::*;
use hybrid_ctaphid::{Ask, Input, Note, Outcome, WorkKind};

const INVALID_COMMAND: u8 = 0x01;
const BUSY: u8 = 0x06;

#[test]
fn init_answers_with_the_nonce_a_channel_and_no_u2f() {
    let mut host = Host::new();
    host.send(BROADCAST, INIT, b"8 bytes!");
    let (_, _, data) = host.only();
    assert_eq!(data[..8], *b"8 bytes!");
    assert_eq!(data[12..], [2, 0, 0, 1, 0x0c], "CTAPHID 2, CBOR and NMSG");
    let channel = u32::from_be_bytes(data[8..12].try_into().unwrap());
    assert!(channel != 0 && channel != BROADCAST);
    assert_ne!(host.open(), channel);
}

#[test]
fn init_on_a_channel_of_ones_own_forgets_what_waits_there() {
    let (mut host, channel) = Host::with_channel();
    host.ctap(channel, &discoverable("example.org"));
    let (ticket, _) = host.ask();
    host.send(channel, INIT, b"again it");
    let (from, command, data) = host.only();
    assert_eq!(
        (from, command, &data[..8]),
        (channel, INIT, &b"again it"[..])
    );
    assert_eq!(data[8..12], channel.to_be_bytes());
    assert_eq!(host.withdrawn, [ticket]);
    host.input(Input::Answered(ticket, &signed("example.org", b"1")));
    assert_eq!(host.heard, []);
    assert_eq!(host.key.poll_timeout(), None);
}

#[test]
fn ping_comes_back_whatever_its_size() {
    let (mut host, channel) = Host::with_channel();
    for size in [0, 1, 57, 58, 116, 117, 7609] {
        let data: Vec<u8> = (0..size).map(|n| n as u8).collect();
        host.send(channel, PING, &data);
        assert_eq!(host.only(), (channel, PING, data));
    }
}

#[test]
fn a_u2f_message_is_refused_and_told() {
    let (mut host, channel) = Host::with_channel();
    host.send(channel, MSG, &[0, 3, 0, 0, 0, 0, 0]);
    assert_eq!(host.only(), (channel, ERROR, vec![INVALID_COMMAND]));
    assert_eq!(host.notes, [Note::LegacyMessage]);
    for command in [0x04, 0x08, 0x3b, 0x3f, 0x40, 0x7f] {
        host.send(channel, command, &[1]);
        assert_eq!(
            host.only(),
            (channel, ERROR, vec![INVALID_COMMAND]),
            "{command:02x}"
        );
    }
}

#[test]
fn while_one_waits_the_others_are_told_to_try_again() {
    let (mut host, first) = Host::with_channel();
    let second = host.open();
    host.ctap(first, &sign_in("example.org", &[b"1"]));
    let (ticket, _) = host.ask();
    for request in [
        sign_in("example.com", &[b"2"]),
        firefox_probe("example.com", &[b"2"]),
        make_me_blink(),
        vec![0x0b],
        vec![0x06, 0xa0],
    ] {
        host.send(second, CBOR, &request);
        assert_eq!(host.only(), (second, ERROR, vec![BUSY]));
    }
    // The one that waits gets it, too, and goes on waiting.
    host.send(first, CBOR, b"\x04");
    assert_eq!(host.only(), (first, ERROR, vec![BUSY]));
    // INIT, PING and getInfo work meanwhile.
    host.send(second, PING, b"ping");
    assert_eq!(host.only(), (second, PING, b"ping".to_vec()));
    assert_eq!(host.ctap(second, b"\x04").unwrap()[0], 0);
    host.open();
    let answer = signed("example.org", b"1");
    host.input(Input::Answered(ticket, &answer));
    assert_eq!(host.reply(first), Some(answer));
    assert_eq!(host.ctap(second, &discoverable("example.com")), None);
    host.ask();
}

#[test]
fn cancel_is_answered_and_frees_the_key_before_the_next_frame() {
    let (mut host, first) = Host::with_channel();
    let second = host.open();
    for request in [discoverable("example.org"), vec![0x0b], make_me_blink()] {
        host.ctap(first, &request);
        let (old, _) = host.ask();
        host.send(first, CANCEL, &[]);
        assert_eq!(host.reply(first).unwrap(), [0x2d]);
        assert_eq!(host.withdrawn.pop(), Some(old));
        let cancelled = Outcome::CancelledByProgram;
        assert_eq!(host.finished.pop().unwrap().1, cancelled);
        // Firefox does not try again: its next request must find the key free.
        assert_eq!(host.ctap(second, &discoverable("example.com")), None);
        let (new, _) = host.ask();
        // The agent's answer to the old one crosses the cancel.
        host.input(Input::Answered(old, &signed("example.com", b"1")));
        host.input(Input::Ended(old));
        assert_eq!(host.reply(second), None);
        host.input(Input::Ended(new));
        assert_eq!(host.reply(second).unwrap(), [0x2d]);
    }
}

#[test]
fn a_cancel_without_work_is_silent_and_hits_neither_others_nor_what_follows() {
    let (mut host, first) = Host::with_channel();
    let second = host.open();
    host.send(first, CANCEL, &[]);
    host.send(0xdead_beef, CANCEL, &[]);
    host.send(BROADCAST, CANCEL, &[]);
    assert_eq!(host.heard, []);
    host.ctap(first, &discoverable("example.org"));
    let (ticket, _) = host.ask();
    host.send(second, CANCEL, &[]);
    assert_eq!(host.heard, []);
    assert_eq!(host.withdrawn, []);
    let answer = signed("example.org", b"1");
    host.input(Input::Answered(ticket, &answer));
    assert_eq!(host.reply(first), Some(answer));
    // OpenSSH cancels after every reply.
    host.send(first, CANCEL, &[]);
    assert_eq!(host.ctap(first, &discoverable("example.org")), None);
    host.ask();
    assert_eq!(host.withdrawn, []);
}

#[test]
fn a_cancel_between_the_frames_of_a_request_answers_it_after_the_last_one() {
    let (mut host, channel) = Host::with_channel();
    let list: Vec<Vec<u8>> = (0..9).map(|n| vec![n; 32]).collect();
    let list: Vec<&[u8]> = list.iter().map(Vec::as_slice).collect();
    let reports = crate::host::reports(channel, CBOR, &sign_in("example.org", &list));
    for (place, report) in reports.iter().enumerate() {
        assert_eq!(host.heard, []);
        host.report(report);
        if place == 1 {
            host.send(channel, CANCEL, &[]);
        }
    }
    assert_eq!(host.reply(channel).unwrap(), [0x2d]);
    assert!(host.asked.is_empty(), "no window comes up");
}

#[test]
fn closing_the_last_handle_ends_everything_and_tells_nobody_but_the_agent() {
    for close in [Input::Closed, Input::Opened] {
        let (mut host, first) = Host::with_channel();
        let second = host.open();
        host.ctap(first, &registration("example.org"));
        let (ticket, _) = host.ask();
        // A message that is not whole, and a reply that is on its way.
        host.report(&crate::host::reports(second, PING, &[0; 200])[0]);
        host.input(close);
        assert_eq!(host.withdrawn, [ticket]);
        assert_eq!(host.finished, [(WorkKind::Create, Outcome::Closed)]);
        assert_eq!(host.key.poll_timeout(), None, "nothing is waited for");
        assert_eq!(host.heard, []);
        assert_eq!(host.ctap(first, &discoverable("example.org")), None);
        host.ask();
    }
}

#[test]
fn a_lost_agent_ends_the_request_at_once() {
    let (mut host, channel) = Host::with_channel();
    for request in [
        discoverable("example.org"),
        registration("ssh:"),
        vec![0x0b],
    ] {
        host.ctap(channel, &request);
        host.ask();
        host.input(Input::AgentLost);
        assert_eq!(host.reply(channel).unwrap(), [0x2d]);
    }
    assert_eq!(host.withdrawn, [], "nobody is there to be told");
}

#[test]
fn an_answer_to_another_question_than_was_asked_cancels() {
    let (mut host, channel) = Host::with_channel();
    type Wrong = fn(&mut Host, hybrid_ctaphid::Ticket);
    let cases: [(Vec<u8>, Wrong); 4] = [
        (vec![0x0b], |host, ticket| {
            host.input(Input::Answered(ticket, b"\x00\xa0"))
        }),
        (discoverable("example.org"), |host, ticket| {
            host.input(Input::Chosen(ticket))
        }),
        (discoverable("example.org"), |host, ticket| {
            host.input(Input::Known(ticket, Some(0)))
        }),
        (probe("ssh:", &hash_of_zeroes(), &[b"1"]), |host, ticket| {
            host.input(Input::Answered(ticket, &signed("ssh:", b"1")));
        }),
    ];
    for (request, answer) in cases {
        assert_eq!(host.ctap(channel, &request), None);
        let (ticket, _) = host.ask();
        answer(&mut host, ticket);
        assert_eq!(host.reply(channel).unwrap(), [0x2d]);
    }
}

#[test]
fn messages_of_several_programs_may_interleave() {
    let (mut host, first) = Host::with_channel();
    let second = host.open();
    let (one, other) = (vec![1; 300], vec![2; 500]);
    let (a, b) = (
        crate::host::reports(first, PING, &one),
        crate::host::reports(second, PING, &other),
    );
    for place in 0..b.len() {
        a.get(place)
            .into_iter()
            .chain(b.get(place))
            .for_each(|report| host.report(report));
    }
    assert_eq!(host.heard, [(first, PING, one), (second, PING, other)]);
}

#[test]
fn the_agent_is_told_for_whom_and_until_when() {
    let (mut host, channel) = Host::with_channel();
    host.ctap(channel, &registration("example.org"));
    let (_, Ask::Relay(relay)) = host.ask() else {
        panic!("not relayed")
    };
    assert_eq!(relay.rp_id.as_str(), "example.org");
    assert_eq!(
        relay.deadline,
        host.now + hybrid_ctaphid::limits::ANSWER_WAIT
    );
}
