//! The radio of Linux desktops: bluetoothd, over D-Bus.
//!
//! Adverts are taken from BlueZ's signals as they come, for the first sight of a device arrives
//! whole in `InterfacesAdded` and, of a phone that is heard once, nowhere else. The same signals
//! tell of power, and of adapters and bluetoothd coming and going.

mod adapter_watch;
mod adapters;
mod bluetoothd_watch;
mod bus;
mod discovery;
mod listen;
mod missing;
mod objects;
mod settling;
mod trouble;

pub use adapter_watch::{AdapterPresence, AdapterWatch};
pub use bluetoothd_watch::BluetoothdWatch;
pub use bus::{BLUEZ, Bus};
pub use missing::{NoSuchAdapter, missing};
pub use objects::{ADAPTER, Properties, adapters as ask_adapters, flag, has_owner, text, texts};
pub use trouble::{absent, trouble_of, trouble_of_bus, without_controller};

use crate::adapter_name::AdapterChoice;
use crate::event::{Radio, RadioEvent};
use settling::Settling;
use std::time::Instant;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::sleep_until;

/// Events that may wait for a session that is busy.
const EVENTS: usize = 256;

/// Listens in a task of its own from its start until it is dropped. bluetoothd ends the discovery
/// with the connection.
pub struct Bluez {
    events: mpsc::Receiver<RadioEvent>,
    settling: Settling,
    task: JoinHandle<()>,
}

impl Bluez {
    /// Starts listening on these adapters. Returns at once; everything that can take time happens
    /// in the task.
    pub fn start(choice: AdapterChoice) -> Self {
        Self::start_on(Bus::System, choice)
    }

    /// The same, with the bluetoothd of another bus.
    pub fn start_on(bus: Bus, choice: AdapterChoice) -> Self {
        let (sender, events) = mpsc::channel(EVENTS);
        Self {
            events,
            settling: Settling::default(),
            task: tokio::spawn(listen::keep_listening(bus, choice, sender)),
        }
    }
}

impl Drop for Bluez {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Radio for Bluez {
    async fn next(&mut self) -> RadioEvent {
        // What is held lies in `settling`, and an event is taken from the channel in the turn in
        // which it is handed over or held: both waits may be interrupted.
        loop {
            let due = self.settling.due();
            let told = tokio::select! {
                event = self.events.recv() => match event {
                    Some(event) => self.settling.take(event, Instant::now()),
                    // The task ends only with this value.
                    None => std::future::pending().await,
                },
                () = until(due) => self.settling.over(Instant::now()),
            };
            if let Some(event) = told {
                return event;
            }
        }
    }
}

/// Waits until then; for ever without a time.
async fn until(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due.into()).await,
        None => std::future::pending().await,
    }
}
