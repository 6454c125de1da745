//! What the fake bluetoothd knows: adapters, devices, and what is on the air.

use super::device::Device;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use zbus::ObjectPath;

/// What is shared by the objects on the bus.
#[derive(Clone, Default)]
pub(crate) struct World(Arc<Mutex<State>>);

#[derive(Default)]
pub(crate) struct State {
    pub(crate) adapters: BTreeMap<String, AdapterState>,
    pub(crate) devices: BTreeMap<String, Device>,
    pub(crate) refusal: Option<Refusal>,
    pub(crate) lookups: Lookups,
    /// How strong everything is heard, in dBm, if not as usual.
    pub(crate) strength: Option<i16>,
    /// By the connection that registered them.
    pub(crate) on_air: Vec<OnAir>,
    /// The device as which an advert, by its number, is known to an adapter.
    pub(crate) reported: BTreeMap<(u64, String), String>,
    pub(crate) adverts: u64,
    pub(crate) next_address: u32,
    pub(crate) last_on_air: Option<std::time::Instant>,
    /// bluetoothd does not run, or has not found its adapters yet.
    pub(crate) away: bool,
    pub(crate) tells_power_state: bool,
}

/// An advert that a program registered.
#[derive(Clone)]
pub(crate) struct OnAir {
    pub(crate) number: u64,
    pub(crate) client: String,
    pub(crate) adapter: String,
    pub(crate) uuid: String,
    pub(crate) data: Vec<u8>,
}

/// How the list of all objects is answered.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Lookups {
    /// With the list.
    #[default]
    Answered,
    /// With an error: a neighbour's entry cannot be read.
    Broken,
    /// Not at all.
    Hanging,
}

/// One controller.
#[derive(Clone, Default)]
pub(crate) struct AdapterState {
    pub(crate) powered: bool,
    /// By rfkill.
    pub(crate) blocked: bool,
    /// It was on before it was blocked.
    pub(crate) back_on: bool,
    /// Only the older radio, BR/EDR.
    pub(crate) no_low_energy: bool,
    pub(crate) discovering: bool,
    /// It says that it discovers, and does not.
    pub(crate) deaf: bool,
    /// How often a discovery was started.
    pub(crate) starts: u32,
    /// Connections that discover.
    pub(crate) clients: BTreeSet<String>,
    /// Some client asked for every report and not for changes alone.
    pub(crate) duplicates: bool,
    /// A filter by UUID was set: it would hide adverts with service data alone.
    pub(crate) filtered: bool,
    /// The filter did not ask for Low Energy alone: inquiries of the older radio would take half of
    /// the time.
    pub(crate) not_low_energy_alone: bool,
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
    /// The kernel still discovers for a bluetoothd that was killed.
    StillForTheLast,
}

impl State {
    /// Forgets every device that was heard and not only remembered; their paths.
    pub(crate) fn forget_heard(&mut self) -> Vec<String> {
        self.reported.clear();
        let (heard, kept) = std::mem::take(&mut self.devices)
            .into_iter()
            .partition(|(_, device): &(String, Device)| device.was_heard());
        self.devices = kept;
        let heard: BTreeMap<String, Device> = heard;
        heard.into_keys().collect()
    }

    /// The same, of one adapter.
    pub(crate) fn forget_heard_on(&mut self, adapter: &str) -> Vec<String> {
        self.reported.retain(|(_, name), _| name != adapter);
        let heard = |device: &Device| device.is_on(adapter) && device.was_heard();
        let paths = self.devices.iter().filter(|(_, device)| heard(device));
        let paths: Vec<String> = paths.map(|(path, _)| path.clone()).collect();
        self.devices.retain(|_, device| !heard(device));
        paths
    }
}

impl World {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A device is heard, or remembered, under a fresh address; its object path, and what it says.
    pub(crate) fn add_device(
        &self,
        adapter: &str,
        uuid: &str,
        data: &[u8],
        rssi: Option<i16>,
    ) -> (String, Device) {
        let mut state = self.state();
        state.next_address += 1;
        let (path, device) = Device::new(adapter, uuid, data, rssi, state.next_address);
        state.devices.insert(path.clone(), device.clone());
        (path, device)
    }

    /// For the next advert.
    pub(crate) fn next_number(&self) -> u64 {
        let mut state = self.state();
        state.adverts += 1;
        state.adverts
    }
}

pub(crate) fn object(path: &str) -> zbus::Result<ObjectPath<'_>> {
    ObjectPath::try_from(path).map_err(|error| zbus::Error::Failure(error.to_string()))
}
