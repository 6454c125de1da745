//! The one request that somebody else must answer.

use crate::command::{Operation, Request};
use crate::frame::ChannelId;
use crate::keepalive::Keepalive;
use crate::limits::{ANSWER_WAIT, CHOICE_WAIT, MEMORY_WAIT};
use crate::silent::SilentProbe;
use crate::wait::Wait;
use std::time::{Duration, Instant};

/// Which request. Never used again, so that an answer or a cancel that comes late finds nothing.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Ticket(pub(crate) u64);

impl Ticket {
    /// A number for a log or a wire.
    pub const fn number(self) -> u64 {
        self.0
    }

    /// The ticket of a number that came back. One that was never given finds nothing.
    pub const fn from_number(number: u64) -> Self {
        Self(number)
    }
}

/// What is worked on.
pub(crate) enum Work {
    /// A phone is asked. Holds no probe, so that no made-up assertion can answer it.
    Relay(Request),
    /// A person chooses; `true` for a dummy.
    Choice(Chooser),
    /// The agent's memory is asked.
    Memory(SilentProbe),
}

/// How the client asked for a choice, which decides what "yes" is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Chooser {
    /// authenticatorSelection
    Selection,
    /// A registration that nobody means.
    Dummy,
}

impl Work {
    pub(crate) const fn kind(&self) -> WorkKind {
        match self {
            Self::Relay(request) => match request.operation() {
                Operation::Create => WorkKind::Create,
                Operation::Get => WorkKind::Get,
            },
            Self::Choice(_) => WorkKind::Choice,
            Self::Memory(_) => WorkKind::Memory,
        }
    }

    const fn wait(&self) -> (Wait, Duration) {
        match self {
            Self::Relay(_) => (Wait::Answer, ANSWER_WAIT),
            Self::Choice(_) => (Wait::Choice, CHOICE_WAIT),
            Self::Memory(_) => (Wait::Memory, MEMORY_WAIT),
        }
    }
}

/// What was worked on, for a journal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WorkKind {
    /// A registration at a phone.
    Create,
    /// A sign-in at a phone.
    Get,
    /// A choice among keys.
    Choice,
    /// A look into the agent's memory.
    Memory,
}

/// Why it ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Answered, with this status.
    Answered(u8),
    /// The program cancelled, or began anew on its channel.
    CancelledByProgram,
    /// The last program that had the device open closed it.
    Closed,
    /// This deadline passed.
    TimedOut(Wait),
    /// The agent ended it.
    EndedByAgent,
    /// The agent is gone.
    AgentLost,
}

/// The request, from its last frame to its reply.
pub(crate) struct Transaction {
    pub(crate) ticket: Ticket,
    pub(crate) channel: ChannelId,
    pub(crate) work: Work,
    pub(crate) started: Instant,
    pub(crate) keepalive: Keepalive,
}

impl Transaction {
    pub(crate) fn new(ticket: Ticket, channel: ChannelId, work: Work, now: Instant) -> Self {
        Self {
            ticket,
            channel,
            work,
            started: now,
            keepalive: Keepalive::new(now),
        }
    }

    /// When it ends without an answer, and what is waited for until then.
    pub(crate) fn deadline(&self) -> (Instant, Wait) {
        let (wait, budget) = self.work.wait();
        (self.started + budget, wait)
    }
}
