//! Misbehaviour with the greeting, and with what comes before a request is answered.

use super::action::Action;
use super::entry::{FaultEntry, Shows, harmless, number, numbered, plain};
use super::forged_channel::ForgedChannel;
use super::kind::{FaultKind, GreetingFault};
use hybrid_protocol::Greeting as Honest;
use hybrid_protocol::cbor::{self, Value};
use hybrid_protocol::hazmat;

const MIB: u32 = 1 << 20;

/// What can come in place of the greeting, or directly after it.
pub(super) static TABLE: &[FaultEntry] = &[
    plain(
        "no-greeting",
        FaultKind::Greeting(GreetingFault::Missing),
        "HS01",
        "completes the handshake and sends no greeting",
    ),
    plain(
        "early-greeting",
        FaultKind::Greeting(GreetingFault::Early),
        "HS02",
        "sends its greeting before the handshake",
    ),
    plain(
        "greeting-not-cbor",
        FaultKind::Greeting(GreetingFault::NotCbor),
        "HS03",
        "sends a greeting that is not CBOR",
    ),
    plain(
        "greeting-not-a-map",
        FaultKind::Greeting(GreetingFault::NotAMap),
        "HS03",
        "sends a list as its greeting",
    ),
    plain(
        "greeting-empty",
        FaultKind::Greeting(GreetingFault::Empty),
        "HS03",
        "sends a greeting that is only padding",
    ),
    plain(
        "greeting-garbage",
        FaultKind::Greeting(GreetingFault::Garbage),
        "HS03",
        "appends garbage to its greeting",
    ),
    plain(
        "greeting-shutdown",
        FaultKind::Greeting(GreetingFault::Shutdown),
        "HS03",
        "sends goodbye instead of its greeting",
    ),
    plain(
        "no-getinfo",
        FaultKind::Greeting(GreetingFault::NoGetInfo),
        "HS03",
        "sends a greeting without getInfo",
    ),
    plain(
        "stray-getinfo",
        FaultKind::Greeting(GreetingFault::StrayGetInfo),
        "HS03",
        "sends getInfo, but leaves ctap out of its features",
    ),
    plain(
        "bad-features",
        FaultKind::Greeting(GreetingFault::Features),
        "HS03",
        "sends its features as a text instead of a list",
    ),
    plain(
        "no-ctap",
        FaultKind::Greeting(GreetingFault::NoCtap),
        "PH08",
        "lists digital credentials as its only feature",
    ),
    plain(
        "bad-link",
        FaultKind::Greeting(GreetingFault::BadLink),
        "HS03",
        "sends malformed linking information in its greeting",
    ),
    numbered(
        "short-greeting",
        number("BYTES", 0, 0, 15),
        FaultKind::Greeting(GreetingFault::Short),
        Shows::Code("HS04"),
        "sends its greeting in a frame that is too short",
    ),
    numbered(
        "long-greeting",
        number("BYTES", MIB + 1, 65537, MIB + 1),
        FaultKind::Greeting(GreetingFault::TooLong),
        Shows::Code("HS07"),
        "sends its greeting in a frame that our relay rejects as too large",
    ),
    plain(
        "damaged-greeting",
        FaultKind::Greeting(GreetingFault::Damaged),
        "HS04",
        "flips a bit of its greeting",
    ),
    plain(
        "bad-padding",
        FaultKind::Greeting(GreetingFault::Padding),
        "HS04",
        "claims more padding than the greeting has bytes",
    ),
    numbered(
        "skipped-frame",
        number("COUNT", 1, 1, 1000),
        FaultKind::Greeting(GreetingFault::Counter),
        Shows::Code("HS04"),
        "encrypts its greeting with the counter of a later frame",
    ),
    plain(
        "old-frames",
        FaultKind::Greeting(GreetingFault::OldFrames),
        "HS04",
        "encrypts the way phones did before 2021",
    ),
    plain(
        "greeting-twice",
        FaultKind::Greeting(GreetingFault::Twice),
        "HS04",
        "sends its greeting's frame twice",
    ),
    plain(
        "no-screen-lock",
        FaultKind::Greeting(GreetingFault::NoScreenLock),
        "PH09",
        "reports that it cannot verify its user",
    ),
    plain(
        "no-discoverable",
        FaultKind::Greeting(GreetingFault::NoDiscoverable),
        "PH12",
        "reports that it does not support discoverable passkeys",
    ),
    harmless(
        "bad-getinfo",
        FaultKind::Greeting(GreetingFault::BadGetInfo),
        "sends getInfo that is not CBOR",
    ),
    harmless(
        "bad-update",
        FaultKind::Greeting(GreetingFault::BadUpdate),
        "sends a malformed update",
    ),
    numbered(
        "update-flood",
        number("COUNT", 9, 9, 200),
        FaultKind::Greeting(GreetingFault::UpdateFlood),
        Shows::Code("HS03"),
        "sends this many updates",
    ),
    plain(
        "early-reply",
        FaultKind::Greeting(GreetingFault::EarlyReply),
        "HS03",
        "replies before it can have read the request",
    ),
    numbered(
        "unknown-type",
        number("TYPE", 4, 4, 255),
        FaultKind::Greeting(GreetingFault::UnknownType),
        Shows::Code("HS03"),
        "sends a message of an undefined type",
    ),
    plain(
        "json",
        FaultKind::Greeting(GreetingFault::Json),
        "HS03",
        "sends an unsolicited digital credential",
    ),
    plain(
        "empty-message",
        FaultKind::Greeting(GreetingFault::EmptyMessage),
        "HS03",
        "sends a message that is only padding",
    ),
    plain(
        "empty-reply",
        FaultKind::Greeting(GreetingFault::EmptyReply),
        "HS03",
        "sends a reply without a status",
    ),
];

const CTAP: u8 = 1;
const UPDATE: u8 = 2;
const JSON: u8 = 3;

impl GreetingFault {
    /// Whether the greeting and the second handshake message change places.
    pub(crate) const fn comes_first(self) -> bool {
        matches!(self, Self::Early)
    }

    /// In place of the greeting of a phone that says `get_info` of itself.
    pub(crate) fn greet(
        self,
        arg: u32,
        get_info: &[u8],
        channel: &mut ForgedChannel,
    ) -> Vec<Action> {
        let honest = Honest::write(get_info);
        let own = || Value::Bytes(get_info.to_vec());
        let message = match self {
            Self::Missing => return Vec::new(),
            Self::Early => honest,
            Self::NotCbor => b"hello".to_vec(),
            Self::NotAMap => cbor::write(&Value::Array(Vec::new())),
            Self::Empty => Vec::new(),
            Self::Garbage => [honest.as_slice(), b"garbage"].concat(),
            Self::Shutdown => vec![0],
            Self::NoGetInfo => map(&[(3, features("ctap"))]),
            Self::StrayGetInfo => map(&[(1, own()), (3, features("dc"))]),
            Self::Features => map(&[(1, own()), (3, Value::from("ctap"))]),
            Self::NoCtap => map(&[(3, features("dc"))]),
            Self::BadLink => map(&[
                (1, own()),
                (2, Value::Map(Vec::new())),
                (3, features("ctap")),
            ]),
            Self::Short => return vec![Action::Send(vec![0; arg as usize])],
            Self::TooLong => return vec![Action::Send(vec![0; arg as usize])],
            Self::Damaged => return vec![Action::Send(channel.seal_and_flip(&honest))],
            Self::Padding => return vec![Action::Send(channel.seal_padded(vec![0xff; 32]))],
            Self::Counter => {
                channel.skip(arg);
                honest
            }
            Self::OldFrames => {
                return vec![Action::Send(hazmat::seal_old(channel.key(), 0, &honest))];
            }
            Self::Twice => {
                let frame = channel.seal(&honest);
                return vec![Action::Send(frame.clone()), Action::Send(frame)];
            }
            Self::BadGetInfo => Honest::write(&[0xff]),
            Self::NoScreenLock => Honest::write(&without(get_info, "uv")),
            Self::NoDiscoverable => Honest::write(&without(get_info, "rk")),
            Self::BadUpdate => return also(&honest, &[vec![UPDATE, 0xff]], channel),
            Self::UpdateFlood => {
                return also(&honest, &vec![vec![UPDATE, 0xa0]; arg as usize], channel);
            }
            Self::EarlyReply => return also(&honest, &[vec![CTAP, 0, 0xa0]], channel),
            Self::UnknownType => return also(&honest, &[vec![arg as u8, 0xa0]], channel),
            Self::Json => return also(&honest, &[[&[JSON], b"{}".as_slice()].concat()], channel),
            Self::EmptyMessage => return also(&honest, &[Vec::new()], channel),
            Self::EmptyReply => return also(&honest, &[vec![CTAP]], channel),
        };
        vec![Action::Send(channel.seal(&message))]
    }
}

/// A good greeting and these messages after it.
fn also(greeting: &[u8], messages: &[Vec<u8>], channel: &mut ForgedChannel) -> Vec<Action> {
    let mut actions = vec![Action::Send(channel.seal(greeting))];
    actions.extend(
        messages
            .iter()
            .map(|message| Action::Send(channel.seal(message))),
    );
    actions
}

fn map(entries: &[(u64, Value)]) -> Vec<u8> {
    let entries = entries
        .iter()
        .map(|(key, value)| (Value::from(*key), value.clone()));
    cbor::write(&Value::Map(entries.collect()))
}

fn features(name: &str) -> Value {
    Value::Array(vec![Value::from(name)])
}

/// getInfo with one of its options (key 4) false.
fn without(get_info: &[u8], option: &str) -> Vec<u8> {
    let Ok(Value::Map(mut members)) = cbor::read(get_info) else {
        return get_info.to_vec();
    };
    for (key, value) in &mut members {
        if let (true, Value::Map(options)) = (*key == Value::from(4), value) {
            for (name, set) in options.iter_mut() {
                if name.as_text() == Some(option) {
                    *set = Value::from(false);
                }
            }
        }
    }
    cbor::write(&Value::Map(members))
}
