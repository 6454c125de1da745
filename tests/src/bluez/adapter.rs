//! One controller: its power, and who scans with it.

use super::discovery::{leave_discovery, report};
use super::error::BluezError;
use super::root;
use super::signals;
use super::world::{AdapterState, Refusal, World};
use std::collections::HashMap;
use zbus::message::Header;
use zbus::{Connection, OwnedVariant, Variant, fdo, interface};

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
    async fn set_discovery_filter(
        &self,
        filter: HashMap<String, OwnedVariant>,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<(), BluezError> {
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
        // A filter that one of the discovering clients sets begins what was ended.
        let state = self.state();
        if state.clients.contains(&sender(&header)?) && !state.discovering {
            self.change(|adapter| {
                adapter.discovering = true;
                adapter.starts += 1;
            });
            signals::adapter_changed(connection, &self.name, &[("Discovering", true.into())])
                .await
                .map_err(BluezError::ZBus)?;
        }
        Ok(())
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

pub(crate) fn sender(header: &Header<'_>) -> Result<String, BluezError> {
    let sender = header
        .sender()
        .ok_or_else(|| BluezError::InvalidArguments("no sender".to_owned()))?;
    Ok(sender.to_string())
}
