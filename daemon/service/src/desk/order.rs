//! What the desk wants done, and what comes back.

use crate::journal::Line;
use crate::registry::AgentName;
use crate::uhid::ToKernel;
use hybrid_ctaphid::{Ask, Wait};
use hybrid_key_bus::Code;
use std::time::{Duration, Instant};

/// What is to be done.
#[derive(PartialEq, Eq, Debug)]
pub enum Order {
    /// Tell the kernel.
    Tell(ToKernel),
    /// Drop the device.
    Close,
    /// Ask the agent, and bring what it says to [`Desk::answered`](super::Desk::answered) with this number.
    Ask(AgentName, Number, Ask),
    /// Tell the agent that nobody waits for this any more.
    Cancel(AgentName, Number),
    /// Tell all agents that they may register anew.
    RegisterAnew,
    /// Write this down.
    Journal(Line),
}

/// Which request, of all since the service started: what comes late finds nothing, even when the
/// device is another.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Number(pub u64);

/// What an agent said.
#[derive(PartialEq, Eq, Debug)]
pub enum AgentAnswer {
    /// A phone's reply to [`Ask::Relay`].
    Reply(Vec<u8>),
    /// Yes, to [`Ask::Choose`].
    Chosen,
    /// To [`Ask::Known`].
    Known(Option<usize>),
    /// Nothing, and why, when it said that.
    Ended(Option<Code>),
}

/// What is waited for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum DeskWait {
    /// Of the key.
    Key(Wait),
    /// Programs read that their request ended.
    Farewell,
}

/// A request that is under way, for its line in the journal.
pub(super) struct OpenRequest {
    pub(super) began: Instant,
    pub(super) shown: Option<Duration>,
    pub(super) code: Option<Code>,
}
