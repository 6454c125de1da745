//! Opening the desktop's side of a tunnel, step by step: name, connection, encryption, upgrade. Each step has its own deadline and is told.

mod connect;
mod error;
mod tls;
mod upgrade;

pub use error::{DialError, TlsProblem};
pub use tls::Trust;

use hybrid_protocol::Route;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::WebSocketStream;

/// For resolving the name.
pub const DNS: Duration = Duration::from_secs(5);
/// For a TCP connection, over all addresses.
pub const TCP: Duration = Duration::from_secs(5);
/// For the TLS handshake.
pub const TLS: Duration = Duration::from_secs(5);
/// For the answer to the WebSocket request.
pub const HTTP: Duration = Duration::from_secs(5);

/// A connection whatever carries it.
pub trait Io: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Io for T {}

/// An open tunnel.
pub struct Tunnel {
    /// Carries the messages.
    pub socket: WebSocketStream<Box<dyn Io>>,
    /// The relay promised to signal the phone's arrival.
    pub signal: bool,
}

/// How this machine reaches relays.
#[derive(Clone)]
pub struct Network {
    trust: Arc<Trust>,
    detour: Option<SocketAddr>,
}

impl Network {
    /// The system's certificates, names and routes.
    pub fn system() -> Self {
        Self {
            trust: Arc::new(Trust::System),
            detour: None,
        }
    }

    /// Every host is at this address, and this trust applies: for embedding with a relay of one's own. No flag and no variable leads here.
    pub fn detour(addr: SocketAddr, trust: Trust) -> Self {
        Self {
            trust: Arc::new(trust),
            detour: Some(addr),
        }
    }
}

/// One step of opening a tunnel, without ids or paths: safe to keep and to show.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NetStep {
    /// `dns`, `tcp`, `tls` or `http`.
    pub step: &'static str,
    /// The relay.
    pub host: String,
    /// How long it took.
    pub took: Duration,
    /// What came of it: a short fact, or why it failed.
    pub outcome: Result<String, String>,
    /// The address, once it is known.
    pub addr: Option<IpAddr>,
    /// The code of the diagnosis, when it failed.
    pub code: Option<&'static str>,
}

/// Opens the tunnel that a session asks for.
///
/// # Errors
/// [`DialError`] keeps what was seen.
pub async fn dial(
    route: &Route,
    network: &Network,
    tell: &mut (dyn FnMut(NetStep) + Send),
) -> Result<Tunnel, DialError> {
    let host = route.host.as_str();
    let mut steps = Steps { host, tell };
    let addrs = match network.detour {
        Some(addr) => vec![addr],
        None => steps.run("dns", DNS, connect::resolve(host)).await?,
    };
    let stream = steps.run("tcp", TCP, connect::connect(addrs)).await?;
    let encrypted = steps
        .run("tls", TLS, tls::encrypt(&network.trust, host, stream))
        .await?;
    steps.run("http", HTTP, upgrade::upgrade(route, encrypted)).await
}

/// Looks whether a host is a relay that can be reached, each address family by itself, and whom its certificate is trusted by.
pub async fn probe(host: &str, network: &Network, tell: &mut (dyn FnMut(NetStep) + Send)) {
    let mut steps = Steps { host, tell };
    let addrs = match network.detour {
        Some(addr) => Ok(vec![addr]),
        None => steps.run("dns", DNS, connect::resolve(host)).await,
    };
    let Ok(addrs) = addrs else { return };
    let (v6, v4): (Vec<_>, Vec<_>) = addrs.into_iter().partition(SocketAddr::is_ipv6);
    let mut reached = None;
    for (step, addrs) in [("tcp over IPv6", v6), ("tcp over IPv4", v4)] {
        if !addrs.is_empty()
            && let Ok(stream) = steps.run(step, TCP, connect::connect(addrs.clone())).await
        {
            reached = Some((stream, addrs));
        }
    }
    let Some((stream, addrs)) = reached else { return };
    let Ok(encrypted) = steps.run("tls", TLS, tls::encrypt(&network.trust, host, stream)).await else {
        return;
    };
    let _ = steps.run("http", HTTP, upgrade::probe(host, encrypted)).await;
    if let Ok(Ok(stream)) = tokio::time::timeout(TCP, connect::connect(addrs)).await {
        let _ = steps
            .run("public certificate", TLS, tls::encrypt(&Trust::Public, host, stream))
            .await;
    }
}

struct Steps<'s> {
    host: &'s str,
    tell: &'s mut (dyn FnMut(NetStep) + Send),
}

/// What a finished step has to tell.
trait Fact {
    fn fact(&self) -> String;
    fn addr(&self) -> Option<IpAddr> {
        None
    }
}

impl Steps<'_> {
    async fn run<T: Fact>(
        &mut self,
        step: &'static str,
        deadline: Duration,
        work: impl Future<Output = Result<T, DialError>>,
    ) -> Result<T, DialError> {
        let started = Instant::now();
        let result = tokio::time::timeout(deadline, work)
            .await
            .unwrap_or(Err(DialError::TimedOut { step, after: deadline }));
        let (outcome, addr, code) = match &result {
            Ok(done) => (Ok(done.fact()), done.addr(), None),
            Err(error) => (Err(error.to_string()), None, Some(error.code())),
        };
        (self.tell)(NetStep {
            step,
            host: self.host.to_owned(),
            took: started.elapsed(),
            outcome,
            addr,
            code,
        });
        result
    }
}
