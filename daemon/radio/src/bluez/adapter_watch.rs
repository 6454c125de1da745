//! Whether there is an adapter at all, and when that changes. Nothing is asked in between.

use super::bus::BLUEZ;
use super::objects::{self, ADAPTER, has_owner};
use crate::controllers::controllers;
use futures_util::StreamExt as _;
use std::collections::BTreeSet;
use zbus::{Connection, MatchRule, MessageStream, message};

/// Signals that may wait while one is handled.
const SIGNALS: usize = 1024;

/// Follows the adapters. One that is off or blocked exists; and while bluetoothd is not there, the
/// kernel's controllers are what exists.
pub struct AdapterWatch {
    connection: Connection,
    signals: futures_util::stream::Select<MessageStream, MessageStream>,
    adapters: BTreeSet<String>,
    exists: bool,
}

impl AdapterWatch {
    /// Begins to follow.
    ///
    /// # Errors
    /// What D-Bus says.
    pub async fn start(connection: &Connection) -> zbus::Result<Self> {
        let queue = std::num::NonZeroUsize::new(SIGNALS);
        let signal = || MatchRule::builder().msg_type(message::Type::Signal);
        let objects = signal()
            .sender(BLUEZ)
            .interface("org.freedesktop.DBus.ObjectManager")
            .build()?;
        let owner = signal()
            .sender("org.freedesktop.DBus")
            .member("NameOwnerChanged")
            .add_arg(BLUEZ)
            .build()?;
        let objects = MessageStream::for_match_rule(objects, connection, queue).await?;
        let owner = MessageStream::for_match_rule(owner, connection, queue).await?;
        let mut watch = Self {
            connection: connection.clone(),
            signals: futures_util::stream::select(objects, owner),
            adapters: BTreeSet::new(),
            exists: false,
        };
        watch.look().await;
        Ok(watch)
    }

    /// Whether there is one.
    pub const fn exists(&self) -> bool {
        self.exists
    }

    /// Waits until that changes; `None` when the bus is gone. Cancel-safe but for what bluetoothd
    /// says when it comes, which is then asked at the next change.
    pub async fn changed(&mut self) -> Option<bool> {
        loop {
            let signal = self.signals.next().await?;
            let before = self.exists;
            if let Ok(signal) = signal {
                self.take(&signal).await;
            }
            if self.exists != before {
                return Some(self.exists);
            }
        }
    }

    async fn take(&mut self, signal: &zbus::Message) {
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
            "NameOwnerChanged" => self.look().await,
            _ => {}
        }
    }

    async fn look(&mut self) {
        self.adapters = match has_owner(&self.connection).await {
            Ok(true) => {
                let known = objects::adapters(&self.connection).await;
                let known = known.into_iter().flatten();
                known.map(|(path, _)| path).collect()
            }
            Ok(false) | Err(_) => {
                let names = controllers().into_iter();
                names.map(|name| format!("/org/bluez/{name}")).collect()
            }
        };
        self.exists = !self.adapters.is_empty();
    }
}
