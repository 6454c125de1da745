//! Every deadline and every keepalive, in virtual time.

use crate::host::{CBOR, ERROR, Host, PING, reports};
use crate::requests::*;
use hybrid_ctaphid::{Input, Outcome, Wait, WorkKind, limits};
use std::time::Duration;

const TIMEOUT: u8 = 0x05;

#[test]
fn an_idle_key_waits_for_nothing() {
    let (mut host, channel) = Host::with_channel();
    assert_eq!(host.key.poll_timeout(), None);
    host.ctap(channel, b"\x04").unwrap();
    host.ctap(channel, &firefox_probe("example.org", &[b"1", b"2"]))
        .unwrap();
    assert_eq!(host.key.poll_timeout(), None);
}

#[test]
fn a_waiting_program_is_kept_alive_ten_times_a_second() {
    let (mut host, channel) = Host::with_channel();
    host.ctap(channel, &discoverable("example.org"));
    let (ticket, _) = host.ask();
    host.advance(Duration::from_millis(350));
    host.input(Input::Shown(ticket));
    host.advance(Duration::from_millis(300));
    let ms = |n| Duration::from_millis(n);
    let expected: Vec<_> = [(100, 1), (200, 1), (300, 1), (400, 2), (500, 2), (600, 2)]
        .map(|(at, status)| (ms(at), channel, status))
        .into();
    assert_eq!(host.keepalives, expected);
    host.input(Input::Answered(ticket, &signed("example.org", b"1")));
    assert!(host.reply(channel).is_some());
    host.advance(Duration::from_secs(1));
    assert_eq!(host.keepalives.len(), 6, "none after the reply");
}

#[test]
fn a_stall_is_followed_by_one_keepalive() {
    let (mut host, channel) = Host::with_channel();
    host.ctap(channel, &discoverable("example.org"));
    host.now += Duration::from_secs(20);
    host.advance(Duration::ZERO);
    assert_eq!(host.keepalives.len(), 1);
    host.advance(Duration::from_millis(100));
    assert_eq!(host.keepalives.len(), 2);
}

#[test]
fn keepalives_have_no_gap_above_300_ms_while_another_program_floods() {
    let (mut host, waiting) = Host::with_channel();
    let flooding = host.open();
    host.ctap(waiting, &discoverable("example.org"));
    let ping = reports(flooding, PING, &[3; 7609]);
    let info = reports(flooding, CBOR, b"\x04");
    let wrong = reports(0xdead_beef, CBOR, b"\x04");
    for step in 0..400 {
        for _ in 0..40 {
            [&ping, &info, &wrong][step % 3]
                .iter()
                .for_each(|report| host.report(report));
        }
        host.advance(Duration::from_millis(10));
    }
    let gaps = host.keepalives.windows(2).map(|pair| pair[1].0 - pair[0].0);
    let worst = gaps.max().unwrap();
    assert!(worst <= Duration::from_millis(300), "{worst:?}");
    assert!(
        host.keepalives
            .iter()
            .all(|(_, channel, _)| *channel == waiting)
    );
    // And the waiting program can still cancel.
    host.heard.clear();
    host.send(waiting, crate::host::CANCEL, &[]);
    host.advance(Duration::from_secs(1));
    assert!(host.heard.contains(&(waiting, CBOR, vec![0x2d])));
}

#[test]
fn each_question_ends_with_its_own_deadline() {
    let cases = [
        (
            discoverable("example.org"),
            WorkKind::Get,
            Wait::Answer,
            limits::ANSWER_WAIT,
        ),
        (
            registration("example.org"),
            WorkKind::Create,
            Wait::Answer,
            limits::ANSWER_WAIT,
        ),
        (
            vec![0x0b],
            WorkKind::Choice,
            Wait::Choice,
            limits::CHOICE_WAIT,
        ),
        (
            make_me_blink(),
            WorkKind::Choice,
            Wait::Choice,
            limits::CHOICE_WAIT,
        ),
    ];
    for (request, kind, wait, budget) in cases {
        let (mut host, channel) = Host::with_channel();
        host.ctap(channel, &request);
        let (ticket, _) = host.ask();
        host.advance(budget - Duration::from_millis(1));
        assert_eq!(host.heard, []);
        host.advance(Duration::from_millis(1));
        assert_eq!(host.waits.last(), Some(&wait));
        assert_eq!(host.reply(channel).unwrap(), [0x2d]);
        assert_eq!(host.withdrawn, [ticket]);
        assert_eq!(host.finished, [(kind, Outcome::TimedOut(wait))]);
        assert_eq!(host.key.poll_timeout(), None);
    }
}

#[test]
fn a_memory_is_waited_for_a_second() {
    let (mut host, channel) = Host::with_channel();
    host.ctap(channel, &probe("ssh:", &hash_of_zeroes(), &[b"1"]));
    host.advance(limits::MEMORY_WAIT);
    assert_eq!(host.waits.last(), Some(&Wait::Memory));
    assert_eq!(host.reply(channel).unwrap(), [0x2e]);
    let (ticket, _) = host.ask();
    assert_eq!(host.withdrawn, [ticket]);
}

#[test]
fn a_fragment_that_stays_away_is_answered_within_a_second() {
    let (mut host, channel) = Host::with_channel();
    let request = reports(channel, CBOR, &[2; 2200]);
    for report in &request[..5] {
        host.report(report);
        host.advance(limits::FRAGMENT_WAIT / 2);
    }
    assert_eq!(host.heard, []);
    host.advance(limits::FRAGMENT_WAIT / 2);
    assert_eq!(host.waits, [Wait::Fragment]);
    assert_eq!(host.only(), (channel, ERROR, vec![TIMEOUT]));
    // What comes too late is no message any more, and the channel is free.
    host.report(&request[5]);
    assert_eq!(host.heard, []);
    assert_eq!(host.ctap(channel, b"\x04").unwrap()[0], 0);
}

#[test]
fn fragments_that_waited_while_the_key_was_stopped_are_still_a_message() {
    let (mut host, channel) = Host::with_channel();
    let request = reports(channel, PING, &[2; 7609]);
    host.report(&request[0]);
    host.now += Duration::from_secs(8);
    request[1..].iter().for_each(|report| host.report(report));
    assert_eq!(host.only().2.len(), 7609);
}

#[test]
fn a_long_list_is_fetched_without_a_pause() {
    let (mut host, channel) = Host::with_channel();
    let list: Vec<Vec<u8>> = (0..64).map(|n| vec![n; 64]).collect();
    let list: Vec<&[u8]> = list.iter().map(Vec::as_slice).collect();
    host.send(channel, CBOR, &firefox_probe("example.org", &list));
    for _ in 1..64 {
        host.send(channel, CBOR, b"\x08");
    }
    assert_eq!(host.heard.len(), 64);
    assert_eq!(host.now, host.start, "no time has passed");
}

#[test]
fn a_long_reply_is_written_no_faster_than_the_kernel_can_hold() {
    let (mut host, channel) = Host::with_channel();
    for report in reports(channel, PING, &[2; 7609]) {
        host.key.handle_input(Input::Report(&report), host.now);
    }
    let mut most = 0;
    while let Some((at, wait)) = {
        let count = core::iter::from_fn(|| host.key.poll_output()).count();
        most = most.max(count);
        host.key.poll_timeout()
    } {
        assert_eq!(wait, Wait::Pause);
        host.key.handle_timeout(at);
    }
    assert_eq!(most, limits::BURST);
}
