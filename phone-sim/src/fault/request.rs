//! Misbehaviour when the request has come and the user is asked.

use super::action::Action;
use super::entry::{FaultEntry, Shows, number, numbered, plain};
use super::forged_channel::ForgedChannel;
use super::kind::{FaultKind, RequestFault};
use hybrid_protocol::Message;
use hybrid_protocol::Wiped;
use std::time::Duration;

/// What can come in place of an answer.
pub(super) static TABLE: &[FaultEntry] = &[
    plain(
        "ios-cancel",
        FaultKind::Request(RequestFault::Leave),
        "HS05",
        "closes the tunnel without a reply, as iPhones do on cancel",
    ),
    plain(
        "shutdown-on-request",
        FaultKind::Request(RequestFault::Shutdown),
        "HS05",
        "sends goodbye instead of a reply",
    ),
    plain(
        "drop",
        FaultKind::Request(RequestFault::Cut),
        "HS07",
        "drops the tunnel while its user decides",
    ),
    numbered(
        "slow-user",
        number("SECONDS", 20, 0, 290),
        FaultKind::Request(RequestFault::Slow),
        Shows::WhenLong("PH07"),
        "lets its user take this long",
    ),
    plain(
        "no-reply",
        FaultKind::Request(RequestFault::NoReply),
        "PH07",
        "shows its user nothing and never replies",
    ),
    numbered(
        "ping-storm",
        number("COUNT", 1000, 1, 100_000),
        FaultKind::Request(RequestFault::Pings),
        Shows::Code("HS07"),
        "sends this many pings at once, so that our relay ends the tunnel",
    ),
];

impl RequestFault {
    /// In place of asking the user about a command.
    pub(crate) fn ask(self, arg: u32, command: Wiped, channel: &mut ForgedChannel) -> Vec<Action> {
        match self {
            Self::Leave => vec![Action::Close, Action::GiveUp],
            Self::Shutdown => vec![
                Action::Send(channel.seal(&Message::shutdown())),
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
