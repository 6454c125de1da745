//! Whether programs see the key, and why not: asked of the switch, the agent and the service.

use super::clock::moment;
use super::folders::Folders;
use super::report_file::{self, AgentReport};
use super::switch::{Switch, Written};
use hybrid_diagnosis::catalogue::{
    Entry, KEY_SWITCHED_OFF, NO_ADAPTER, NO_BLUETOOTH_SERVICE, NO_KEY_AGENT, NO_KEY_SERVICE,
};
use hybrid_diagnosis::explain;
use hybrid_diagnosis::finding::Finding;
use hybrid_key_bus::{KeyProxy, SERVICE, system_bus_words};
use hybrid_radio::bluez::{Bus, absent, has_owner, trouble_of_bus};
use hybrid_radio::rfkill::Rfkill;
use hybrid_radio::{AdapterChoice, Trouble};
use std::fmt;
use zbus::fdo;
use zbus::names::BusName;
use zbus::proxy::CacheProperties;

/// Whether programs see the key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum KeyState {
    /// They do.
    Present,
    /// The agent has not heard yet.
    Asking,
    /// They do not, because of this.
    Absent(Finding),
}

/// The service, as it answers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyService {
    /// Whether programs see the device.
    pub has_device: bool,
    /// The version of its program.
    pub version: String,
}

/// Why nothing is known of the service.
#[derive(Debug)]
pub enum KeyServiceError {
    /// The bus does not respond, so that nothing is known of whoever is on it.
    Bus(zbus::Error),
    /// It is on the bus, and does not answer as one does.
    Service(zbus::Error),
}

/// Looks.
pub async fn look(folders: &Folders, bus: &Bus) -> KeyState {
    let absent = |entry: &'static Entry, saw: &str| KeyState::Absent(Finding::certain(entry, saw));
    if let Ok(Written::Switch(switch)) = Switch::read(&folders.switch())
        && !switch.is_on(&moment())
    {
        return absent(&KEY_SWITCHED_OFF, "the security key is switched off");
    }
    match report_file::read(folders) {
        AgentReport::Present => KeyState::Present,
        AgentReport::Asking => KeyState::Asking,
        AgentReport::Absent(entry) if entry.code == NO_BLUETOOTH_SERVICE.code => {
            KeyState::Absent(explain::radio(&why(bus, Trouble::NoBluetoothd).await))
        }
        AgentReport::Absent(entry) if entry.code == NO_ADAPTER.code => {
            let missing = Rfkill::look().of(&AdapterChoice::Any);
            let missing = missing.or_missing(Trouble::NoAdapter);
            KeyState::Absent(explain::radio(&why(bus, missing).await))
        }
        AgentReport::Absent(entry) => absent(entry, "the running agent reports it"),
        AgentReport::NotRunning => match service(bus).await {
            Ok(Some(_)) => absent(&NO_KEY_AGENT, "no agent of this user is running"),
            Ok(None) => absent(
                &NO_KEY_SERVICE,
                "the name org.hybridd.Key1 has no owner on the system D-Bus",
            ),
            Err(KeyServiceError::Bus(error)) => KeyState::Absent(explain::radio(&no_bus(&error))),
            Err(error @ KeyServiceError::Service(_)) => absent(&NO_KEY_SERVICE, &error.to_string()),
        },
    }
}

/// Why the agent has no Bluetooth, as sign-ins and the doctor tell it: its report names the code
/// alone.
async fn why(bus: &Bus, reported: Trouble) -> Trouble {
    let connection = match bus.connect().await {
        Ok(connection) => connection,
        Err(error) => return no_bus(&error),
    };
    match has_owner(&connection).await {
        Ok(true) => reported,
        Ok(false) => absent(bus),
        Err(error) => trouble_of_bus(&error),
    }
}

/// As sign-ins and the doctor tell it.
fn no_bus(error: &zbus::Error) -> Trouble {
    Trouble::NoDbus(system_bus_words(error))
}

/// The service; `None` when it is not there.
///
/// # Errors
/// [`KeyServiceError`] says whether the bus or the service does not respond.
pub async fn service(bus: &Bus) -> Result<Option<KeyService>, KeyServiceError> {
    let on_bus = async {
        let connection = bus.connect().await?;
        let names = fdo::DBusProxy::new(&connection).await?;
        let name = BusName::try_from(SERVICE)?;
        let is_there = names.name_has_owner(name).await?;
        zbus::Result::Ok(is_there.then_some(connection))
    };
    let Some(connection) = on_bus.await.map_err(KeyServiceError::Bus)? else {
        return Ok(None);
    };
    let answer = async {
        let key = KeyProxy::builder(&connection).cache_properties(CacheProperties::No);
        let key = key.build().await?;
        zbus::Result::Ok(KeyService {
            has_device: key.present().await?,
            // One from before there were versions is there all the same.
            version: { key.version().await }.unwrap_or_else(|_| "unknown".to_owned()),
        })
    };
    answer.await.map(Some).map_err(KeyServiceError::Service)
}

impl fmt::Display for KeyServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bus(error) => {
                let why = system_bus_words(error);
                write!(f, "the system D-Bus does not respond: {why}")
            }
            Self::Service(error) => write!(f, "it does not respond: {}", system_bus_words(error)),
        }
    }
}

impl std::error::Error for KeyServiceError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Bus(error) | Self::Service(error) => Some(error),
        }
    }
}
