//! A relay looked at without a phone: name, each address family by itself, certificate and answer.

use crate::connection::{self, Carrier};
use crate::error::DialError;
use crate::happy_eyeballs::{connect, family};
use crate::network::Detour;
use crate::network::Network;
use crate::proxy::settings::ProxyChoice;
use crate::steps::{ALL, DNS, HTTP, StepRunner, TCP};
use crate::turns::Turns;
use crate::{resolve, websocket};
use hybrid_diagnosis::observation::network::{NetStep, Step};
use std::net::SocketAddr;
use std::time::{Duration, Instant, SystemTime};

/// What a relay that answered is known by.
#[non_exhaustive]
pub struct Probed {
    /// How far its clock is ahead of this computer's, in seconds, if it told the time.
    pub ahead: Option<i64>,
}

/// Looks whether a host is a relay that can be reached. Tells each step as it is done.
pub async fn probe(
    host: &str,
    network: &Network,
    tell: &mut (dyn FnMut(NetStep) + Send),
) -> Option<Probed> {
    let mut steps = StepRunner::new(host, Instant::now() + ALL, tell);
    let carrier = match network.proxy_choice(host).await {
        ProxyChoice::Direct { hint: None } => each_family(network, &mut steps).await?,
        // With a proxy, or one that is not used, what counts is how a session would fare.
        way @ (ProxyChoice::Direct { .. } | ProxyChoice::Through(_) | ProxyChoice::Unusable(_)) => {
            connection::carry(way, network, &mut steps).await.ok()?
        }
    };
    let stream = connection::encrypt(carrier, network, &mut steps)
        .await
        .ok()?
        .stream;
    let answered = steps.run_within(Step::Http, HTTP, websocket::probe(host, Box::new(stream)));
    let date = answered.await.ok()?.date;
    Some(Probed {
        ahead: date.map(|date| seconds_ahead(date, SystemTime::now())),
    })
}

/// Connects by IPv6 and by IPv4 at once, so that both are known.
async fn each_family(network: &Network, steps: &mut StepRunner<'_>) -> Option<Carrier> {
    let addrs = match &network.detour {
        Some(Detour::At(addr)) => vec![*addr],
        Some(Detour::Over(_)) => return None,
        None => {
            let resolving = resolve::resolve(steps.host(), steps.until(DNS));
            steps
                .run(Step::Dns, async {
                    resolving.await.map_err(DialError::from)
                })
                .await
                .ok()?
        }
    };
    let (v6, v4): (Vec<_>, Vec<_>) = addrs.into_iter().partition(SocketAddr::is_ipv6);
    let until = steps.until(TCP);
    let timed = async |addrs: Vec<SocketAddr>| {
        let started = Instant::now();
        let result = connect(&addrs, until).await;
        (!addrs.is_empty()).then(|| (started.elapsed(), result))
    };
    let (by_v6, by_v4) = tokio::join!(timed(v6), timed(v4));
    let mut reached = None;
    for (v6, attempt) in [(true, by_v6), (false, by_v4)] {
        if let Some((took, result)) = attempt
            && let Ok(stream) = steps.told(family(v6), took, result.map_err(DialError::from))
        {
            reached = Some(Carrier {
                addr: stream.peer_addr().ok(),
                io: Box::new(Turns::new(stream)),
            });
        }
    }
    reached
}

fn seconds_ahead(theirs: SystemTime, ours: SystemTime) -> i64 {
    let seconds = |time: Duration| i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    match theirs.duration_since(ours) {
        Ok(ahead) => seconds(ahead),
        Err(behind) => -seconds(behind.duration()),
    }
}
