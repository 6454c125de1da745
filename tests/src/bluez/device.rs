//! A device that was heard.

use std::collections::HashMap;
use zbus::{OwnedObjectPath, OwnedVariant, Variant, fdo, interface};

/// FIDO's service UUID.
pub const FFF9: &str = "0000fff9-0000-1000-8000-00805f9b34fb";
/// The older one.
pub const FDE2: &str = "0000fde2-0000-1000-8000-00805f9b34fb";

/// The 128-bit text of a 16-bit UUID.
pub fn uuid(short: u16) -> String {
    format!("{short:08x}-0000-1000-8000-00805f9b34fb")
}

/// Properties by name, by interface.
pub(crate) type Interfaces = HashMap<String, HashMap<String, OwnedVariant>>;

/// What BlueZ keeps of it.
#[derive(Clone)]
pub(crate) struct Device {
    address: String,
    adapter: String,
    uuid: String,
    data: Vec<u8>,
    rssi: Option<i16>,
}

impl Device {
    /// A device under a fresh random address, as phones advertise, and its object path.
    pub(crate) fn new(
        adapter: &str,
        uuid: &str,
        data: &[u8],
        rssi: Option<i16>,
        number: u32,
    ) -> (String, Self) {
        let [_, a, b, c] = number.to_be_bytes();
        let address = format!("7A:00:00:{a:02X}:{b:02X}:{c:02X}");
        let path = format!("/org/bluez/{adapter}/dev_{}", address.replace(':', "_"));
        (
            path,
            Self {
                address,
                adapter: adapter.to_owned(),
                uuid: uuid.to_owned(),
                data: data.to_vec(),
                rssi,
            },
        )
    }

    pub(crate) fn is_on(&self, adapter: &str) -> bool {
        self.adapter == adapter
    }

    /// And not only remembered.
    pub(crate) const fn was_heard(&self) -> bool {
        self.rssi.is_some()
    }

    /// What changes with each further report: strength and data, even when they are the same.
    pub(crate) fn report(&self) -> HashMap<String, OwnedVariant> {
        properties(&[
            ("RSSI", (-52i16).into()),
            ("ServiceData", self.service_data().into()),
        ])
    }

    fn service_data(&self) -> HashMap<String, Variant<'static>> {
        HashMap::from([(self.uuid.clone(), Variant::from(self.data.clone()))])
    }

    pub(crate) fn interfaces(&self) -> Interfaces {
        let mut all = properties(&[
            ("Address", self.address.clone().into()),
            ("AddressType", "random".into()),
            ("Alias", self.address.replace(':', "-").into()),
            ("Paired", false.into()),
            ("Bonded", false.into()),
            ("Trusted", false.into()),
            ("Blocked", false.into()),
            ("LegacyPairing", false.into()),
            ("Connected", false.into()),
            ("ServicesResolved", false.into()),
            ("UUIDs", Vec::<String>::new().into()),
            ("ServiceData", self.service_data().into()),
        ]);
        if let Ok(adapter) = OwnedObjectPath::try_from(adapter_path(&self.adapter)) {
            all.extend(properties(&[(
                "Adapter",
                Variant::from(adapter.into_inner()),
            )]));
        }
        if let Some(rssi) = self.rssi {
            all.extend(properties(&[("RSSI", rssi.into())]));
        }
        HashMap::from([("org.bluez.Device1".to_owned(), all)])
    }
}

/// The device itself, which centrals ask for what they were told already.
#[interface(name = "org.bluez.Device1")]
impl Device {
    #[zbus(property)]
    fn address(&self) -> String {
        self.address.clone()
    }

    #[zbus(property)]
    fn address_type(&self) -> String {
        "random".to_owned()
    }

    #[zbus(property)]
    fn alias(&self) -> String {
        self.address.replace(':', "-")
    }

    #[zbus(property)]
    fn adapter(&self) -> fdo::Result<OwnedObjectPath> {
        OwnedObjectPath::try_from(adapter_path(&self.adapter))
            .map_err(|error| fdo::Error::Failed(error.to_string()))
    }

    #[zbus(property)]
    fn paired(&self) -> bool {
        false
    }

    #[zbus(property)]
    fn bonded(&self) -> bool {
        false
    }

    #[zbus(property)]
    fn trusted(&self) -> bool {
        false
    }

    #[zbus(property)]
    fn blocked(&self) -> bool {
        false
    }

    #[zbus(property)]
    fn legacy_pairing(&self) -> bool {
        false
    }

    #[zbus(property)]
    fn connected(&self) -> bool {
        false
    }

    #[zbus(property)]
    fn services_resolved(&self) -> bool {
        false
    }

    #[zbus(property, name = "UUIDs")]
    fn uuids(&self) -> Vec<String> {
        Vec::new()
    }

    #[zbus(property, name = "ServiceData")]
    fn data_by_service(&self) -> HashMap<String, OwnedVariant> {
        properties(&[(self.uuid.as_str(), self.data.clone().into())])
    }

    #[zbus(property, name = "RSSI")]
    fn rssi(&self) -> i16 {
        self.rssi.unwrap_or_default()
    }
}

pub(crate) fn properties(list: &[(&str, Variant<'static>)]) -> HashMap<String, OwnedVariant> {
    list.iter()
        .filter_map(|(name, value)| {
            Some((
                (*name).to_owned(),
                OwnedVariant::try_from(value.clone()).ok()?,
            ))
        })
        .collect()
}

pub(crate) fn adapter_path(name: &str) -> String {
    format!("/org/bluez/{name}")
}
