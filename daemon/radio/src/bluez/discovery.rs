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

/// Whom bluetoothd says it discovers for on an adapter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum DiscoversFor {
    Nobody,
    /// For others, as far as it knows.
    Others,
    /// It has begun a discovery for us, and not for a bluetoothd before it.
    Us,
}

/// Makes sure that we discover on this adapter, for as long as the connection lives.
pub(super) async fn start(
    connection: &Connection,
    adapter: &str,
    so_far: DiscoversFor,
) -> zbus::Result<()> {
    let adapter = AdapterObject {
        connection,
        path: format!("/org/bluez/{adapter}"),
    };
    if let Err(error) = adapter.set_filter().await {
        // Without a filter everything is reported, too, only less often. StartDiscovery says what
        // is really wrong.
        tracing::debug!(adapter.path, %error, "the discovery filter was refused");
    }
    match (so_far, adapter.call("StartDiscovery").await) {
        // Each client has one discovery, which outlasts the pauses that BlueZ makes. One that
        // bluetoothd ended along with another client's is begun again by setting the filter. Of a
        // discovery that is not ours "in progress" means that the kernel still discovers for the
        // bluetoothd before, for up to ten seconds, and nothing is begun for us.
        (DiscoversFor::Us, Err(zbus::Error::MethodError(name, _, _)))
            if name.as_str() == IN_PROGRESS =>
        {
            Ok(())
        }
        (DiscoversFor::Others, Ok(())) => adapter.begin_anew().await,
        (_, started) => started,
    }
}

struct AdapterObject<'c> {
    connection: &'c Connection,
    path: String,
}

impl AdapterObject<'_> {
    /// No UUIDs: BlueZ's filter hides adverts that carry service data alone.
    async fn set_filter(&self) -> zbus::Result<()> {
        let (path, method) = (self.path.as_str(), "SetDiscoveryFilter");
        let filter = HashMap::from([
            ("Transport", Variant::from("le")),
            ("DuplicateData", Variant::from(true)),
        ]);
        self.connection
            .call_method(Some(BLUEZ), path, Some(ADAPTER), method, &(&filter))
            .await
            .map(drop)
    }

    async fn call(&self, method: &str) -> zbus::Result<()> {
        let path = self.path.as_str();
        self.connection
            .call_method(Some(BLUEZ), path, Some(ADAPTER), method, &())
            .await
            .map(drop)
    }

    /// Leaves a discovery that we were told runs already, and begins it again.
    ///
    /// bluetoothd loses count when the kernel ends a discovery by itself, as it does every 10.24 s,
    /// while the last client leaves: it goes on saying that it discovers, and tells whoever wants
    /// the same that it does so already, and nothing is heard. When its last client leaves again,
    /// it knows better. Where others really discover, leaving and coming back changes nothing.
    async fn begin_anew(&self) -> zbus::Result<()> {
        // Whom it refuses to stop it counts no longer, and the next attempt begins from there.
        self.call("StopDiscovery").await?;
        self.call("StartDiscovery").await
    }
}
