//! The list of all objects.

use super::device::{Interfaces, adapter_path, properties};
use super::world::{AdapterState, Lookups, State, World};
use std::collections::HashMap;
use zbus::{OwnedObjectPath, fdo, interface};

pub(crate) struct Root(pub(crate) World);

#[interface(name = "org.freedesktop.DBus.ObjectManager")]
impl Root {
    async fn get_managed_objects(&self) -> fdo::Result<HashMap<OwnedObjectPath, Interfaces>> {
        let lookups = self.0.state().lookups;
        match lookups {
            Lookups::Answered => {}
            Lookups::Broken => {
                return Err(fdo::Error::Failed(
                    "a neighbour's entry cannot be read".to_owned(),
                ));
            }
            Lookups::Hanging => std::future::pending().await,
        }
        let state = self.0.state();
        let mut objects = HashMap::new();
        objects.extend(OwnedObjectPath::try_from(SERVICE).map(|path| (path, service_interfaces())));
        if state.away {
            return Ok(objects);
        }
        for name in state.adapters.keys() {
            objects.extend(
                OwnedObjectPath::try_from(adapter_path(name))
                    .map(|path| (path, adapter_interfaces(name, &state))),
            );
        }
        for (path, device) in &state.devices {
            objects.extend(
                OwnedObjectPath::try_from(path.clone()).map(|path| (path, device.interfaces())),
            );
        }
        Ok(objects)
    }
}

/// bluetoothd's own object, which comes first.
pub(crate) const SERVICE: &str = "/org/bluez";

pub(crate) fn service_interfaces() -> Interfaces {
    ["AgentManager1", "ProfileManager1", "HealthManager1"]
        .map(|name| (format!("org.bluez.{name}"), HashMap::new()))
        .into()
}

pub(crate) fn adapter_interfaces(name: &str, state: &State) -> Interfaces {
    let adapter = state.adapters.get(name).cloned().unwrap_or_default();
    let roles = roles(&adapter);
    let AdapterState {
        powered,
        discovering,
        ..
    } = adapter;
    let mut all = properties(&[
        ("Address", "00:AA:01:00:00:00".into()),
        ("AddressType", "public".into()),
        ("Name", name.to_owned().into()),
        ("Alias", name.to_owned().into()),
        ("Class", 0u32.into()),
        ("Powered", powered.into()),
        ("Discoverable", false.into()),
        ("DiscoverableTimeout", 180u32.into()),
        ("Pairable", false.into()),
        ("PairableTimeout", 0u32.into()),
        ("Discovering", discovering.into()),
        ("UUIDs", Vec::<String>::new().into()),
        ("Modalias", "usb:v1D6Bp0246d0542".into()),
        ("Roles", roles.into()),
    ]);
    if let Some(power) = power_state(state, name) {
        all.extend(properties(&[("PowerState", power.into())]));
    }
    let advertising = properties(&[
        ("ActiveInstances", 0u8.into()),
        ("SupportedInstances", SUPPORTED_INSTANCES.into()),
        ("SupportedIncludes", supported_includes().into()),
    ]);
    HashMap::from([
        ("org.bluez.Adapter1".to_owned(), all),
        ("org.bluez.LEAdvertisingManager1".to_owned(), advertising),
        ("org.bluez.Media1".to_owned(), HashMap::new()),
    ])
}

/// Of the controllers that the real one was measured with.
pub(crate) const SUPPORTED_INSTANCES: u8 = 5;

pub(crate) fn supported_includes() -> Vec<String> {
    ["tx-power", "appearance", "local-name"]
        .map(str::to_owned)
        .into()
}

/// As a bluetoothd has it that tells.
pub(crate) fn power_state(state: &State, name: &str) -> Option<&'static str> {
    if !state.tells_power_state {
        return None;
    }
    Some(match state.adapters.get(name) {
        Some(adapter) if adapter.powered => "on",
        Some(adapter) if adapter.blocked => "off-blocked",
        Some(_) | None => "off",
    })
}

/// A controller without Low Energy has none.
pub(crate) fn roles(adapter: &AdapterState) -> Vec<String> {
    if adapter.no_low_energy {
        return Vec::new();
    }
    vec!["central".to_owned(), "peripheral".to_owned()]
}
