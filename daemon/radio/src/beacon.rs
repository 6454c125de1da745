//! A harmless advert of the kind that phones send, so that a second computer can prove that it
//! hears such adverts.
//!
//! It is sealed under a published key ([`is_beacon`] knows it), so that it never opens under the
//! key of any QR code, and names no tunnel.

use crate::adapter_name::{AdapterChoice, AdapterName};
use crate::bluez::{
    ADAPTER, BLUEZ, Bus, NoSuchAdapter, absent, ask_adapters, flag, has_owner, trouble_of,
    trouble_of_bus,
};
use crate::rfkill::Rfkill;
use hybrid_diagnosis::observation::radio::Trouble;
use hybrid_key_bus::system_bus_words;
use hybrid_protocol::EidKey;
use hybrid_protocol::{ADVERT_LEN, Opened, Plaintext, UUID_FIDO};
use hybrid_protocol::{DomainId, RoutingId, Secret};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tokio::sync::Notify;
use zbus::{Connection, ObjectPath, Variant, interface};

/// Sixteen bytes that everybody may know.
const PUBLISHED: &[u8; 16] = b"hybridd's beacon";
const PATH: &str = "/org/hybridd/beacon";
/// Between looks at whether bluetoothd is still there.
const LOOK: Duration = Duration::from_secs(5);

/// Whether service data is a beacon's.
pub fn is_beacon(service_data: &[u8]) -> bool {
    matches!(key().open_qr(service_data), Opened::Ours(_))
}

/// A beacon on the air, until it is dropped.
pub struct Beacon {
    adapter: String,
    connection: Connection,
    released: Arc<Notify>,
}

/// Why no beacon is on the air.
#[derive(PartialEq, Debug)]
#[non_exhaustive]
pub enum BeaconError {
    /// Something is wrong with the radio.
    Radio(Trouble),
    /// There is no adapter of this name.
    NoSuchAdapter(NoSuchAdapter),
    /// bluetoothd refused the advert.
    Refused(zbus::Error),
}

impl Beacon {
    /// Advertises on the adapter of this name, or on the first that is switched on.
    ///
    /// # Errors
    /// See [`BeaconError`]. An adapter that is off is never switched on.
    pub async fn start(bus: &Bus, adapter: Option<AdapterName>) -> Result<Self, BeaconError> {
        let connection = bus.connect().await.map_err(|error| no_dbus(&error))?;
        let adapter = choose(&connection, adapter, bus).await?;
        let released = Arc::new(Notify::new());
        let advert = AdvertObject {
            data: service_data(),
            released: Arc::clone(&released),
        };
        let served = connection.object_server().at(PATH, advert).await;
        served.map_err(|error| no_dbus(&error))?;
        let path = format!("/org/bluez/{adapter}");
        let object = ObjectPath::from_static_str_unchecked(PATH);
        let options: HashMap<&str, Variant<'_>> = HashMap::new();
        connection
            .call_method(
                Some(BLUEZ),
                path.as_str(),
                Some("org.bluez.LEAdvertisingManager1"),
                "RegisterAdvertisement",
                &(object, options),
            )
            .await
            .map_err(BeaconError::Refused)?;
        Ok(Self {
            adapter,
            connection,
            released,
        })
    }

    /// The adapter that sends it.
    pub fn adapter(&self) -> &str {
        &self.adapter
    }

    /// Waits until it is on the air no more, and says why. Cancel-safe.
    pub async fn ended(&self) -> Trouble {
        loop {
            tokio::select! {
                () = self.released.notified() => return Trouble::AdapterGone(self.adapter.clone()),
                () = tokio::time::sleep(LOOK) => match has_owner(&self.connection).await {
                    Ok(true) => {}
                    Ok(false) => return Trouble::BluetoothdGone,
                    Err(error) => return Trouble::NoDbus(system_bus_words(&error)),
                },
            }
        }
    }
}

async fn choose(
    connection: &Connection,
    wanted: Option<AdapterName>,
    bus: &Bus,
) -> Result<String, BeaconError> {
    let owned = has_owner(connection).await;
    if !owned.map_err(|error| BeaconError::Radio(trouble_of_bus(&error)))? {
        return Err(BeaconError::Radio(absent(bus)));
    }
    let mut known = Vec::new();
    let asked = ask_adapters(connection).await;
    for (path, interfaces) in asked.map_err(|error| BeaconError::Radio(trouble_of(&error)))? {
        let name = path.rsplit('/').next().unwrap_or_default().to_owned();
        let powered = interfaces
            .get(ADAPTER)
            .is_some_and(|properties| flag(properties, "Powered") == Some(true));
        known.push((name, powered));
    }
    let fits = |name: &str| wanted.is_none_or(|wanted| name.parse() == Ok(wanted));
    let unlisted = bus.controllers().into_iter().find(|name| fits(name));
    if let Some(name) = unlisted.filter(|_| !known.iter().any(|(name, _)| fits(name))) {
        return Err(BeaconError::Radio(Trouble::Unlisted(name)));
    }
    select(known, wanted, &Rfkill::look())
}

/// The first of bluetoothd's adapters that is asked for and switched on. Where none is, the kernel's
/// switches are the better answer: what they block can be neither found nor switched on.
fn select(
    known: Vec<(String, bool)>,
    wanted: Option<AdapterName>,
    rfkill: &Rfkill,
) -> Result<String, BeaconError> {
    let fits = |name: &str| wanted.is_none_or(|wanted| name.parse() == Ok(wanted));
    let silent = |choice: &AdapterChoice, otherwise| {
        Err(BeaconError::Radio(rfkill.of(choice).or_missing(otherwise)))
    };
    if known.is_empty() {
        return silent(&wanted.into_iter().collect(), Trouble::NoAdapter);
    }
    if let Some(wanted) = wanted
        && !known.iter().any(|(name, _)| fits(name))
    {
        let known = known.into_iter().map(|(name, _)| name).collect();
        return Err(BeaconError::NoSuchAdapter(NoSuchAdapter { wanted, known }));
    }
    let fitting = || known.iter().filter(|(name, _)| fits(name));
    match fitting().find(|(_, powered)| *powered) {
        Some((name, _)) => Ok(name.clone()),
        None => silent(
            &fitting()
                .filter_map(|(name, _)| name.parse().ok())
                .collect(),
            wanted.map_or(Trouble::Off, |name| Trouble::AdapterOff(name.to_string())),
        ),
    }
}

fn no_dbus(error: &zbus::Error) -> BeaconError {
    BeaconError::Radio(Trouble::NoDbus(system_bus_words(error)))
}

/// It is asked about every advert on the air.
fn key() -> &'static EidKey {
    static KEY: LazyLock<EidKey> = LazyLock::new(|| EidKey::from_qr(&Secret::new(*PUBLISHED)));
    &KEY
}

/// What a beacon sends: different each time, as a phone's, so that nothing on the way takes it for
/// known.
pub fn service_data() -> [u8; ADVERT_LEN] {
    let mut nonce = [0; 10];
    // Without randomness it is the same beacon each time, which does no harm.
    let _ = getrandom::fill(&mut nonce);
    key().seal(&Plaintext::qr(nonce, RoutingId::new([0; 3]), DomainId(0)))
}

/// The object that bluetoothd reads the advert from: org.bluez.LEAdvertisement1.
struct AdvertObject {
    data: [u8; ADVERT_LEN],
    released: Arc<Notify>,
}

#[interface(name = "org.bluez.LEAdvertisement1")]
impl AdvertObject {
    #[zbus(property, name = "Type")]
    fn kind(&self) -> String {
        "broadcast".to_owned()
    }

    #[zbus(property, name = "ServiceUUIDs")]
    fn service_uuids(&self) -> Vec<String> {
        vec![uuid()]
    }

    #[zbus(property)]
    fn service_data(&self) -> HashMap<String, Variant<'static>> {
        HashMap::from([(uuid(), Variant::from(self.data.to_vec()))])
    }

    /// bluetoothd took it off the air: the adapter was switched off or removed.
    fn release(&self) {
        self.released.notify_one();
    }
}

fn uuid() -> String {
    format!("{UUID_FIDO:08x}-0000-1000-8000-00805f9b34fb")
}

impl fmt::Display for BeaconError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Radio(trouble) => trouble.fmt(f),
            Self::NoSuchAdapter(missing) => missing.fmt(f),
            Self::Refused(error) => {
                let why = system_bus_words(error);
                write!(f, "the Bluetooth service refused to advertise ({why})")
            }
        }
    }
}

impl std::error::Error for BeaconError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Refused(error) => Some(error),
            // What was observed is a value, in which the cause is a part of the sentence.
            Self::Radio(_) | Self::NoSuchAdapter(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rfkill::RfkillBlock;

    #[test]
    fn what_a_switch_blocks_is_blocked_and_neither_missing_nor_off() {
        let chosen = |known: &[(&str, bool)], wanted: &str, rfkill: &Rfkill| {
            let known = known.iter().map(|(name, on)| ((*name).to_owned(), *on));
            select(known.collect(), wanted.parse().ok(), rfkill)
        };
        let trouble = |trouble| Err(BeaconError::Radio(trouble));
        let free = Rfkill::from_iter([("hci0", None)]);
        assert_eq!(chosen(&[], "", &free), trouble(Trouble::NoAdapter));
        assert_eq!(chosen(&[("hci0", false)], "", &free), trouble(Trouble::Off));
        let off = trouble(Trouble::AdapterOff("hci0".to_owned()));
        assert_eq!(chosen(&[("hci0", false)], "hci0", &free), off);
        let laptop = Rfkill::from_iter([("laptop_bluetooth_sw", Some(RfkillBlock::Soft))]);
        let soft = || trouble(Trouble::Blocked { hard: false });
        assert_eq!(chosen(&[], "", &laptop), soft());
        let airplane = Rfkill::from_iter([("hci0", Some(RfkillBlock::Soft)), ("hci1", None)]);
        assert_eq!(chosen(&[("hci0", false)], "", &airplane), soft());
        let both = [("hci0", false), ("hci1", true)];
        assert_eq!(chosen(&both, "hci0", &airplane), soft());
        assert_eq!(chosen(&both, "", &airplane), Ok("hci1".to_owned()));
    }

    #[test]
    fn a_beacon_is_known_as_one_and_opens_under_no_other_key() {
        let beacon = service_data();
        assert!(is_beacon(&beacon));
        let phone = EidKey::from_qr(&Secret::new([7; 16]));
        assert!(matches!(phone.open_qr(&beacon), Opened::Foreign));
        assert!(!is_beacon(&phone.seal(&Plaintext::qr(
            [0; 10],
            RoutingId::new([0; 3]),
            DomainId(0)
        ))));
        assert!(!is_beacon(&[]));
    }

    #[test]
    fn no_two_beacons_are_the_same() {
        assert_ne!(service_data(), service_data());
    }
}
