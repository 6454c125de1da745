//! Misbehaviour in place of the second handshake message.

use super::action::Action;
use super::entry::{FaultEntry, Shows, number, numbered, plain};
use super::kind::{FaultKind, HandshakeFault};
use hybrid_protocol::PrivateKey;
use hybrid_protocol::Psk;
use hybrid_protocol::hazmat;
use hybrid_protocol::{Initiator, Responder};

/// What can come in place of the second handshake message.
pub(super) static TABLE: &[FaultEntry] = &[
    plain(
        "no-answer",
        FaultKind::Handshake(HandshakeFault::NoAnswer),
        "HS01",
        "does not answer the handshake",
    ),
    numbered(
        "short-answer",
        number("BYTES", 80, 0, 80),
        FaultKind::Handshake(HandshakeFault::Short),
        Shows::Code("HS02"),
        "truncates its handshake message",
    ),
    numbered(
        "long-answer",
        number("BYTES", 5, 1, 60000),
        FaultKind::Handshake(HandshakeFault::Long),
        Shows::Code("HS02"),
        "appends this many bytes to its handshake message",
    ),
    plain(
        "wrong-psk",
        FaultKind::Handshake(HandshakeFault::OtherPsk),
        "HS02",
        "answers the handshake with another advert's key",
    ),
    plain(
        "wrong-desktop",
        FaultKind::Handshake(HandshakeFault::OtherKey),
        "HS02",
        "answers the handshake for another desktop's key",
    ),
    plain(
        "damaged-point",
        FaultKind::Handshake(HandshakeFault::DamagedPoint),
        "HS02",
        "flips a bit of its handshake key",
    ),
    plain(
        "damaged-tag",
        FaultKind::Handshake(HandshakeFault::DamagedTag),
        "HS02",
        "flips a bit of its handshake message's tag",
    ),
    plain(
        "off-curve",
        FaultKind::Handshake(HandshakeFault::OffCurve),
        "HS02",
        "sends a handshake key that is not on the curve",
    ),
    plain(
        "zero-point",
        FaultKind::Handshake(HandshakeFault::Infinity),
        "HS02",
        "sends zeros as its handshake key",
    ),
    plain(
        "hybrid-point",
        FaultKind::Handshake(HandshakeFault::Hybrid),
        "HS02",
        "encodes its handshake key in a forbidden form",
    ),
    plain(
        "echo",
        FaultKind::Handshake(HandshakeFault::Echo),
        "HS02",
        "echoes the desktop's handshake message",
    ),
    plain(
        "text",
        FaultKind::Handshake(HandshakeFault::Text),
        "HS07",
        "sends a text message, which our relay does not allow",
    ),
    plain(
        "early-frame",
        FaultKind::Handshake(HandshakeFault::Early),
        "HS02",
        "sends a message before the desktop has joined",
    ),
    plain(
        "leave-handshake",
        FaultKind::Handshake(HandshakeFault::Leave),
        "HS07",
        "closes the tunnel instead of sending its handshake message",
    ),
    plain(
        "drop-handshake",
        FaultKind::Handshake(HandshakeFault::Cut),
        "HS07",
        "drops the tunnel instead of sending its handshake message",
    ),
];

/// The phone has met the desktop: both messages, and what the second one was made from.
pub(crate) struct HandshakeContext<'a> {
    /// The phone's key of this attempt.
    pub(crate) own: &'a PrivateKey,
    pub(crate) psk: &'a Psk,
    pub(crate) question: &'a [u8],
    pub(crate) answer: Vec<u8>,
}

const POINT: usize = 65;

impl HandshakeFault {
    /// Before the advert.
    pub(crate) fn before_advert(self) -> Vec<Action> {
        match self {
            Self::Early => vec![Action::Send(vec![0x04; 81])],
            Self::NoAnswer
            | Self::Short
            | Self::Long
            | Self::OtherPsk
            | Self::OtherKey
            | Self::DamagedPoint
            | Self::DamagedTag
            | Self::OffCurve
            | Self::Infinity
            | Self::Hybrid
            | Self::Echo
            | Self::Text
            | Self::Leave
            | Self::Cut => Vec::new(),
        }
    }

    /// In place of the second message.
    pub(crate) fn answer(self, arg: u32, context: HandshakeContext<'_>) -> Vec<Action> {
        let HandshakeContext {
            own,
            psk,
            question,
            mut answer,
        } = context;
        match self {
            Self::Early => {}
            Self::NoAnswer => return Vec::new(),
            Self::Short => answer.truncate(arg as usize),
            Self::Long => answer.resize(answer.len() + arg as usize, 0),
            Self::OtherPsk => answer = of_another_attempt(own, &hazmat::psk([0xc0; 32])),
            Self::OtherKey => answer = of_another_attempt(own, psk),
            Self::DamagedPoint => flip(&mut answer, POINT / 2),
            Self::DamagedTag => flip(&mut answer, POINT),
            Self::OffCurve => {
                let point = [&[0x04][..], &[1; POINT - 1]].concat();
                answer.splice(..POINT.min(answer.len()), point);
            }
            Self::Infinity => {
                answer.splice(..POINT.min(answer.len()), [0; POINT]);
            }
            // X9.62 has a form that tells the sign of y beside y; the first byte is 06 or 07.
            Self::Hybrid => {
                let odd = answer.get(POINT - 1).is_some_and(|last| last & 1 == 1);
                if let Some(first) = answer.first_mut() {
                    *first = if odd { 7 } else { 6 };
                }
            }
            Self::Echo => answer = question.to_vec(),
            Self::Text => return vec![Action::SendText("hello".to_owned())],
            Self::Leave => return vec![Action::Close, Action::GiveUp],
            Self::Cut => return vec![Action::Cut, Action::GiveUp],
        }
        vec![Action::Send(answer)]
    }
}

/// A well-formed second message of another attempt: its question was another one, under this key
/// and this PSK.
fn of_another_attempt(desktop: &PrivateKey, psk: &Psk) -> Vec<u8> {
    let answer = Initiator::by_qr(desktop, desktop.clone(), psk).and_then(|(_, question)| {
        Responder::by_qr(&desktop.public(), desktop.clone(), psk, &question)
    });
    answer
        .map(|(_, message)| message.to_vec())
        .unwrap_or_default()
}

fn flip(bytes: &mut [u8], place: usize) {
    if let Some(byte) = bytes.get_mut(place) {
        *byte ^= 1;
    }
}
