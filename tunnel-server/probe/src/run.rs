//! One probe: both sides of one tunnel, played step by step.

use crate::step::{ProbeFault, ProbeStep, StepReport};
use crate::target::Target;
use crate::trust::TrustedRoots;
use crate::visit::{self, ProbeSocket, RelayRoute, UpgradeAnswer};
use crate::websocket_fault::lost;
use core::time::Duration;
use futures_util::{SinkExt as _, StreamExt as _};
use hybrid_protocol::printable;
use hybrid_protocol::{Path, RoutingId, TunnelId};
use hybrid_protocol::{ROUTING_ID_HEADER, SUBPROTOCOL};
use std::future::Future;
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::http::HeaderMap;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

/// A message of the size that most of a sign-in's messages have: a Noise handshake message.
const SMALL: usize = 81;

/// How to probe.
#[derive(Clone, Debug)]
pub struct ProbeOptions {
    /// The longest that one step may take.
    pub deadline: Duration,
    /// Length of the long message in bytes.
    pub large: usize,
}

/// Probes; `told` is called after each step. The first failure is the last step. Returns whether
/// all went well.
pub async fn run(
    target: &Target,
    trust: &TrustedRoots,
    options: &ProbeOptions,
    told: impl FnMut(&StepReport),
) -> bool {
    let timer = StepTimer { options, told };
    all(target, trust, timer).await.is_some()
}

/// All steps; `None` when one failed, which was told.
async fn all(
    target: &Target,
    trust: &TrustedRoots,
    mut timer: StepTimer<'_, impl FnMut(&StepReport)>,
) -> Option<()> {
    let addresses = timer.time(ProbeStep::Dns, visit::resolve(target)).await?;
    let (stream, address) = timer
        .time(ProbeStep::Tcp, visit::connect(&addresses))
        .await?;
    let route = RelayRoute::new(target.clone(), trust.clone(), address);
    let stream = if target.secure() {
        timer.time(ProbeStep::Tls, route.secure(stream)).await?
    } else {
        route.plain(stream)
    };
    let tunnel = TunnelId::new(random());
    let (mut phone, routing) = timer
        .time(ProbeStep::Open, open(&route, stream, tunnel))
        .await?;
    timer
        .time(ProbeStep::Guess, guess(&route, routing, tunnel))
        .await?;
    let mut desktop = timer
        .time(ProbeStep::Pair, pair(&route, routing, tunnel))
        .await?;
    timer
        .time(ProbeStep::Small, both_ways(&mut desktop, &mut phone, SMALL))
        .await?;
    let large = timer.options.large;
    timer
        .time(ProbeStep::Large, both_ways(&mut desktop, &mut phone, large))
        .await?;
    timer
        .time(ProbeStep::Close, close(&mut desktop, &mut phone))
        .await
}

struct StepTimer<'a, F> {
    options: &'a ProbeOptions,
    told: F,
}

impl<F: FnMut(&StepReport)> StepTimer<'_, F> {
    /// Runs a step within the deadline and tells what came of it.
    async fn time<T>(
        &mut self,
        step: ProbeStep,
        work: impl Future<Output = Result<(T, String), ProbeFault>>,
    ) -> Option<T> {
        let start = Instant::now();
        let result = timeout(self.options.deadline, work).await.unwrap_or_else(|_| {
            let saw = format!("timed out after {} s", self.options.deadline.as_secs());
            let advice =
                "A firewall or a proxy between here and the relay drops the traffic or holds it back.";
            Err(ProbeFault::new(saw, advice))
        });
        let (value, outcome) = match result {
            Ok((value, saw)) => (Some(value), Ok(saw)),
            Err(fault) => (None, Err(fault)),
        };
        let took = start.elapsed();
        (self.told)(&StepReport {
            step,
            took,
            outcome,
        });
        value
    }
}

/// The phone's side opens a tunnel.
async fn open(
    route: &RelayRoute,
    stream: visit::ProbeStream,
    tunnel: TunnelId,
) -> Result<((ProbeSocket, RoutingId), String), ProbeFault> {
    match route.upgrade(stream, &Path::New(tunnel)).await? {
        UpgradeAnswer::Open(socket, headers) => {
            let routing = routing_id(&headers)?;
            Ok((
                (*socket, routing),
                format!("{SUBPROTOCOL} and a routing id"),
            ))
        }
        UpgradeAnswer::Refused { status, .. } => Err(refused(status)),
    }
}

fn routing_id(headers: &HeaderMap) -> Result<RoutingId, ProbeFault> {
    let mut all = headers.get_all(ROUTING_ID_HEADER).iter();
    let (first, second) = (all.next(), all.next());
    let text = first
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    match (RoutingId::from_hex(text), second) {
        (Ok(routing), None) => Ok(routing),
        (_, Some(_)) => Err(ProbeFault::new(
            format_args!("the response has {ROUTING_ID_HEADER} twice"),
            "Chromium rejects this. A proxy adds the header a second time.",
        )),
        (Err(_), None) => Err(ProbeFault::new(
            format_args!("no {ROUTING_ID_HEADER} of six hex digits in the response"),
            "This is not a relay, or a proxy removes the header.",
        )),
    }
}

/// Tries a wrong routing id and an unknown tunnel: the answers must not differ.
async fn guess(
    route: &RelayRoute,
    routing: RoutingId,
    tunnel: TunnelId,
) -> Result<((), String), ProbeFault> {
    let [high, middle, low] = *routing.as_bytes();
    // The high bits may name a node: the same node has to refuse.
    let wrong = RoutingId::new([high, middle, low ^ 1]);
    let mut answers = Vec::new();
    for path in [
        Path::Connect(wrong, tunnel),
        Path::Connect(routing, TunnelId::new(random())),
    ] {
        match route.visit(&path).await? {
            UpgradeAnswer::Refused { status, body } => answers.push((status, body)),
            UpgradeAnswer::Open(..) => {
                return Err(ProbeFault::new(
                    "a connection with a wrong routing id was accepted",
                    "This relay does not check routing ids, so anybody who learns a tunnel id can join that tunnel.",
                ));
            }
        }
    }
    match answers.as_slice() {
        [(404, wrong), (404, unknown)] if wrong == unknown => {
            Ok(((), "refused like an unknown tunnel, 404".to_owned()))
        }
        [(404, _), (404, _)] => Err(ProbeFault::new(
            "a wrong routing id and an unknown tunnel get different responses",
            "The difference tells unauthenticated clients which tunnels exist.",
        )),
        [(404, _), (status, _)] | [(status, _), ..] => Err(refused(*status)),
        [] => Err(ProbeFault::new(
            "no request was sent",
            "This is a bug in the probe.",
        )),
    }
}

/// The desktop's side joins.
async fn pair(
    route: &RelayRoute,
    routing: RoutingId,
    tunnel: TunnelId,
) -> Result<(ProbeSocket, String), ProbeFault> {
    match route.visit(&Path::Connect(routing, tunnel)).await? {
        UpgradeAnswer::Open(socket, _) => Ok((*socket, "over a second connection".to_owned())),
        UpgradeAnswer::Refused { status: 404, .. } => Err(ProbeFault::new(
            "404 for the tunnel that was just opened",
            "With several nodes: the load balancer does not route /cable/connect/ to the node that the routing id names.",
        )),
        UpgradeAnswer::Refused { status, .. } => Err(refused(status)),
    }
}

async fn both_ways(
    desktop: &mut ProbeSocket,
    phone: &mut ProbeSocket,
    length: usize,
) -> Result<((), String), ProbeFault> {
    pass(desktop, phone, length).await?;
    pass(phone, desktop, length).await?;
    Ok(((), format!("{length} bytes each way")))
}

/// Sends a message of random-looking bytes and wants exactly it at the other end.
async fn pass(
    from: &mut ProbeSocket,
    to: &mut ProbeSocket,
    length: usize,
) -> Result<(), ProbeFault> {
    let start: [u8; 8] = random();
    let message: Vec<u8> = { start.iter().cycle().zip(0u8..=250).cycle() }
        .map(|(byte, at)| byte ^ at)
        .take(length)
        .collect();
    let sent = message.clone();
    let send = async {
        from.send(Message::binary(sent))
            .await
            .map_err(|error| lost(&error))?;
        Ok(())
    };
    let receive = async {
        loop {
            match to.next().await {
                Some(Ok(Message::Binary(got))) if got == message => return Ok(()),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Close(frame))) => return Err(closed(frame.as_ref(), length)),
                Some(Ok(Message::Binary(got))) => {
                    let saw = format!(
                        "sent {length} bytes and received {} bytes that differ",
                        got.len()
                    );
                    return Err(ProbeFault::new(
                        saw,
                        "Something in between modifies messages.",
                    ));
                }
                Some(Ok(Message::Text(_) | Message::Frame(_))) => {
                    return Err(ProbeFault::new(
                        "received a text message instead of a binary one",
                        "Something in between modifies messages.",
                    ));
                }
                Some(Err(error)) => return Err(lost(&error)),
                None => return Err(closed(None, length)),
            }
        }
    };
    // A long message may need to be read while it is written. A reader that was told why says more
    // than a failed writer.
    let (sent, received) = tokio::join!(send, receive);
    received.and(sent)
}

/// The desktop's side closes; the phone's side must be told.
async fn close(
    desktop: &mut ProbeSocket,
    phone: &mut ProbeSocket,
) -> Result<((), String), ProbeFault> {
    let frame = CloseFrame {
        code: CloseCode::Normal,
        reason: "".into(),
    };
    desktop
        .close(Some(frame))
        .await
        .map_err(|error| lost(&error))?;
    while let Some(message) = phone.next().await {
        if let Message::Close(frame) = message.map_err(|error| lost(&error))? {
            let code = frame.map_or(1005, |frame| u16::from(frame.code));
            return Ok(((), format!("the other side received close {code}")));
        }
    }
    Err(ProbeFault::new(
        "the other side's connection ended without a close frame",
        "Something in between drops connections instead of closing them; to a phone this looks like a broken network.",
    ))
}

fn closed(frame: Option<&CloseFrame>, length: usize) -> ProbeFault {
    let Some(frame) = frame else {
        return ProbeFault::new(
            "the connection ended",
            "Something in between drops connections: check the relay's log and the timeouts of proxies.",
        );
    };
    let code = u16::from(frame.code);
    let saw = format!("close {code} {}", printable(&frame.reason));
    let advice = match code {
        1001 | 1009 => format!("A message of {length} bytes is too long: raise message_size."),
        _ => "The relay closed the tunnel; see the reason.".to_owned(),
    };
    ProbeFault { saw, advice }
}

/// What an HTTP status other than 101 means.
fn refused(status: u16) -> ProbeFault {
    let advice = match status {
        200..=399 => "This is a web server, not a relay: forward /cable/ to the relay.",
        400 | 426 => {
            "A proxy in between does not forward the WebSocket upgrade: it must use HTTP/1.1 and pass on the headers Upgrade and Connection."
        }
        404 => "There is no relay behind this address: forward /cable/ to it.",
        403 => {
            "The request was blocked: check web application firewalls and the rules of the proxy."
        }
        429 => {
            "The relay has too many tunnels from this address: wait, or raise rooms_per_address; behind a proxy set forwarded_from."
        }
        502 | 504 => {
            "The proxy cannot reach the relay: check that the relay is running and listens on the address that the proxy forwards to."
        }
        503 => "The relay is full or shutting down, or the proxy has no healthy relay.",
        _ => "Check the logs of the relay and of the proxy.",
    };
    ProbeFault::new(format_args!("status {status}"), advice)
}

/// Not for keys: a probe's ids need only be new.
fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    match getrandom::fill(&mut bytes) {
        Ok(()) => bytes,
        Err(_) => [0x5a; N],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_wrote_cannot_command_a_terminal() {
        assert_eq!(ProbeFault::new("\u{1b}[2Jgone\r\n", "").saw, "[2Jgone");
    }

    #[test]
    fn a_routing_id_has_to_come_once_and_be_six_digits() {
        let headers = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(ROUTING_ID_HEADER, value.parse().unwrap());
            }
            routing_id(&headers)
        };
        assert_eq!(headers(&["0a0B0c"]), Ok(RoutingId::new([10, 11, 12])));
        for bad in [&[][..], &["0a0b"], &["0a0b0c", "0a0b0c"]] {
            assert!(headers(bad).is_err(), "{bad:?}");
        }
    }
}
