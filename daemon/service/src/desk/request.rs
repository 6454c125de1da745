//! Requests: from programs to the agent, and back.

use super::Desk;
use super::order::{AgentAnswer, Number, OpenRequest, Order};
use crate::journal::Line;
use crate::registry::AgentName;
use crate::uhid::{FromKernel, ToKernel};
use hybrid_ctaphid::{Ask, Input, Output, SecurityKey, Ticket};
use std::time::Instant;

impl Desk {
    /// The kernel told something.
    pub fn hear(&mut self, event: FromKernel, now: Instant) {
        match event {
            FromKernel::Open => self.input(Input::Opened, now),
            FromKernel::Close => self.input(Input::Closed, now),
            FromKernel::Output(report) => self.input(Input::Report(&report), now),
            FromKernel::GetReport(id) => self.tell(ToKernel::NoReport(id)),
            FromKernel::SetReport(id) => self.tell(ToKernel::ReportNotTaken(id)),
            FromKernel::Start | FromKernel::Stop => {}
            FromKernel::Unknown(kind) => self.note(Line::UnknownEvent(kind), now),
        }
    }

    /// So many events of the kernel were lost.
    pub fn lost(&mut self, count: u64, now: Instant) {
        self.note(Line::Dropped(count), now);
    }

    /// The agent said something to this request.
    pub fn answered(&mut self, number: Number, answer: AgentAnswer, now: Instant) {
        let Some(ticket) = self.ticket(number) else {
            return;
        };
        match answer {
            AgentAnswer::Reply(reply) => self.input(Input::Answered(ticket, &reply), now),
            AgentAnswer::Chosen => self.input(Input::Chosen(ticket), now),
            AgentAnswer::Known(known) => self.input(Input::Known(ticket, known), now),
            AgentAnswer::Ended(code) => {
                if let Some(open) = self.open.as_mut().filter(|_| number.0 == self.last) {
                    open.code = code;
                }
                self.input(Input::Ended(ticket), now);
            }
        }
    }

    /// An agent says that the prompt for this request is on the screen.
    pub fn shown(&mut self, agent: &AgentName, number: Number, now: Instant) {
        if !self.registry.is_agent(agent) {
            return;
        }
        let Some(ticket) = self.ticket(number) else {
            return;
        };
        if let Some(open) = self.open.as_mut().filter(|_| number.0 == self.last) {
            let since = now.saturating_duration_since(open.began);
            open.shown.get_or_insert(since);
        }
        self.input(Input::Shown(ticket), now);
    }

    pub(super) fn input(&mut self, input: Input<'_>, now: Instant) {
        if let Some(key) = self.key.as_mut() {
            key.handle_input(input, now);
        }
        self.pump(now);
    }

    /// Takes what the key wants.
    pub(super) fn pump(&mut self, now: Instant) {
        while let Some(output) = self.key.as_mut().and_then(SecurityKey::poll_output) {
            match output {
                Output::Report(report) => self.tell(ToKernel::Input(report)),
                Output::Ask(ticket, ask) => self.ask(ticket, ask, now),
                Output::Withdraw(ticket) => {
                    if let Some(agent) = self.registry.agent().cloned() {
                        let number = Number(self.base + ticket.number());
                        self.orders.push_back(Order::Cancel(agent, number));
                    }
                }
                Output::Finished {
                    kind,
                    outcome,
                    took,
                    ..
                } => {
                    let open = self.open.take();
                    let line = Line::Request {
                        kind,
                        outcome,
                        code: open.as_ref().and_then(|open| open.code),
                        took,
                        shown: open.and_then(|open| open.shown),
                    };
                    self.note(line, now);
                }
                Output::Note(note) => self.note(Line::Note(note), now),
            }
        }
    }

    fn ask(&mut self, ticket: Ticket, ask: Ask, now: Instant) {
        let Some(agent) = self.registry.agent().cloned() else {
            // On its way out.
            if let Some(key) = self.key.as_mut() {
                key.handle_input(Input::Ended(ticket), now);
            }
            return;
        };
        self.last = self.base + ticket.number();
        self.open = Some(OpenRequest {
            began: now,
            shown: None,
            code: None,
        });
        self.orders
            .push_back(Order::Ask(agent, Number(self.last), ask));
    }

    /// The key's name for a request, when it is one of this key's.
    fn ticket(&self, number: Number) -> Option<Ticket> {
        let ticket = number.0.checked_sub(self.base).filter(|ticket| *ticket > 0);
        ticket.map(Ticket::from_number)
    }
}
