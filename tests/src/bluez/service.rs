//! bluetoothd itself: how it ends, how it comes back, and how an adapter joins it.

use super::adapter::{self, Adapter};
use super::advertising::Advertising;
use super::device::adapter_path;
use super::root::{SERVICE, adapter_interfaces, service_interfaces};
use super::world::{AdapterState, World};
use super::{Air, signals};
use std::time::Duration;
use zbus::Connection;

/// From the service to its adapters. The real one took from 0.7 to 2 s in an emulated machine.
const FIND_ADAPTERS: Duration = Duration::from_millis(100);
/// From an adapter that joins to its being switched on (AutoEnable, which is the default).
const AUTO_ENABLE: Duration = Duration::from_millis(600);

impl Air {
    /// An adapter that has been there for long: it is on.
    ///
    /// # Errors
    /// What D-Bus says.
    pub async fn add_adapter(&self, name: &str) -> zbus::Result<()> {
        let state = AdapterState {
            powered: true,
            ..AdapterState::default()
        };
        self.join(name, state).await
    }

    /// Plugs in an adapter: it is off, and bluetoothd switches it on a little later.
    ///
    /// # Errors
    /// What D-Bus says.
    pub async fn plug_in(&self, name: &str) -> zbus::Result<()> {
        self.join(name, AdapterState::default()).await?;
        tokio::spawn(auto_enable(
            self.connection.clone(),
            self.world.clone(),
            name.to_owned(),
        ));
        Ok(())
    }

    async fn join(&self, name: &str, adapter: AdapterState) -> zbus::Result<()> {
        self.world.state().adapters.insert(name.to_owned(), adapter);
        let path = adapter_path(name);
        let server = self.connection.object_server();
        let (world, owned) = (self.world.clone(), name.to_owned());
        server
            .at(path.as_str(), Adapter { name: owned, world })
            .await?;
        let (world, owned) = (self.world.clone(), name.to_owned());
        server
            .at(path.as_str(), Advertising { name: owned, world })
            .await?;
        let interfaces = adapter_interfaces(name, &self.world.state());
        signals::added(&self.connection, &path, &interfaces).await
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
        signals::removed(&self.connection, &path, &INTERFACES).await
    }

    /// bluetoothd stops, as SIGTERM makes it: it switches its adapters off, takes them away, and
    /// leaves.
    ///
    /// # Errors
    /// What D-Bus says.
    pub async fn stop_bluetoothd(&self) -> zbus::Result<()> {
        let names: Vec<String> = self.world.state().adapters.keys().cloned().collect();
        for name in &names {
            let powered = self
                .world
                .state()
                .adapters
                .get(name)
                .is_some_and(|it| it.powered);
            if powered {
                adapter::power(&self.connection, &self.world, name, false).await?;
            }
        }
        for name in &names {
            signals::removed(&self.connection, &adapter_path(name), &["org.bluez.Media1"]).await?;
        }
        let interfaces = service_interfaces();
        let interfaces: Vec<&str> = interfaces.keys().map(String::as_str).collect();
        signals::removed(&self.connection, SERVICE, &interfaces).await?;
        for name in &names {
            signals::removed(&self.connection, &adapter_path(name), &INTERFACES).await?;
        }
        self.kill_bluetoothd().await
    }

    /// bluetoothd is killed: its name is lost, and its adapters stay as they are.
    ///
    /// # Errors
    /// What D-Bus says.
    pub async fn kill_bluetoothd(&self) -> zbus::Result<()> {
        {
            let mut state = self.world.state();
            state.away = true;
            state.on_air.clear();
            state.forget_heard();
            for adapter in state.adapters.values_mut() {
                adapter.discovering = false;
                adapter.clients.clear();
            }
        }
        self.connection.release_name("org.bluez").await.map(drop)
    }

    /// bluetoothd comes back: first itself, then its adapters, which it switches on a little later
    /// unless they are on.
    ///
    /// # Errors
    /// What D-Bus says.
    pub async fn start_bluetoothd(&self) -> zbus::Result<()> {
        self.connection.request_name("org.bluez").await?;
        signals::added(&self.connection, SERVICE, &service_interfaces()).await?;
        tokio::time::sleep(FIND_ADAPTERS).await;
        self.world.state().away = false;
        let names: Vec<String> = self.world.state().adapters.keys().cloned().collect();
        for name in names {
            let interfaces = adapter_interfaces(&name, &self.world.state());
            signals::added(&self.connection, &adapter_path(&name), &interfaces).await?;
            tokio::spawn(auto_enable(
                self.connection.clone(),
                self.world.clone(),
                name,
            ));
        }
        Ok(())
    }
}

/// The interfaces of an adapter that go with it; Media1 went before.
const INTERFACES: [&str; 2] = ["org.bluez.Adapter1", "org.bluez.LEAdvertisingManager1"];

async fn auto_enable(connection: Connection, world: World, name: String) {
    tokio::time::sleep(AUTO_ENABLE).await;
    let off = {
        let state = world.state();
        let adapter = state.adapters.get(&name);
        !state.away && adapter.is_some_and(|adapter| !adapter.powered && !adapter.blocked)
    };
    if off {
        // Nobody waits for it, and a bus that is gone has nobody to tell.
        let _ = adapter::power(&connection, &world, &name, true).await;
    }
}
