//! The key: four methods, as every state machine of this project.

mod inbound;
mod serve;
mod settle;

use crate::answer::AnswerNote;
use crate::assembly::Assemblies;
use crate::channel::Channels;
use crate::command::Operation;
use crate::descriptor::CredentialId;
use crate::entropy::Entropy;
use crate::frame::{ChannelId, HidCommand};
use crate::hid_error::HidError;
use crate::limits::MAX_OUTPUTS;
use crate::message::Message;
use crate::outbox::Outbox;
use crate::reply::Reply;
use crate::report::{Report, ReportError};
use crate::rp_id::RpId;
use crate::transaction::{Outcome, Ticket, Transaction, WorkKind};
use crate::wait::Wait;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// What happened.
#[derive(Debug)]
pub enum Input<'a> {
    /// The first handle was opened. Forgets what came before, because the kernel can lose a close.
    Opened,
    /// The last handle was closed: nobody waits for anything.
    Closed,
    /// A host wrote this output report. Hand over all that wait, in order, before
    /// [`SecurityKey::handle_timeout`].
    Report(&'a [u8]),
    /// The prompt for this request is on the screen.
    Shown(Ticket),
    /// A phone answered [`Ask::Relay`]: status and body.
    Answered(Ticket, &'a [u8]),
    /// The person chose this key ([`Ask::Choose`]).
    Chosen(Ticket),
    /// The place of the first id that a phone answered with before ([`Ask::Known`]); `None` when
    /// there is none.
    Known(Ticket, Option<usize>),
    /// There is no answer: the person, the phone, the network or the radio said no. A program is
    /// told one status for all of these; the reason is told to the person, elsewhere.
    Ended(Ticket),
    /// The agent is gone.
    AgentLost,
}

/// What to do, or to tell.
#[derive(Debug)]
pub enum Output {
    /// Write this input report.
    Report(Report),
    /// Ask the agent. Its answer carries the ticket.
    Ask(Ticket, Ask),
    /// Nobody waits for this answer any more.
    Withdraw(Ticket),
    /// A request ended. For the journal.
    Finished {
        /// Which.
        ticket: Ticket,
        /// What was asked.
        kind: WorkKind,
        /// How it ended.
        outcome: Outcome,
        /// After how long.
        took: Duration,
    },
    /// Somebody should know.
    Note(Note),
}

/// What only the agent can say.
#[derive(PartialEq, Eq, Debug)]
pub enum Ask {
    /// Ask a phone.
    Relay(Relay),
    /// Ask the person whether this key shall be used. No radio and no network.
    Choose,
    /// Look whether a phone answered with one of these before. No window.
    Known {
        /// For whom.
        rp_id: RpId,
        /// The credentials in question.
        ids: Vec<CredentialId>,
    },
}

/// A command for a phone.
#[derive(PartialEq, Eq)]
pub struct Relay {
    /// Which of the two.
    pub operation: Operation,
    /// For whom; to be shown.
    pub rp_id: RpId,
    /// Command byte and parameters.
    pub command: Vec<u8>,
    /// Whether the person has just chosen this key, and need not be asked again.
    pub chosen: bool,
    /// When the request ends at the latest.
    pub deadline: Instant,
}

impl core::fmt::Debug for Relay {
    /// Without the command.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "Relay({:?}, {} bytes)",
            self.operation,
            self.command.len()
        )
    }
}

/// What somebody should know.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Note {
    /// Not a report of this device.
    Report(ReportError),
    /// A U2F message, in spite of what INIT said: a client that could not read getInfo.
    LegacyMessage,
    /// About a phone's answer.
    Answer(AnswerNote),
}

/// A security key whose finger is a phone.
pub struct SecurityKey {
    entropy: Entropy,
    label: String,
    channels: Channels,
    assemblies: Assemblies,
    transaction: Option<Transaction>,
    tickets: u64,
    outbox: Outbox,
    outputs: VecDeque<Output>,
}

impl SecurityKey {
    /// A device that was just made. `seed` comes from the operating system and is used for this
    /// device alone; `label` tells this computer's and person's `ssh:` and `pam:` passkeys apart on
    /// a phone, and may be empty.
    pub fn new(seed: [u8; 32], label: &str) -> Self {
        Self {
            entropy: Entropy::new(seed),
            label: label.to_owned(),
            channels: Channels::new(),
            assemblies: Assemblies::default(),
            transaction: None,
            tickets: 0,
            outbox: Outbox::default(),
            outputs: VecDeque::new(),
        }
    }

    /// Takes note of what happened at `now`. Then take all of [`Self::poll_output`].
    pub fn handle_input(&mut self, input: Input<'_>, now: Instant) {
        match input {
            Input::Opened | Input::Closed => self.reset(now),
            Input::Report(bytes) => self.report(bytes, now),
            Input::Shown(ticket) => {
                if let Some(transaction) = self.waiting(ticket) {
                    transaction.keepalive.shown();
                }
            }
            Input::Answered(ticket, answer) => self.answered(ticket, answer, now),
            Input::Chosen(ticket) => self.chosen(ticket, now),
            Input::Known(ticket, known) => self.known(ticket, known, now),
            Input::Ended(ticket) => self.ended(ticket, Outcome::EndedByAgent, now),
            Input::AgentLost => self.agent_lost(now),
        }
        self.outbox.refresh(now);
    }

    /// Takes note that time passed. Does nothing before the deadline of [`Self::poll_timeout`].
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some(channel) = self.assemblies.expire(now) {
            self.refuse(channel, HidError::MessageTimeout);
        }
        self.expire(now);
        let tick = self.transaction.as_mut().and_then(|transaction| {
            transaction
                .keepalive
                .tick(now)
                .map(|progress| (transaction.channel, progress))
        });
        if let Some((channel, progress)) = tick {
            self.send(channel, HidCommand::Keepalive, vec![progress.code()]);
        }
        self.outbox.refresh(now);
    }

    /// The next thing to do, in order.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outbox
            .pop()
            .map(Output::Report)
            .or_else(|| self.outputs.pop_front())
    }

    /// When [`Self::handle_timeout`] must be called at the latest, and what is being waited for
    /// until then. `None` when nothing is: an idle key needs no clock.
    pub fn poll_timeout(&self) -> Option<(Instant, Wait)> {
        let transaction = self.transaction.as_ref();
        [
            self.outbox.next_burst().map(|at| (at, Wait::Pause)),
            transaction.map(|transaction| (transaction.keepalive.due(), Wait::Keepalive)),
            self.assemblies.deadline().map(|at| (at, Wait::Fragment)),
            transaction.map(Transaction::deadline),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    fn waiting(&mut self, ticket: Ticket) -> Option<&mut Transaction> {
        self.transaction
            .as_mut()
            .filter(|transaction| transaction.ticket == ticket)
    }

    fn send(&mut self, channel: ChannelId, command: HidCommand, data: Vec<u8>) {
        // Nothing longer is made: replies are bounded, and an echo is as long as what came.
        if let Ok(message) = Message::new(channel, command, data) {
            self.outbox.push(&message);
        }
    }

    /// Tells something that may be left out when nobody listens.
    fn note(&mut self, note: Note) {
        if self.outputs.len() < MAX_OUTPUTS {
            self.outputs.push_back(Output::Note(note));
        }
    }

    fn reply(&mut self, channel: ChannelId, reply: &Reply) {
        self.send(channel, HidCommand::Cbor, reply.bytes().to_vec());
    }

    fn refuse(&mut self, channel: ChannelId, error: HidError) {
        self.send(channel, HidCommand::Error, vec![error.code()]);
    }
}
