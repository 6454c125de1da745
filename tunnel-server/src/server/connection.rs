//! One connection, from the first byte to the tunnel it opens or joins.

use crate::admission::address::Block;
use crate::admission::limits::Limits;
use crate::admission::refusal::Refusal;
use crate::http::stream::ClientStream;
use crate::http::upgrade::UpgradeRequest;
use crate::server::listener::{self, Remainder};
use crate::server::request::{ClientRequest, refuse};
use crate::server::ringing::Ringing;
use crate::server::state::{PendingGuard, RelayState, Room};
use crate::tunnel::endpoint::Endpoint;
use crate::tunnel::lifecycle::{self, JoinNotice, TunnelOutcome};
use core::future::Future;
use core::net::SocketAddr;
use hybrid_protocol::Path;
use hybrid_protocol::{ContactId, TunnelId};
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tracing::info;

/// Serves one connection to its end.
pub(crate) fn serve(
    state: Arc<RelayState>,
    stream: TcpStream,
    peer: SocketAddr,
    opening: PendingGuard,
) -> impl Future<Output = ()> + Send {
    let begin = Box::pin(begin(state, stream, peer, opening));
    async move {
        if let Some(rest) = begin.await {
            rest.await;
        }
    }
}

async fn begin(
    state: Arc<RelayState>,
    stream: TcpStream,
    peer: SocketAddr,
    mut opening: PendingGuard,
) -> Option<Remainder> {
    let request = ClientRequest::read(&state, stream, peer, &mut opening).await?;
    answer(state, request, opening)
}

/// Does what a request asks for, or refuses it; a side that joined another has nothing left to do
/// here.
fn answer(
    state: Arc<RelayState>,
    request: ClientRequest,
    opening: PendingGuard,
) -> Option<Remainder> {
    let block = Block::of(request.client(&state));
    let ClientRequest {
        stream,
        head,
        rest,
        limits,
        ..
    } = request;
    let mut endpoint = Box::new(Endpoint::new(stream, rest));
    let opened = match head.path {
        Path::New(tunnel) => open(&state, &head, tunnel, block, &limits),
        Path::Contact(ref contact) => ring(&state, &head, contact, block, &limits),
        Path::Connect(routing, tunnel) => match state.join(routing, tunnel) {
            Some(joiner) => {
                endpoint.writer.push(&head.accept.switching());
                match joiner.send(endpoint) {
                    Ok(()) => return None,
                    Err(back) => {
                        endpoint = back;
                        Err(Refusal::NoRoom)
                    }
                }
            }
            None => Err(Refusal::NoRoom),
        },
        Path::Listen(ref contact) => {
            let (contact, accept) = (contact.clone(), head.accept);
            let serve = listener::serve(state, endpoint, accept, contact, block, limits, opening);
            return Some(Box::pin(serve));
        }
    };
    Some(match opened {
        Ok((answer, open)) => {
            endpoint.writer.push(&answer);
            Box::pin(carry(state, endpoint, open, limits))
        }
        Err(refusal) => Box::pin(async move {
            let _opening = opening;
            refuse(&state, endpoint.into_stream(), refusal, &limits).await;
        }),
    })
}

/// A tunnel in which one side waits for the other.
struct Open {
    tunnel: TunnelId,
    room: Room,
    joined: oneshot::Receiver<Box<Endpoint<ClientStream>>>,
    signal: JoinNotice,
    /// For a desktop that rang a phone; boxed, because most did not.
    ringing: Option<Box<Ringing>>,
}

fn open(
    state: &Arc<RelayState>,
    head: &UpgradeRequest,
    tunnel: TunnelId,
    block: Block,
    limits: &Limits,
) -> Result<(Vec<u8>, Open), Refusal> {
    let (joiner, joined) = oneshot::channel();
    let room = state.open(tunnel, block, joiner, limits)?;
    let answer = head.accept.switching_with_routing_id(room.routing_id());
    let open = Open {
        tunnel,
        room,
        joined,
        signal: JoinNotice::None,
        ringing: None,
    };
    Ok((answer, open))
}

/// Rings a phone for the desktop that asks for it.
fn ring(
    state: &Arc<RelayState>,
    head: &UpgradeRequest,
    contact: &ContactId,
    block: Block,
    limits: &Limits,
) -> Result<(Vec<u8>, Open), Refusal> {
    let (joiner, joined) = oneshot::channel();
    let payload =
        { head.payload.as_deref() }.filter(|payload| payload.len() as u64 <= limits.payload_size);
    let payload = payload.ok_or(Refusal::Payload)?;
    let (tunnel, room, ringing) = state.ring(contact, payload, block, joiner, limits)?;
    let (answer, signal) = if head.signal {
        (head.accept.switching_with_signal(), JoinNotice::Joined)
    } else {
        (head.accept.switching(), JoinNotice::None)
    };
    let open = Open {
        tunnel,
        room,
        joined,
        signal,
        ringing: Some(Box::new(ringing)),
    };
    Ok((answer, open))
}

/// Carries a tunnel to its end.
fn carry(
    state: Arc<RelayState>,
    endpoint: Box<Endpoint<ClientStream>>,
    open: Open,
    limits: Arc<Limits>,
) -> impl Future<Output = ()> + Send {
    // Taken apart out here: an async function would keep the whole beside its parts.
    let Open {
        tunnel,
        room,
        joined,
        signal,
        ringing,
    } = open;
    async move {
        let metrics = &state.metrics;
        let outcome = lifecycle::run(endpoint, joined, signal, &limits, &state.stop, |waited| {
            drop(ringing);
            metrics.joined.add(1);
            metrics.pairs.add(1);
            metrics.waited.add(waited);
        })
        .await;
        drop(room);
        tell(&state, &tunnel, &outcome);
    }
}

fn tell(state: &RelayState, tunnel: &TunnelId, outcome: &TunnelOutcome) {
    let metrics = &state.metrics;
    if let Some(joined) = outcome.joined {
        metrics.pairs.sub(1);
        metrics.lasted.add(joined);
    }
    metrics.ended(outcome.reason);
    metrics.early_full.add(u64::from(outcome.full));
    metrics.cut.add(outcome.cut);
    metrics.messages.add(outcome.messages);
    metrics.bytes.add(outcome.bytes);
    info!(
        tunnel = format_args!("{:016x}", state.tag(tunnel)),
        waited_ms = u64::try_from(outcome.waited.as_millis()).unwrap_or(u64::MAX),
        joined_ms = outcome
            .joined
            .map(|time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX)),
        messages = outcome.messages,
        bytes = outcome.bytes,
        ended = outcome.reason.label(),
        "tunnel ended"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_tunnel_keeps_while_it_lives_is_small() {
        fn size<A, B, C, D, F>(_: impl FnOnce(A, B, C, D) -> F) -> usize {
            size_of::<F>()
        }
        assert!(size(serve) <= 48, "{}", size(serve));
        assert!(size(carry) <= 512, "{}", size(carry));
        assert!(
            size_of::<Endpoint<ClientStream>>() <= 288,
            "{}",
            size_of::<Endpoint<ClientStream>>()
        );
    }
}
