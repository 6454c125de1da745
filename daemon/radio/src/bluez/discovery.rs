//! Starting discovery on an adapter.
//!
//! Not through btleplug, which asks for transport "auto": on controllers that cannot do both at
//! once the kernel then turns from Low Energy to a BR/EDR inquiry every five seconds, and hears no
//! phone meanwhile. It also switches on an adapter that is off, replaces the D-Bus error that says
//! why by another, and looks up every neighbour before it starts, so that one broken entry keeps it
//! from starting at all.

use super::bus::BLUEZ;
use super::objects::ADAPTER;
use std::collections::HashMap;
use zbus::{Connection, Variant};

const IN_PROGRESS: &str = "org.bluez.Error.InProgress";

/// Makes sure that we discover on this adapter, for as long as the connection lives. `ours` is
/// whether this bluetoothd has begun a discovery for us already: then, and only then, "in progress"
/// speaks of ours. Of one that was just started again it means that the kernel still discovers for
/// the one before, for up to ten seconds, and nothing is begun for us.
pub(super) async fn start(connection: &Connection, adapter: &str, ours: bool) -> zbus::Result<()> {
    let path = format!("/org/bluez/{adapter}");
    // No UUIDs: BlueZ's filter hides adverts that carry service data alone.
    let filter = HashMap::from([
        ("Transport", Variant::from("le")),
        ("DuplicateData", Variant::from(true)),
    ]);
    let filtered = connection
        .call_method(
            Some(BLUEZ),
            path.as_str(),
            Some(ADAPTER),
            "SetDiscoveryFilter",
            &(&filter),
        )
        .await;
    if let Err(error) = filtered {
        // Without a filter everything is reported, too, only less often. StartDiscovery says what
        // is really wrong.
        tracing::debug!(adapter, %error, "the discovery filter was refused");
    }
    let started = connection
        .call_method(
            Some(BLUEZ),
            path.as_str(),
            Some(ADAPTER),
            "StartDiscovery",
            &(),
        )
        .await;
    match started {
        Ok(_) => Ok(()),
        // Ours: each client has one discovery, which outlasts the pauses that BlueZ makes.
        Err(zbus::Error::MethodError(name, _, _)) if ours && name.as_str() == IN_PROGRESS => Ok(()),
        Err(error) => Err(error),
    }
}
