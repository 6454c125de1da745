//! The radio of Linux desktops: bluetoothd, over D-Bus.
//!
//! Adverts are taken from BlueZ's signals as they come, for the first sight of a device arrives whole in `InterfacesAdded` and, of a phone
//! that is heard once, nowhere else. The same signals tell of power, and of adapters and bluetoothd coming and going.

mod adapters;
mod bus;
mod discovery;
mod objects;

pub use bus::Bus;
pub use objects::{ADAPTER, Properties, adapters as ask_adapters, flag, has_owner, text, texts};

use super::{Advert, Radio, RadioEvent, Recent, Trouble};
use crate::sandbox::Sandbox;
use adapters::Adapters;
use futures_util::StreamExt as _;
use objects::{DEVICE, Interfaces, Sighting, adapter_of};
use std::collections::HashSet;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use zbus::DBusError as _;
use zbus::{Connection, MatchRule, MessageStream, message};

/// bluetoothd's name on the bus.
pub const BLUEZ: &str = "org.bluez";
/// Between attempts to reach a bus or a bluetoothd that is not there.
const RETRY: Duration = Duration::from_secs(1);
/// For the list of all objects. A neighbour whose entry hangs must not keep us from listening.
const LIST: Duration = Duration::from_secs(2);
/// Signals that may wait while one is handled.
const SIGNALS: usize = 4096;
/// Events that may wait for a session that is busy.
const EVENTS: usize = 256;
/// Neighbours counted; more prove nothing further.
const NEIGHBOURS: usize = 1024;

/// Listens in a task of its own from its start until it is dropped. bluetoothd ends the discovery with the connection.
pub struct Bluez {
    events: mpsc::Receiver<RadioEvent>,
    task: JoinHandle<()>,
}

impl Bluez {
    /// Starts listening. Returns at once; everything that can take time happens in the task.
    pub fn start() -> Self {
        Self::start_on(Bus::System)
    }

    /// The same, with the bluetoothd of another bus.
    pub fn start_on(bus: Bus) -> Self {
        let (sender, events) = mpsc::channel(EVENTS);
        Self {
            events,
            task: tokio::spawn(keep_listening(bus, sender)),
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

/// Tries for ever.
async fn keep_listening(bus: Bus, events: mpsc::Sender<RadioEvent>) {
    let mut teller = Teller { events, told: None };
    let mut memory = Memory::default();
    loop {
        let trouble = match listen(&bus, &mut memory, &mut teller).await {
            Ok(trouble) => trouble,
            Err(error) => trouble_of(&error),
        };
        teller.trouble(trouble).await;
        tokio::time::sleep(RETRY).await;
    }
}

/// Listens until the bus or bluetoothd is gone, and says so.
async fn listen(bus: &Bus, memory: &mut Memory, teller: &mut Teller) -> zbus::Result<Trouble> {
    let connection = match bus.connect().await {
        Ok(connection) => connection,
        Err(error) => return Ok(Trouble::NoDbus(error.to_string())),
    };
    // Subscribed before anything is read or started, so that nothing falls between.
    let mut signals = subscribe(&connection).await?;
    if !has_owner(&connection).await? {
        return Ok(absent());
    }
    let mut listening = Listening {
        connection: &connection,
        adapters: Adapters::default(),
        announced: Vec::new(),
        neighbours: HashSet::new(),
        memory,
        teller,
    };
    let known = match tokio::time::timeout(LIST, objects::managed(&connection)).await {
        Ok(Ok(known)) => known,
        failed => {
            tracing::debug!(?failed, "BlueZ's objects cannot be listed; asking for each adapter");
            objects::adapters(&connection).await?
        }
    };
    for (path, interfaces) in known {
        listening.interfaces(&path, interfaces, Source::List).await;
    }
    loop {
        listening.settle().await;
        // Thousands of signals may wait, and taking one never does: timers and the session come between.
        tokio::task::coop::consume_budget().await;
        let signal = tokio::select! {
            signal = signals.next() => signal,
            () = tokio::time::sleep(listening.adapters.pause()) => continue,
        };
        match signal {
            // One signal that cannot be read says nothing about the next.
            Some(Err(_)) => {}
            Some(Ok(signal)) => {
                if let Some(trouble) = listening.signal(&signal).await {
                    return Ok(trouble);
                }
            }
            None => return Ok(Trouble::NoDbus("the connection was closed".to_owned())),
        }
    }
}

/// Adverts that were handed over. What only lay in BlueZ's memory is handed over again when it is heard.
#[derive(Default)]
struct Memory {
    heard: Recent,
    cached: Recent,
}

/// Tells each trouble once, until it is over.
struct Teller {
    events: mpsc::Sender<RadioEvent>,
    told: Option<Trouble>,
}

impl Teller {
    async fn trouble(&mut self, trouble: Trouble) {
        if self.told.as_ref() != Some(&trouble) {
            self.told = Some(trouble.clone());
            self.event(RadioEvent::Trouble(trouble)).await;
        }
    }

    async fn listening(&mut self, adapters: Vec<String>) {
        self.told = None;
        self.event(RadioEvent::Listening(adapters)).await;
    }

    /// Nobody listens only when the radio is dropped, and this task with it.
    async fn event(&self, event: RadioEvent) {
        let _ = self.events.send(event).await;
    }
}

/// Where properties come from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    /// The list of what BlueZ remembers: a device without strength was not heard in this scan.
    List,
    /// A signal: it happens now.
    Signal,
}

struct Listening<'l> {
    connection: &'l Connection,
    adapters: Adapters,
    announced: Vec<String>,
    neighbours: HashSet<String>,
    memory: &'l mut Memory,
    teller: &'l mut Teller,
}

impl Listening<'_> {
    /// Starts discovery wherever it can run and does not, and tells what has become of it.
    async fn settle(&mut self) {
        for adapter in self.adapters.due() {
            match discovery::start(self.connection, &adapter).await {
                Ok(()) => self.adapters.started(&adapter),
                Err(error) => {
                    tracing::debug!(adapter, %error, "discovery did not start");
                    self.adapters.failed(&adapter, trouble_of(&error));
                }
            }
        }
        let scanning = self.adapters.scanning();
        if scanning.is_empty() {
            if let Some(trouble) = self.adapters.trouble() {
                self.announced.clear();
                self.teller.trouble(trouble).await;
            }
        } else if scanning != self.announced {
            self.announced.clone_from(&scanning);
            self.teller.listening(scanning).await;
        }
    }

    async fn signal(&mut self, signal: &zbus::Message) -> Option<Trouble> {
        let header = signal.header();
        match header.member()?.as_str() {
            "InterfacesAdded" => {
                let (path, interfaces) = objects::added(signal)?;
                self.interfaces(&path, interfaces, Source::Signal).await;
            }
            "InterfacesRemoved" => {
                let (path, interfaces) = objects::removed(signal)?;
                if interfaces.iter().any(|name| name == ADAPTER) {
                    let adapter = adapter_of(&path)?;
                    if self.adapters.remove(&adapter) {
                        self.teller.trouble(Trouble::AdapterGone(adapter)).await;
                    }
                }
            }
            "PropertiesChanged" => {
                let (interface, properties) = objects::changed(signal)?;
                let path = header.path()?.as_str();
                self.properties(path, &interface, &properties, Source::Signal).await;
            }
            "NameOwnerChanged" if objects::lost_owner(signal) => return Some(Trouble::BluetoothdGone),
            _ => {}
        }
        None
    }

    async fn interfaces(&mut self, path: &str, interfaces: Interfaces, source: Source) {
        for (name, properties) in &interfaces {
            self.properties(path, name, properties, source).await;
        }
    }

    async fn properties(&mut self, path: &str, interface: &str, properties: &Properties, source: Source) {
        let Some(adapter) = adapter_of(path) else { return };
        match interface {
            ADAPTER => self.adapters.update(&adapter, properties),
            DEVICE => self.device(path, &adapter, properties, source).await,
            _ => {}
        }
    }

    async fn device(&mut self, path: &str, adapter: &str, properties: &Properties, source: Source) {
        let Sighting {
            measured,
            rssi,
            adverts,
        } = objects::sighting(properties);
        let cached = source == Source::List && !measured;
        // Other changes, such as of a mouse's name or battery, are no adverts.
        let heard = measured || (source == Source::Signal && !adverts.is_empty());
        if heard && self.neighbours.len() < NEIGHBOURS && self.neighbours.insert(path.to_owned()) {
            self.teller.event(RadioEvent::Neighbour).await;
        }
        let memory = if cached {
            &mut self.memory.cached
        } else {
            &mut self.memory.heard
        };
        for (uuid, data) in adverts {
            if memory.is_new(&data) {
                let advert = Advert {
                    uuid,
                    data,
                    rssi,
                    adapter: adapter.to_owned(),
                    cached,
                    at: Instant::now(),
                };
                self.teller.event(RadioEvent::Advert(advert)).await;
            }
        }
    }
}

async fn subscribe(
    connection: &Connection,
) -> zbus::Result<impl futures_util::Stream<Item = zbus::Result<zbus::Message>> + Unpin + use<>> {
    let queue = std::num::NonZeroUsize::new(SIGNALS);
    let signal = || MatchRule::builder().msg_type(message::Type::Signal);
    let bluez = signal().sender(BLUEZ).build()?;
    let owner = signal()
        .sender("org.freedesktop.DBus")
        .member("NameOwnerChanged")
        .add_arg(BLUEZ)
        .build()?;
    let bluez = MessageStream::for_match_rule(bluez, connection, queue).await?;
    let owner = MessageStream::for_match_rule(owner, connection, queue).await?;
    Ok(futures_util::stream::select(bluez, owner))
}

/// Tells D-Bus errors apart by name, never by text.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "zbus has many errors; only replies have a name"
)]
pub fn trouble_of(error: &zbus::Error) -> Trouble {
    // zbus has variants of its own for the bus's errors, and one for all others.
    let name = match error {
        zbus::Error::MethodError(name, _, _) => name.to_string(),
        zbus::Error::FDO(error) => error.name().to_string(),
        other => return Trouble::Busy(other.to_string()),
    };
    match name.as_str() {
        "org.freedesktop.DBus.Error.AccessDenied"
        | "org.bluez.Error.NotAuthorized"
        | "org.bluez.Error.NotPermitted" => Trouble::Denied(name),
        "org.freedesktop.DBus.Error.ServiceUnknown" | "org.freedesktop.DBus.Error.NameHasNoOwner" => absent(),
        "org.bluez.Error.Blocked" => Trouble::Blocked { hard: false },
        _ => Trouble::Busy(error.to_string()),
    }
}

/// bluetoothd is not to be seen on the bus.
fn absent() -> Trouble {
    match Sandbox::look().filter(Sandbox::hides_services) {
        Some(sandbox) => Trouble::Hidden(sandbox.to_string()),
        None => Trouble::NoBluetoothd,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zbus::fdo;

    #[test]
    fn a_refusal_by_the_buss_own_policy_is_told_apart_from_a_busy_adapter() {
        let refused = zbus::Error::FDO(Box::new(fdo::Error::AccessDenied("rejected by policy".to_owned())));
        assert_eq!(
            trouble_of(&refused),
            Trouble::Denied("org.freedesktop.DBus.Error.AccessDenied".to_owned())
        );
        let absent = zbus::Error::FDO(Box::new(fdo::Error::ServiceUnknown("no such name".to_owned())));
        assert_eq!(trouble_of(&absent), Trouble::NoBluetoothd);
        let silent = zbus::Error::FDO(Box::new(fdo::Error::NoReply("nothing came".to_owned())));
        assert!(matches!(trouble_of(&silent), Trouble::Busy(_)));
    }
}
