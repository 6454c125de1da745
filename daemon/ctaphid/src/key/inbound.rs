//! From a report to a message: channels, fragments, and what CTAPHID answers by itself.

use super::{Note, SecurityKey};
use crate::assembly::Step;
use crate::frame::{ChannelId, FIRST_DATA, Frame, HidCommand};
use crate::hid_error::HidError;
use crate::limits::MAX_OUTPUTS;
use crate::message::Message;
use crate::reply::Reply;
use crate::report::Report;
use crate::status::Status;
use crate::transaction::Outcome;
use std::time::Instant;

/// CTAPHID's version in the answer to INIT.
const PROTOCOL_VERSION: u8 = 2;

/// Speaks CBOR (4), speaks no U2F (8), does not blink (1).
const CAPABILITIES: u8 = 0x04 | 0x08;

impl SecurityKey {
    /// An output report came.
    pub(super) fn report(&mut self, bytes: &[u8], now: Instant) {
        match Report::from_host(bytes) {
            Ok(report) => match Frame::parse(&report) {
                Frame::First {
                    channel,
                    command,
                    length,
                    data,
                } => {
                    self.first(channel, command, length, data, now);
                }
                Frame::Next {
                    channel,
                    sequence,
                    data,
                } => {
                    let step = self.assemblies.next(channel, sequence, &data, now);
                    self.step(channel, step, now);
                }
            },
            Err(error) => self.note(Note::Report(error)),
        }
    }

    /// The first handle was opened, or the last one closed.
    pub(super) fn reset(&mut self, now: Instant) {
        self.assemblies.clear();
        self.outbox.clear();
        self.channels.forget();
        self.abandon(Outcome::Closed, now);
    }

    fn first(
        &mut self,
        channel: ChannelId,
        command: HidCommand,
        length: u16,
        data: [u8; FIRST_DATA],
        now: Instant,
    ) {
        let ours = self.channels.touch(channel).is_some();
        if command == HidCommand::Cancel {
            // Constant traffic: OpenSSH sends one after every request, Chromium one to every key
            // that was not chosen. Without work, and on no channel, it has no answer.
            return self.cancel(channel, now);
        }
        if self.outbox.is_crowded() || self.outputs.len() >= MAX_OUTPUTS {
            // Somebody writes and does not read. What is dropped here would only be answered into a
            // full ring.
            return;
        }
        if command == HidCommand::Init {
            return self.init(channel, ours, length, &data, now);
        }
        if !ours {
            return self.refuse(channel, HidError::InvalidChannel);
        }
        if self.assemblies.discard(channel) {
            return self.refuse(channel, HidError::InvalidSequence);
        }
        if self
            .transaction
            .as_ref()
            .is_some_and(|transaction| transaction.channel == channel)
        {
            return self.refuse(channel, HidError::ChannelBusy);
        }
        let step = self.assemblies.first(channel, command, length, &data, now);
        self.step(channel, step, now);
    }

    fn step(&mut self, channel: ChannelId, step: Step, now: Instant) {
        match step {
            Step::Incomplete | Step::Stray => {}
            Step::Complete {
                message,
                cancelled: false,
            } => self.message(&message, now),
            Step::Complete {
                message,
                cancelled: true,
            } => {
                if message.command() == HidCommand::Cbor {
                    self.reply(channel, &Reply::refused(Status::Cancelled));
                } else {
                    self.message(&message, now);
                }
            }
            Step::OutOfOrder => self.refuse(channel, HidError::InvalidSequence),
            Step::TooLong => self.refuse(channel, HidError::InvalidLength),
            Step::Full => self.refuse(channel, HidError::ChannelBusy),
        }
    }

    fn message(&mut self, message: &Message, now: Instant) {
        let channel = message.channel();
        match message.command() {
            // A long echo would hold back other channels' keepalives when it had to queue.
            HidCommand::Ping if self.outbox.is_empty() || message.data().len() <= FIRST_DATA => {
                self.send(channel, HidCommand::Ping, message.data().to_vec());
            }
            HidCommand::Ping => self.refuse(channel, HidError::ChannelBusy),
            HidCommand::Cbor => self.command(channel, message.data(), now),
            HidCommand::Msg => {
                self.note(Note::LegacyMessage);
                self.refuse(channel, HidError::InvalidCommand);
            }
            HidCommand::Init
            | HidCommand::Cancel
            | HidCommand::Lock
            | HidCommand::Wink
            | HidCommand::Keepalive
            | HidCommand::Error
            | HidCommand::Other(_) => self.refuse(channel, HidError::InvalidCommand),
        }
    }

    /// CTAP 2.2 §11.2.9.1.3
    fn init(
        &mut self,
        channel: ChannelId,
        ours: bool,
        length: u16,
        data: &[u8; FIRST_DATA],
        now: Instant,
    ) {
        let Some((nonce, _)) = data.split_first_chunk::<8>().filter(|_| length == 8) else {
            return self.refuse(channel, HidError::InvalidLength);
        };
        let given = if channel == ChannelId::BROADCAST {
            let busy = self
                .transaction
                .as_ref()
                .map(|transaction| transaction.channel);
            let assemblies = &self.assemblies;
            let held = |id| busy == Some(id) || assemblies.has(id);
            self.channels.allocate(&mut self.entropy, held)
        } else if ours {
            self.resynchronise(channel, now);
            channel
        } else {
            return self.refuse(channel, HidError::InvalidChannel);
        };
        let version = [PROTOCOL_VERSION, 0, 0, 1, CAPABILITIES];
        let answer = [nonce.as_slice(), &given.0.to_be_bytes(), &version].concat();
        self.send(channel, HidCommand::Init, answer);
    }

    /// The client begins anew: nothing of before is answered.
    fn resynchronise(&mut self, channel: ChannelId, now: Instant) {
        self.assemblies.discard(channel);
        if let Some(channel) = self.channels.touch(channel) {
            channel.forget();
        }
        if self
            .transaction
            .as_ref()
            .is_some_and(|transaction| transaction.channel == channel)
        {
            self.abandon(Outcome::CancelledByProgram, now);
        }
    }

    fn cancel(&mut self, channel: ChannelId, now: Instant) {
        self.assemblies.cancel(channel);
        if self
            .transaction
            .as_ref()
            .is_some_and(|transaction| transaction.channel == channel)
        {
            self.abandon(Outcome::CancelledByProgram, now);
            self.reply(channel, &Reply::refused(Status::Cancelled));
        }
    }
}
