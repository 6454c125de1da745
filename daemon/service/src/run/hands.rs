//! What the loop holds, and how an order is done.

use super::service_error::ServiceError;
use crate::bus::{self, Call, Tale, Teller};
use crate::desk::{Desk, Order};
use crate::journal::Line;
use crate::registry::Candidate;
use crate::uhid::{Device, DeviceEnd, FromKernel};
use hybrid_key_bus::Refusal;
use rustix::fd::OwnedFd;
use std::io;
use std::time::Instant;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use zbus::Connection;

/// The device, the bus and the journal.
pub(super) struct Hands<J> {
    connection: Connection,
    calls: mpsc::Sender<Call>,
    teller: Teller,
    journal: J,
    device: Option<Device>,
    /// The question that the agent is asked. There is one at a time.
    asked: Option<AbortHandle>,
    watch: Option<AbortHandle>,
    /// For the last one that polkit did not allow to answer.
    pardon: Option<AbortHandle>,
}

impl<J: FnMut(&Line)> Hands<J> {
    /// With nothing in them.
    pub(super) async fn new(
        connection: &Connection,
        calls: mpsc::Sender<Call>,
        journal: J,
    ) -> zbus::Result<Self> {
        Ok(Self {
            teller: Teller::start(connection).await?,
            connection: connection.clone(),
            calls,
            journal,
            device: None,
            asked: None,
            watch: None,
            pardon: None,
        })
    }

    /// The next event of the kernel, while there is a device.
    pub(super) async fn event(&mut self) -> Result<FromKernel, DeviceEnd> {
        match self.device.as_mut() {
            Some(device) => device.next().await,
            None => core::future::pending().await,
        }
    }

    /// The kernel told something.
    pub(super) fn heard(
        &mut self,
        desk: &mut Desk,
        event: Result<FromKernel, DeviceEnd>,
    ) -> Result<(), ServiceError> {
        desk.hear(event.map_err(ServiceError::Device)?, Instant::now());
        self.obey(desk);
        Ok(())
    }

    /// What waits, but not more than was written when this began: who writes on and on stops
    /// neither the clock nor the bus.
    pub(super) fn hear_waiting(&mut self, desk: &mut Desk) -> Result<(), ServiceError> {
        let waiting = self.device.as_ref().map_or(0, Device::count);
        for _ in 0..waiting {
            match self.device.as_mut().and_then(Device::waiting) {
                Some(event) => self.heard(desk, event)?,
                None => break,
            }
        }
        match self.device.as_ref().map_or(0, Device::dropped) {
            0 => {}
            count => desk.lost(count, Instant::now()),
        }
        Ok(())
    }

    /// Something came over the bus.
    pub(super) fn called(
        &mut self,
        desk: &mut Desk,
        call: Call,
        open: &impl Fn() -> io::Result<OwnedFd>,
    ) -> Result<(), ServiceError> {
        let now = Instant::now();
        match call {
            Call::Front(person) => desk.comes_to_front(person, now),
            Call::Register(candidate, verdict) => {
                let answer = self.register(desk, &candidate, open)?;
                // Who asked may be gone; the watch sees that.
                let _ = verdict.send(answer);
            }
            Call::Leave(agent, leave) => desk.leave(&agent, leave, now),
            Call::Pardoned => desk.pardon(),
            Call::Shown(agent, number) => desk.shown(&agent, number, now),
            Call::Answered(number, answer) => desk.answered(number, answer, now),
        }
        Ok(())
    }

    fn register(
        &mut self,
        desk: &mut Desk,
        candidate: &Candidate,
        open: &impl Fn() -> io::Result<OwnedFd>,
    ) -> Result<Result<(), Refusal>, ServiceError> {
        let now = Instant::now();
        let admission = match desk.register(candidate, now) {
            Ok(Some(admission)) => admission,
            Ok(None) => return Ok(Ok(())),
            Err(refusal) => {
                if refusal == Refusal::NotAllowed && desk.agent().is_none() {
                    let name = candidate.name.clone();
                    let pardon = bus::pardon(self.connection.clone(), name, self.calls.clone());
                    replace(&mut self.pardon, Some(tokio::spawn(pardon).abort_handle()));
                }
                return Ok(Err(refusal));
            }
        };
        // One that is on its way out goes first.
        self.device = None;
        let made = open()
            .map_err(|error| unopened(&error))
            .and_then(|file| Device::create(file).map_err(|_| Refusal::UhidFails));
        let device = match made {
            Ok(device) => device,
            Err(refusal) => {
                desk.fail(admission, refusal, now);
                return Ok(Err(refusal));
            }
        };
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|_| ServiceError::Entropy)?;
        self.device = Some(device);
        desk.admit(admission, seed, now);
        let watch = bus::watch(
            self.connection.clone(),
            candidate.name.clone(),
            self.calls.clone(),
        );
        replace(&mut self.watch, Some(tokio::spawn(watch).abort_handle()));
        replace(&mut self.pardon, None);
        self.teller.present(true);
        Ok(Ok(()))
    }

    /// Does what is to be done.
    pub(super) fn obey(&mut self, desk: &mut Desk) {
        while let Some(order) = desk.poll_order() {
            match order {
                Order::Tell(event) => {
                    let written = self.device.as_ref().map(|device| device.write(&event));
                    if let Some(Err(error)) = written {
                        (self.journal)(&Line::NotWritten(error.to_string()));
                    }
                }
                Order::Close => {
                    self.device = None;
                    replace(&mut self.asked, None);
                    replace(&mut self.watch, None);
                    self.teller.present(false);
                }
                Order::Ask(agent, number, ask) => {
                    let (connection, calls) = (self.connection.clone(), self.calls.clone());
                    let ask = bus::ask(connection, agent, number, ask, Instant::now(), calls);
                    replace(&mut self.asked, Some(tokio::spawn(ask).abort_handle()));
                }
                Order::Cancel(agent, number) => {
                    replace(&mut self.asked, None);
                    self.teller.tell(Tale::Cancel(agent, number));
                }
                Order::RegisterAnew => self.teller.tell(Tale::RegisterAnew),
                Order::Journal(line) => (self.journal)(&line),
            }
        }
    }
}

/// Ends the task that was there.
fn replace(task: &mut Option<AbortHandle>, new: Option<AbortHandle>) {
    if let Some(old) = core::mem::replace(task, new) {
        old.abort();
    }
}

fn unopened(error: &io::Error) -> Refusal {
    if error.kind() == io::ErrorKind::NotFound {
        Refusal::NoUhid
    } else if error.kind() == io::ErrorKind::PermissionDenied {
        Refusal::UhidForbidden
    } else {
        Refusal::UhidFails
    }
}
