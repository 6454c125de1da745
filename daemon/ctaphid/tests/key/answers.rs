//! What a program is told of a phone's answer.

use crate::host::Host;
use crate::requests::*;
use hybrid_ctaphid::hazmat::{self, Command};
use hybrid_ctaphid::{AnswerError, AnswerNote, Input, Note};
use proptest::prelude::*;

/// Asks, answers, and returns what the program gets.
fn exchange(request: &[u8], answer: &[u8]) -> (Vec<u8>, Vec<Note>) {
    let (mut host, channel) = Host::with_channel();
    assert_eq!(host.ctap(channel, request), None);
    let (ticket, _) = host.ask();
    host.input(Input::Answered(ticket, answer));
    (host.reply(channel).unwrap(), host.notes)
}

fn refused(error: AnswerError) -> (Vec<u8>, Vec<Note>) {
    (vec![0x2d], vec![Note::Answer(AnswerNote::Refused(error))])
}

/// Authenticator data with a credential and, when given, an extension map.
fn attested(rp: &str, extensions: &[u8]) -> Vec<u8> {
    let flags = if extensions.is_empty() { 0x45 } else { 0xc5 };
    let id = [&[0; 16][..], &[0, 3], b"new"].concat();
    cat(&[
        &authenticator_data(rp, flags),
        &id,
        b"\xa1\x01\x02",
        extensions,
    ])
}

fn created(rp: &str, extensions: &[u8]) -> Vec<u8> {
    let data = attested(rp, extensions);
    cat(&[b"\x00\xa3\x01\x64none\x02", &bytes(&data), b"\x03\xa0"])
}

#[test]
fn honest_answers_go_byte_for_byte() {
    let answer = signed("example.org", b"2");
    let request = sign_in("example.org", &[b"1", b"2"]);
    assert_eq!(exchange(&request, &answer), (answer.clone(), vec![]));
    assert_eq!(
        exchange(&discoverable("example.org"), &answer),
        (answer, vec![])
    );
    let answer = created("example.org", b"");
    assert_eq!(
        exchange(&registration("example.org"), &answer),
        (answer, vec![])
    );
    // Unsigned outputs of prf, at create's key 6 and get's key 8.
    let data = bytes(&attested("example.org", b""));
    let prf = b"\xa1\x63prf\xa1\x67enabled\xf5";
    let answer = cat(&[b"\x00\xa4\x01\x64none\x02", &data, b"\x03\xa0\x06", prf]);
    assert_eq!(
        exchange(&registration("example.org"), &answer),
        (answer, vec![])
    );
}

#[test]
fn the_credential_may_be_left_out_of_a_list_of_one_alone() {
    let data = bytes(&authenticator_data("example.org", 0x05));
    let answer = cat(&[b"\x00\xa2\x02", &data, b"\x03\x42\x30\x00"]);
    let one = sign_in("example.org", &[b"1"]);
    assert_eq!(exchange(&one, &answer), (answer.clone(), vec![]));
    let missing = refused(AnswerError::Missing(1));
    assert_eq!(
        exchange(&sign_in("example.org", &[b"1", b"2"]), &answer),
        missing
    );
    assert_eq!(exchange(&discoverable("example.org"), &answer), missing);
}

#[test]
fn answers_to_something_else_are_not_handed_on() {
    let request = sign_in("example.org", &[b"1", b"2"]);
    let with = |data: &[u8]| {
        cat(&[
            b"\x00\xa3\x01",
            &descriptor(b"1"),
            b"\x02",
            &bytes(data),
            b"\x03\x42\x30\x00",
        ])
    };
    let data = |rp, flags| authenticator_data(rp, flags);
    for (answer, error) in [
        (vec![], AnswerError::Empty),
        (vec![0], AnswerError::NotAMap),
        (b"\x00\x80".to_vec(), AnswerError::NotAMap),
        (b"\x00\xff\xff".to_vec(), AnswerError::NotAMap),
        (b"\x00\xa0".to_vec(), AnswerError::Missing(2)),
        (signed("example.org", b"3"), AnswerError::ForeignCredential),
        (signed("example.com", b"1"), AnswerError::OtherRelyingParty),
        (with(&data("example.org", 0x04)), AnswerError::NobodyPresent),
        (
            with(&data("example.org", 0x05)[..36]),
            AnswerError::AuthenticatorData,
        ),
        (
            with(&data("example.org", 0x45)),
            AnswerError::AuthenticatorData,
        ),
        (
            with(&data("example.org", 0x85)),
            AnswerError::AuthenticatorData,
        ),
    ] {
        assert_eq!(exchange(&request, &answer), refused(error), "{answer:02x?}");
    }
    let creation = registration("example.org");
    let answer = signed("example.org", b"1");
    assert_eq!(
        exchange(&creation, &answer),
        refused(AnswerError::Missing(1))
    );
}

#[test]
fn an_extension_that_nobody_asked_for_is_a_note() {
    let answer = created("example.org", b"\xa1\x6bcredProtect\x02");
    let note = Note::Answer(AnswerNote::UnaskedExtension("credProtect".to_owned()));
    assert_eq!(
        exchange(&registration("example.org"), &answer),
        (answer, vec![note])
    );
    // hmac-secret was stripped from the request: nobody asked a phone for it.
    let answer = created("example.org", b"\xa1\x6bhmac-secret\xf5");
    let (_, notes) = exchange(&registration("example.org"), &answer);
    assert_eq!(notes.len(), 1);
    let answer = created("example.org", b"\xa1\x63prf\xa0");
    assert_eq!(
        exchange(&registration("example.org"), &answer),
        (answer, vec![])
    );
}

#[test]
fn of_several_assertions_the_first_is_the_only_one() {
    let single = signed("example.org", b"1");
    let mut several = single.clone();
    several[1] = 0xa4;
    several.extend([0x05, 0x02]);
    let note = Note::Answer(AnswerNote::FurtherAssertionsLeftOut);
    assert_eq!(
        exchange(&discoverable("example.org"), &several),
        (single, vec![note])
    );
}

#[test]
fn an_answer_that_fits_no_message_is_cancelled_and_told() {
    let sized = |size: usize| {
        let data = bytes(&authenticator_data("example.org", 0x05));
        cat(&[
            b"\x00\xa3\x01",
            &descriptor(b"1"),
            b"\x02",
            &data,
            b"\x03",
            &bytes(&vec![1; size]),
        ])
    };
    let rest = sized(300).len() - 300;
    let request = sign_in("example.org", &[b"1"]);
    let longest = sized(7609 - rest);
    assert_eq!(exchange(&request, &longest), (longest, vec![]));
    let error = AnswerError::TooLong(7610);
    assert_eq!(exchange(&request, &sized(7610 - rest)), refused(error));
}

#[test]
fn every_status_of_a_phone_becomes_one_that_ends_the_request() {
    for status in 1..=255 {
        let expected = match status {
            0x19 | 0x28 | 0x2e => status,
            _ => 0x2d,
        };
        let (reply, notes) = exchange(&discoverable("example.org"), &[status, 0xa0]);
        assert_eq!((reply, notes), (vec![expected], vec![]));
    }
}

#[test]
fn the_credential_of_an_answer_is_told_for_the_memory() {
    let of = |command: &[u8], answer: &[u8]| {
        let (rp_id, id) = hybrid_ctaphid::credential_of(command, answer)?;
        Some((rp_id.as_str().to_owned(), id.bytes().to_vec()))
    };
    let expected = |id: &[u8]| Some(("example.org".to_owned(), id.to_vec()));
    let (create, get) = (registration("example.org"), sign_in("example.org", &[b"1"]));
    assert_eq!(of(&create, &created("example.org", b"")), expected(b"new"));
    assert_eq!(of(&get, &signed("example.org", b"1")), expected(b"1"));
    let data = bytes(&authenticator_data("example.org", 0x05));
    let without = cat(&[b"\x00\xa2\x02", &data, b"\x03\x42\x30\x00"]);
    assert_eq!(of(&get, &without), expected(b"1"));
    // What is not handed on is not remembered, and nobody was there for a made-up assertion.
    assert_eq!(of(&get, &signed("example.org", b"2")), None);
    assert_eq!(of(&get, &[0x2e]), None);
    let probe = firefox_probe("example.org", &[b"1"]);
    assert_eq!(of(&probe, &signed("example.org", b"1")), None);
}

#[test]
fn what_no_message_can_carry_is_not_read() {
    // An array of small numbers, which takes thirty times as much memory once it is read.
    let long = cat(&[&[0, 0x9a, 0, 0x10, 0, 0], &vec![0; 1 << 20]]);
    let (command, size) = (registration("example.org"), long.len());
    assert_eq!(
        exchange(&command, &long),
        refused(AnswerError::TooLong(size))
    );
}

proptest! {
    #[test]
    fn no_answer_makes_it_panic_or_send_what_is_repeated_on(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        at in 0usize..200,
        to: u8,
    ) {
        let requests = [registration("example.org"), sign_in("example.org", &[b"1"])];
        for command in requests {
            let (Command::Create(request) | Command::Get(request)) = Command::parse(&command)
            else { panic!("no request") };
            let created = created("example.org", b"\xa1\x63prf\xa0");
            let mut damaged = [created, signed("example.org", b"1")];
            for answer in &mut damaged {
                let length = answer.len();
                answer[at % length] = to;
            }
            for answer in [&bytes, &damaged[0], &damaged[1]] {
                let _ = hybrid_ctaphid::credential_of(&command, answer);
                let (reply, _) = hazmat::judged(&request, answer);
                prop_assert!([0x00, 0x19, 0x28, 0x2d, 0x2e].contains(&reply.code()));
            }
        }
    }
}
