//! What the service tells without waiting for an answer, in order. The bus may be slow; the key is
//! not kept waiting.

use super::key_object::KeyObject;
use crate::desk::Number;
use crate::registry::AgentName;
use hybrid_key_bus::{AgentProxy, KEY_PATH};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::mpsc;
use zbus::Connection;
use zbus::object_server::InterfaceRef;
use zbus::proxy::CacheProperties;

/// What may wait to be told. What comes on top is lost: nobody has read the bus for long.
const TALES: usize = 256;

/// What is told.
pub(crate) enum Tale {
    /// Agents may register anew.
    RegisterAnew,
    /// Whether there is a device changed.
    Present,
    /// Nobody waits for this any more.
    Cancel(AgentName, Number),
}

/// Tells it in a task of its own, which ends with this value.
pub(crate) struct Teller {
    tales: mpsc::Sender<Tale>,
    present: Arc<AtomicBool>,
}

impl Teller {
    /// Starts telling.
    ///
    /// # Errors
    /// What D-Bus says.
    pub(crate) async fn start(connection: &Connection) -> zbus::Result<Self> {
        let server = connection.object_server();
        let key: InterfaceRef<KeyObject> = server.interface(KEY_PATH).await?;
        let present = Arc::clone(&key.get().await.present);
        let (tales, mut waiting) = mpsc::channel(TALES);
        let connection = connection.clone();
        tokio::spawn(async move {
            while let Some(tale) = waiting.recv().await {
                // It fails when the bus is gone, and then the service ends.
                let _ = tell(&connection, &key, tale).await;
            }
        });
        Ok(Self { tales, present })
    }

    /// Tells this when its turn comes.
    pub(crate) fn tell(&self, tale: Tale) {
        let _ = self.tales.try_send(tale);
    }

    /// Whether there is a device, for who asks from now on.
    pub(crate) fn present(&self, present: bool) {
        self.present.store(present, Ordering::Relaxed);
        self.tell(Tale::Present);
    }
}

async fn tell(
    connection: &Connection,
    key: &InterfaceRef<KeyObject>,
    tale: Tale,
) -> zbus::Result<()> {
    match tale {
        Tale::RegisterAnew => KeyObject::register_anew(key.signal_emitter()).await,
        Tale::Present => key.get().await.present_changed(key.signal_emitter()).await,
        Tale::Cancel(agent, number) => {
            let agent = AgentProxy::builder(connection)
                .destination(agent.as_str())
                .cache_properties(CacheProperties::No)
                .build()
                .await?;
            agent.cancel(number.0).await
        }
    }
}
