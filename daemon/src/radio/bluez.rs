//! The radio of Linux desktops: bluetoothd.
//!
//! btleplug starts and stops discovery. The adverts themselves are taken from BlueZ's signals by zbus, because the first sight of a device
//! arrives whole in `InterfacesAdded`, for which btleplug gives no service-data event but a lookup that can come too late, or fail when a
//! neighbour's entry is broken. zbus also sees what btleplug is silent about: power, bluetoothd going away, adapters coming and going.

mod discovery;
mod objects;

use super::rfkill::{self, Block};
use super::{Advert, Radio, RadioEvent, Recent, Trouble};
use discovery::Discovery;
use futures_util::StreamExt;
use objects::{Interfaces, Properties, Sighting, adapter_of};
use std::collections::{BTreeMap, HashSet};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use zbus::{Connection, MatchRule, MessageStream, connection, message};

const BLUEZ: &str = "org.bluez";
/// For any single D-Bus call.
const CALL: Duration = Duration::from_secs(5);
/// Between attempts to reach what is not there.
const RETRY: Duration = Duration::from_secs(1);
/// Signals that may wait while one is handled.
const SIGNALS: usize = 4096;
/// Neighbours counted; more prove nothing further.
const NEIGHBOURS: usize = 1024;

/// Listens in a task of its own from [`Bluez::start`] until it is dropped. bluetoothd ends the discovery with the connection.
pub struct Bluez {
    events: mpsc::Receiver<RadioEvent>,
    task: JoinHandle<()>,
}

impl Bluez {
    /// Starts listening. Returns at once; everything that can take time happens in the task.
    pub fn start() -> Self {
        let (sender, events) = mpsc::channel(256);
        Self {
            events,
            task: tokio::spawn(keep_listening(sender)),
        }
    }
}

impl Drop for Bluez {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Radio for Bluez {
    async fn next(&mut self) -> RadioEvent {
        match self.events.recv().await {
            Some(event) => event,
            // The task ends only with this value.
            None => std::future::pending().await,
        }
    }
}

/// Tries for ever; tells each trouble once.
async fn keep_listening(events: mpsc::Sender<RadioEvent>) {
    let mut told = None;
    let mut recent = Recent::default();
    loop {
        let trouble = match listen(&events, &mut recent, &mut told).await {
            Ok(trouble) => trouble,
            Err(error) => trouble_of(&error),
        };
        if told.as_ref() != Some(&trouble) {
            told = Some(trouble.clone());
            if events.send(RadioEvent::Trouble(trouble)).await.is_err() {
                return;
            }
        }
        tokio::time::sleep(RETRY).await;
    }
}

/// Listens until something is wrong, and says what.
async fn listen(
    events: &mpsc::Sender<RadioEvent>,
    recent: &mut Recent,
    told: &mut Option<Trouble>,
) -> zbus::Result<Trouble> {
    let connection = match connection::Builder::system().method_timeout(CALL).build().await {
        Ok(connection) => connection,
        Err(error) => return Ok(Trouble::NoDbus(error.to_string())),
    };
    // Subscribed before anything is read or started, so that nothing falls between.
    let mut signals = subscribe(&connection).await?;
    if !has_owner(&connection).await? {
        return Ok(Trouble::NoBluetoothd);
    }
    let mut listening = Listening {
        events,
        recent,
        told,
        adapters: BTreeMap::new(),
        neighbours: HashSet::new(),
        discovery: Discovery::new(&connection),
        announced: Vec::new(),
    };
    let known = match objects::managed(&connection).await {
        Ok(known) => known,
        Err(error) => {
            tracing::debug!(%error, "BlueZ's objects cannot be listed; asking for each adapter");
            objects::adapters(&connection).await
        }
    };
    for (path, interfaces) in known {
        listening.added(&path, interfaces, Freshness::Cached).await;
    }
    loop {
        if let Some(trouble) = listening.settle().await {
            return Ok(trouble);
        }
        let Some(signal) = signals.next().await else {
            return Ok(Trouble::NoDbus("the connection was closed".to_owned()));
        };
        // One signal that cannot be read says nothing about the next.
        let Ok(signal) = signal else { continue };
        if let Some(trouble) = listening.signal(&signal).await {
            return Ok(trouble);
        }
        if events.is_closed() {
            return Ok(Trouble::NoAdapter);
        }
    }
}

/// What is known while listening.
struct Listening<'l> {
    events: &'l mpsc::Sender<RadioEvent>,
    recent: &'l mut Recent,
    told: &'l mut Option<Trouble>,
    /// Name -> powered.
    adapters: BTreeMap<String, bool>,
    neighbours: HashSet<String>,
    discovery: Discovery,
    announced: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Freshness {
    Heard,
    Cached,
}

impl Listening<'_> {
    /// Starts discovery on every powered adapter, and only there: starting it would switch others on without asking.
    async fn settle(&mut self) -> Option<Trouble> {
        let powered: Vec<String> = self
            .adapters
            .iter()
            .filter(|(_, powered)| **powered)
            .map(|(name, _)| name.clone())
            .collect();
        if powered.is_empty() {
            self.announced.clear();
            // Told here and not returned: the next signal may be the one that switches it on.
            self.tell(self.silence()).await;
            return None;
        }
        let mut running = Vec::new();
        for adapter in &powered {
            match self.discovery.run(adapter).await {
                Ok(()) => running.push(adapter.clone()),
                Err(error) => {
                    let trouble = trouble_of(&error);
                    tracing::debug!(adapter, %error, "discovery did not start");
                    // With another adapter listening this one is no reason to stop.
                    if powered.len() == 1 {
                        return Some(trouble);
                    }
                }
            }
        }
        if running.is_empty() {
            return Some(Trouble::Busy("on no adapter".to_owned()));
        }
        if running != self.announced {
            self.announced.clone_from(&running);
            *self.told = None;
            let _ = self.events.send(RadioEvent::Listening(running)).await;
        }
        None
    }

    fn silence(&self) -> Trouble {
        if self.adapters.is_empty() {
            return Trouble::NoAdapter;
        }
        match rfkill::bluetooth() {
            Some(block) => Trouble::Blocked {
                hard: block == Block::Hard,
            },
            None => Trouble::Off,
        }
    }

    async fn tell(&mut self, trouble: Trouble) {
        if self.told.as_ref() != Some(&trouble) {
            *self.told = Some(trouble.clone());
            let _ = self.events.send(RadioEvent::Trouble(trouble)).await;
        }
    }

    async fn signal(&mut self, signal: &zbus::Message) -> Option<Trouble> {
        let header = signal.header();
        let member = header.member().map(|member| member.as_str().to_owned())?;
        let path = header.path().map(|path| path.as_str().to_owned()).unwrap_or_default();
        match member.as_str() {
            "InterfacesAdded" => {
                let (path, interfaces) = objects::added(signal)?;
                self.added(&path, interfaces, Freshness::Heard).await;
            }
            "InterfacesRemoved" => {
                let (path, interfaces) = objects::removed(signal)?;
                if interfaces.iter().any(|name| name == objects::ADAPTER) {
                    let adapter = adapter_of(&path)?;
                    self.adapters.remove(&adapter);
                    self.discovery.forget(&adapter);
                    if self.announced.contains(&adapter) {
                        return Some(Trouble::AdapterGone(adapter));
                    }
                }
            }
            "PropertiesChanged" => {
                let (interface, properties) = objects::changed(signal)?;
                match interface.as_str() {
                    objects::ADAPTER => self.adapter(&path, &properties),
                    objects::DEVICE => self.device(&path, &properties, Freshness::Heard).await,
                    _ => {}
                }
            }
            "NameOwnerChanged" if objects::lost_owner(signal) => return Some(Trouble::BluetoothdGone),
            _ => {}
        }
        None
    }

    async fn added(&mut self, path: &str, interfaces: Interfaces, freshness: Freshness) {
        for (name, properties) in &interfaces {
            match name.as_str() {
                objects::ADAPTER => self.adapter(path, properties),
                objects::DEVICE => self.device(path, properties, freshness).await,
                _ => {}
            }
        }
    }

    fn adapter(&mut self, path: &str, properties: &Properties) {
        let Some(adapter) = adapter_of(path) else { return };
        if let Some(powered) = objects::flag(properties, "Powered") {
            if !powered {
                self.discovery.forget(&adapter);
            }
            self.adapters.insert(adapter.clone(), powered);
        }
        // Another program's end, or a controller reset, can stop ours.
        if objects::flag(properties, "Discovering") == Some(false) {
            self.discovery.forget(&adapter);
        }
    }

    async fn device(&mut self, path: &str, properties: &Properties, freshness: Freshness) {
        let Some(adapter) = adapter_of(path) else { return };
        let Sighting { rssi, adverts } = objects::sighting(properties);
        // A device from BlueZ's memory has no RSSI: it was not heard in this scan.
        let cached = freshness == Freshness::Cached && rssi.is_none();
        if !cached && self.neighbours.len() < NEIGHBOURS && self.neighbours.insert(path.to_owned()) {
            let _ = self.events.send(RadioEvent::Neighbour).await;
        }
        for (uuid, data) in adverts {
            if self.recent.is_new(&data) {
                let advert = Advert {
                    uuid,
                    data,
                    rssi,
                    adapter: adapter.clone(),
                    cached,
                    at: Instant::now(),
                };
                let _ = self.events.send(RadioEvent::Advert(advert)).await;
            }
        }
    }
}

async fn subscribe(
    connection: &Connection,
) -> zbus::Result<impl futures_util::Stream<Item = zbus::Result<zbus::Message>> + Unpin + use<>> {
    let queue = std::num::NonZeroUsize::new(SIGNALS);
    let bluez = MatchRule::builder()
        .msg_type(message::Type::Signal)
        .sender(BLUEZ)
        .build()?;
    let owner = MatchRule::builder()
        .msg_type(message::Type::Signal)
        .sender("org.freedesktop.DBus")
        .member("NameOwnerChanged")
        .add_arg(BLUEZ)
        .build()?;
    let bluez = MessageStream::for_match_rule(bluez, connection, queue).await?;
    let owner = MessageStream::for_match_rule(owner, connection, queue).await?;
    Ok(futures_util::stream::select(bluez, owner))
}

async fn has_owner(connection: &Connection) -> zbus::Result<bool> {
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

/// Tells D-Bus errors apart by name, never by text.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "zbus has many errors; only replies have a name"
)]
fn trouble_of(error: &zbus::Error) -> Trouble {
    match error {
        zbus::Error::MethodError(name, detail, _) => {
            let text = detail
                .as_deref()
                .map_or_else(|| name.to_string(), |detail| format!("{name}: {detail}"));
            match name.as_str() {
                "org.freedesktop.DBus.Error.AccessDenied"
                | "org.bluez.Error.NotAuthorized"
                | "org.bluez.Error.NotPermitted" => Trouble::Denied(name.to_string()),
                "org.freedesktop.DBus.Error.ServiceUnknown" | "org.freedesktop.DBus.Error.NameHasNoOwner" => {
                    Trouble::NoBluetoothd
                }
                "org.bluez.Error.Blocked" => Trouble::Blocked { hard: false },
                "org.bluez.Error.NotReady" => Trouble::Off,
                _ => Trouble::Busy(text),
            }
        }
        other => Trouble::Busy(other.to_string()),
    }
}
