//! One connection, from the first byte to the tunnel it opens or joins.

use crate::admission::address::Block;
use crate::admission::limits::Limits;
use crate::admission::refusal::Refusal;
use crate::http::stream::Stream;
use crate::http::upgrade::Head;
use crate::server::listener;
use crate::server::request::{Request, refuse};
use crate::server::ringing::Ringing;
use crate::server::state::{Opening, Room, Shared};
use crate::tunnel::endpoint::Side;
use crate::tunnel::lifecycle::{self, Signal, Story};
use core::future::Future;
use core::net::SocketAddr;
use core::pin::Pin;
use hybrid_protocol::route::Path;
use hybrid_protocol::{ContactId, TunnelId};
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tracing::info;

/// The rest of a connection's life. A box for each, because a tunnel lives long and should not keep
/// room for a TLS handshake.
type Rest = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Serves one connection to its end.
pub(crate) fn serve(
    shared: Arc<Shared>,
    stream: TcpStream,
    peer: SocketAddr,
    opening: Opening,
) -> impl Future<Output = ()> + Send {
    let begin = Box::pin(begin(shared, stream, peer, opening));
    async move {
        if let Some(rest) = begin.await {
            rest.await;
        }
    }
}

async fn begin(
    shared: Arc<Shared>,
    stream: TcpStream,
    peer: SocketAddr,
    mut opening: Opening,
) -> Option<Rest> {
    let request = Request::read(&shared, stream, peer, &mut opening).await?;
    answer(shared, request, opening)
}

/// Does what a request asks for, or refuses it; a side that joined another has nothing left to do
/// here.
fn answer(shared: Arc<Shared>, request: Request, opening: Opening) -> Option<Rest> {
    let block = Block::of(request.client(&shared));
    let Request {
        stream,
        head,
        rest,
        limits,
        ..
    } = request;
    let mut side = Box::new(Side::new(stream, rest));
    let opened = match head.path {
        Path::New(tunnel) => open(&shared, &head, tunnel, block, &limits),
        Path::Contact(ref contact) => ring(&shared, &head, contact, block, &limits),
        Path::Connect(routing, tunnel) => match shared.join(routing, tunnel) {
            Some(joiner) => {
                side.outlet.push(&head.accept.switching());
                match joiner.send(side) {
                    Ok(()) => return None,
                    Err(back) => {
                        side = back;
                        Err(Refusal::NoRoom)
                    }
                }
            }
            None => Err(Refusal::NoRoom),
        },
        Path::Listen(ref contact) => {
            let (contact, accept) = (contact.clone(), head.accept);
            let serve = listener::serve(shared, side, accept, contact, block, limits, opening);
            return Some(Box::pin(serve));
        }
    };
    Some(match opened {
        Ok((answer, open)) => {
            side.outlet.push(&answer);
            Box::pin(carry(shared, side, open, limits))
        }
        Err(refusal) => Box::pin(async move {
            let _opening = opening;
            refuse(&shared, side.into_stream(), refusal, &limits).await;
        }),
    })
}

/// A tunnel in which one side waits for the other.
struct Open {
    tunnel: TunnelId,
    room: Room,
    joined: oneshot::Receiver<Box<Side<Stream>>>,
    signal: Signal,
    /// For a desktop that rang a phone; boxed, because most did not.
    ringing: Option<Box<Ringing>>,
}

fn open(
    shared: &Arc<Shared>,
    head: &Head,
    tunnel: TunnelId,
    block: Block,
    limits: &Limits,
) -> Result<(Vec<u8>, Open), Refusal> {
    let (joiner, joined) = oneshot::channel();
    let room = shared.open(tunnel, block, joiner, limits)?;
    let answer = head.accept.switching_with_routing_id(room.routing_id());
    let open = Open {
        tunnel,
        room,
        joined,
        signal: Signal::None,
        ringing: None,
    };
    Ok((answer, open))
}

/// Rings a phone for the desktop that asks for it.
fn ring(
    shared: &Arc<Shared>,
    head: &Head,
    contact: &ContactId,
    block: Block,
    limits: &Limits,
) -> Result<(Vec<u8>, Open), Refusal> {
    let (joiner, joined) = oneshot::channel();
    let payload =
        { head.payload.as_deref() }.filter(|payload| payload.len() as u64 <= limits.payload_size);
    let payload = payload.ok_or(Refusal::Payload)?;
    let (tunnel, room, ringing) = shared.ring(contact, payload, block, joiner, limits)?;
    let (answer, signal) = if head.signal {
        (head.accept.switching_with_signal(), Signal::Joined)
    } else {
        (head.accept.switching(), Signal::None)
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
    shared: Arc<Shared>,
    side: Box<Side<Stream>>,
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
        let metrics = &shared.metrics;
        let story = lifecycle::run(side, joined, signal, &limits, &shared.stop, |waited| {
            drop(ringing);
            metrics.joined.add(1);
            metrics.pairs.add(1);
            metrics.waited.add(waited);
        })
        .await;
        drop(room);
        tell(&shared, &tunnel, &story);
    }
}

fn tell(shared: &Shared, tunnel: &TunnelId, story: &Story) {
    let metrics = &shared.metrics;
    if let Some(joined) = story.joined {
        metrics.pairs.sub(1);
        metrics.lasted.add(joined);
    }
    metrics.ended(story.ending);
    metrics.early_full.add(u64::from(story.full));
    metrics.cut.add(story.cut);
    metrics.messages.add(story.messages);
    metrics.bytes.add(story.bytes);
    info!(
        tunnel = format_args!("{:016x}", shared.tag(tunnel)),
        waited_ms = u64::try_from(story.waited.as_millis()).unwrap_or(u64::MAX),
        joined_ms = story
            .joined
            .map(|time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX)),
        messages = story.messages,
        bytes = story.bytes,
        ended = story.ending.label(),
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
            size_of::<Side<Stream>>() <= 288,
            "{}",
            size_of::<Side<Stream>>()
        );
    }
}
