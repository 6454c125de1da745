//! The radio of Linux desktops: bluetoothd, over D-Bus.
//!
//! Adverts are taken from BlueZ's signals as they come, for the first sight of a device arrives
//! whole in `InterfacesAdded` and, of a phone that is heard once, nowhere else. The same signals
//! tell of power, and of adapters and bluetoothd coming and going.

mod adapter_watch;
mod adapters;
mod bus;
mod discovery;
mod listen;
mod objects;
mod trouble;

pub use adapter_watch::AdapterWatch;
pub use bus::{BLUEZ, Bus};
pub use objects::{ADAPTER, Properties, adapters as ask_adapters, flag, has_owner, text, texts};
pub use trouble::trouble_of;

use crate::event::{Radio, RadioEvent};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Events that may wait for a session that is busy.
const EVENTS: usize = 256;

/// Listens in a task of its own from its start until it is dropped. bluetoothd ends the discovery
/// with the connection.
pub struct Bluez {
    events: mpsc::Receiver<RadioEvent>,
    task: JoinHandle<()>,
}

impl Bluez {
    /// Starts listening. Returns at once; everything that can take time happens in the task.
    pub fn start() -> Self {
        Self::start_on(Bus::System)
    }

    /// The same, with the bluetoothd of another bus.
    pub fn start_on(bus: Bus) -> Self {
        let (sender, events) = mpsc::channel(EVENTS);
        Self {
            events,
            task: tokio::spawn(listen::keep_listening(bus, sender)),
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
        match self.events.recv().await {
            Some(event) => event,
            // The task ends only with this value.
            None => std::future::pending().await,
        }
    }
}
