//! Misbehaviour when the request has come and the user is asked.

use super::Kind;
use super::action::Action;
use super::entry::{Entry, Shows, number, numbered, plain};
use super::forged_channel::Wire;
use hybrid_protocol::Wiped;
use hybrid_protocol::message::Message;
use std::time::Duration;

#[derive(Clone, Copy)]
pub(crate) enum Request {
    /// As an iPhone does when its user cancels.
    Leave,
    Shutdown,
    Cut,
    Slow,
    NoReply,
    Pings,
}

/// What can come in place of an answer.
pub(super) static TABLE: &[Entry] = &[
    plain(
        "ios-cancel",
        Kind::Request(Request::Leave),
        "HS05",
        "closes the tunnel without a reply, as iPhones do on cancel",
    ),
    plain(
        "shutdown-on-request",
        Kind::Request(Request::Shutdown),
        "HS05",
        "says goodbye in place of a reply",
    ),
    plain(
        "drop",
        Kind::Request(Request::Cut),
        "HS07",
        "loses the tunnel while its user decides",
    ),
    numbered(
        "slow-user",
        number("SECONDS", 20, 0, 290),
        Kind::Request(Request::Slow),
        Shows::WhenLong("PH07"),
        "lets its user take so long",
    ),
    plain(
        "no-reply",
        Kind::Request(Request::NoReply),
        "PH07",
        "shows its user nothing and never replies",
    ),
    numbered(
        "ping-storm",
        number("COUNT", 1000, 1, 100_000),
        Kind::Request(Request::Pings),
        Shows::Code("HS07"),
        "sends so many pings at once, for which our relay ends the tunnel",
    ),
];

impl Request {
    /// In place of asking the user about a command.
    pub(crate) fn ask(self, arg: u32, command: Wiped, wire: &mut Wire) -> Vec<Action> {
        match self {
            Self::Leave => vec![Action::Close, Action::GiveUp],
            Self::Shutdown => vec![
                Action::Send(wire.seal(&Message::shutdown())),
                Action::Close,
                Action::GiveUp,
            ],
            Self::Cut => vec![Action::Cut, Action::GiveUp],
            Self::Slow => vec![
                Action::Wait(Duration::from_secs(arg.into())),
                Action::Ask(command),
            ],
            Self::NoReply => Vec::new(),
            Self::Pings => vec![Action::Ping(arg), Action::Ask(command)],
        }
    }
}
