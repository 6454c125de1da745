//! The loop between the kernel, the bus and the clock. It carries; [`Desk`] decides.

use crate::bus::{self, Call, KeyObject, Tale, Teller};
use crate::desk::{Desk, Order};
use crate::journal::Line;
use crate::registry::Candidate;
use crate::uhid::{Device, DeviceEnd, FromKernel};
use core::fmt;
use hybrid_key_bus::{KEY_PATH, Refusal, SERVICE};
use rustix::fd::OwnedFd;
use std::io;
use std::time::Instant;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use zbus::Connection;
use zbus::fdo::{RequestNameFlags, RequestNameReply};

/// Calls that may wait.
const CALLS: usize = 64;

/// What the service needs of the world.
pub struct World<O, J> {
    /// The system bus.
    pub connection: Connection,
    /// Opens `/dev/uhid`.
    pub open: O,
    /// Writes a line.
    pub journal: J,
    /// This computer's name.
    pub host: String,
}

/// Why the service ended without being told to.
#[derive(Debug)]
pub enum ServiceError {
    /// The bus.
    Bus(zbus::Error),
    /// Somebody else has the name.
    NameTaken,
    /// The kernel took the device away.
    Device(DeviceEnd),
    /// No randomness.
    Entropy,
}

/// Serves until `stop`, and then takes the device away.
///
/// # Errors
/// Why it cannot go on. Started again it can.
pub async fn run<O, J>(
    world: World<O, J>,
    stop: impl Future<Output = ()>,
) -> Result<(), ServiceError>
where
    O: Fn() -> io::Result<OwnedFd>,
    J: FnMut(&Line),
{
    let World {
        connection,
        open,
        journal,
        host,
    } = world;
    let (sender, mut calls) = mpsc::channel(CALLS);
    let server = connection.object_server();
    server.at(KEY_PATH, KeyObject::new(sender.clone())).await?;
    let mut hands = Hands {
        teller: Teller::start(&connection).await?,
        connection: connection.clone(),
        calls: sender.clone(),
        journal,
        device: None,
        asked: None,
        watch: None,
    };
    let mut desk = Desk::new(&host);
    let mut follow = tokio::spawn(bus::follow(connection.clone(), sender));
    let flags = RequestNameFlags::DO_NOT_QUEUE;
    match connection.request_name_with_flags(SERVICE, flags).await {
        Ok(RequestNameReply::PrimaryOwner | RequestNameReply::AlreadyOwner) => {}
        Ok(RequestNameReply::InQueue | RequestNameReply::Exists) | Err(zbus::Error::NameTaken) => {
            return Err(ServiceError::NameTaken);
        }
        Err(error) => return Err(error.into()),
    }
    let mut stop = core::pin::pin!(stop);
    let mut stopping = false;
    while !stopping || desk.is_present() {
        let deadline = desk.poll_timeout().map(|(at, _)| at);
        tokio::select! {
            () = &mut stop, if !stopping => {
                stopping = true;
                desk.stop(Instant::now());
            }
            event = hands.event() => hands.heard(&mut desk, event)?,
            call = calls.recv() => {
                if let Some(call) = call {
                    hands.called(&mut desk, call, &open)?;
                }
            }
            () = until(deadline) => {}
            ended = &mut follow => return Err(ServiceError::Bus(why(ended))),
        }
        // What programs wrote comes before the time that ran out on it.
        hands.obey(&mut desk);
        hands.hear_waiting(&mut desk)?;
        desk.handle_timeout(Instant::now());
        hands.obey(&mut desk);
    }
    follow.abort();
    Ok(())
}

/// Why nobody says any more who is in front.
fn why(ended: Result<zbus::Result<()>, tokio::task::JoinError>) -> zbus::Error {
    match ended {
        Ok(Err(error)) => error,
        Ok(Ok(())) | Err(_) => zbus::Error::Failure("the connection has ended".to_owned()),
    }
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
        None => core::future::pending().await,
    }
}

/// What the loop holds.
struct Hands<J> {
    connection: Connection,
    calls: mpsc::Sender<Call>,
    teller: Teller,
    journal: J,
    device: Option<Device>,
    /// The question that the agent is asked. There is one at a time.
    asked: Option<AbortHandle>,
    watch: Option<AbortHandle>,
}

impl<J: FnMut(&Line)> Hands<J> {
    async fn event(&mut self) -> Result<FromKernel, DeviceEnd> {
        match self.device.as_mut() {
            Some(device) => device.next().await,
            None => core::future::pending().await,
        }
    }

    fn heard(
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
    fn hear_waiting(&mut self, desk: &mut Desk) -> Result<(), ServiceError> {
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

    fn called(
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
            Err(refusal) => return Ok(Err(refusal)),
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
        self.teller.present(true);
        Ok(Ok(()))
    }

    /// Does what is to be done.
    fn obey(&mut self, desk: &mut Desk) {
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

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bus(error) => write!(f, "the system bus failed: {error}"),
            Self::NameTaken => write!(f, "another program has the name {SERVICE} on the bus"),
            Self::Device(DeviceEnd::Stopped) => f.write_str("the kernel took the device away"),
            Self::Device(DeviceEnd::Unreadable(error)) => {
                write!(f, "/dev/uhid cannot be read: {error}")
            }
            Self::Entropy => f.write_str("the operating system gives no random bytes"),
        }
    }
}

impl core::error::Error for ServiceError {}

impl From<zbus::Error> for ServiceError {
    fn from(error: zbus::Error) -> Self {
        Self::Bus(error)
    }
}
