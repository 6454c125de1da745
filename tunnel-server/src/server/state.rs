//! What all connections of a server share.

use crate::admission::address::{Block, NetworkRange};
use crate::admission::limits::Limits;
use crate::admission::pending::PendingRequests;
use crate::admission::refusal::Refusal;
use crate::http::stream::ClientStream;
use crate::http::tls::{BadTls, ServerTls};
use crate::metrics::{Gauges, Metrics};
use crate::phones::registry::PhoneRegistry;
use crate::phones::revocations::RevocationFile;
use crate::random::random;
use crate::rooms::{Rooms, Ticket};
use crate::server::accepting::AcceptState;
use crate::server::error::BindError;
use crate::settings::config::Config;
use crate::sync::lock;
use crate::tunnel::lifecycle::Joiner;
use core::hash::BuildHasher;
use core::net::IpAddr;
use core::sync::atomic::AtomicU32;
use core::time::Duration;
use hybrid_protocol::{RoutingId, TunnelId};
use rustls::ServerConfig;
use std::hash::RandomState;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::warn;

pub(crate) struct RelayState {
    reloadable: Mutex<Reloadable>,
    rooms: Mutex<Rooms<Joiner<ClientStream>>>,
    openings: Mutex<PendingRequests>,
    /// Told whenever somebody has ceased to wait for the other side.
    met: Notify,
    pub(crate) phones: PhoneRegistry,
    /// Whether connections are accepted.
    pub(crate) accepting: AcceptState,
    pub(crate) metrics: Metrics,
    pub(crate) handshakes: AtomicU32,
    pub(crate) proxies: Vec<NetworkRange>,
    pub(crate) proxy_protocol: Vec<NetworkRange>,
    /// No new tunnels from now on, and nobody listens here any longer.
    pub(crate) drain: CancellationToken,
    /// Ends every tunnel at once.
    pub(crate) stop: CancellationToken,
    pub(crate) tasks: TaskTracker,
    /// Keyed anew at every start, so that log lines of one run can be correlated and no others.
    tags: RandomState,
}

/// What a reload replaces; a connection keeps what was in force when it came.
#[derive(Clone)]
pub(crate) struct Reloadable {
    pub(crate) limits: Arc<Limits>,
    pub(crate) tls: Option<Arc<ServerConfig>>,
    /// When the certificate expires, counted from 1970.
    expires: Option<Duration>,
}

impl RelayState {
    pub(crate) fn new(config: &Config) -> Result<Self, BindError> {
        let (store, revoked, bad) =
            RevocationFile::open(config.state.as_deref()).map_err(BindError::State)?;
        Ok(Self {
            reloadable: Mutex::new(Reloadable::new(config).map_err(BindError::Tls)?),
            rooms: Mutex::new(Rooms::new(config.node)),
            openings: Mutex::new(PendingRequests::default()),
            met: Notify::new(),
            phones: PhoneRegistry::new(store, revoked, bad),
            accepting: AcceptState::default(),
            metrics: Metrics::new(),
            handshakes: AtomicU32::new(0),
            proxies: config.forwarded_from.clone(),
            proxy_protocol: config.proxy_protocol_from.clone(),
            drain: CancellationToken::new(),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
            tags: RandomState::new(),
        })
    }

    pub(crate) fn current(&self) -> Reloadable {
        lock(&self.reloadable).clone()
    }

    /// Replaces the limits, and the certificate unless the new one cannot be used: then the old one
    /// stays.
    pub(crate) fn reload(&self, config: &Config) -> Result<(), BadTls> {
        self.limit(&config.limits);
        let new = Reloadable::new(config)?;
        let mut current = lock(&self.reloadable);
        // Nobody's connections become plain because a line went missing in a file.
        if new.tls.is_some() != current.tls.is_some() {
            return Err(BadTls::Switched);
        }
        *current = new;
        Ok(())
    }

    /// Replaces the limits alone.
    pub(crate) fn limit(&self, limits: &Limits) {
        lock(&self.reloadable).limits = Arc::new(limits.clone());
    }

    /// From now on no new rooms are opened.
    pub(crate) fn drain(&self) {
        self.drain.cancel();
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.drain.is_cancelled()
    }

    pub(crate) fn gauges(&self) -> Gauges {
        let (rooms, waiting) = {
            let rooms = lock(&self.rooms);
            (u64::from(rooms.rooms()), rooms.waiting() as u64)
        };
        Gauges {
            rooms,
            waiting,
            openings: u64::from(lock(&self.openings).all()),
            listeners: u64::from(self.phones.listeners()),
            draining: self.is_draining(),
            bad_revocations: self.phones.bad_lines(),
            expires: self.current().expires,
        }
    }

    /// A word for the log that stands for a tunnel in this run.
    pub(crate) fn tag(&self, tunnel: &TunnelId) -> u64 {
        self.tags.hash_one(tunnel)
    }

    /// Opens a room; it is given back when [`Room`] is dropped.
    pub(crate) fn open(
        self: &Arc<Self>,
        tunnel: TunnelId,
        block: Block,
        joiner: Joiner<ClientStream>,
        limits: &Limits,
    ) -> Result<Room, Refusal> {
        if self.is_draining() {
            return Err(Refusal::Draining);
        }
        let ticket = lock(&self.rooms).open(tunnel, block, joiner, limits, routing_bits)?;
        self.metrics.opened.add(1);
        Ok(Room {
            ticket,
            state: Arc::clone(self),
        })
    }

    pub(crate) fn join(
        &self,
        routing: RoutingId,
        tunnel: TunnelId,
    ) -> Option<Joiner<ClientStream>> {
        let joiner = lock(&self.rooms).join(routing, tunnel)?;
        self.met.notify_waiters();
        Some(joiner)
    }

    /// Waits until nobody waits for the other side.
    pub(crate) async fn deserted(&self) {
        loop {
            let met = self.met.notified();
            if lock(&self.rooms).waiting() == 0 {
                return;
            }
            met.await;
        }
    }

    /// Counts a connection whose address is known as long as its request is not finished.
    pub(crate) fn enter(
        self: &Arc<Self>,
        address: IpAddr,
        limits: &Limits,
    ) -> Result<PendingGuard, Refusal> {
        let block = self.block(address);
        lock(&self.openings).enter(block, Instant::now(), limits)?;
        Ok(PendingGuard {
            block,
            state: Arc::clone(self),
        })
    }

    /// Whom a connection counts for; nobody when it is a proxy's, which brings everybody's requests
    /// from its one address.
    fn block(&self, address: IpAddr) -> Option<Block> {
        let mut proxies = self.proxies.iter().chain(&self.proxy_protocol);
        let proxied = proxies.any(|network| network.contains(address));
        (!proxied).then(|| Block::of(address))
    }
}

impl Reloadable {
    fn new(config: &Config) -> Result<Self, BadTls> {
        let tls = { config.tls.as_ref() }
            .map(|pem| ServerTls::read(&pem.chain, &pem.key))
            .transpose()?;
        for remark in tls.iter().flat_map(|tls| &tls.remarks) {
            warn!("{remark}");
        }
        let (tls, expires) = tls.map_or((None, None), |tls| (Some(tls.config), tls.expires));
        let now = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        if expires.is_some_and(|expires| expires <= now) {
            warn!("the certificate has expired: clients will not connect until it is renewed");
        }
        Ok(Self {
            limits: Arc::new(config.limits.clone()),
            tls,
            expires,
        })
    }
}

/// A room, as long as its tunnel lives.
pub(crate) struct Room {
    ticket: Ticket,
    state: Arc<RelayState>,
}

impl Room {
    pub(crate) fn routing_id(&self) -> RoutingId {
        self.ticket.routing_id()
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        lock(&self.state.rooms).end(&self.ticket);
        self.state.met.notify_waiters();
    }
}

/// A connection that has not finished its request.
pub(crate) struct PendingGuard {
    block: Option<Block>,
    state: Arc<RelayState>,
}

impl PendingGuard {
    /// Counts a proxy's connection for the client that it says it is of.
    pub(crate) fn claim(&mut self, client: IpAddr, limits: &Limits) -> Result<(), Refusal> {
        if self.block.is_none() {
            let block = self.state.block(client);
            lock(&self.state.openings).claim(block, Instant::now(), limits)?;
            self.block = block;
        }
        Ok(())
    }
}

impl Drop for PendingGuard {
    fn drop(&mut self) {
        lock(&self.state.openings).leave(self.block);
    }
}

fn routing_bits() -> [u8; RoutingId::LEN] {
    // Without the system's randomness a routing id is still unique (a collision is drawn again),
    // only not hidden.
    random().unwrap_or_default()
}
