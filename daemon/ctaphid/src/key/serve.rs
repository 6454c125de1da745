//! A CTAP command: answered at once, or handed to the agent.

use super::{Ask, Output, Relay, SecurityKey};
use crate::command::{Command, GET_INFO, GET_NEXT_ASSERTION, Request};
use crate::frame::ChannelId;
use crate::get_info;
use crate::hid_error::HidError;
use crate::limits::ANSWER_WAIT;
use crate::reply::Reply;
use crate::silent::{Plan, SilentProbe};
use crate::status::Status;
use crate::transaction::{Chooser, Ticket, Transaction, Work};
use std::time::Instant;

impl SecurityKey {
    pub(super) fn command(&mut self, channel: ChannelId, message: &[u8], now: Instant) {
        let Some(number) = message.first() else {
            return self.refuse(channel, HidError::InvalidLength);
        };
        self.outbox.read();
        // The channel was looked up when its first frame came, and a channel with an incomplete
        // message is not displaced.
        let Some(memory) = self.channels.touch(channel) else {
            return self.refuse(channel, HidError::InvalidChannel);
        };
        if self.transaction.is_some() && ![GET_INFO, GET_NEXT_ASSERTION].contains(number) {
            return self.refuse(channel, HidError::ChannelBusy);
        }
        let command = Command::parse(message);
        if command == Command::NextAssertion {
            let next = memory.next_assertion(now);
            let reply = next.unwrap_or_else(|| Reply::refused(Status::NotAllowed));
            return self.reply(channel, &reply);
        }
        let after_refused_probe = memory.commanded();
        match command {
            Command::GetInfo => {
                let reply = Reply::success(&get_info::encoded());
                let reply = reply.unwrap_or_else(|| Reply::refused(Status::NotAllowed));
                self.reply(channel, &reply);
            }
            // Who was told that none of its credentials is here asks which other key to use: not
            // this one, and nobody is asked.
            Command::Dummy if after_refused_probe => {
                self.reply(channel, &Reply::refused(Status::PinNotSet));
            }
            Command::Dummy => self.choose(channel, Chooser::Dummy, now),
            Command::Selection => self.choose(channel, Chooser::Selection, now),
            Command::SilentProbe(probe) => self.probe(channel, probe, now),
            Command::Create(request) | Command::Get(request) => self.relay(channel, request, now),
            Command::Refused(status) => self.reply(channel, &Reply::refused(status)),
            Command::NextAssertion => {}
        }
    }

    fn choose(&mut self, channel: ChannelId, chooser: Chooser, now: Instant) {
        let ticket = self.begin(channel, Work::Choice(chooser), now);
        self.outputs.push_back(Output::Ask(ticket, Ask::Choose));
    }

    fn probe(&mut self, channel: ChannelId, probe: SilentProbe, now: Instant) {
        match probe.plan() {
            Plan::Refuse => self.reply(channel, &Reply::refused(Status::NoCredentials)),
            Plan::Every => {
                let (reply, further) = probe.every(&mut self.entropy);
                if let Some(memory) = self.channels.touch(channel) {
                    memory.keep(further, now);
                }
                self.reply(channel, &reply);
            }
            Plan::First => {
                let reply = probe.one(None, &mut self.entropy);
                self.reply(channel, &reply);
            }
            Plan::AskMemory => {
                let ask = Ask::Known {
                    rp_id: probe.rp_id().clone(),
                    ids: probe.ids().to_vec(),
                };
                let ticket = self.begin(channel, Work::Memory(probe), now);
                self.outputs.push_back(Output::Ask(ticket, ask));
            }
        }
    }

    fn relay(&mut self, channel: ChannelId, request: Request, now: Instant) {
        let chosen = self
            .channels
            .touch(channel)
            .is_some_and(|memory| memory.take_choice(now));
        let relay = Relay {
            operation: request.operation(),
            rp_id: request.rp_id().clone(),
            command: request.relayed(&mut self.entropy, &self.label),
            chosen,
            deadline: now + ANSWER_WAIT,
        };
        let ticket = self.begin(channel, Work::Relay(request), now);
        self.outputs
            .push_back(Output::Ask(ticket, Ask::Relay(relay)));
    }

    fn begin(&mut self, channel: ChannelId, work: Work, now: Instant) -> Ticket {
        self.tickets = self.tickets.wrapping_add(1);
        let ticket = Ticket(self.tickets);
        self.transaction = Some(Transaction::new(ticket, channel, work, now));
        ticket
    }
}
