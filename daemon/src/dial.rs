//! Opening the desktop's side of a tunnel, step by step: name, connection (by a proxy, if there is one), encryption, request. Each step has its
//! own deadline and is told.
//!
//! | file | what |
//! | --- | --- |
//! | `step` | the steps, their deadlines, and how they are told |
//! | `name`, `nameserver` | names to addresses; why there are none |
//! | `connect`, `ways` | Happy Eyeballs; what the routes say |
//! | `proxies`, `portal`, `through` | which proxy, if any; CONNECT and SOCKS5 |
//! | `tls`, `certificate` | encryption; whose certificate it is |
//! | `line`, `warm` | an encrypted connection; those that are opened ahead |
//! | `beside` | such work while something else goes on |
//! | `upgrade`, `redirect` | the request and its answer |
//! | `probe` | all of it without a phone |
//! | `error` | why there is no tunnel |

mod beside;
mod certificate;
mod connect;
mod error;
mod line;
mod name;
pub mod nameserver;
mod portal;
mod probe;
mod proxies;
mod redirect;
mod step;
mod through;
mod tls;
mod upgrade;
mod warm;
mod ways;

pub use beside::{Beside, Heard};
pub use connect::NoConnection;
pub use error::{Answer, DialError};
pub use name::NoAddress;
pub use probe::{Probed, probe};
pub use proxies::Proxies;
pub use step::{DNS, HTTP, NetStep, PROXY, Step, TCP, TLS};
pub use through::{ProxyFailed, ProxyProblem};
pub use tls::{TlsProblem, Trust};
pub use warm::{Ahead, Warm};

use hybrid_protocol::{ASSIGNED_DOMAINS, Route, Stage};
use line::Line;
use proxies::Way;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use step::Steps;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_socks::tcp::Socks5Stream;
use tokio_tungstenite::WebSocketStream;
use upgrade::Upgraded;
use url::Url;
use ways::Ways;

/// For all steps together: a little less than the stage has, so that the step at fault is known when the stage ends.
pub const ALL: Duration = Stage::Tunnel.budget().saturating_sub(Duration::from_millis(250));

/// A connection, whatever is layered upon its TCP.
pub trait Io: AsyncRead + AsyncWrite + Unpin + Send {
    /// The TCP connection beneath.
    fn tcp(&self) -> &TcpStream;
}

impl Io for TcpStream {
    fn tcp(&self) -> &TcpStream {
        self
    }
}

impl Io for TlsStream<Box<dyn Io>> {
    fn tcp(&self) -> &TcpStream {
        self.get_ref().0.tcp()
    }
}

impl Io for Socks5Stream<Box<dyn Io>> {
    fn tcp(&self) -> &TcpStream {
        (**self).tcp()
    }
}

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
    proxies: Arc<Proxies>,
    /// Relays to which lines are opened ahead.
    ahead: Arc<[String]>,
}

impl Network {
    /// The system's certificates, names, routes and proxies.
    pub fn system() -> Self {
        Self {
            trust: Arc::new(Trust::System),
            detour: None,
            proxies: Arc::new(Proxies::from_environment()),
            ahead: ASSIGNED_DOMAINS.map(str::to_owned).into(),
        }
    }

    /// Every host is at this address, and this trust applies: for embedding with a relay of one's own. No flag and no variable leads here.
    pub fn detour(addr: SocketAddr, trust: Trust) -> Self {
        Self {
            trust: Arc::new(trust),
            detour: Some(addr),
            proxies: Arc::default(),
            ahead: Arc::default(),
        }
    }

    /// The same, with lines to these relays opened ahead.
    #[must_use]
    pub fn with_lines_to(self, hosts: &[&str]) -> Self {
        Self {
            ahead: hosts.iter().map(|host| (*host).to_owned()).collect(),
            ..self
        }
    }

    /// By which addresses this computer reaches the internet; nothing when it does not.
    pub fn routes(&self) -> Option<String> {
        let Ways { v4, v6 } = Ways::now();
        let (v4, v6) = (
            v4.map(|addr| format!("IPv4 from {addr}")),
            v6.map(|addr| format!("IPv6 from {addr}")),
        );
        let routes: Vec<_> = v4.into_iter().chain(v6).collect();
        (!routes.is_empty()).then(|| routes.join(", "))
    }

    /// By which proxy a host is reached, in words.
    ///
    /// # Errors
    /// When one is set that cannot be understood.
    pub async fn proxy_for(&self, host: &str) -> Result<String, String> {
        match self.way(host).await {
            Way::Direct { hint: None } => Ok("no proxy is configured".to_owned()),
            Way::Direct { hint: Some(hint) } => Ok(format!("no proxy is used: {hint}")),
            Way::Through(proxies) => {
                let named: Vec<_> = proxies.iter().map(ToString::to_string).collect();
                Ok(named.join(", then "))
            }
            Way::Unusable(why) => Err(why),
        }
    }

    async fn way(&self, host: &str) -> Way {
        match self.detour {
            Some(_) => Way::Direct { hint: None },
            None => self.proxies.way(host).await,
        }
    }
}

/// Opens the tunnel that a session asks for, on a line that was opened ahead if there is one.
pub fn dial(route: Route, network: Network, ahead: Option<Ahead>) -> Beside<Tunnel> {
    Beside::start(|to| async move {
        // Whoever does not listen any more does not want to know.
        let mut tell = |step| drop(to.send(step));
        open(&route, &network, ahead, &mut tell).await
    })
}

async fn open(
    route: &Route,
    network: &Network,
    ahead: Option<Ahead>,
    tell: &mut (dyn FnMut(NetStep) + Send),
) -> Result<Tunnel, DialError> {
    let by = Instant::now() + ALL;
    let mut url = Url::parse(&route.url()).map_err(|error| DialError::NotWebSocket(error.to_string()))?;
    let mut ahead = match ahead {
        Some(ahead) => ahead.line(tell).await?,
        None => None,
    };
    let mut steps = Steps::new(route.host.as_str(), by, tell);
    let mut redirects_left = redirect::MOST;
    loop {
        let line = match ahead.take() {
            Some(line) => line,
            None => Line::open(network, &mut steps).await?,
        };
        let waited = line.waited;
        if waited {
            line.notice_silence();
        }
        let request = upgrade::upgrade(&url, route.headers(), line.io, redirects_left);
        match steps.run_within(Step::Http, HTTP, request).await {
            Ok(Upgraded::Open(tunnel)) => {
                line::bear_silence(tunnel.socket.get_ref().as_ref());
                return Ok(*tunnel);
            }
            Ok(Upgraded::Elsewhere(to)) => (url, redirects_left) = (to, redirects_left.saturating_sub(1)),
            // A line that waited may be over without a sign; a fresh one tells the truth.
            Err(error) if waited && error.is_of_a_line_that_was_over() => {}
            Err(error) => return Err(error),
        }
    }
}
