//! Whether there is an adapter at all, and when that changes. Nothing is asked in between.

use super::bus::BLUEZ;
use super::objects::{self, ADAPTER};
use crate::controllers::controllers;
use futures_util::StreamExt as _;
use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use zbus::{Connection, MatchRule, MessageStream, message};

/// Signals that may wait while one is handled.
const SIGNALS: usize = 1024;

/// Follows the adapters. One that is off or blocked exists; and while bluetoothd is not there, the
/// kernel's controllers are what exists.
pub struct AdapterWatch {
    connection: Connection,
    owners: MessageStream,
    /// Of who is bluetoothd now.
    objects: Option<MessageStream>,
    adapters: BTreeSet<String>,
    exists: bool,
    /// bluetoothd is another one, or gone, and nobody has looked yet.
    is_stale: bool,
}

impl AdapterWatch {
    /// Begins to follow.
    ///
    /// # Errors
    /// What D-Bus says.
    pub async fn start(connection: &Connection) -> zbus::Result<Self> {
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
            exists: false,
            is_stale: false,
        };
        watch.look().await;
        Ok(watch)
    }

    /// Whether there is one.
    pub const fn exists(&self) -> bool {
        self.exists
    }

    /// Waits until that changes; `None` when the bus is gone. Cancel-safe.
    pub async fn changed(&mut self) -> Option<bool> {
        loop {
            let before = self.exists;
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
            if self.exists != before {
                return Some(self.exists);
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
                    self.exists = true;
                }
            }
            "InterfacesRemoved" => {
                if let Some((path, interfaces)) = objects::removed(signal)
                    && interfaces.iter().any(|name| name == ADAPTER)
                {
                    self.adapters.remove(&path);
                    self.exists = !self.adapters.is_empty();
                }
            }
            _ => {}
        }
    }

    async fn look(&mut self) {
        // Subscribed before anything is read, so that nothing falls between.
        self.objects = self.follow().await.ok().flatten();
        self.adapters = if self.objects.is_some() {
            let known = objects::adapters(&self.connection).await;
            let known = known.into_iter().flatten();
            known.map(|(path, _)| path).collect()
        } else {
            let names = controllers().into_iter();
            names.map(|name| format!("/org/bluez/{name}")).collect()
        };
        self.exists = !self.adapters.is_empty();
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
