//! Whether there is an adapter at all, and when that changes. Nothing is asked in between.

use super::bus::{BLUEZ, Bus};
use super::objects::{self, ADAPTER};
use futures_util::StreamExt as _;
use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use zbus::{Connection, MatchRule, MessageStream, message};

/// Signals that may wait while one is handled.
const SIGNALS: usize = 1024;

/// Whether there is an adapter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AdapterPresence {
    /// There is.
    Exists,
    /// bluetoothd has none, or is not there because the kernel has none.
    Missing,
    /// bluetoothd is not there, and whether the kernel has one is not to be seen.
    NoBluetoothd,
}

/// Follows the adapters. One that is off or blocked exists; and while bluetoothd is not there, the
/// kernel's controllers are what exists.
pub struct AdapterWatch {
    connection: Connection,
    owners: MessageStream,
    /// Of who is bluetoothd now.
    objects: Option<MessageStream>,
    adapters: BTreeSet<String>,
    /// Of the kernel, as they were when it was last looked.
    controllers: Vec<String>,
    /// The kernel certainly has none.
    has_no_controller: bool,
    bus: Bus,
    /// bluetoothd is another one, or gone, and nobody has looked yet.
    is_stale: bool,
}

impl AdapterWatch {
    /// Begins to follow.
    ///
    /// # Errors
    /// What D-Bus says.
    pub async fn start(bus: &Bus, connection: &Connection) -> zbus::Result<Self> {
        let owner = MatchRule::builder()
            .msg_type(message::Type::Signal)
            .sender("org.freedesktop.DBus")
            .member("NameOwnerChanged")
            .add_arg(BLUEZ)
            .build()?;
        let queue = NonZeroUsize::new(SIGNALS);
        let mut watch = Self {
            connection: connection.clone(),
            owners: MessageStream::for_match_rule(owner, connection, queue).await?,
            objects: None,
            adapters: BTreeSet::new(),
            controllers: Vec::new(),
            has_no_controller: false,
            bus: bus.clone(),
            is_stale: false,
        };
        watch.look().await;
        Ok(watch)
    }

    /// Whether there is one.
    pub fn presence(&self) -> AdapterPresence {
        let is_there = self.objects.is_some();
        match (
            is_there,
            self.adapters.is_empty(),
            self.controllers.is_empty(),
        ) {
            (true, false, _) | (false, _, false) => AdapterPresence::Exists,
            (true, true, _) => AdapterPresence::Missing,
            (false, _, true) if self.has_no_controller => AdapterPresence::Missing,
            (false, _, true) => AdapterPresence::NoBluetoothd,
        }
    }

    /// Waits until that changes; `None` when the bus is gone. Cancel-safe.
    pub async fn changed(&mut self) -> Option<AdapterPresence> {
        loop {
            let before = self.presence();
            if self.is_stale {
                self.look().await;
                self.is_stale = false;
            } else {
                let said = async {
                    match &mut self.objects {
                        Some(objects) => objects.next().await,
                        None => std::future::pending().await,
                    }
                };
                tokio::select! {
                    owner = self.owners.next() => {
                        owner?.ok();
                        self.is_stale = true;
                    }
                    signal = said => {
                        if let Ok(signal) = signal? {
                            self.take(&signal);
                        }
                    }
                }
            }
            let now = self.presence();
            if now != before {
                return Some(now);
            }
        }
    }

    fn take(&mut self, signal: &zbus::Message) {
        let header = signal.header();
        let Some(member) = header.member() else {
            return;
        };
        match member.as_str() {
            "InterfacesAdded" => {
                if let Some((path, interfaces)) = objects::added(signal)
                    && interfaces.contains_key(ADAPTER)
                {
                    self.adapters.insert(path);
                }
            }
            "InterfacesRemoved" => {
                if let Some((path, interfaces)) = objects::removed(signal)
                    && interfaces.iter().any(|name| name == ADAPTER)
                {
                    self.adapters.remove(&path);
                }
            }
            _ => {}
        }
    }

    async fn look(&mut self) {
        // Subscribed before anything is read, so that nothing falls between.
        self.objects = self.follow().await.ok().flatten();
        self.controllers = self.bus.controllers();
        self.has_no_controller = self.bus.has_no_controller();
        self.adapters = BTreeSet::new();
        if self.objects.is_some() {
            let known = objects::adapters(&self.connection).await;
            let known = known.into_iter().flatten();
            self.adapters = known.map(|(path, _)| path).collect();
        }
    }

    /// What bluetoothd says; `None` when it is not there.
    async fn follow(&self) -> zbus::Result<Option<MessageStream>> {
        let Some(owner) = objects::owner(&self.connection).await? else {
            return Ok(None);
        };
        let objects = objects::said_by(&owner)
            .interface("org.freedesktop.DBus.ObjectManager")
            .build()?;
        let queue = NonZeroUsize::new(SIGNALS);
        let objects = MessageStream::for_match_rule(objects, &self.connection, queue);
        objects.await.map(Some)
    }
}
