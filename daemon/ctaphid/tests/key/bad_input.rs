//! What no honest program sends: an error of its kind, bounded memory, and the next honest request
//! served.

use crate::host::{BROADCAST, CBOR, ERROR, Host, INIT, PING, reports};
use crate::requests::*;
use hybrid_ctaphid::{Ask, Input, Note, ReportError, hazmat, limits};
use proptest::prelude::*;
use std::time::Duration;

const INVALID_LENGTH: u8 = 0x03;
const INVALID_SEQUENCE: u8 = 0x04;
const BUSY: u8 = 0x06;
const INVALID_CHANNEL: u8 = 0x0b;

fn assert_served(host: &mut Host, channel: u32) {
    host.advance(Duration::from_secs(12));
    host.heard.clear();
    assert_eq!(host.ctap(channel, b"\x04").unwrap()[0], 0);
}

#[test]
fn reports_of_the_wrong_size_are_noted_and_nothing_else() {
    let (mut host, channel) = Host::with_channel();
    for size in [0, 1, 63, 66, 128, 4096] {
        host.report(&vec![0; size]);
        assert_eq!(
            host.notes.pop(),
            Some(Note::Report(ReportError::Size(size)))
        );
    }
    host.report(&[2; 65]);
    assert_eq!(
        host.notes.pop(),
        Some(Note::Report(ReportError::Numbered(2)))
    );
    assert_served(&mut host, channel);
}

#[test]
fn channels_that_were_never_given_are_refused() {
    let (mut host, channel) = Host::with_channel();
    for wrong in [0, 1, channel ^ 1, BROADCAST] {
        for (command, data) in [(PING, &b"x"[..]), (CBOR, b"\x04"), (0x03, b"")] {
            host.send(wrong, command, data);
            assert_eq!(host.only(), (wrong, ERROR, vec![INVALID_CHANNEL]));
        }
        // A further frame of nothing is ignored.
        let mut stray = wrong.to_be_bytes().to_vec();
        stray.resize(64, 0);
        host.report(&stray);
        assert_eq!(host.heard, []);
    }
    for wrong in [0, 1, channel ^ 1] {
        host.send(wrong, INIT, b"8 bytes!");
        assert_eq!(host.only(), (wrong, ERROR, vec![INVALID_CHANNEL]));
    }
    assert_served(&mut host, channel);
}

#[test]
fn init_of_another_length_is_refused() {
    let mut host = Host::new();
    for size in [0, 7, 9, 57, 58, 500] {
        let report = &reports(BROADCAST, INIT, &vec![1; size])[0];
        host.report(report);
        assert_eq!(
            host.only(),
            (BROADCAST, ERROR, vec![INVALID_LENGTH]),
            "{size}"
        );
    }
}

#[test]
fn a_gap_in_a_message_is_answered_at_once() {
    let (mut host, channel) = Host::with_channel();
    let request = reports(channel, CBOR, &[2; 2200]);
    let orders: [&[usize]; 4] = [&[0, 2], &[0, 1, 1], &[0, 1, 3], &[0, 1, 2, 1]];
    for order in orders {
        order.iter().for_each(|place| host.report(&request[*place]));
        assert_eq!(host.only(), (channel, ERROR, vec![INVALID_SEQUENCE]));
        // The rest of it is ignored, and the channel is free at once.
        request[4..].iter().for_each(|report| host.report(report));
        assert_eq!(host.heard, []);
        assert_eq!(host.ctap(channel, b"\x04").unwrap()[0], 0);
    }
}

#[test]
fn a_message_that_begins_before_the_one_before_is_whole_is_refused() {
    let (mut host, channel) = Host::with_channel();
    host.report(&reports(channel, CBOR, &[2; 2200])[0]);
    host.send(channel, PING, b"x");
    assert_eq!(host.only(), (channel, ERROR, vec![INVALID_SEQUENCE]));
    assert_served(&mut host, channel);
}

#[test]
fn a_message_longer_than_ctaphid_is_refused_at_its_first_frame() {
    let (mut host, channel) = Host::with_channel();
    for length in [7610_u16, 9000, u16::MAX] {
        let [high, low] = length.to_be_bytes();
        let mut report = [&channel.to_be_bytes()[..], &[CBOR | 0x80, high, low, 2]].concat();
        report.resize(64, 0);
        host.report(&report);
        assert_eq!(host.only(), (channel, ERROR, vec![INVALID_LENGTH]));
    }
    host.send(channel, CBOR, b"");
    assert_eq!(host.only(), (channel, ERROR, vec![INVALID_LENGTH]));
    assert_served(&mut host, channel);
}

#[test]
fn fragments_for_ever_end_and_incomplete_messages_are_few() {
    let mut host = Host::new();
    let channels: Vec<u32> = (0..limits::MAX_ASSEMBLIES + 1)
        .map(|_| host.open())
        .collect();
    for channel in &channels {
        host.report(&reports(*channel, CBOR, &[2; 7609])[0]);
    }
    let last = channels[limits::MAX_ASSEMBLIES];
    assert_eq!(host.only(), (last, ERROR, vec![BUSY]));
    // Whole messages need no place among them.
    assert_eq!(host.ctap(last, b"\x04").unwrap()[0], 0);
    for sequence in 0.. {
        for channel in &channels[..limits::MAX_ASSEMBLIES] {
            host.report(&reports(*channel, CBOR, &[2; 7609])[1 + sequence]);
        }
        host.advance(Duration::from_millis(900));
        if !host.heard.is_empty() {
            assert!((10..13).contains(&sequence), "{sequence}");
            break;
        }
    }
    assert_served(&mut host, last);
}

#[test]
fn a_flood_of_init_costs_a_bounded_table_and_nobodys_channel_in_use() {
    let (mut host, channel) = Host::with_channel();
    host.ctap(channel, &firefox_probe("example.org", &[b"1", b"2"]))
        .unwrap();
    for _ in 0..5000 {
        host.send(BROADCAST, INIT, b"8 bytes!");
        host.heard.clear();
        host.advance(Duration::from_millis(1));
    }
    assert_eq!(host.ctap(channel, b"\x08").unwrap()[0], 0);
    assert_served(&mut host, channel);
}

#[test]
fn a_program_that_writes_and_never_lets_a_reply_out_is_bounded() {
    let (mut host, channel) = Host::with_channel();
    // Time stands still and nothing is taken.
    for report in reports(channel, CBOR, b"\x04").iter().cycle().take(20_000) {
        host.key.handle_input(Input::Report(report), host.now);
        host.key.handle_input(Input::Report(&[0; 3]), host.now);
    }
    let outputs = host.drain();
    assert!(outputs <= limits::MAX_OUTPUTS + limits::BURST, "{outputs}");
    assert_served(&mut host, channel);
}

#[test]
fn full_messages_back_to_back_after_a_stop_are_each_answered() {
    let (mut host, channel) = Host::with_channel();
    let other = host.open();
    for _ in 0..20 {
        for channel in [channel, other] {
            reports(channel, PING, &[7; 7609])
                .iter()
                .for_each(|report| host.report(report));
        }
    }
    host.advance(Duration::from_secs(5));
    let echoes = host
        .heard
        .iter()
        .filter(|(_, command, _)| *command == PING)
        .count();
    let busy = host
        .heard
        .iter()
        .filter(|(_, command, data)| (*command, &data[..]) == (ERROR, &[BUSY]));
    assert_eq!((echoes, echoes + busy.count()), (1, 40));
    assert_served(&mut host, channel);
}

#[test]
fn lists_as_long_as_a_message_and_ids_of_any_length() {
    let (mut host, channel) = Host::with_channel();
    // 64 ids of 1024 bytes fit no message; seven do.
    let id = [9; 1024];
    assert_eq!(
        host.ctap(channel, &sign_in("example.org", &[&id[..]; 7])),
        None
    );
    let (ticket, _) = host.ask();
    host.input(Input::Ended(ticket));
    assert_eq!(host.reply(channel).unwrap(), [0x2d]);
    let reply = host
        .ctap(channel, &firefox_probe("example.org", &[&id[..]; 7]))
        .unwrap();
    assert_eq!((reply[0], reply.last()), (0, Some(&7)));
    // One byte more than any credential has.
    let long = [9; 1025];
    for request in [
        sign_in("example.org", &[&long]),
        firefox_probe("example.org", &[&long]),
    ] {
        assert_eq!(host.ctap(channel, &request).unwrap(), [0x15]);
    }
    // The empty id, and every short one that a message holds.
    let many = vec![&b""[..]; 300];
    assert_eq!(host.ctap(channel, &sign_in("example.org", &many)), None);
    host.ask();
}

#[test]
fn cbor_that_is_no_cbor_is_told_so() {
    let (mut host, channel) = Host::with_channel();
    let cases: [(&[u8], u8); 16] = [
        (b"\x01", 0x12),
        (b"\x02", 0x12),
        (b"\x02\xff", 0x12),
        (b"\x02\xa1", 0x12),
        (b"\x02\xbf\xff", 0x12),
        (b"\x02\xbb\xff\xff\xff\xff\xff\xff\xff\xff", 0x12),
        (b"\x02\xa2\x01\x61a\x01\x61a", 0x12),
        (b"\x02\xa1\x18\x01\x61a", 0x12),
        (b"\x02\xa0\x00", 0x12),
        (b"\x02\x80", 0x11),
        (b"\x02\xa0", 0x14),
        (b"\x01\xa0", 0x14),
        (b"\x02\xa1\x01\x01", 0x11),
        (b"\x02\xa1\x01\x60", 0x02),
        (b"\x02\xa2\x01\x61a\x02\x41\x00", 0x02),
        (b"\x04\xa0", 0x03),
    ];
    for (request, status) in cases {
        assert_eq!(
            host.ctap(channel, request).unwrap(),
            [status],
            "{request:02x?}"
        );
    }
    let deep = [&b"\x02"[..], &[0x81; 4000], &[0]].concat();
    assert_eq!(host.ctap(channel, &deep).unwrap(), [0x12]);
    assert_served(&mut host, channel);
}

#[test]
fn a_pin_that_this_key_has_none_of_and_a_silent_registration_are_refused() {
    let (mut host, channel) = Host::with_channel();
    let with_pin = cat(&[
        b"\x02\xa4\x01",
        &text("a.b"),
        b"\x02",
        &bytes(&[1; 32]),
        b"\x06",
        &bytes(&[1; 16]),
        b"\x07\x02",
    ]);
    assert_eq!(host.ctap(channel, &with_pin).unwrap(), [0x02]);
    let silent = cat(&[
        b"\x01\xa5\x01",
        &bytes(&[1; 32]),
        b"\x02\xa1\x62id",
        &text("a.b"),
        b"\x03\xa1\x62id\x41\x01",
        b"\x04\x81",
        ES256,
        b"\x07\xa1\x62up\xf4",
    ]);
    assert_eq!(host.ctap(channel, &silent).unwrap(), [0x2c]);
    assert!(host.asked.is_empty());
}

proptest! {
    /// Whatever is asked and whatever is answered: no status is sent that Firefox repeats on, and
    /// success of a request with presence comes of a phone's answer alone.
    #[test]
    fn no_damage_makes_a_key_send_what_is_repeated_on(
        at in 1usize..300, to: u8, cut in 0usize..300,
        answer in proptest::collection::vec(any::<u8>(), 0..80),
        way in 0usize..5,
    ) {
        for mut request in [
            registration("example.org"), registration("ssh:"), sign_in("example.org", &[b"1"]),
            firefox_probe("example.org", &[b"1", b"2"]), make_me_blink(), vec![0x0b, 0],
            probe("ssh:", &hash_of_zeroes(), &[b"1"]),
        ] {
            let (mut host, channel) = Host::with_channel();
            let length = request.len();
            request[at % length] = to;
            request.truncate(1 + cut % length);
            let mut reply = host.ctap(channel, &request);
            if let Some((ticket, ask)) = host.asked.pop() {
                prop_assert_eq!(&reply, &None);
                host.input(match way {
                    0 => Input::Answered(ticket, &answer),
                    1 => Input::Chosen(ticket),
                    2 => Input::Known(ticket, Some(0)),
                    3 => Input::Ended(ticket),
                    _ => Input::AgentLost,
                });
                reply = host.reply(channel);
                if matches!(ask, Ask::Relay(_)) && way != 0 {
                    prop_assert_eq!(&reply, &Some(vec![0x2d]));
                }
            }
            let status = reply.unwrap()[0];
            prop_assert!(![0x27, 0x33, 0x36].contains(&status), "{status:02x}");
        }
    }

    #[test]
    fn no_bytes_make_a_key_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        hazmat::key(&bytes);
        hazmat::messages(&bytes);
    }
}
