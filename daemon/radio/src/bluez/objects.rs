//! What BlueZ says over D-Bus, read leniently: one broken entry never hides the others.

use super::bus::BLUEZ;
use super::trouble::trouble_of;
use crate::device_address::DeviceAddress;
use hybrid_diagnosis::observation::radio::Trouble;
use hybrid_protocol::{UUID_FIDO, UUID_GOOGLE};
use std::collections::HashMap;
use zbus::names::OwnedUniqueName;
use zbus::{Connection, MatchRule, OwnedObjectPath, OwnedVariant, Variant, match_rule, message};

/// The interface of adapters.
pub const ADAPTER: &str = "org.bluez.Adapter1";
pub(super) const DEVICE: &str = "org.bluez.Device1";

/// Properties by name.
pub type Properties = HashMap<String, OwnedVariant>;
/// Properties by interface.
pub type Interfaces = HashMap<String, Properties>;

/// What a device's properties say about its adverts.
pub(super) struct Sighting {
    /// It came with a strength, even if it is one of a controller that does not measure: the radio
    /// heard it.
    pub(super) measured: bool,
    pub(super) rssi: Option<i16>,
    pub(super) address: Option<DeviceAddress>,
    pub(super) adverts: Vec<(u16, Vec<u8>)>,
}

/// Every object that BlueZ knows.
pub(super) async fn managed(connection: &Connection) -> zbus::Result<Vec<(String, Interfaces)>> {
    let reply = connection
        .call_method(
            Some(BLUEZ),
            "/",
            Some("org.freedesktop.DBus.ObjectManager"),
            "GetManagedObjects",
            &(),
        )
        .await?;
    let objects: HashMap<OwnedObjectPath, Interfaces> = reply.body().deserialize()?;
    Ok(objects
        .into_iter()
        .map(|(path, interfaces)| (path.as_str().to_owned(), interfaces))
        .collect())
}

/// The adapters alone, each asked for by name: what is left when one device's entry breaks the list
/// of all objects. The kernel numbers adapters from zero. It fails when this program may not ask at
/// all, or nobody answers: that says nothing about adapters.
pub async fn adapters(connection: &Connection) -> zbus::Result<Vec<(String, Interfaces)>> {
    const MOST: u32 = 8;
    let mut found = Vec::new();
    for number in 0..MOST {
        let path = format!("/org/bluez/hci{number}");
        match adapter(connection, &path).await {
            Ok(properties) => {
                found.push((path, Interfaces::from([(ADAPTER.to_owned(), properties)])))
            }
            Err(error)
                if matches!(
                    trouble_of(&error),
                    Trouble::Denied(_)
                        | Trouble::Silent(_)
                        | Trouble::NoDbus(_)
                        | Trouble::NoBluetoothd
                        | Trouble::NoController
                        | Trouble::Hidden(_)
                ) =>
            {
                return Err(error);
            }
            // There is no adapter of this number.
            Err(_) => {}
        }
    }
    Ok(found)
}

/// An adapter by its path.
pub(super) async fn adapter(connection: &Connection, path: &str) -> zbus::Result<Properties> {
    let reply = connection
        .call_method(
            Some(BLUEZ),
            path,
            Some("org.freedesktop.DBus.Properties"),
            "GetAll",
            &ADAPTER,
        )
        .await?;
    reply.body().deserialize()
}

pub(super) fn added(signal: &zbus::Message) -> Option<(String, Interfaces)> {
    let (path, interfaces): (OwnedObjectPath, Interfaces) = signal.body().deserialize().ok()?;
    Some((path.as_str().to_owned(), interfaces))
}

pub(super) fn removed(signal: &zbus::Message) -> Option<(String, Vec<String>)> {
    let (path, interfaces): (OwnedObjectPath, Vec<String>) = signal.body().deserialize().ok()?;
    Some((path.as_str().to_owned(), interfaces))
}

pub(super) fn changed(signal: &zbus::Message) -> Option<(String, Properties)> {
    let (interface, properties, _invalidated): (String, Properties, Vec<String>) =
        signal.body().deserialize().ok()?;
    Some((interface, properties))
}

/// Who has the name now, as a NameOwnerChanged says it; empty when nobody has.
pub(super) fn new_owner(signal: &zbus::Message) -> Option<String> {
    let (_, _, new): (String, String, String) = signal.body().deserialize().ok()?;
    Some(new)
}

/// Whether a NameOwnerChanged says that the name has no owner now.
pub(super) fn lost_owner(signal: &zbus::Message) -> bool {
    new_owner(signal).is_some_and(|new| new.is_empty())
}

/// Who is bluetoothd on this bus, under the name that nobody else can send from; `None` when nobody
/// is.
pub(super) async fn owner(connection: &Connection) -> zbus::Result<Option<OwnedUniqueName>> {
    if !has_owner(connection).await? {
        return Ok(None);
    }
    let reply = connection
        .call_method(
            Some("org.freedesktop.DBus"),
            "/org/freedesktop/DBus",
            Some("org.freedesktop.DBus"),
            "GetNameOwner",
            &BLUEZ,
        )
        .await?;
    reply.body().deserialize().map(Some)
}

/// What this owner says on its own. Under bluetoothd's well-known name the signals of every program
/// would come: the bus passes them on whoever sends them, and an advert that nobody heard would be
/// as good as one.
pub(super) fn said_by(owner: &OwnedUniqueName) -> match_rule::Builder<'_> {
    let signals = MatchRule::builder().msg_type(message::Type::Signal);
    signals.sender(owner.as_str())
}

/// Whether bluetoothd is on the bus.
pub async fn has_owner(connection: &Connection) -> zbus::Result<bool> {
    let reply = connection
        .call_method(
            Some("org.freedesktop.DBus"),
            "/org/freedesktop/DBus",
            Some("org.freedesktop.DBus"),
            "NameHasOwner",
            &BLUEZ,
        )
        .await?;
    reply.body().deserialize()
}

/// A property that is a text.
pub fn text<'p>(properties: &'p Properties, name: &str) -> Option<&'p str> {
    if let Variant::Str(text) = &**properties.get(name)? {
        Some(text.as_str())
    } else {
        None
    }
}

/// A property that is a list of texts.
pub fn texts<'p>(properties: &'p Properties, name: &str) -> Option<Vec<&'p str>> {
    let Variant::Array(array) = &**properties.get(name)? else {
        return None;
    };
    let texts = array.iter().filter_map(|item| {
        if let Variant::Str(text) = item {
            Some(text.as_str())
        } else {
            None
        }
    });
    Some(texts.collect())
}

/// A property that is yes or no.
pub fn flag(properties: &Properties, name: &str) -> Option<bool> {
    if let Variant::Bool(flag) = &**properties.get(name)? {
        Some(*flag)
    } else {
        None
    }
}

/// `/org/bluez/hci0/dev_…` -> `hci0`.
pub(super) fn adapter_of(path: &str) -> Option<String> {
    let name = path.strip_prefix("/org/bluez/")?.split('/').next()?;
    (!name.is_empty()).then(|| name.to_owned())
}

pub(super) fn sighting(properties: &Properties) -> Sighting {
    let rssi = match properties.get("RSSI").map(|value| &**value) {
        // 127 is what controllers say that do not measure.
        Some(Variant::I16(rssi)) if *rssi != 127 => Some(*rssi),
        Some(_) | None => None,
    };
    Sighting {
        measured: properties.contains_key("RSSI"),
        rssi,
        address: text(properties, "Address")
            .zip(text(properties, "AddressType"))
            .and_then(|(address, kind)| DeviceAddress::parse(address, kind)),
        adverts: properties
            .get("ServiceData")
            .map(|data| service_data(data))
            .unwrap_or_default(),
    }
}

fn service_data(value: &Variant<'_>) -> Vec<(u16, Vec<u8>)> {
    let Variant::Dict(dict) = value else {
        return Vec::new();
    };
    let mut adverts = Vec::new();
    for (uuid, data) in dict.iter() {
        let (Variant::Str(uuid), Some(data)) = (uuid, bytes(data)) else {
            continue;
        };
        for known in [UUID_FIDO, UUID_GOOGLE] {
            if uuid
                .as_str()
                .eq_ignore_ascii_case(&format!("{known:08x}-0000-1000-8000-00805f9b34fb"))
            {
                adverts.push((known, data.clone()));
            }
        }
    }
    adverts
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
