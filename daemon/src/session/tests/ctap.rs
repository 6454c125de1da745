//! CTAP bytes in, CTAP bytes out: what a virtual security key asks of a session.

use super::phone::{Hand, Played, play};
use crate::session::{Begin, CtapRequest, NotForPhones, Outcome};
use hybrid_diagnosis::timeline::EventKind;
use hybrid_protocol::{
    ContactId, DomainId, LinkId, PhoneLink, PrivateKey, Secret, StoredLink, Wiped,
};
use hybrid_webauthn::{CtapStatus, ReplyError};

/// makeCredential and getAssertion with parameters that nobody but the asking program and the phone
/// needs to understand.
const COMMANDS: [&[u8]; 2] = [
    &[0x01, 0xa1, 0x01, 0x41, 0xff],
    &[0x02, 0xa2, 0x01, 0x61, b'a', 0x18, 0x63, 0x1a, 0, 0, 0, 1],
];
/// getInfo as phones say it, as little as is allowed, and one that says nothing useful.
const GET_INFOS: [&[u8]; 3] = [
    b"\xa3\x01\x81\x68FIDO_2_0\x03\x50\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x04\xa2\x62rk\xf5\x62uv\xf5",
    &[0xa0],
    &[0xa1, 0x04, 0xa0],
];
const ANSWER: &[u8] = &[0x00, 0xa1, 0x18, 0x2a, 0x42, 0xca, 0xfe];

fn request(command: &[u8]) -> CtapRequest {
    CtapRequest::new(Wiped::new(command.to_vec())).unwrap()
}

fn hand(get_info: &[u8], answer: &[u8]) -> Hand {
    Hand {
        get_info: get_info.to_vec(),
        answer: answer.to_vec(),
        ..Hand::default()
    }
}

fn assert_answered(played: &Played<Wiped>, command: &[u8]) {
    assert!(
        matches!(played.outcome, Outcome::Replied),
        "{}",
        played.outcome
    );
    let response = played.response.as_ref().unwrap().as_ref().unwrap();
    assert_eq!(response.expose(), ANSWER);
    assert_eq!(played.asked, [command.to_vec()], "byte for byte, and once");
}

#[tokio::test(start_paused = true)]
async fn ctap_bytes_reach_the_phone_and_its_answer_comes_back_untouched() {
    for command in COMMANDS {
        for get_info in GET_INFOS {
            let played = play(&request(command), &Begin::Code, hand(get_info, ANSWER)).await;
            assert_answered(&played, command);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_status_of_the_phone_is_told_to_whoever_asked_and_to_the_person() {
    for status in [0x19, 0x27, 0x2e] {
        let played = play(
            &request(COMMANDS[1]),
            &Begin::Code,
            hand(GET_INFOS[0], &[status]),
        )
        .await;
        assert!(matches!(played.outcome, Outcome::Replied));
        assert_eq!(
            played.response.unwrap().unwrap_err(),
            ReplyError::Declined(CtapStatus(status))
        );
        let told =
            { played.entries.iter() }.any(|entry| matches!(&entry.what, EventKind::Finding(_)));
        let last = played.entries.last().unwrap();
        assert!(told && last.what == EventKind::Done { ok: false });
    }
}

#[tokio::test(start_paused = true)]
async fn a_linked_phone_is_asked_without_a_code() {
    let identity = PrivateKey::new(&Secret::new([10; 32])).unwrap();
    let secret = Secret::new([11; 32]);
    let link = StoredLink {
        contact_id: ContactId::new(vec![12; 33]).unwrap(),
        link_id: LinkId::new([13; 8]),
        link_secret: secret.clone(),
        phone_key: identity.public(),
        name: "a phone".to_owned(),
        domain: DomainId(0),
    };
    for command in COMMANDS {
        let phone = Hand {
            link: Some(PhoneLink {
                secret: secret.clone(),
                identity: identity.clone(),
            }),
            ..hand(GET_INFOS[0], ANSWER)
        };
        let begin = Begin::Link(Box::new(link.clone()));
        let played = play(&request(command), &begin, phone).await;
        assert_answered(&played, command);
    }
}

#[tokio::test(start_paused = true)]
async fn a_link_to_a_relay_of_the_future_cannot_begin() {
    let link = StoredLink {
        contact_id: ContactId::new(vec![12; 33]).unwrap(),
        link_id: LinkId::new([13; 8]),
        link_secret: Secret::new([11; 32]),
        phone_key: PrivateKey::new(&Secret::new([10; 32])).unwrap().public(),
        name: "a phone".to_owned(),
        domain: DomainId(77),
    };
    let begin = Begin::Link(Box::new(link));
    let played = play(&request(COMMANDS[0]), &begin, Hand::default()).await;
    assert!(matches!(played.outcome, Outcome::CannotBegin(_)));
}

#[test]
fn phones_are_asked_for_nothing_but_a_registration_or_a_sign_in() {
    for byte in (0..=u8::MAX).filter(|byte| !matches!(byte, 1 | 2)) {
        let refused = CtapRequest::new(Wiped::new(vec![byte, 0xa0])).err();
        assert_eq!(refused, Some(NotForPhones(Some(byte))));
    }
    let refused = CtapRequest::new(Wiped::new(Vec::new())).err();
    assert_eq!(refused, Some(NotForPhones(None)));
}
