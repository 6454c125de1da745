//! An encrypted connection to a relay that only lacks the request: the longer part of opening a tunnel, which can be done ahead.

use super::proxies::Way;
use super::step::{DNS, Fact, PROXY, Steps, TCP, TLS};
use super::through::{self, ProxyFailed};
use super::tls::{self, Encrypted};
use super::{DialError, Io, Network, Step, connect, name};
use crate::catalogue::NW20;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::AsyncReadExt as _;
use tokio::time::timeout_at;

/// For a second attempt in small packets, its connection included.
const SMALL: Duration = Duration::from_secs(4);

/// See the module.
pub struct Line {
    pub(super) io: Box<dyn Io>,
}

impl Line {
    /// Opens a connection, by the proxy that this computer's settings name, if they do.
    pub(super) async fn open(network: &Network, steps: &mut Steps<'_>) -> Result<Self, DialError> {
        let host = steps.host();
        let carrier = carry(network.way(host).await, network, steps).await?;
        let encrypted = encrypt(carrier, network, steps).await?;
        tracing::debug!(host, fact = encrypted.fact(), "a line is open");
        Ok(Self {
            io: Box::new(encrypted.stream),
        })
    }

    /// Waits until the other side closes it. It may not speak before it is asked, so anything it says ends it, too. Cancel-safe.
    pub(super) async fn closed(&mut self) {
        let _ = self.io.read(&mut [0]).await;
    }
}

/// A connection that is not encrypted yet.
pub(super) struct Carrier {
    pub(super) io: Box<dyn Io>,
    /// Where it leads, when no proxy is in between.
    pub(super) addr: Option<SocketAddr>,
}

/// Encrypts a connection. When nothing comes back it is tried once more in small packets: the answer to a TLS hello is the first large packet
/// of a connection, and a path that loses those would hang here.
pub(super) async fn encrypt(
    carrier: Carrier,
    network: &Network,
    steps: &mut Steps<'_>,
) -> Result<Encrypted, DialError> {
    let host = steps.host();
    let ordinary = tls::encrypt(&network.trust, host, carrier.io);
    let error = match steps.run_within(Step::Tls, TLS, ordinary).await {
        Ok(encrypted) => return Ok(encrypted),
        Err(error) => error,
    };
    let (DialError::TimedOut { .. }, Some(addr)) = (&error, carrier.addr) else {
        return Err(error);
    };
    let (started, until) = (Instant::now(), steps.until(SMALL));
    let small = async {
        let stream = connect::in_small_packets(addr).await.ok()?;
        tls::encrypt(&network.trust, host, Box::new(stream)).await.ok()
    };
    match timeout_at(until.into(), small).await {
        Ok(Some(encrypted)) => {
            let told = steps.told(Step::Tls, started.elapsed(), Ok(InSmallPackets(encrypted)));
            told.map(|InSmallPackets(encrypted)| encrypted)
        }
        Ok(None) | Err(_) => Err(error),
    }
}

/// Encryption that came about in small packets alone.
struct InSmallPackets(Encrypted);

impl Fact for InSmallPackets {
    fn fact(&self) -> String {
        format!("{}; in small packets, for large ones get lost", self.0.fact())
    }

    fn oddity(&self) -> Option<&'static str> {
        Some(NW20.code)
    }
}

pub(super) async fn carry(way: Way, network: &Network, steps: &mut Steps<'_>) -> Result<Carrier, DialError> {
    match way {
        Way::Direct { hint } => direct(network, hint, steps).await,
        Way::Through(proxies) => through_first(&proxies, network, steps).await,
        Way::Unusable(why) => {
            let failed: Result<through::Through, _> = Err(DialError::Proxy(ProxyFailed::unusable(why)));
            steps.run(Step::Proxy, async { failed }).await.map(Carrier::from)
        }
    }
}

async fn direct(network: &Network, hint: Option<String>, steps: &mut Steps<'_>) -> Result<Carrier, DialError> {
    let explained = |error: DialError| match &hint {
        Some(hint) => DialError::NeedsProxy {
            hint: hint.clone(),
            cause: Box::new(error),
        },
        None => error,
    };
    let addrs = match network.detour {
        Some(addr) => vec![addr],
        None => {
            let resolving = name::resolve(steps.host(), steps.until(DNS));
            steps
                .run(Step::Dns, async { resolving.await.map_err(&explained) })
                .await?
        }
    };
    let connecting = connect::connect(&addrs, steps.until(TCP));
    let stream = steps
        .run(Step::Tcp, async {
            connecting.await.map_err(|error| explained(error.of_relay()))
        })
        .await?;
    Ok(Carrier {
        addr: stream.peer_addr().ok(),
        io: Box::new(stream),
    })
}

impl From<through::Through> for Carrier {
    fn from(through: through::Through) -> Self {
        Self {
            io: through.io,
            addr: None,
        }
    }
}

/// The first proxy that lets us through; the error of the last one.
async fn through_first(
    proxies: &[super::proxies::Proxy],
    network: &Network,
    steps: &mut Steps<'_>,
) -> Result<Carrier, DialError> {
    let mut last = DialError::Proxy(ProxyFailed::unusable("no proxy is named".to_owned()));
    for proxy in proxies {
        let connecting = through::connect(proxy, steps.host(), &network.trust, steps.until(PROXY));
        match steps
            .run(Step::Proxy, async { connecting.await.map_err(DialError::Proxy) })
            .await
        {
            Ok(through) => return Ok(through.into()),
            Err(error) => last = error,
        }
    }
    Err(last)
}
