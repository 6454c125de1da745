//! Whether bluetoothd goes away.

use super::bus::BLUEZ;
use super::objects;
use futures_util::StreamExt as _;
use std::time::Instant;
use zbus::{Connection, MatchRule, MessageStream, message};

/// Signals that may wait while nobody looks.
const SIGNALS: usize = 64;

/// Follows bluetoothd's name on the bus, from its start on.
pub struct BluetoothdWatch {
    owners: MessageStream,
    gone_since: Option<Instant>,
}

impl BluetoothdWatch {
    /// Begins to follow. One that is not there yet is not gone.
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
        let queue = std::num::NonZeroUsize::new(SIGNALS);
        Ok(Self {
            owners: MessageStream::for_match_rule(owner, connection, queue).await?,
            gone_since: None,
        })
    }

    /// Since when it has been gone.
    pub const fn gone_since(&self) -> Option<Instant> {
        self.gone_since
    }

    /// Waits until it goes or comes. Cancel-safe.
    pub async fn changed(&mut self) {
        loop {
            match self.owners.next().await {
                Some(Ok(signal)) => {
                    self.gone_since = objects::lost_owner(&signal).then(Instant::now);
                    return;
                }
                Some(Err(_)) => {}
                // Whoever has the connection learns that it is over, and what is to be done.
                None => std::future::pending().await,
            }
        }
    }
}
