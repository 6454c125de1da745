//! What bluetoothd says on its own.

use super::device::{Interfaces, adapter_path, properties};
use super::world::object;
use std::collections::HashMap;
use zbus::{Connection, OwnedVariant, Variant};

const MANAGER: &str = "org.freedesktop.DBus.ObjectManager";

pub(crate) async fn added(
    connection: &Connection,
    path: &str,
    interfaces: &Interfaces,
) -> zbus::Result<()> {
    let body = (object(path)?, interfaces);
    emit(connection, "/", MANAGER, "InterfacesAdded", &body).await
}

pub(crate) async fn removed(
    connection: &Connection,
    path: &str,
    interfaces: &[&str],
) -> zbus::Result<()> {
    let body = (object(path)?, interfaces);
    emit(connection, "/", MANAGER, "InterfacesRemoved", &body).await
}

/// An adapter's properties change.
pub(crate) async fn adapter_changed(
    connection: &Connection,
    name: &str,
    list: &[(&str, Variant<'static>)],
) -> zbus::Result<()> {
    let body = ("org.bluez.Adapter1", properties(list), Vec::<&str>::new());
    changed(connection, &adapter_path(name), &body).await
}

/// A device's properties change, or are no longer known.
pub(crate) async fn device_changed(
    connection: &Connection,
    path: &str,
    list: HashMap<String, OwnedVariant>,
    gone: &[&str],
) -> zbus::Result<()> {
    changed(connection, path, &("org.bluez.Device1", list, gone)).await
}

async fn changed<B>(connection: &Connection, path: &str, body: &B) -> zbus::Result<()>
where
    B: serde::Serialize + zbus::Type,
{
    let properties = "org.freedesktop.DBus.Properties";
    emit(connection, path, properties, "PropertiesChanged", body).await
}

async fn emit<B>(
    connection: &Connection,
    path: &str,
    interface: &str,
    signal: &str,
    body: &B,
) -> zbus::Result<()>
where
    B: serde::Serialize + zbus::Type,
{
    connection
        .emit_signal(Option::<&str>::None, path, interface, signal, body)
        .await
}
