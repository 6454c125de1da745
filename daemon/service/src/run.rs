//! The loop between the kernel, the bus and the clock. It carries; [`Desk`] decides.

mod hands;
mod service_error;

pub use service_error::ServiceError;

use crate::bus::{self, KeyObject};
use crate::desk::Desk;
use crate::journal::Line;
use hands::Hands;
use hybrid_key_bus::{KEY_PATH, SERVICE};
use rustix::fd::OwnedFd;
use std::io;
use std::time::Instant;
use tokio::sync::mpsc;
use tokio::task::JoinError;
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
    let mut hands = Hands::new(&connection, sender.clone(), journal).await?;
    let mut desk = Desk::new(&host);
    let mut follow = tokio::spawn(bus::follow(connection.clone(), sender));
    // Who comes as soon as the name is there is to find out who is in front, and not that nobody is.
    tokio::select! {
        first = calls.recv() => {
            if let Some(call) = first {
                hands.called(&mut desk, call, &open)?;
                hands.obey(&mut desk);
            }
        }
        ended = &mut follow => return Err(ServiceError::Bus(why(ended))),
    }
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
fn why(ended: Result<zbus::Result<()>, JoinError>) -> zbus::Error {
    match ended {
        Ok(Err(error)) => error,
        Ok(Ok(())) | Err(_) => zbus::Error::Failure("the connection was closed".to_owned()),
    }
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
        None => core::future::pending().await,
    }
}
