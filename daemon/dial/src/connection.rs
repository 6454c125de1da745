//! An encrypted connection to a relay that only lacks the request: the longer part of opening a
//! tunnel, which can be done ahead.

use crate::clock::now;
use crate::error::DialError;
use crate::network::Detour;
use crate::network::Network;
use crate::proxy::Proxy;
use crate::proxy::connect::{self, ProxyFailed, ProxyProblem};
use crate::proxy::settings::{DirectHint, ProxyChoice};
use crate::steps::{DNS, PROXY, StepRunner, TCP, TLS};
use crate::stream::ByteStream;
use crate::tls::{self, Encrypted};
use crate::turns::Turns;
use crate::{happy_eyeballs, resolve};
use hybrid_diagnosis::observation::network::Step;
use socket2::SockRef;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::AsyncReadExt as _;
use tokio::time::sleep;

/// A TLS hello that is not answered for so long is tried in small packets, too. It leaves them
/// three of the handshake's five seconds.
const SMALL_AFTER: Duration = Duration::from_secs(2);
/// Within this the other side's kernel has acknowledged what was sent, on any but the slowest ways.
const UNHEARD: Duration = Duration::from_millis(1500);

/// An encrypted connection to a relay that only lacks the request.
pub struct Connection {
    pub(crate) io: Box<dyn ByteStream>,
    /// It was open before it was wanted.
    pub(crate) waited: bool,
    /// How long its TLS handshake took: a round trip or two.
    handshake: Duration,
}

impl Connection {
    /// Opens a connection, by the proxy that this computer's settings name, if they do.
    pub(crate) async fn open(
        network: &Network,
        steps: &mut StepRunner<'_>,
    ) -> Result<Self, DialError> {
        let host = steps.host();
        let carrier = carry(network.proxy_choice(host).await, network, steps).await?;
        let began = now();
        let encrypted = encrypt(carrier, network, steps).await?;
        tracing::debug!(host, "a connection is open");
        Ok(Self {
            io: Box::new(encrypted.stream),
            waited: false,
            handshake: now().duration_since(began),
        })
    }

    /// Lets the kernel end it when what is sent from now on is not acknowledged: somebody in
    /// between has forgotten it. The request did not reach the relay then, and can be made on
    /// another connection.
    pub(crate) fn notice_silence(&self) {
        let unheard = UNHEARD.max(3 * self.handshake);
        bear(&*self.io, Some(unheard));
    }

    /// Waits until the other side closes it. It may not speak before it is asked, so anything it
    /// says ends it, too. Cancel-safe.
    pub(crate) async fn closed(&mut self) {
        let _ = self.io.read(&mut [0]).await;
    }
}

/// Takes that back: a tunnel shall outlive a moment without a network.
pub(crate) fn bear_silence(io: &dyn ByteStream) {
    bear(io, None);
}

fn bear(io: &dyn ByteStream, silence: Option<Duration>) {
    if let Some(tcp) = io.tcp() {
        let _ = SockRef::from(tcp).set_tcp_user_timeout(silence);
    }
}

/// A connection that is not encrypted yet.
pub(crate) struct Carrier {
    pub(crate) io: Box<dyn ByteStream>,
    /// Where it leads, when no proxy is in between.
    pub(crate) addr: Option<SocketAddr>,
}

/// Encrypts a connection. When nothing comes back for a while, the same is tried in small packets
/// beside it: the answer to a TLS hello is the first large packet of a connection, and a path that
/// loses those would hang here.
pub(crate) async fn encrypt(
    carrier: Carrier,
    network: &Network,
    steps: &mut StepRunner<'_>,
) -> Result<Encrypted, DialError> {
    let host = steps.host();
    let first = async {
        tokio::select! {
            biased;
            ordinary = tls::encrypt(&network.trust, host, carrier.io) => ordinary.map_err(DialError::from),
            small = in_small_packets(carrier.addr, network, host) => Ok(small),
        }
    };
    steps.run_within(Step::Tls, TLS, first).await
}

/// An encrypted connection in small packets, after a while; never when there is none.
async fn in_small_packets(addr: Option<SocketAddr>, network: &Network, host: &str) -> Encrypted {
    sleep(SMALL_AFTER).await;
    if let Some(addr) = addr
        && let Ok(stream) = happy_eyeballs::in_small_packets(addr).await
        && let Ok(mut encrypted) =
            tls::encrypt(&network.trust, host, Box::new(Turns::new(stream))).await
    {
        encrypted.small_packets = true;
        return encrypted;
    }
    std::future::pending().await
}

pub(crate) async fn carry(
    way: ProxyChoice,
    network: &Network,
    steps: &mut StepRunner<'_>,
) -> Result<Carrier, DialError> {
    match way {
        ProxyChoice::Direct { hint } => direct(network, hint, steps).await,
        ProxyChoice::Through(proxies) => through_first(&proxies, network, steps).await,
        ProxyChoice::Unusable(error) => {
            let failed = ProxyFailed::of_settings(ProxyProblem::Unusable(error));
            let failed: Result<connect::ProxyStream, _> = Err(DialError::Proxy(failed));
            steps
                .run(Step::Proxy, async { failed })
                .await
                .map(Carrier::from)
        }
    }
}

async fn direct(
    network: &Network,
    hint: Option<DirectHint>,
    steps: &mut StepRunner<'_>,
) -> Result<Carrier, DialError> {
    let explained = |error: DialError| match &hint {
        Some(hint) => DialError::NeedsProxy {
            hint: hint.to_string(),
            known: hint.is_of_a_proxy(),
            cause: Box::new(error),
        },
        None => error,
    };
    let addrs = match &network.detour {
        Some(Detour::At(addr)) => vec![*addr],
        Some(Detour::Over(carry)) => {
            let io = Box::new(Turns::new(carry()));
            return Ok(Carrier { io, addr: None });
        }
        None => {
            let resolving = resolve::resolve(steps.host(), steps.until(DNS));
            steps
                .run(Step::Dns, async {
                    resolving.await.map_err(|error| explained(error.into()))
                })
                .await?
        }
    };
    let connecting = happy_eyeballs::connect(&addrs, steps.until(TCP));
    let stream = steps
        .run(Step::Tcp, async {
            connecting.await.map_err(|error| explained(error.into()))
        })
        .await?;
    Ok(Carrier {
        addr: stream.peer_addr().ok(),
        io: Box::new(Turns::new(stream)),
    })
}

impl From<connect::ProxyStream> for Carrier {
    fn from(through: connect::ProxyStream) -> Self {
        Self {
            io: through.io,
            addr: None,
        }
    }
}

/// The first proxy that lets us through; the error of the last one.
async fn through_first(
    proxies: &[Proxy],
    network: &Network,
    steps: &mut StepRunner<'_>,
) -> Result<Carrier, DialError> {
    let mut last = DialError::Proxy(ProxyFailed::of_settings(ProxyProblem::NoneNamed));
    for proxy in proxies {
        let connecting = connect::connect(proxy, steps.host(), &network.trust, steps.until(PROXY));
        match steps
            .run(Step::Proxy, async {
                connecting.await.map_err(DialError::Proxy)
            })
            .await
        {
            Ok(through) => return Ok(through.into()),
            Err(error) => last = error,
        }
    }
    Err(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TrustAnchors;
    use tokio::net::{TcpListener, TcpStream};

    #[tokio::test(start_paused = true)]
    async fn a_relay_that_never_answers_a_tls_hello_is_named_at_the_steps_deadline() {
        // Its kernel accepts; nobody reads.
        let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = silent.local_addr().unwrap();
        let carrier = Carrier {
            io: Box::new(Turns::new(TcpStream::connect(addr).await.unwrap())),
            addr: Some(addr),
        };
        let anybody = rcgen::generate_simple_self_signed(Vec::new()).unwrap();
        let network = Network::detour(addr, TrustAnchors::Roots(vec![anybody.cert.der().clone()]));
        let begun = tokio::time::Instant::now();
        let mut told = Vec::new();
        let mut tell = |step| told.push(step);
        let mut steps = StepRunner::new(
            "cable.ua5v.com",
            begun.into_std() + super::super::ALL,
            &mut tell,
        );
        let result = encrypt(carrier, &network, &mut steps).await;
        let error = result.err().unwrap();
        assert!(
            matches!(
                error,
                DialError::TimedOut {
                    step: Step::Tls,
                    ..
                }
            ),
            "{error}"
        );
        assert_eq!(begun.elapsed().as_secs_f64().round() as u64, TLS.as_secs());
        assert_eq!(told.len(), 1, "both attempts are one step");
    }
}
