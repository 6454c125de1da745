//! One controller: scanning and advertising.

use super::device::Device;
use super::root;
use super::signals;
use super::world::{AdapterState, OnAir, Refusal, World};
use std::collections::HashMap;
use std::time::Duration;
use zbus::message::Header;
use zbus::{Connection, DBusError, ObjectPath, OwnedVariant, Variant, fdo, interface};

/// Strength of everything that is heard.
const RSSI: i16 = -52;

/// Between two reports of an advert that stays on the air; phones advertise about so often.
const INTERVAL: Duration = Duration::from_millis(200);

/// BlueZ's errors.
#[derive(DBusError, Debug)]
#[zbus(prefix = "org.bluez.Error")]
pub(crate) enum BluezError {
    #[zbus(error)]
    ZBus(zbus::Error),
    NotReady(String),
    InProgress(String),
    Busy(String),
    DoesNotExist(String),
    NotPermitted(String),
    InvalidArguments(String),
    Failed(String),
}

pub(crate) struct Adapter {
    pub(crate) name: String,
    pub(crate) world: World,
}

impl Adapter {
    fn state(&self) -> AdapterState {
        self.world
            .state()
            .adapters
            .get(&self.name)
            .cloned()
            .unwrap_or_default()
    }

    fn change(&self, change: impl FnOnce(&mut AdapterState)) {
        self.world
            .state()
            .adapters
            .entry(self.name.clone())
            .and_modify(change);
    }
}

#[interface(name = "org.bluez.Adapter1")]
impl Adapter {
    fn set_discovery_filter(&self, filter: HashMap<String, OwnedVariant>) {
        let uuids = filter
            .get("UUIDs")
            .is_some_and(|uuids| matches!(&**uuids, Variant::Array(list) if !list.is_empty()));
        let low_energy = filter.get("Transport").is_some_and(
            |transport| matches!(&**transport, Variant::Str(name) if name.as_str() == "le"),
        );
        let duplicates = filter
            .get("DuplicateData")
            .is_some_and(|wanted| matches!(&**wanted, Variant::Bool(true)));
        self.change(|adapter| {
            adapter.duplicates |= duplicates;
            adapter.filtered |= uuids;
            adapter.not_low_energy_alone |= !low_energy;
        });
    }

    async fn start_discovery(
        &self,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<(), BluezError> {
        match self.world.state().refusal {
            Some(Refusal::Denied) => return Err(BluezError::NotPermitted("by policy".to_owned())),
            Some(Refusal::Busy) => {
                return Err(BluezError::Busy(
                    "the controller does not answer".to_owned(),
                ));
            }
            Some(Refusal::StillForTheLast) => {
                return Err(BluezError::InProgress(
                    "Operation already in progress".to_owned(),
                ));
            }
            None => {}
        }
        let state = self.state();
        if !state.powered {
            return Err(BluezError::NotReady("Resource Not Ready".to_owned()));
        }
        let client = sender(&header)?;
        if state.clients.contains(&client) {
            return Err(BluezError::InProgress(
                "Operation already in progress".to_owned(),
            ));
        }
        self.change(|adapter| {
            adapter.discovering = true;
            adapter.starts += 1;
            adapter.clients.insert(client);
        });
        if !state.discovering {
            signals::adapter_changed(connection, &self.name, &[("Discovering", true.into())])
                .await
                .map_err(BluezError::ZBus)?;
        }
        let on_air = self.world.state().on_air.clone();
        for advert in on_air.iter().filter(|advert| advert.adapter != self.name) {
            report(connection, &self.world, &self.name, advert)
                .await
                .map_err(BluezError::ZBus)?;
        }
        Ok(())
    }

    async fn stop_discovery(
        &self,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<(), BluezError> {
        let client = sender(&header)?;
        let state = self.state();
        if !state.powered {
            return Err(BluezError::NotReady("Resource Not Ready".to_owned()));
        }
        if !state.clients.contains(&client) {
            return Err(BluezError::Failed("No discovery started".to_owned()));
        }
        leave_discovery(connection, &self.world, &self.name, &client)
            .await
            .map_err(BluezError::ZBus)
    }

    #[zbus(property)]
    fn address(&self) -> String {
        "00:AA:01:00:00:00".to_owned()
    }

    #[zbus(property)]
    fn address_type(&self) -> String {
        "public".to_owned()
    }

    #[zbus(property)]
    fn name(&self) -> String {
        self.name.clone()
    }

    #[zbus(property)]
    fn alias(&self) -> String {
        self.name.clone()
    }

    #[zbus(property)]
    fn modalias(&self) -> String {
        "usb:v1D6Bp0246d0542".to_owned()
    }

    #[zbus(property(emits_changed_signal = "false"))]
    fn powered(&self) -> bool {
        self.state().powered
    }

    #[zbus(property)]
    async fn set_powered(
        &self,
        powered: bool,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<(), BluezError> {
        let before = self.state().powered;
        set_power(connection, &self.world, &self.name, powered).await?;
        self.change(|adapter| adapter.switched_on |= powered && !before);
        Ok(())
    }

    #[zbus(property)]
    fn discovering(&self) -> bool {
        self.state().discovering
    }

    #[zbus(property)]
    fn power_state(&self) -> fdo::Result<String> {
        root::power_state(&self.world.state(), &self.name)
            .map(str::to_owned)
            .ok_or_else(|| fdo::Error::UnknownProperty("No such property 'PowerState'".to_owned()))
    }

    #[zbus(property)]
    fn discoverable_timeout(&self) -> u32 {
        180
    }

    #[zbus(property)]
    fn pairable_timeout(&self) -> u32 {
        0
    }

    #[zbus(property)]
    fn roles(&self) -> Vec<String> {
        root::roles(&self.state())
    }
}

/// Switches an adapter on or off, and tells.
pub(crate) async fn power(
    connection: &Connection,
    world: &World,
    name: &str,
    powered: bool,
) -> zbus::Result<()> {
    let before = world.state().adapters.get_mut(name).map(|adapter| {
        if !powered {
            adapter.discovering = false;
            adapter.clients.clear();
        }
        std::mem::replace(&mut adapter.powered, powered)
    });
    if before == Some(powered) {
        return Ok(());
    }
    let mut changed: Vec<(&str, Variant<'static>)> = vec![("Powered", powered.into())];
    if !powered {
        changed.push(("Discovering", false.into()));
    }
    let state = root::power_state(&world.state(), name);
    changed.extend(state.map(|state| ("PowerState", state.into())));
    signals::adapter_changed(connection, name, &changed).await
}

/// The same, when somebody asks for it.
pub(crate) async fn set_power(
    connection: &Connection,
    world: &World,
    name: &str,
    powered: bool,
) -> Result<(), BluezError> {
    let blocked = {
        let state = world.state();
        state
            .adapters
            .get(name)
            .is_some_and(|adapter| adapter.blocked)
    };
    if blocked && powered {
        return Err(BluezError::Failed("Failed".to_owned()));
    }
    power(connection, world, name, powered)
        .await
        .map_err(BluezError::ZBus)
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

pub(crate) struct Advertising {
    pub(crate) name: String,
    pub(crate) world: World,
}

#[interface(name = "org.bluez.LEAdvertisingManager1")]
impl Advertising {
    #[zbus(property)]
    fn active_instances(&self) -> u8 {
        0
    }

    #[zbus(property)]
    fn supported_instances(&self) -> u8 {
        root::SUPPORTED_INSTANCES
    }

    #[zbus(property)]
    fn supported_includes(&self) -> Vec<String> {
        root::supported_includes()
    }

    async fn register_advertisement(
        &self,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
        advertisement: ObjectPath<'_>,
        _options: HashMap<String, OwnedVariant>,
    ) -> Result<(), BluezError> {
        if !self
            .world
            .state()
            .adapters
            .get(&self.name)
            .is_some_and(|adapter| adapter.powered)
        {
            return Err(BluezError::NotPermitted("the adapter is off".to_owned()));
        }
        let sender = sender(&header)?;
        let reply = connection
            .call_method(
                Some(sender.as_str()),
                &advertisement,
                Some("org.freedesktop.DBus.Properties"),
                "GetAll",
                &("org.bluez.LEAdvertisement1"),
            )
            .await
            .map_err(BluezError::ZBus)?;
        let properties: HashMap<String, OwnedVariant> =
            reply.body().deserialize().map_err(BluezError::ZBus)?;
        let data = properties
            .get("ServiceData")
            .ok_or_else(|| BluezError::InvalidArguments("no service data".to_owned()))?;
        let Variant::Dict(data) = &**data else {
            return Err(BluezError::InvalidArguments("service data".to_owned()));
        };
        self.world.state().last_on_air = Some(std::time::Instant::now());
        let others: Vec<String> = self
            .world
            .state()
            .adapters
            .keys()
            .filter(|name| **name != self.name)
            .cloned()
            .collect();
        for (uuid, data) in data.iter() {
            let (Variant::Str(uuid), Some(data)) = (uuid, bytes(data)) else {
                continue;
            };
            // Flags, UUID list and service data: a legacy advert has 31 bytes.
            if 3 + 4 + 4 + data.len() > 31 {
                return Err(BluezError::InvalidArguments(
                    "the advert is longer than 31 bytes".to_owned(),
                ));
            }
            let advert = OnAir {
                number: self.world.next_number(),
                client: sender.clone(),
                adapter: self.name.clone(),
                uuid: uuid.as_str().to_owned(),
                data: data.clone(),
            };
            self.world.state().on_air.push(advert.clone());
            for adapter in &others {
                report(connection, &self.world, adapter, &advert)
                    .await
                    .map_err(BluezError::ZBus)?;
            }
            tokio::spawn(repeat(connection.clone(), self.world.clone(), advert));
        }
        Ok(())
    }

    fn unregister_advertisement(
        &self,
        #[zbus(header)] header: Header<'_>,
        _advertisement: ObjectPath<'_>,
    ) -> Result<(), BluezError> {
        let client = sender(&header)?;
        let mut state = self.world.state();
        state
            .on_air
            .retain(|advert| advert.client != client || advert.adapter != self.name);
        Ok(())
    }
}

fn sender(header: &Header<'_>) -> Result<String, BluezError> {
    let sender = header
        .sender()
        .ok_or_else(|| BluezError::InvalidArguments("no sender".to_owned()))?;
    Ok(sender.to_string())
}

/// An advert is on the air until its program takes it off or leaves, and is reported with every
/// interval to who wants duplicates.
async fn repeat(connection: Connection, world: World, advert: OnAir) {
    let mut interval = tokio::time::interval(INTERVAL);
    loop {
        interval.tick().await;
        if !world
            .state()
            .on_air
            .iter()
            .any(|other| other.number == advert.number)
        {
            return;
        }
        let listeners: Vec<String> = {
            let state = world.state();
            let others = state
                .adapters
                .iter()
                .filter(|(name, _)| **name != advert.adapter);
            others
                .filter(|(_, adapter)| adapter.powered && adapter.discovering && adapter.duplicates)
                .map(|(name, _)| name.clone())
                .collect()
        };
        for adapter in &listeners {
            if report(&connection, &world, adapter, &advert).await.is_err() {
                return;
            }
        }
    }
}

/// The first sight of an advert is a new device; each further one is a change of it.
async fn report(
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
            .is_some_and(|adapter| adapter.powered && adapter.discovering);
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

fn bytes(value: &Variant<'_>) -> Option<Vec<u8>> {
    if let Variant::Variant(inner) = value {
        return bytes(inner);
    }
    let Variant::Array(array) = value else {
        return None;
    };
    array
        .iter()
        .map(|byte| {
            if let Variant::U8(byte) = byte {
                Some(*byte)
            } else {
                None
            }
        })
        .collect()
}
