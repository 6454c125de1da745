//! Everything that the service decides, without IO: who answers, when the device is there, and what
//! becomes of each request.
//!
//! As the key inside it, it takes what happened and the time, and gives orders.

mod order;
mod request;
#[cfg(test)]
mod tests;

pub use order::{AgentAnswer, DeskWait, Number, Order};

use crate::journal::{Leave, Line, Sparing};
use crate::registry::{AgentName, Candidate, Person, Registered, Registry};
use crate::uhid::ToKernel;
use hybrid_ctaphid::{Input, SecurityKey};
use hybrid_key_bus::Refusal;
use order::OpenRequest;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Programs are given this long to read that their request ended, before the device is gone.
const FAREWELL: Duration = Duration::from_millis(200);

/// The permission to make a device, until it is made or cannot be.
#[must_use]
pub struct Admission {
    uid: u32,
    label: String,
}

/// The service.
pub struct Desk {
    host: String,
    registry: Registry,
    key: Option<SecurityKey>,
    leaving: Option<Instant>,
    /// The numbers of all keys before this one are not above it.
    base: u64,
    last: u64,
    open: Option<OpenRequest>,
    orders: VecDeque<Order>,
    sparing: Sparing,
}

impl Desk {
    /// Nobody is in front yet. `host` is this computer's name.
    pub fn new(host: &str) -> Self {
        Self {
            host: host.to_owned(),
            registry: Registry::default(),
            key: None,
            leaving: None,
            base: 0,
            last: 0,
            open: None,
            orders: VecDeque::new(),
            sparing: Sparing::default(),
        }
    }

    /// Who is in front, as often as that may have changed.
    pub fn comes_to_front(&mut self, person: Option<Person>, now: Instant) {
        let uid = person.as_ref().map(|person| person.uid);
        let had_agent = self.registry.agent().cloned();
        if !self.registry.comes_to_front(person) {
            return;
        }
        if let Some(agent) = had_agent {
            self.dismiss(&agent, Leave::Switched, now);
        }
        self.note(Line::Front(uid), now);
        self.orders.push_back(Order::RegisterAnew);
    }

    /// Somebody wants to answer. `None` when it did before.
    ///
    /// # Errors
    /// Why it may not.
    pub fn register(
        &mut self,
        candidate: &Candidate,
        now: Instant,
    ) -> Result<Option<Admission>, Refusal> {
        match self.registry.register(candidate, now) {
            Ok(Registered::Already) => Ok(None),
            Ok(Registered::Anew) => {
                let name = self.registry.person().map_or("", |person| &person.name);
                Ok(Some(Admission {
                    uid: candidate.uid,
                    label: format!("{name} on {}", self.host),
                }))
            }
            Err(refusal) => {
                let uid = candidate.uid;
                self.note(Line::Refused { uid, refusal }, now);
                Err(refusal)
            }
        }
    }

    /// The device is made. `seed` comes from the operating system.
    pub fn admit(&mut self, admission: Admission, seed: [u8; 32], now: Instant) {
        self.base = self.last;
        self.leaving = None;
        self.open = None;
        self.key = Some(SecurityKey::new(seed, &admission.label));
        self.note(Line::Present { uid: admission.uid }, now);
    }

    /// The device cannot be made.
    pub fn fail(&mut self, admission: Admission, refusal: Refusal, now: Instant) {
        self.registry.clear();
        let uid = admission.uid;
        self.note(Line::Refused { uid, refusal }, now);
    }

    /// An agent answers no more. Nothing happens when it did not.
    pub fn leave(&mut self, agent: &AgentName, leave: Leave, now: Instant) {
        if self.registry.is_agent(agent) {
            self.registry.clear();
            self.dismiss(agent, leave, now);
            // Another agent of the same person may wait.
            self.orders.push_back(Order::RegisterAnew);
        }
    }

    /// Who was not allowed to answer is now, and may register.
    pub fn pardon(&mut self) {
        self.orders.push_back(Order::RegisterAnew);
    }

    /// The service ends.
    pub fn stop(&mut self, now: Instant) {
        if let Some(agent) = self.registry.agent().cloned() {
            self.registry.clear();
            self.dismiss(&agent, Leave::Stopped, now);
        }
    }

    /// Whether there is a device.
    pub const fn is_present(&self) -> bool {
        self.key.is_some()
    }

    /// Who answers.
    pub const fn agent(&self) -> Option<&AgentName> {
        self.registry.agent()
    }

    /// Time passed.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.leaving.is_some_and(|until| until <= now) {
            return self.close(now);
        }
        if let Some(key) = self.key.as_mut() {
            key.handle_timeout(now);
        }
        self.pump(now);
    }

    /// When [`Self::handle_timeout`] must be called at the latest, and what is waited for.
    pub fn poll_timeout(&self) -> Option<(Instant, DeskWait)> {
        let key = self.key.as_ref().and_then(SecurityKey::poll_timeout);
        let key = key.map(|(at, wait)| (at, DeskWait::Key(wait)));
        let leaving = self.leaving.map(|at| (at, DeskWait::Farewell));
        key.into_iter().chain(leaving).min()
    }

    /// The next thing to do, in order.
    pub fn poll_order(&mut self) -> Option<Order> {
        self.orders.pop_front()
    }

    /// The agent is none any more: what it was asked ends, and then the device.
    fn dismiss(&mut self, agent: &AgentName, leave: Leave, now: Instant) {
        self.note(Line::Left(leave), now);
        if self.open.is_some() && leave != Leave::Gone {
            let number = Number(self.last);
            self.orders.push_back(Order::Cancel(agent.clone(), number));
        }
        self.input(Input::AgentLost, now);
        let unread = self
            .orders
            .iter()
            .any(|order| matches!(order, Order::Tell(ToKernel::Input(_))));
        if unread || self.poll_timeout().is_some() {
            self.leaving = Some(now + FAREWELL);
        } else {
            self.close(now);
        }
    }

    fn close(&mut self, now: Instant) {
        self.leaving = None;
        if self.key.take().is_some() {
            self.orders.push_back(Order::Close);
            self.note(Line::Absent, now);
        }
    }

    fn tell(&mut self, event: ToKernel) {
        self.orders.push_back(Order::Tell(event));
    }

    fn note(&mut self, line: Line, now: Instant) {
        for line in self.sparing.admit(line, now).into_iter().flatten() {
            self.orders.push_back(Order::Journal(line));
        }
    }
}
