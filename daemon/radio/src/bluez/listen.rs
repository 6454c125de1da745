//! The loop that hears: one connection to the bus after the other, its signals one by one.

use super::adapters::Adapters;
use super::bus::{BLUEZ, Bus};
use super::discovery;
use super::objects::{self, ADAPTER, DEVICE, Interfaces, Properties, Sighting, adapter_of};
use super::trouble::{absent, trouble_of, trouble_of_bus, trouble_of_discovery};
use crate::adapter_name::AdapterChoice;
use crate::device_address::DeviceAddress;
use crate::event::{Advert, RadioEvent};
use crate::recent_adverts::RecentAdverts;
use crate::rfkill::Rfkill;
use futures_util::StreamExt as _;
use hybrid_diagnosis::observation::radio::Trouble;
use hybrid_key_bus::system_bus_words;
use std::collections::{HashMap, HashSet};
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use zbus::names::OwnedUniqueName;
use zbus::{Connection, MatchRule, MessageStream, message};

/// Between attempts to reach a bus or a bluetoothd that is not there.
const RETRY: Duration = Duration::from_secs(1);
/// For the list of all objects. A neighbour whose entry hangs must not keep us from listening.
const LIST: Duration = Duration::from_secs(2);
/// Signals that may wait while one is handled.
const SIGNALS: usize = 4096;
/// Neighbours counted, and those whose addresses are known; more prove nothing further.
const NEIGHBOURS: usize = 1024;

/// Listens for ever: whatever ends one connection to the bus, the next is tried. It ends by being
/// aborted alone.
pub(super) async fn keep_listening(
    bus: Bus,
    choice: AdapterChoice,
    events: mpsc::Sender<RadioEvent>,
) {
    let mut teller = Teller { events, told: None };
    let mut memory = AdvertMemory::default();
    loop {
        let trouble = match listen(&bus, &choice, &mut memory, &mut teller).await {
            Ok(trouble) => trouble,
            Err(error) => trouble_of(&error),
        };
        teller.trouble(trouble).await;
        tokio::time::sleep(RETRY).await;
    }
}

/// Listens until the bus or bluetoothd is gone, and says so.
async fn listen(
    bus: &Bus,
    choice: &AdapterChoice,
    memory: &mut AdvertMemory,
    teller: &mut Teller,
) -> zbus::Result<Trouble> {
    let connection = match bus.connect().await {
        Ok(connection) => connection,
        Err(error) => return Ok(Trouble::NoDbus(system_bus_words(&error))),
    };
    // Subscribed before anything is read or started, so that nothing falls between.
    let owners = follow_owner(&connection).await?;
    let owner = match objects::owner(&connection).await {
        Ok(Some(owner)) => owner,
        Ok(None) => return Ok(absent(bus)),
        Err(error) => return Ok(trouble_of_bus(&error)),
    };
    let mut signals = futures_util::stream::select(follow(&connection, &owner).await?, owners);
    let mut listening = Listening {
        owner,
        bus,
        connection: &connection,
        choice,
        adapters: Adapters::new(choice),
        announced: Vec::new(),
        neighbours: HashSet::new(),
        addresses: HashMap::new(),
        memory,
        teller,
    };
    let known = match tokio::time::timeout(LIST, objects::managed(&connection)).await {
        Ok(Ok(known)) => known,
        failed => {
            tracing::debug!(
                ?failed,
                "BlueZ's objects cannot be listed; asking for each adapter"
            );
            objects::adapters(&connection).await?
        }
    };
    for (path, interfaces) in known {
        listening
            .interfaces(&path, interfaces, PropertySource::List)
            .await;
    }
    // At the top of each turn everything that was said before is taken in, and discovery runs or
    // was tried wherever it can run. The wait may be interrupted by the pause alone, which loses
    // nothing: a signal stays in its queue until it is taken. What is done about a signal is never
    // interrupted; the bus gives each call a deadline, and a session that is busy holds up the
    // rest.
    loop {
        listening.settle().await;
        // Thousands of signals may wait, and taking one never does: timers and the session come
        // between.
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

/// Adverts that were handed over. What only lay in BlueZ's memory is handed over again when it is
/// heard.
#[derive(Default)]
struct AdvertMemory {
    heard: RecentAdverts,
    cached: RecentAdverts,
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
enum PropertySource {
    /// The list of what BlueZ remembers: a device without strength was not heard in this scan.
    List,
    /// A signal: it happens now.
    Signal,
}

struct Listening<'l> {
    /// Who bluetoothd is, as long as this lasts.
    owner: OwnedUniqueName,
    bus: &'l Bus,
    connection: &'l Connection,
    choice: &'l AdapterChoice,
    adapters: Adapters<'l>,
    announced: Vec<String>,
    neighbours: HashSet<String>,
    /// By path. Changes of a device do not repeat its address.
    addresses: HashMap<String, DeviceAddress>,
    memory: &'l mut AdvertMemory,
    teller: &'l mut Teller,
}

impl Listening<'_> {
    /// Starts discovery wherever it can run and does not, and tells what has become of it.
    async fn settle(&mut self) {
        for adapter in self.adapters.due() {
            let so_far = self.adapters.discovers_for(&adapter);
            match discovery::start(self.connection, &adapter, so_far).await {
                Ok(()) => self.adapters.started(&adapter),
                Err(error) => {
                    tracing::debug!(adapter, %error, "discovery did not start");
                    self.adapters.failed(&adapter, trouble_of_discovery(&error));
                }
            }
        }
        let scanning = self.adapters.scanning();
        if scanning.is_empty() {
            let (kernel, rfkill) = (self.bus.controllers(), Rfkill::look());
            if let Some(trouble) = self.adapters.trouble(&kernel, &rfkill) {
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
                self.interfaces(&path, interfaces, PropertySource::Signal)
                    .await;
            }
            "InterfacesRemoved" => {
                let (path, interfaces) = objects::removed(signal)?;
                if interfaces.iter().any(|name| name == ADAPTER) {
                    let adapter = adapter_of(&path)?;
                    if self.adapters.remove(&adapter) {
                        self.teller.trouble(Trouble::AdapterGone(adapter)).await;
                    }
                } else if interfaces.iter().any(|name| name == DEVICE) {
                    self.addresses.remove(&path);
                }
            }
            "PropertiesChanged" => {
                let (interface, properties) = objects::changed(signal)?;
                let path = header.path()?.as_str();
                self.properties(path, &interface, &properties, PropertySource::Signal)
                    .await;
            }
            "NameOwnerChanged" if objects::new_owner(signal)? != self.owner.as_str() => {
                return Some(Trouble::BluetoothdGone);
            }
            _ => {}
        }
        None
    }

    async fn interfaces(&mut self, path: &str, interfaces: Interfaces, source: PropertySource) {
        for (name, properties) in &interfaces {
            self.properties(path, name, properties, source).await;
        }
    }

    async fn properties(
        &mut self,
        path: &str,
        interface: &str,
        properties: &Properties,
        source: PropertySource,
    ) {
        // Other programs discover on adapters that are not ours to use.
        let Some(adapter) = adapter_of(path).filter(|adapter| self.choice.admits(adapter)) else {
            return;
        };
        match interface {
            ADAPTER => self.adapters.update(&adapter, properties),
            DEVICE => self.device(path, &adapter, properties, source).await,
            _ => {}
        }
    }

    async fn device(
        &mut self,
        path: &str,
        adapter: &str,
        properties: &Properties,
        source: PropertySource,
    ) {
        let Sighting {
            measured,
            rssi,
            address,
            adverts,
        } = objects::sighting(properties);
        if let Some(address) = address
            && (self.addresses.len() < NEIGHBOURS || self.addresses.contains_key(path))
        {
            self.addresses.insert(path.to_owned(), address);
        }
        let address = address.or_else(|| self.addresses.get(path).copied());
        let cached = source == PropertySource::List && !measured;
        // Other changes, such as of a mouse's name or battery, are no adverts.
        let heard = measured || (source == PropertySource::Signal && !adverts.is_empty());
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
                tracing::debug!(
                    adapter,
                    uuid = format_args!("{uuid:04x}"),
                    address = address.map(|address| address.to_string()),
                    kind = address.map(|address| address.kind.name()),
                    cached,
                    "an advert"
                );
                let advert = Advert {
                    uuid,
                    data,
                    rssi,
                    address,
                    adapter: adapter.to_owned(),
                    cached,
                    at: Instant::now(),
                };
                self.teller.event(RadioEvent::Advert(advert)).await;
            }
        }
    }
}

async fn follow(connection: &Connection, owner: &OwnedUniqueName) -> zbus::Result<MessageStream> {
    let signals = objects::said_by(owner).build()?;
    MessageStream::for_match_rule(signals, connection, NonZeroUsize::new(SIGNALS)).await
}

async fn follow_owner(connection: &Connection) -> zbus::Result<MessageStream> {
    let changes = MatchRule::builder()
        .msg_type(message::Type::Signal)
        .sender("org.freedesktop.DBus")
        .member("NameOwnerChanged")
        .add_arg(BLUEZ)
        .build()?;
    MessageStream::for_match_rule(changes, connection, NonZeroUsize::new(SIGNALS)).await
}
