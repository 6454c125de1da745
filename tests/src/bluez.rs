//! A fake `org.bluez` on a private D-Bus bus, as measured on bluetoothd 5.66: real programs scan and advertise through it.
//!
//! An advert that a program registers on one adapter is heard by every other adapter that is powered and discovering. The first sight of a
//! device arrives whole in `InterfacesAdded`, without a `PropertiesChanged`, exactly once.

mod adapter;
mod bus;
mod device;
mod root;

pub use device::{FDE2, FFF9, uuid};

use adapter::{Adapter, Advertising};
use bus::Bus;
use device::Device;
use root::Root;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use zbus::{Connection, ObjectPath, connection};

/// The air, its adapters, and the bus that they are reached on.
pub struct Air {
    bus: Bus,
    connection: Connection,
    world: World,
}

/// What is shared by the objects on the bus.
#[derive(Clone, Default)]
pub(crate) struct World(Arc<Mutex<State>>);

#[derive(Default)]
pub(crate) struct State {
    pub(crate) adapters: BTreeMap<String, AdapterState>,
    pub(crate) devices: BTreeMap<String, Device>,
    pub(crate) refusal: Option<Refusal>,
    pub(crate) broken_lookups: bool,
    pub(crate) next_address: u32,
    pub(crate) last_on_air: Option<std::time::Instant>,
}

/// One controller.
#[derive(Clone, Default)]
pub(crate) struct AdapterState {
    pub(crate) powered: bool,
    pub(crate) discovering: bool,
    /// A filter by UUID was set: it would hide adverts with service data alone.
    pub(crate) filtered: bool,
    /// Somebody switched it on.
    pub(crate) switched_on: bool,
}

/// How StartDiscovery is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// By D-Bus policy.
    Denied,
    /// Another client is in the way, or the driver hangs.
    Busy,
}

impl World {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Air {
    /// A bus with bluetoothd on it and no adapter. Needs the program `dbus-daemon` (Debian package dbus).
    ///
    /// # Errors
    /// A sentence that says what is missing.
    pub async fn start() -> Result<Self, String> {
        let bus = Bus::start()?;
        let world = World::default();
        let connection = connection::Builder::address(bus.address())
            .name("org.bluez")
            .serve_at("/", Root(world.clone()))
            .build()
            .await
            .map_err(|error| format!("the fake bluetoothd cannot reach its bus: {error}"))?;
        Ok(Self { bus, connection, world })
    }

    /// For `DBUS_SYSTEM_BUS_ADDRESS`.
    pub fn bus_address(&self) -> &str {
        self.bus.address()
    }

    /// Plugs in an adapter that is switched on.
    ///
    /// # Errors
    /// What D-Bus says.
    pub async fn add_adapter(&self, name: &str) -> zbus::Result<()> {
        self.world.state().adapters.insert(
            name.to_owned(),
            AdapterState {
                powered: true,
                ..AdapterState::default()
            },
        );
        let path = adapter_path(name);
        let server = self.connection.object_server();
        server
            .at(
                path.as_str(),
                Adapter {
                    name: name.to_owned(),
                    world: self.world.clone(),
                },
            )
            .await?;
        server
            .at(
                path.as_str(),
                Advertising {
                    name: name.to_owned(),
                    world: self.world.clone(),
                },
            )
            .await?;
        let interfaces = root::adapter_interfaces(name, &self.world.state());
        self.emit(
            "/",
            "org.freedesktop.DBus.ObjectManager",
            "InterfacesAdded",
            &(object(&path)?, interfaces),
        )
        .await
    }

    /// Unplugs an adapter.
    ///
    /// # Errors
    /// What D-Bus says.
    pub async fn remove_adapter(&self, name: &str) -> zbus::Result<()> {
        self.world.state().adapters.remove(name);
        let path = adapter_path(name);
        let server = self.connection.object_server();
        server.remove::<Adapter, _>(path.as_str()).await?;
        server.remove::<Advertising, _>(path.as_str()).await?;
        let gone = vec!["org.bluez.Adapter1", "org.bluez.LEAdvertisingManager1"];
        self.emit(
            "/",
            "org.freedesktop.DBus.ObjectManager",
            "InterfacesRemoved",
            &(object(&path)?, gone),
        )
        .await
    }

    /// Switches an adapter on or off, as a person would in the settings.
    ///
    /// # Errors
    /// What D-Bus says.
    pub async fn set_powered(&self, name: &str, powered: bool) -> zbus::Result<()> {
        if let Some(adapter) = self.world.state().adapters.get_mut(name) {
            adapter.powered = powered;
            adapter.discovering &= powered;
        }
        let changed = root::properties(&[("Powered", powered.into()), ("Discovering", false.into())]);
        let body = ("org.bluez.Adapter1", changed, Vec::<&str>::new());
        self.emit(
            &adapter_path(name),
            "org.freedesktop.DBus.Properties",
            "PropertiesChanged",
            &body,
        )
        .await
    }

    /// Refuses to start a discovery, or stops refusing.
    pub fn refuse(&self, refusal: Option<Refusal>) {
        self.world.state().refusal = refusal;
    }

    /// A neighbour's entry is such that every lookup of objects fails, as seen with a broken device in BlueZ's cache.
    pub fn break_lookups(&self) {
        self.world.state().broken_lookups = true;
    }

    /// bluetoothd stops.
    ///
    /// # Errors
    /// What D-Bus says.
    pub async fn stop_bluetoothd(&self) -> zbus::Result<()> {
        self.connection.release_name("org.bluez").await.map(drop)
    }

    /// bluetoothd comes back.
    ///
    /// # Errors
    /// What D-Bus says.
    pub async fn start_bluetoothd(&self) -> zbus::Result<()> {
        self.connection.request_name("org.bluez").await
    }

    /// A device with this service data is heard by an adapter, if it is discovering: told once, in `InterfacesAdded`.
    ///
    /// # Errors
    /// What D-Bus says.
    pub async fn hear(&self, adapter: &str, uuid: &str, data: &[u8]) -> zbus::Result<()> {
        adapter::hear(&self.connection, &self.world, adapter, uuid, data).await
    }

    /// A device that BlueZ remembers from an earlier scan: in the list of objects, without RSSI, and no signal tells it.
    pub fn remember(&self, adapter: &str, uuid: &str, data: &[u8]) {
        let mut state = self.world.state();
        let (path, device) = Device::new(adapter, uuid, data, None, &mut state);
        state.devices.insert(path, device);
    }

    /// When the newest advert of a program went on the air.
    pub fn last_on_air(&self) -> Option<std::time::Instant> {
        self.world.state().last_on_air
    }

    /// Whether an adapter discovers now.
    pub fn is_discovering(&self, adapter: &str) -> bool {
        self.world
            .state()
            .adapters
            .get(adapter)
            .is_some_and(|adapter| adapter.discovering)
    }

    /// Whether a program set a UUID filter, or switched an adapter on.
    pub fn was_meddled_with(&self, adapter: &str) -> bool {
        self.world
            .state()
            .adapters
            .get(adapter)
            .is_some_and(|adapter| adapter.filtered || adapter.switched_on)
    }

    async fn emit<B>(&self, path: &str, interface: &str, signal: &str, body: &B) -> zbus::Result<()>
    where
        B: serde::Serialize + zbus::Type,
    {
        self.connection
            .emit_signal(Option::<&str>::None, path, interface, signal, body)
            .await
    }
}

pub(crate) fn adapter_path(name: &str) -> String {
    format!("/org/bluez/{name}")
}

pub(crate) fn object(path: &str) -> zbus::Result<ObjectPath<'_>> {
    ObjectPath::try_from(path).map_err(|error| zbus::Error::Failure(error.to_string()))
}
