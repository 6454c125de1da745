//! The dialects of silent probes and dummies, against golden answers.

use crate::host::Host;
use crate::requests::*;
use hybrid_ctaphid::{Ask, Input};
use sha2::{Digest, Sha256};
use std::time::Duration;

/// Asserts a made-up assertion, whose signature is the only thing that is not known beforehand.
fn assert_made_up(reply: &[u8], rp: &str, id: &[u8], count: Option<u8>) {
    let entries = if count.is_some() { 0xa4 } else { 0xa3 };
    let hash = Sha256::digest(rp.as_bytes());
    let start = cat(&[
        &[0x00, entries, 0x01],
        &descriptor(id),
        b"\x02\x58\x25",
        &hash,
        &[0; 5],
        b"\x03\x58\x46\x30\x44\x02\x20",
    ]);
    assert_eq!(hex::encode(&reply[..start.len()]), hex::encode(&start));
    let rest = &reply[start.len()..];
    assert_eq!(
        rest[32..34],
        [0x02, 0x20],
        "a DER signature of two integers"
    );
    assert!(
        [rest[0], rest[34]]
            .iter()
            .all(|byte| (0x40..0x80).contains(byte))
    );
    let tail = count.map_or(Vec::new(), |count| vec![0x05, count]);
    assert_eq!(rest[66..], tail);
}

#[test]
fn firefox_is_given_every_id_of_its_list() {
    for count in [1, 2, 20, 64, 65] {
        let (mut host, channel) = Host::with_channel();
        let list: Vec<Vec<u8>> = (0..count).map(|n| vec![n; 32]).collect();
        let list: Vec<&[u8]> = list.iter().map(Vec::as_slice).collect();
        let reply = host
            .ctap(channel, &firefox_probe("example.org", &list))
            .unwrap();
        if count == 1 {
            assert_made_up(&reply, "example.org", list[0], None);
        } else {
            let (tail, reply) = (reply.last(), &reply);
            assert_eq!(tail, Some(&count));
            if count < 24 {
                assert_made_up(reply, "example.org", list[0], Some(count));
            }
        }
        for id in &list[1..] {
            let reply = host.ctap(channel, b"\x08").unwrap();
            assert_made_up(&reply, "example.org", id, None);
        }
        assert_eq!(host.ctap(channel, b"\x08").unwrap(), [0x30], "and no more");
        assert!(host.asked.is_empty(), "nobody is asked");
    }
}

#[test]
fn the_rest_of_firefoxes_list_survives_other_programs_and_no_other_command_of_its_own() {
    let (mut host, firefox) = Host::with_channel();
    let other = host.open();
    let probe = firefox_probe("example.org", &[b"1", b"2", b"3"]);
    host.ctap(firefox, &probe).unwrap();
    // Another program begins a request that waits, and is kept alive.
    assert_eq!(host.ctap(other, &discoverable("example.org")), None);
    host.advance(Duration::from_secs(1));
    assert_made_up(
        &host.ctap(firefox, b"\x08").unwrap(),
        "example.org",
        b"2",
        None,
    );
    // getInfo of its own ends it.
    host.ctap(firefox, b"\x04").unwrap();
    assert_eq!(host.ctap(firefox, b"\x08").unwrap(), [0x30]);
    // So does time.
    host.input(Input::Closed);
    host.ctap(firefox, &probe).unwrap();
    host.advance(Duration::from_secs(31));
    assert_eq!(host.ctap(firefox, b"\x08").unwrap(), [0x30]);
    // And another channel has none.
    host.ctap(firefox, &probe).unwrap();
    assert_eq!(host.ctap(other, b"\x08").unwrap(), [0x30]);
}

#[test]
fn other_browsers_are_given_one_id_and_no_count() {
    for hash in [[0; 32], hash_of_zeroes(), [0x5a; 32]] {
        let (mut host, channel) = Host::with_channel();
        // One id needs no memory.
        let reply = host
            .ctap(channel, &probe("example.org", &hash, &[b"1"]))
            .unwrap();
        assert_made_up(&reply, "example.org", b"1", None);
        // Of several the one that a phone answered with, else the first.
        for (known, id) in [(Some(1), b"2"), (None, b"1"), (Some(9), b"1")] {
            let request = probe("example.org", &hash, &[b"1", b"2"]);
            assert_eq!(host.ctap(channel, &request), None);
            let (ticket, Ask::Known { rp_id, ids }) = host.ask() else {
                panic!("no memory")
            };
            assert_eq!(
                (rp_id.as_str(), ids.len(), ids[1].bytes()),
                ("example.org", 2, &b"2"[..])
            );
            host.input(Input::Known(ticket, known));
            let reply = host.reply(channel).unwrap();
            assert_made_up(&reply, "example.org", id, None);
            assert_eq!(host.ctap(channel, b"\x08").unwrap(), [0x30]);
        }
    }
}

#[test]
fn programs_are_told_yes_only_for_what_is_known() {
    for rp in ["ssh:", "ssh:work", "pam://host"] {
        for hash in [hash_of_zeroes(), [0; 32], [0x5a; 32], empty_hash()] {
            let (mut host, channel) = Host::with_channel();
            for (known, expected) in [(Some(0), 0x00), (None, 0x2e), (Some(7), 0x2e)] {
                assert_eq!(host.ctap(channel, &probe(rp, &hash, &[b"1"])), None);
                let (ticket, Ask::Known { .. }) = host.ask() else {
                    panic!("no memory")
                };
                host.input(Input::Known(ticket, known));
                let reply = host.reply(channel).unwrap();
                assert_eq!(reply[0], expected);
                if expected == 0 {
                    assert_made_up(&reply, rp, b"1", None);
                }
            }
        }
    }
}

#[test]
fn a_memory_that_does_not_answer_knows_nothing() {
    let (mut host, channel) = Host::with_channel();
    let ends: [fn(&mut Host); 3] = [
        |host| host.advance(Duration::from_secs(1)),
        |host| host.input(Input::AgentLost),
        |host| {
            let (ticket, _) = host.asked[0];
            host.input(Input::Ended(ticket));
        },
    ];
    for end in ends {
        assert_eq!(
            host.ctap(channel, &probe("ssh:", &hash_of_zeroes(), &[b"1"])),
            None
        );
        end(&mut host);
        assert_eq!(host.reply(channel).unwrap(), [0x2e]);
        host.ask();
        assert_eq!(
            host.ctap(channel, &probe("example.org", &[0x5a; 32], &[b"1", b"2"])),
            None
        );
        end(&mut host);
        assert_made_up(&host.reply(channel).unwrap(), "example.org", b"1", None);
        host.ask();
    }
}

#[test]
fn a_probe_without_a_list_is_told_no() {
    let (mut host, channel) = Host::with_channel();
    for rp in ["ssh:", "example.org"] {
        assert_eq!(host.ctap(channel, &probe_without_list(rp)).unwrap(), [0x2e]);
        assert_eq!(
            host.ctap(channel, &probe(rp, &empty_hash(), &[])).unwrap(),
            [0x2e]
        );
    }
    assert!(host.asked.is_empty());
}

#[test]
fn every_dummy_asks_the_person_and_counts_as_touched() {
    let dummies = [
        make_me_blink(),
        dummy(".dummy", b""),
        dummy("localhost", b""),
        dummy("localhost", b"\x08\x40"),
        dummy(".dummy", b"\x07\xa1\x62uv\xf5"),
        // A sign-in with an empty pinUvAuthParam (CTAP 2.2 §6.2.2, step 1).
        cat(&[
            b"\x02\xa3\x01",
            &text("a.b"),
            b"\x02",
            &bytes(&[1; 32]),
            b"\x06\x40",
        ]),
    ];
    for request in dummies {
        let (mut host, channel) = Host::with_channel();
        assert_eq!(host.ctap(channel, &request), None);
        let (ticket, ask) = host.ask();
        assert_eq!(ask, Ask::Choose);
        host.input(Input::Chosen(ticket));
        assert_eq!(host.reply(channel).unwrap(), [0x35]);
        // Declined:
        assert_eq!(host.ctap(channel, &request), None);
        let (ticket, _) = host.ask();
        host.input(Input::Ended(ticket));
        assert_eq!(host.reply(channel).unwrap(), [0x2d]);
    }
}

#[test]
fn a_page_on_localhost_is_real() {
    let (mut host, channel) = Host::with_channel();
    assert_eq!(host.ctap(channel, &registration("localhost")), None);
    let (_, Ask::Relay(relay)) = host.ask() else {
        panic!("not relayed")
    };
    assert_eq!(relay.rp_id.as_str(), "localhost");
}

#[test]
fn a_dummy_after_a_probe_that_was_refused_is_answered_at_once() {
    let (mut host, channel) = Host::with_channel();
    for request in [
        make_me_blink(),
        dummy(".dummy", b""),
        dummy("localhost", b""),
    ] {
        host.ctap(channel, &probe("ssh:", &hash_of_zeroes(), &[b"1"]));
        let (ticket, _) = host.ask();
        host.input(Input::Known(ticket, None));
        assert_eq!(host.reply(channel).unwrap(), [0x2e]);
        assert_eq!(host.ctap(channel, &request).unwrap(), [0x35]);
        // Only the first one after it, and only on that channel.
        assert_eq!(host.ctap(channel, &request), None);
        let (ticket, _) = host.ask();
        host.input(Input::Ended(ticket));
        host.reply(channel).unwrap();
    }
}

#[test]
fn who_chose_this_key_is_not_asked_again() {
    let (mut host, channel) = Host::with_channel();
    assert_eq!(host.ctap(channel, b"\x0b"), None);
    let (ticket, ask) = host.ask();
    assert_eq!(ask, Ask::Choose);
    host.input(Input::Chosen(ticket));
    assert_eq!(host.reply(channel).unwrap(), [0x00]);
    // Firefox probes between.
    host.ctap(channel, &firefox_probe("example.org", &[b"1"]))
        .unwrap();
    for chosen in [true, false] {
        host.ctap(channel, &sign_in("example.org", &[b"1"]));
        let (ticket, Ask::Relay(relay)) = host.ask() else {
            panic!("not relayed")
        };
        assert_eq!(relay.chosen, chosen, "once");
        host.input(Input::Ended(ticket));
        host.reply(channel).unwrap();
    }
}

#[test]
fn get_info_is_the_same_while_another_program_waits() {
    let (mut host, channel) = Host::with_channel();
    let before = host.ctap(channel, b"\x04").unwrap();
    assert_eq!(before[0], 0);
    let other = host.open();
    host.ctap(other, &discoverable("example.org"));
    assert_eq!(host.ctap(channel, b"\x04").unwrap(), before);
}

#[test]
fn what_is_not_listed_is_an_invalid_command_and_reset_is_not_allowed() {
    let (mut host, channel) = Host::with_channel();
    let known = [0x01, 0x02, 0x04, 0x07, 0x08, 0x0b];
    for number in (0..=255).filter(|number| !known.contains(number)) {
        assert_eq!(
            host.ctap(channel, &[number, 0xa0]).unwrap(),
            [0x01],
            "{number:02x}"
        );
    }
    assert_eq!(host.ctap(channel, b"\x07").unwrap(), [0x30]);
}

#[test]
fn a_key_without_es256_is_refused_before_anybody_is_asked() {
    let (mut host, channel) = Host::with_channel();
    // ed25519-sk
    let request = cat(&[
        b"\x01\xa4\x01",
        &bytes(&[0x5a; 32]),
        b"\x02\xa1\x62id",
        &text("ssh:"),
        b"\x03\xa2\x62id",
        &bytes(&[0; 32]),
        b"\x64name",
        &text("openssh"),
        b"\x04\x81",
        EDDSA,
    ]);
    assert_eq!(host.ctap(channel, &request).unwrap(), [0x26]);
    assert!(host.asked.is_empty());
}
