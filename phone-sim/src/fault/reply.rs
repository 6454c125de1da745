//! Misbehaviour with the reply.

use super::action::Action;
use super::entry::{FaultEntry, Shows, harmless, number, numbered, plain};
use super::forged_channel::ForgedChannel;
use super::kind::{FaultKind, ReplyFault};
use hybrid_protocol::cbor::{self, Value};
use hybrid_protocol::{Message, Revision};

const MIB: u32 = 1 << 20;

/// What can be wrong with the answer.
pub(super) static TABLE: &[FaultEntry] = &[
    numbered(
        "status",
        number("0xNN", 0x27, 0, 0xff),
        FaultKind::Reply(ReplyFault::Status),
        Shows::OfStatus,
        "replies with this CTAP status and nothing else",
    ),
    plain(
        "reply-not-cbor",
        FaultKind::Reply(ReplyFault::NotCbor),
        "HS03",
        "sends a reply that is not CBOR",
    ),
    plain(
        "reply-not-a-map",
        FaultKind::Reply(ReplyFault::NotAMap),
        "HS03",
        "sends a list as its reply",
    ),
    plain(
        "truncated-authdata",
        FaultKind::Reply(ReplyFault::Truncated),
        "HS03",
        "truncates the authenticator data",
    ),
    plain(
        "wrong-rpid",
        FaultKind::Reply(ReplyFault::OtherSite),
        "HS03",
        "replies for another site",
    ),
    plain(
        "not-present",
        FaultKind::Reply(ReplyFault::NotPresent),
        "HS03",
        "reports that its user was not present",
    ),
    plain(
        "not-verified",
        FaultKind::Reply(ReplyFault::NotVerified),
        "HS03",
        "reports that its user was not verified",
    ),
    harmless(
        "other-passkey",
        FaultKind::Reply(ReplyFault::OtherPasskey),
        "signs in with an unknown passkey id, which only the site can tell",
    ),
    harmless(
        "bad-signature",
        FaultKind::Reply(ReplyFault::BadSignature),
        "signs in with a wrong signature, which only the site can tell",
    ),
    plain(
        "reply-json",
        FaultKind::Reply(ReplyFault::OtherType),
        "HS03",
        "sends its reply with the wrong message type",
    ),
    plain(
        "damaged-reply",
        FaultKind::Reply(ReplyFault::Damaged),
        "HS04",
        "flips a bit of its reply",
    ),
    numbered(
        "skipped-reply",
        number("COUNT", 1, 1, 1000),
        FaultKind::Reply(ReplyFault::Counter),
        Shows::Code("HS04"),
        "encrypts its reply with the counter of a later frame",
    ),
    numbered(
        "oversize-reply",
        number("BYTES", MIB + 1, 65537, MIB + 1),
        FaultKind::Reply(ReplyFault::TooLong),
        Shows::Code("HS07"),
        "sends its reply in a frame that our relay rejects as too large",
    ),
    numbered(
        "huge-reply",
        number("BYTES", 60_000, 1, 65_000),
        FaultKind::Reply(ReplyFault::Huge),
        Shows::Nothing,
        "appends this many bytes to its reply",
    ),
    harmless(
        "reply-twice",
        FaultKind::Reply(ReplyFault::Twice),
        "replies twice",
    ),
    harmless(
        "one-command-only",
        FaultKind::Reply(ReplyFault::HangUp),
        "hangs up immediately after its reply",
    ),
];

/// authData: the site's hash (32 bytes), flags, counter.
const AUTH_DATA: u64 = 2;
const FLAGS: usize = 32;
const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const SIGNATURE: u64 = 3;
const CREDENTIAL: u64 = 1;
/// A member that no version of CTAP defines.
const UNKNOWN: u64 = 99;

impl ReplyFault {
    /// In place of this reply: status byte and CBOR.
    pub(crate) fn reply(self, arg: u32, honest: &[u8], channel: &mut ForgedChannel) -> Vec<Action> {
        let body = match self {
            Self::Status => vec![arg as u8],
            Self::NotCbor => b"\0hello".to_vec(),
            Self::NotAMap => vec![0, 0x80],
            Self::Truncated => changed(honest, AUTH_DATA, |data| data.truncate(FLAGS)),
            Self::OtherSite => changed(honest, AUTH_DATA, |data| flip(data, 0, 0xff)),
            Self::NotPresent => changed(honest, AUTH_DATA, |data| flip(data, FLAGS, PRESENT)),
            Self::NotVerified => changed(honest, AUTH_DATA, |data| flip(data, FLAGS, VERIFIED)),
            Self::OtherPasskey => other_credential(honest),
            Self::BadSignature => changed(honest, SIGNATURE, |signature| {
                let last = signature.len().saturating_sub(1);
                flip(signature, last, 1);
            }),
            Self::OtherType => return vec![Action::Send(channel.seal(b"\x03{}"))],
            Self::Damaged => {
                return vec![Action::Send(channel.seal_and_flip(ctap(honest).expose()))];
            }
            Self::Counter => {
                channel.skip(arg);
                honest.to_vec()
            }
            Self::TooLong => return vec![Action::Send(vec![0; arg as usize])],
            Self::Huge => with(honest, UNKNOWN, Value::Bytes(vec![0; arg as usize])),
            Self::Twice => {
                let message = ctap(honest);
                return [(); 2]
                    .map(|()| Action::Send(channel.seal(message.expose())))
                    .into();
            }
            Self::HangUp => {
                let frame = channel.seal(ctap(honest).expose());
                return vec![Action::Send(frame), Action::Close, Action::GiveUp];
            }
        };
        vec![Action::Send(channel.seal(ctap(&body).expose()))]
    }
}

/// The code of the diagnosis for a CTAP status; the names of those that stand for themselves are
/// their numbers.
pub(crate) const fn status_code(status: u32) -> &'static str {
    match status {
        // Success without its content is no reply.
        0x00 => "HS03",
        0x19 => "CT19",
        0x26 => "CT26",
        0x27 => "CT27",
        0x28 => "CT28",
        0x2b | 0x2c => "CT2B",
        0x2d => "CT2D",
        0x2e => "CT2E",
        0x05 | 0x2f | 0x3a => "CT2F",
        0x30 => "CT30",
        0x15 | 0x39 => "CT39",
        0x31..=0x36 | 0x3c | 0x3f => "CT36",
        _ => "CT01",
    }
}

fn ctap(body: &[u8]) -> hybrid_protocol::Wiped {
    Message::ctap(Revision::One, body)
}

/// The reply with the bytes of one member changed.
fn changed(honest: &[u8], key: u64, change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    rewritten(honest, |members| {
        let member = members
            .iter_mut()
            .find(|(name, _)| *name == Value::from(key));
        if let Some((_, Value::Bytes(bytes))) = member {
            change(bytes);
        }
    })
}

fn with(honest: &[u8], key: u64, value: Value) -> Vec<u8> {
    rewritten(honest, |members| members.push((Value::from(key), value)))
}

/// The credential that the reply names, in a sign-in as a member and in a registration inside
/// authData: another id of the same length.
fn other_credential(honest: &[u8]) -> Vec<u8> {
    rewritten(honest, |members| {
        let named = members
            .iter_mut()
            .find(|(name, _)| *name == Value::from(CREDENTIAL));
        if let Some((_, Value::Map(descriptor))) = named {
            for (_, value) in descriptor {
                if let Value::Bytes(id) = value {
                    flip(id, 0, 0xff);
                }
            }
        }
    })
}

fn rewritten(honest: &[u8], change: impl FnOnce(&mut Vec<(Value, Value)>)) -> Vec<u8> {
    let Some((status, body)) = honest.split_first() else {
        return Vec::new();
    };
    let Ok(Value::Map(mut members)) = cbor::read(body) else {
        return honest.to_vec();
    };
    change(&mut members);
    [&[*status], cbor::write(&Value::Map(members)).as_slice()].concat()
}

fn flip(bytes: &mut [u8], place: usize, bits: u8) {
    if let Some(byte) = bytes.get_mut(place) {
        *byte ^= bits;
    }
}
