//! Whether programs see the key, and why not: asked of the switch, the agent and the service.

use super::clock::moment;
use super::folders::Folders;
use super::report_file::{self, AgentReport};
use super::switch::{Switch, Written};
use hybrid_diagnosis::catalogue::{Entry, KEY_SWITCHED_OFF, NO_KEY_AGENT, NO_KEY_SERVICE};
use hybrid_diagnosis::finding::Finding;
use hybrid_key_bus::{KeyProxy, SERVICE};
use hybrid_radio::bluez::Bus;
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
        AgentReport::Absent(entry) => absent(entry, "the running agent reports it"),
        AgentReport::NotRunning => match service(bus).await {
            Ok(Some(_)) => absent(&NO_KEY_AGENT, "no agent of this user is running"),
            Ok(None) => absent(
                &NO_KEY_SERVICE,
                "the name org.hybridd.Key1 has no owner on the system D-Bus",
            ),
            Err(error) => absent(
                &NO_KEY_SERVICE,
                &format!("the system D-Bus does not respond: {error}"),
            ),
        },
    }
}

/// The service; `None` when it is not there.
///
/// # Errors
/// What D-Bus says.
pub async fn service(bus: &Bus) -> zbus::Result<Option<KeyService>> {
    let connection = bus.connect().await?;
    let names = fdo::DBusProxy::new(&connection).await?;
    let name = BusName::try_from(SERVICE)?;
    if !names.name_has_owner(name).await? {
        return Ok(None);
    }
    let key = KeyProxy::builder(&connection).cache_properties(CacheProperties::No);
    let key = key.build().await?;
    Ok(Some(KeyService {
        has_device: key.present().await?,
        // One from before there were versions is there all the same.
        version: { key.version().await }.unwrap_or_else(|_| "unknown".to_owned()),
    }))
}
