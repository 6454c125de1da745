//! A fake `org.bluez` on a private D-Bus bus, as measured on bluetoothd 5.66: real programs scan
//! and advertise through it.
//!
//! An advert that a program registers on one adapter is heard by every other adapter that is
//! powered and discovering, or begins to, until that program leaves the bus. The first sight of a
//! device arrives whole in `InterfacesAdded`, without a `PropertiesChanged`, exactly once; who
//! asked for duplicates is then told of every further report. When the last discovery ends, what
//! was heard is forgotten, device by device.

mod adapter;
mod advertising;
mod bus;
mod clients;
mod device;
mod discovery;
mod error;
mod root;
mod service;
mod signals;
mod world;

pub use bus::Bus;
pub use device::{FDE2, FFF9, uuid};
pub use world::{Lookups, Refusal};

use device::{adapter_path, properties};
use root::Root;
use world::World;
use zbus::{Connection, connection};

/// The air, its adapters, and the bus that they are reached on.
pub struct Air {
    bus: Bus,
    connection: Connection,
    world: World,
}

impl Air {
    /// A bus with bluetoothd on it and no adapter. Needs the program `dbus-daemon` (Debian package
    /// dbus).
    ///
    /// # Errors
    /// A sentence that says what is missing.
    pub async fn start() -> Result<Self, String> {
        Self::start_on(Bus::start()?).await
    }

    /// The same, with adapters that are switched on.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn with_adapters(names: &[&str]) -> Result<Self, String> {
        let air = Self::start().await?;
        for name in names {
            let added = air.add_adapter(name).await;
            added.map_err(|error| format!("the fake bluetoothd has no {name}: {error}"))?;
        }
        Ok(air)
    }

    /// The same without any, on a bus whose policy keeps everybody from bluetoothd.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn start_forbidden() -> Result<Self, String> {
        let nobody =
            "<policy context=\"mandatory\"><deny send_destination=\"org.bluez\"/></policy>";
        Self::start_on(Bus::start_with(nobody)?).await
    }

    async fn start_on(bus: Bus) -> Result<Self, String> {
        let world = World::default();
        let connection = connection::Builder::address(bus.address())
            .name("org.bluez")
            .serve_at("/", Root(world.clone()))
            .build()
            .await
            .map_err(|error| format!("the fake bluetoothd cannot reach its bus: {error}"))?;
        let leavers = clients::leavers(&connection)
            .await
            .map_err(|error| format!("the fake bluetoothd cannot watch its clients: {error}"))?;
        tokio::spawn(clients::forget(leavers, connection.clone(), world.clone()));
        Ok(Self {
            bus,
            connection,
            world,
        })
    }

    /// For `DBUS_SYSTEM_BUS_ADDRESS`.
    pub fn bus_address(&self) -> &str {
        self.bus.address()
    }

    /// Switches an adapter on or off, as a person would in the settings.
    ///
    /// # Errors
    /// What D-Bus says; an adapter that is blocked cannot be switched on.
    pub async fn set_powered(&self, name: &str, powered: bool) -> zbus::Result<()> {
        adapter::set_power(&self.connection, &self.world, name, powered)
            .await
            .map_err(|error| zbus::Error::Failure(error.to_string()))
    }

    /// PowerState is told, as it is by a bluetoothd that was asked for its experimental interfaces,
    /// and by newer ones. 5.66 does not by itself.
    pub fn tell_power_state(&self) {
        self.world.state().tells_power_state = true;
    }

    /// Refuses to start a discovery, or stops refusing.
    pub fn refuse(&self, refusal: Option<Refusal>) {
        self.world.state().refusal = refusal;
    }

    /// Switches an adapter off as airplane mode does.
    ///
    /// # Errors
    /// What D-Bus says.
    pub async fn block(&self, name: &str) -> zbus::Result<()> {
        if let Some(adapter) = self.world.state().adapters.get_mut(name) {
            adapter.blocked = true;
            adapter.back_on = adapter.powered;
        }
        adapter::power(&self.connection, &self.world, name, false).await
    }

    /// The end of airplane mode: an adapter that was on before is on again.
    ///
    /// # Errors
    /// What D-Bus says.
    pub async fn unblock(&self, name: &str) -> zbus::Result<()> {
        let back_on = {
            let mut state = self.world.state();
            let adapter = state.adapters.get_mut(name);
            adapter.is_some_and(|adapter| {
                adapter.blocked = false;
                std::mem::take(&mut adapter.back_on)
            })
        };
        if back_on {
            adapter::power(&self.connection, &self.world, name, true).await?;
        }
        Ok(())
    }

    /// Takes Low Energy from an adapter, before anybody looks at it.
    pub fn take_low_energy(&self, name: &str) {
        if let Some(adapter) = self.world.state().adapters.get_mut(name) {
            adapter.no_low_energy = true;
        }
    }

    /// Everything is heard at this strength, in dBm.
    pub fn weaken(&self, strength: i16) {
        self.world.state().strength = Some(strength);
    }

    /// A neighbour's entry is such that the list of all objects fails, as seen with a broken device
    /// in BlueZ's cache.
    pub fn break_lookups(&self) {
        self.answer_lookups(Lookups::Broken);
    }

    /// How the list of all objects is answered from now on.
    pub fn answer_lookups(&self, lookups: Lookups) {
        self.world.state().lookups = lookups;
    }

    /// bluetoothd ends the discovery of a client that left after another one had asked for the same:
    /// it told that one that its discovery runs, counts it among those that discover, and discovers
    /// for nobody.
    ///
    /// # Errors
    /// What D-Bus says.
    pub async fn end_discovery_for_all(&self, name: &str) -> zbus::Result<()> {
        if let Some(adapter) = self.world.state().adapters.get_mut(name) {
            adapter.discovering = false;
        }
        signals::adapter_changed(&self.connection, name, &[("Discovering", false.into())]).await
    }

    /// bluetoothd says that it discovers when it does not, and nobody is left who asked it to. That
    /// is what becomes of it when the kernel ends a discovery by itself while the last client
    /// leaves.
    pub fn lose_count_of_discoveries(&self, name: &str) {
        if let Some(adapter) = self.world.state().adapters.get_mut(name) {
            adapter.discovering = true;
            adapter.deaf = true;
            adapter.clients.clear();
        }
    }

    /// The controller was reset: discovery ends, and bluetoothd says no more than that.
    ///
    /// # Errors
    /// What D-Bus says.
    pub async fn stop_discovery(&self, name: &str) -> zbus::Result<()> {
        if let Some(adapter) = self.world.state().adapters.get_mut(name) {
            adapter.discovering = false;
            adapter.clients.clear();
        }
        signals::adapter_changed(&self.connection, name, &[("Discovering", false.into())]).await
    }

    /// A device with this service data is heard by an adapter, if it is discovering: told once, in
    /// `InterfacesAdded`.
    ///
    /// # Errors
    /// What D-Bus says.
    pub async fn hear(&self, adapter: &str, uuid: &str, data: &[u8]) -> zbus::Result<()> {
        discovery::hear(&self.connection, &self.world, adapter, uuid, data)
            .await
            .map(drop)
    }

    /// Every device known to an adapter is heard again with the same data, as with `DuplicateData`.
    ///
    /// # Errors
    /// What D-Bus says.
    pub async fn hear_again(&self, adapter: &str) -> zbus::Result<()> {
        let known: Vec<(String, _)> = {
            let state = self.world.state();
            let own = state
                .devices
                .iter()
                .filter(|(_, device)| device.is_on(adapter));
            own.map(|(path, device)| (path.clone(), device.report()))
                .collect()
        };
        for (path, changed) in known {
            signals::device_changed(&self.connection, &path, changed, &[]).await?;
        }
        Ok(())
    }

    /// Something about a device changes that is no advert, such as a mouse that connects.
    ///
    /// # Errors
    /// What D-Bus says.
    pub async fn connect_mouse(&self, adapter: &str) -> zbus::Result<()> {
        let path = format!("{}/dev_00_11_22_33_44_55", adapter_path(adapter));
        let connected = properties(&[("Connected", true.into())]);
        signals::device_changed(&self.connection, &path, connected, &[]).await
    }

    /// A device that BlueZ remembers from an earlier scan: in the list of objects, without RSSI,
    /// and no signal tells it.
    pub fn remember(&self, adapter: &str, uuid: &str, data: &[u8]) {
        self.world.add_device(adapter, uuid, data, None);
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

    /// How often a discovery was started there.
    pub fn discoveries(&self, adapter: &str) -> u32 {
        self.world
            .state()
            .adapters
            .get(adapter)
            .map_or(0, |adapter| adapter.starts)
    }

    /// Whether a program set a UUID filter, did not ask for Low Energy alone, or switched an
    /// adapter on.
    pub fn was_meddled_with(&self, adapter: &str) -> bool {
        self.world
            .state()
            .adapters
            .get(adapter)
            .is_some_and(|adapter| {
                adapter.filtered || adapter.switched_on || adapter.not_low_energy_alone
            })
    }
}
