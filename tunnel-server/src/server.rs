//! The server: binds, accepts, drains and stops.

mod accepting;
mod admin;
mod connection;
mod error;
mod listener;
pub(crate) mod request;
mod ringing;
mod state;

use crate::admission::limits::Limits;
use crate::admission::refusal::Refusal;
use crate::phones::revocations::BadState;
use crate::server::accepting::Accepting;
use crate::server::state::RelayState;
use crate::settings::config::Config;
use core::fmt;
use core::future::{Future, poll_fn};
use core::net::SocketAddr;
use core::task::{Context, Poll};
use core::time::Duration;
use std::io;
use std::sync::Arc;
use std::time::SystemTime;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tracing::{info, warn};

pub use error::BindError;

/// Connections that the kernel keeps for us while we are busy.
const BACKLOG: u32 = 4096;

/// The relay, not yet running.
#[derive(Debug)]
pub struct Server;

/// A relay that accepts connections on the runtime it was bound on. Dropping it stops everything at
/// once.
pub struct Running {
    state: Arc<RelayState>,
    address: SocketAddr,
    accepting: JoinHandle<()>,
}

impl Server {
    /// Listens and starts to accept.
    ///
    /// # Errors
    /// [`BindError`] when the address or the certificate cannot be used.
    ///
    /// ```
    /// use hybrid_tunnel_server::{Config, Server};
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// let relay = Server::bind(Config::plain("127.0.0.1:0".parse().unwrap())).await.unwrap();
    /// assert_ne!(relay.local_addr().port(), 0);
    /// relay.shutdown().await;
    /// # });
    /// ```
    pub async fn bind(config: Config) -> Result<Running, BindError> {
        let listener =
            listen(config.listen).map_err(|error| BindError::Listen(config.listen, error))?;
        let (state, address) = begin(&config, &listener)?;
        let accepting = accept(Arc::clone(&state), listener);
        Ok(Running::new(state, address, accepting))
    }

    /// Starts to accept on a socket that somebody else keeps open (systemd's socket activation).
    /// While this relay drains and nobody waits to be joined, those who come are left to the next
    /// one on the same socket.
    ///
    /// # Errors
    /// [`BindError`] when the socket or the certificate cannot be used.
    pub fn serve(config: Config, listener: TcpListener) -> Result<Running, BindError> {
        let (state, address) = begin(&config, &listener)?;
        let (accepting, leaving) = (
            accept(Arc::clone(&state), listener),
            leave(Arc::clone(&state)),
        );
        Ok(Running::new(state, address, async move {
            tokio::select! {
                biased;
                () = leaving => {}
                () = accepting => {}
            }
        }))
    }
}

impl Running {
    fn new(
        state: Arc<RelayState>,
        address: SocketAddr,
        accepting: impl Future<Output = ()> + Send + 'static,
    ) -> Self {
        let porter = AcceptGuard(Arc::clone(&state));
        let accepting = tokio::spawn(async move {
            let _porter = porter;
            accepting.await;
        });
        Self {
            state,
            address,
            accepting,
        }
    }

    #[cfg(test)]
    pub(crate) fn state(&self) -> &RelayState {
        &self.state
    }

    /// As if the task that accepts had failed.
    #[cfg(test)]
    pub(crate) async fn stop_accepting(&self) {
        self.accepting.abort();
        while !self.accepting.is_finished() {
            tokio::task::yield_now().await;
        }
    }

    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Serves `/healthz`, `/readyz` and `/metrics` on a listener of their own.
    pub fn admin(&self, listener: TcpListener) -> JoinHandle<()> {
        tokio::spawn(admin::serve(Arc::clone(&self.state), listener))
    }

    /// Replaces limits and certificate for connections that come from now on.
    ///
    /// # Errors
    /// [`BindError`] when the certificate cannot be used: the old one stays in force. The limits
    /// are replaced all the same.
    pub fn reload(&self, config: &Config) -> Result<(), BindError> {
        self.state.reload(config).map_err(BindError::Tls)
    }

    /// Replaces the limits alone, when there is no certificate to be had.
    pub fn limit(&self, limits: &Limits) {
        self.state.limit(limits);
    }

    /// Reads the revocations again if their file was changed by others; how many were new. It is
    /// read apart from the loop that serves connections, and need not be waited for.
    ///
    /// # Errors
    /// [`BadState`] when it cannot be read, once for each cause; those known before stay in force.
    pub fn refresh(&self) -> impl Future<Output = Result<usize, BadState>> + Send + use<> {
        Arc::clone(&self.state).look()
    }

    /// Ends a reload: reads the revocations again, whether their file was changed or not, and
    /// counts the reload; `rest` is whether everything else of it was good.
    ///
    /// # Errors
    /// [`BadState`] when they cannot be read; those known before stay in force.
    pub fn reload_revocations(
        &self,
        rest: bool,
    ) -> impl Future<Output = Result<usize, BadState>> + Send + use<> {
        let state = Arc::clone(&self.state);
        if !rest {
            state.metrics.reloads_failed.add(1);
        }
        async move {
            let read = Arc::clone(&state).learn().await;
            match &read {
                Ok(_) if rest => state.metrics.reloads.add(1),
                Err(_) if rest => state.metrics.reloads_failed.add(1),
                Ok(_) | Err(_) => {}
            }
            read
        }
    }

    /// Takes no new tunnels from now on; those that wait may still be joined.
    pub fn drain(&self) {
        self.state.drain();
    }

    /// Waits until the last tunnel has ended.
    pub async fn drained(&self) {
        while self.state.gauges().rooms > 0 {
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Whether it is draining.
    pub fn is_draining(&self) -> bool {
        self.state.is_draining()
    }

    /// The counters as OpenMetrics text.
    pub fn metrics(&self) -> String {
        self.state.metrics.text(&self.state.gauges())
    }

    /// Ends every tunnel (close 1012) and stops.
    pub async fn shutdown(self) {
        self.accepting.abort();
        self.state.drain();
        self.state.stop.cancel();
        self.state.tasks.close();
        let closing = self.state.current().limits.closing;
        let _ = timeout(closing, self.state.tasks.wait()).await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.accepting.abort();
        self.state.drain();
        self.state.stop.cancel();
    }
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// Opens a listening socket. Accepted sockets inherit TCP_NODELAY from it (Linux), which saves a
/// system call for each.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    socket.set_reuseaddr(true)?;
    socket.set_nodelay(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Takes over a listening socket that somebody else opened (systemd).
pub fn adopt(listener: std::net::TcpListener) -> io::Result<TcpListener> {
    listener.set_nonblocking(true)?;
    rustix::net::sockopt::set_tcp_nodelay(&listener, true)?;
    TcpListener::from_std(listener)
}

fn begin(
    config: &Config,
    listener: &TcpListener,
) -> Result<(Arc<RelayState>, SocketAddr), BindError> {
    let state = Arc::new(RelayState::new(config)?);
    let address = listener.local_addr();
    let address = address.map_err(|error| BindError::Listen(config.listen, error))?;
    Ok((state, address))
}

/// Ends when the relay drains and nobody waits to be joined: then nobody who comes can be looking
/// for a tunnel of ours.
async fn leave(state: Arc<RelayState>) {
    state.drain.cancelled().await;
    state.deserted().await;
    info!("no tunnel waits to be joined: leaving new connections to the next relay on this socket");
}

/// Kept by the task that accepts: however it ends, the sign says so.
struct AcceptGuard(Arc<RelayState>);

impl Drop for AcceptGuard {
    fn drop(&mut self) {
        self.0.accepting.set(Accepting::Gone);
    }
}

async fn accept(state: Arc<RelayState>, listener: TcpListener) {
    let mut pace = Pace {
        since: Instant::now(),
        accepted: 0,
    };
    loop {
        let (stream, peer) = match poll_fn(|cx| next(&state, &listener, cx)).await {
            Ok(accepted) => accepted,
            // Who has left before he was let in is nobody's failure.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => continue,
            Err(error) => {
                state.metrics.accept_failed.add(1);
                if state.accepting.set(Accepting::Stuck) != Accepting::Stuck {
                    warn!(%error, "cannot accept connections; retrying ten times a second");
                }
                // Mostly a lack of file descriptors: trying again at once would only burn time.
                sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        state.metrics.accepted.add(1);
        let limits = state.current().limits;
        match state.enter(peer.ip(), &limits) {
            Ok(opening) => {
                state
                    .tasks
                    .spawn(connection::serve(Arc::clone(&state), stream, peer, opening));
                pace.keep(&state, &limits).await;
            }
            // Cheap, and not counted: nobody uses up the rate of others by being turned away.
            Err(refusal) => turn_away(&state, &stream, refusal),
        }
    }
}

/// The next connection. Linux asks for a file descriptor before it looks whether somebody waits, so
/// waiting is a success, too.
fn next(
    state: &RelayState,
    listener: &TcpListener,
    cx: &mut Context<'_>,
) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
    let next = listener.poll_accept(cx);
    if !matches!(next, Poll::Ready(Err(_)))
        && state.accepting.set(Accepting::Open) == Accepting::Stuck
    {
        info!("accepting connections again");
    }
    next
}

/// Refuses without a task of its own. Over TLS there is no way to say why, so the connection just
/// ends.
fn turn_away(state: &RelayState, stream: &TcpStream, refusal: Refusal) {
    state.metrics.refused(refusal);
    if state.current().tls.is_none() {
        let _ = stream.try_write(&refusal.response(SystemTime::now()));
    }
}

/// Keeps to the accept rate: when a second's share is used up, the kernel's queue waits for the
/// next second.
struct Pace {
    since: Instant,
    accepted: u32,
}

impl Pace {
    async fn keep(&mut self, state: &RelayState, limits: &Limits) {
        self.accepted += 1;
        if self.accepted < limits.accept_rate {
            return;
        }
        let until = self.since + Duration::from_secs(1);
        if Instant::now() < until {
            state.metrics.accept_paused.add(1);
            sleep_until(until).await;
        }
        *self = Self {
            since: Instant::now(),
            accepted: 0,
        };
    }
}
