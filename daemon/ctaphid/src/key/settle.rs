//! How a request ends.

use super::{Note, Output, SecurityKey};
use crate::answer;
use crate::reply::Reply;
use crate::status::Status;
use crate::transaction::{Chooser, Outcome, Ticket, Transaction, Work};
use std::time::Instant;

impl SecurityKey {
    pub(super) fn answered(&mut self, ticket: Ticket, answer: &[u8], now: Instant) {
        let Some(transaction) = self.take(ticket) else {
            return;
        };
        let reply = match &transaction.work {
            Work::Relay(request) => {
                let (reply, notes) = answer::judge(request, answer);
                let notes = notes
                    .into_iter()
                    .map(|note| Output::Note(Note::Answer(note)));
                self.outputs.extend(notes);
                reply
            }
            // An answer to another question than was asked.
            Work::Choice(_) | Work::Memory(_) => Reply::refused(Status::Cancelled),
        };
        self.finish(&transaction, &reply, now);
    }

    pub(super) fn chosen(&mut self, ticket: Ticket, now: Instant) {
        let Some(transaction) = self.take(ticket) else {
            return;
        };
        let reply = match &transaction.work {
            Work::Choice(chooser) => {
                if let Some(memory) = self.channels.touch(transaction.channel) {
                    memory.choose(now);
                }
                match chooser {
                    Chooser::Selection => Reply::success(&[]),
                    Chooser::Dummy => Some(Reply::refused(Status::PinNotSet)),
                }
            }
            Work::Relay(_) | Work::Memory(_) => None,
        };
        let reply = reply.unwrap_or_else(|| Reply::refused(Status::Cancelled));
        self.finish(&transaction, &reply, now);
    }

    pub(super) fn known(&mut self, ticket: Ticket, known: Option<usize>, now: Instant) {
        let Some(transaction) = self.take(ticket) else {
            return;
        };
        self.remembered(&transaction, known, now);
    }

    pub(super) fn ended(&mut self, ticket: Ticket, outcome: Outcome, now: Instant) {
        let Some(transaction) = self.take(ticket) else {
            return;
        };
        self.unanswered(&transaction, outcome, now);
    }

    pub(super) fn agent_lost(&mut self, now: Instant) {
        let Some(transaction) = self.transaction.take() else {
            return;
        };
        self.unanswered(&transaction, Outcome::AgentLost, now);
    }

    /// Ends a request whose deadline has passed.
    pub(super) fn expire(&mut self, now: Instant) {
        let Some(transaction) = self.transaction.take_if(|open| open.deadline().0 <= now) else {
            return;
        };
        self.outputs.push_back(Output::Withdraw(transaction.ticket));
        let (_, wait) = transaction.deadline();
        self.unanswered(&transaction, Outcome::TimedOut(wait), now);
    }

    /// Drops the request without a reply.
    pub(super) fn abandon(&mut self, outcome: Outcome, now: Instant) {
        let Some(transaction) = self.transaction.take() else {
            return;
        };
        self.outputs.push_back(Output::Withdraw(transaction.ticket));
        self.tell(&transaction, outcome, now);
    }

    /// Without the agent nothing is known, which is an answer to a probe; all else is cancelled.
    fn unanswered(&mut self, transaction: &Transaction, outcome: Outcome, now: Instant) {
        match transaction.work {
            Work::Memory(_) => self.remembered(transaction, None, now),
            Work::Relay(_) | Work::Choice(_) => {
                self.reply(transaction.channel, &Reply::refused(Status::Cancelled));
                self.tell(transaction, outcome, now);
            }
        }
    }

    fn remembered(&mut self, transaction: &Transaction, known: Option<usize>, now: Instant) {
        let reply = match &transaction.work {
            Work::Memory(probe) => probe.one(known, &mut self.entropy),
            Work::Relay(_) | Work::Choice(_) => Reply::refused(Status::Cancelled),
        };
        let refused = reply.code() != 0;
        if let Some(memory) = self.channels.touch(transaction.channel).filter(|_| refused) {
            memory.refuse_probe();
        }
        self.finish(transaction, &reply, now);
    }

    fn finish(&mut self, transaction: &Transaction, reply: &Reply, now: Instant) {
        self.reply(transaction.channel, reply);
        self.tell(transaction, Outcome::Answered(reply.code()), now);
    }

    fn tell(&mut self, transaction: &Transaction, outcome: Outcome, now: Instant) {
        self.outputs.push_back(Output::Finished {
            ticket: transaction.ticket,
            kind: transaction.work.kind(),
            outcome,
            took: now.saturating_duration_since(transaction.started),
        });
    }

    fn take(&mut self, ticket: Ticket) -> Option<Transaction> {
        self.transaction
            .take_if(|transaction| transaction.ticket == ticket)
    }
}
