//! Starting discovery on an adapter: through btleplug, and directly where btleplug cannot.

use super::BLUEZ;
use super::objects::ADAPTER;
use btleplug::api::{Central as _, Manager as _, ScanFilter};
use btleplug::platform::{Adapter, Manager};
use std::collections::{HashMap, HashSet};
use std::time::Duration;
use tokio::time::timeout;
use zbus::{Connection, Variant};

/// btleplug asks bluetoothd for everything it knows before it answers; one that takes longer is not waited for.
const BTLEPLUG: Duration = Duration::from_secs(3);

/// Runs discovery on adapters.
pub(super) struct Discovery {
    connection: Connection,
    running: HashSet<String>,
    /// Kept alive: discovery ends with the client that started it.
    centrals: HashMap<String, Adapter>,
}

impl Discovery {
    pub(super) fn new(connection: &Connection) -> Self {
        Self {
            connection: connection.clone(),
            running: HashSet::new(),
            centrals: HashMap::new(),
        }
    }

    /// Makes sure that discovery runs there. The adapter must be powered: btleplug would switch it on.
    pub(super) async fn run(&mut self, adapter: &str) -> zbus::Result<()> {
        if self.running.contains(adapter) {
            return Ok(());
        }
        if !self.centrals.contains_key(adapter) {
            self.centrals = timeout(BTLEPLUG, adapters()).await.ok().flatten().unwrap_or_default();
        }
        // The empty filter matters: BlueZ's UUID filter hides adverts that carry service data alone.
        let started = match self.centrals.get(adapter) {
            Some(central) => timeout(BTLEPLUG, central.start_scan(ScanFilter::default()))
                .await
                .is_ok_and(|result| result.is_ok()),
            None => false,
        };
        if !started {
            // btleplug hides the D-Bus error that says why, and cannot start at all when one neighbour's entry is broken.
            self.start_directly(adapter).await?;
        }
        self.running.insert(adapter.to_owned());
        Ok(())
    }

    /// Discovery ended there, or the adapter is gone.
    pub(super) fn forget(&mut self, adapter: &str) {
        self.running.remove(adapter);
    }

    async fn start_directly(&self, adapter: &str) -> zbus::Result<()> {
        let path = format!("/org/bluez/{adapter}");
        let filter = HashMap::from([
            ("Transport", Variant::from("le")),
            ("DuplicateData", Variant::from(true)),
        ]);
        self.connection
            .call_method(
                Some(BLUEZ),
                path.as_str(),
                Some(ADAPTER),
                "SetDiscoveryFilter",
                &(&filter),
            )
            .await?;
        match self
            .connection
            .call_method(Some(BLUEZ), path.as_str(), Some(ADAPTER), "StartDiscovery", &())
            .await
        {
            Ok(_) => Ok(()),
            // Our own earlier attempt through btleplug may be what is in progress.
            Err(zbus::Error::MethodError(name, _, _)) if name.as_str() == "org.bluez.Error.InProgress" => Ok(()),
            Err(error) => Err(error),
        }
    }
}

async fn adapters() -> Option<HashMap<String, Adapter>> {
    let manager = Manager::new().await.ok()?;
    let mut adapters = HashMap::new();
    for adapter in manager.adapters().await.ok()? {
        // "hci0 (usb:v1D6Bp0246d0542)"
        let info = adapter.adapter_info().await.ok()?;
        let name = info.split_whitespace().next()?.to_owned();
        adapters.insert(name, adapter);
    }
    Some(adapters)
}
