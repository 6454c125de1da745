//! An encrypted connection to a relay that only lacks the request: the longer part of opening a tunnel, which can be done ahead.

use super::proxies::Way;
use super::step::{DNS, Fact as _, PROXY, Steps, TCP, TLS};
use super::through::{self, ProxyFailed};
use super::{DialError, Io, Network, Step, connect, name, tls};
use tokio::io::AsyncReadExt as _;

/// See the module.
pub struct Line {
    pub(super) io: Box<dyn Io>,
}

impl Line {
    /// Opens a connection, by the proxy that this computer's settings name, if they do.
    pub(super) async fn open(network: &Network, steps: &mut Steps<'_>) -> Result<Self, DialError> {
        let host = steps.host();
        let io = carry(network.way(host).await, network, steps).await?;
        let encrypted = steps
            .run_within(Step::Tls, TLS, tls::encrypt(&network.trust, host, io))
            .await?;
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
pub(super) async fn carry(way: Way, network: &Network, steps: &mut Steps<'_>) -> Result<Box<dyn Io>, DialError> {
    match way {
        Way::Direct { hint } => direct(network, hint, steps).await,
        Way::Through(proxies) => through_first(&proxies, network, steps).await,
        Way::Unusable(why) => {
            let failed: Result<through::Through, _> = Err(DialError::Proxy(ProxyFailed::unusable(why)));
            steps.run(Step::Proxy, async { failed }).await.map(|through| through.io)
        }
    }
}

async fn direct(network: &Network, hint: Option<String>, steps: &mut Steps<'_>) -> Result<Box<dyn Io>, DialError> {
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
    Ok(Box::new(stream))
}

/// The first proxy that lets us through; the error of the last one.
async fn through_first(
    proxies: &[super::proxies::Proxy],
    network: &Network,
    steps: &mut Steps<'_>,
) -> Result<Box<dyn Io>, DialError> {
    let mut last = DialError::Proxy(ProxyFailed::unusable("no proxy is named".to_owned()));
    for proxy in proxies {
        let connecting = through::connect(proxy, steps.host(), &network.trust, steps.until(PROXY));
        match steps
            .run(Step::Proxy, async { connecting.await.map_err(DialError::Proxy) })
            .await
        {
            Ok(through) => return Ok(through.io),
            Err(error) => last = error,
        }
    }
    Err(last)
}
