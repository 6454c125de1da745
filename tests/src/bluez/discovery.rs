//! What a discovery hears, and what is forgotten at its end.

use super::device::Device;
use super::signals;
use super::world::{OnAir, World};
use std::collections::HashMap;
use zbus::Connection;

/// Strength of everything that is heard.
const RSSI: i16 = -52;

/// The first sight of an advert is a new device; each further one is a change of it.
pub(crate) async fn report(
    connection: &Connection,
    world: &World,
    adapter: &str,
    advert: &OnAir,
) -> zbus::Result<()> {
    let known = world
        .state()
        .reported
        .get(&(advert.number, adapter.to_owned()))
        .cloned();
    let again = known.and_then(|path| {
        let report = world.state().devices.get(&path)?.report();
        Some((path, report))
    });
    let Some((path, changed)) = again else {
        if let Some(path) = hear(connection, world, adapter, &advert.uuid, &advert.data).await? {
            world
                .state()
                .reported
                .insert((advert.number, adapter.to_owned()), path);
        }
        return Ok(());
    };
    signals::device_changed(connection, &path, changed, &[]).await
}

/// A device is heard under a fresh address, if the adapter listens; its object path.
pub(crate) async fn hear(
    connection: &Connection,
    world: &World,
    adapter: &str,
    uuid: &str,
    data: &[u8],
) -> zbus::Result<Option<String>> {
    let strength = {
        let state = world.state();
        let listens = state
            .adapters
            .get(adapter)
            .is_some_and(|adapter| adapter.powered && adapter.discovering && !adapter.deaf);
        if !listens {
            return Ok(None);
        }
        state.strength.unwrap_or(RSSI)
    };
    let (path, device) = world.add_device(adapter, uuid, data, Some(strength));
    let interfaces = device.interfaces();
    // Centrals such as btleplug ask the device itself before they tell of it.
    connection.object_server().at(path.as_str(), device).await?;
    signals::added(connection, &path, &interfaces).await?;
    Ok(Some(path))
}

/// A client's discovery ends. With the last one what was heard is forgotten.
pub(crate) async fn leave_discovery(
    connection: &Connection,
    world: &World,
    name: &str,
    client: &str,
) -> zbus::Result<()> {
    let paths = {
        let mut state = world.state();
        let Some(adapter) = state.adapters.get_mut(name) else {
            return Ok(());
        };
        adapter.clients.remove(client);
        if !adapter.clients.is_empty() || !std::mem::take(&mut adapter.discovering) {
            return Ok(());
        }
        adapter.deaf = false;
        state.forget_heard_on(name)
    };
    for path in paths {
        signals::device_changed(connection, &path, HashMap::new(), &["RSSI"]).await?;
        connection
            .object_server()
            .remove::<Device, _>(path.as_str())
            .await?;
        signals::removed(connection, &path, &["org.bluez.Device1"]).await?;
    }
    signals::adapter_changed(connection, name, &[("Discovering", false.into())]).await
}
