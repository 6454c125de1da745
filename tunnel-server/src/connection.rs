//! One connection, from the first byte to the tunnel it opens or joins.

use crate::address::Block;
use crate::head::{self, Head};
use crate::limits::Limits;
use crate::listener;
use crate::refusal::Refusal;
use crate::shared::{Opening, Room, Shared};
use crate::side::Side;
use crate::stream::Stream;
use crate::tunnel::{self, Signal, Story};
use core::net::SocketAddr;
use core::sync::atomic::Ordering;
use hybrid_protocol::route::Path;
use hybrid_protocol::{ContactId, TunnelId};
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsAcceptor;
use tracing::{debug, info};

/// A request that was read whole.
struct Request {
    stream: Stream,
    head: Head,
    /// What came behind the head in the same segment.
    rest: Vec<u8>,
    limits: Arc<Limits>,
    peer: SocketAddr,
}

/// Serves one connection to its end.
pub(crate) async fn serve(shared: Arc<Shared>, stream: TcpStream, peer: SocketAddr, opening: Opening) {
    // The request is read in a box of its own: a tunnel lives long and should not keep room for a TLS handshake.
    let Some(request) = Box::pin(request(&shared, stream, peer)).await else {
        return;
    };
    let Request {
        stream,
        head,
        rest,
        limits,
        peer,
    } = request;
    let side = Side::new(stream, rest);
    match head.path {
        Path::New(tunnel) => {
            let block = Block::of(client(&shared, peer, &head));
            wait(&shared, side, &head, tunnel, block, &limits, opening).await;
        }
        Path::Connect(routing, tunnel) => {
            let refused = match shared.join(routing, tunnel) {
                Some(joiner) => {
                    let mut side = Box::new(side);
                    side.outlet.push(&head.accept.switching());
                    joiner.send(side).err().map(|side| *side)
                }
                None => Some(side),
            };
            if let Some(side) = refused {
                Box::pin(refuse(&shared, side.into_stream(), Refusal::NoRoom, &limits)).await;
            }
        }
        Path::Contact(ref contact) => {
            let block = Block::of(client(&shared, peer, &head));
            Box::pin(ring(&shared, side, &head, contact, block, &limits, opening)).await;
        }
        Path::Listen(ref contact) => {
            let (block, contact) = (Block::of(client(&shared, peer, &head)), contact.clone());
            Box::pin(listener::serve(&shared, side, &head, contact, block, &limits, opening)).await;
        }
    }
}

/// Opens a room and carries its tunnel to the end.
async fn wait(
    shared: &Arc<Shared>,
    mut side: Side<Stream>,
    head: &Head,
    tunnel: TunnelId,
    block: Block,
    limits: &Limits,
    opening: Opening,
) {
    let (joiner, joined) = oneshot::channel();
    let room = match shared.open(tunnel, block, joiner, limits) {
        Ok(room) => room,
        Err(refusal) => return Box::pin(refuse(shared, side.into_stream(), refusal, limits)).await,
    };
    drop(opening);
    side.outlet
        .push(&head.accept.switching_with_routing_id(room.routing_id()));
    carry(shared, side, joined, Signal::None, tunnel, room, limits, || ()).await;
}

/// Rings a phone, and carries the tunnel in which the desktop waits for it.
async fn ring(
    shared: &Arc<Shared>,
    mut side: Side<Stream>,
    head: &Head,
    contact: &ContactId,
    block: Block,
    limits: &Limits,
    opening: Opening,
) {
    let (joiner, joined) = oneshot::channel();
    let payload = { head.payload.as_deref() }.filter(|payload| payload.len() as u64 <= limits.payload_size);
    let rung = payload
        .ok_or(Refusal::Payload)
        .and_then(|payload| shared.ring(contact, payload, block, joiner, limits));
    let (tunnel, room, ringing) = match rung {
        Ok(rung) => rung,
        Err(refusal) => return Box::pin(refuse(shared, side.into_stream(), refusal, limits)).await,
    };
    drop(opening);
    let (answer, signal) = if head.signal {
        (head.accept.switching_with_signal(), Signal::Joined)
    } else {
        (head.accept.switching(), Signal::None)
    };
    side.outlet.push(&answer);
    carry(shared, side, joined, signal, tunnel, room, limits, || drop(ringing)).await;
}

#[expect(clippy::too_many_arguments, reason = "all that a tunnel is made of, for two callers")]
async fn carry(
    shared: &Arc<Shared>,
    side: Side<Stream>,
    joined: oneshot::Receiver<Box<Side<Stream>>>,
    signal: Signal,
    tunnel: TunnelId,
    room: Room,
    limits: &Limits,
    on_join: impl FnOnce(),
) {
    let metrics = &shared.metrics;
    let story = tunnel::run(side, joined, signal, limits, &shared.stop, |waited| {
        on_join();
        metrics.joined.add(1);
        metrics.pairs.add(1);
        metrics.waited.add(waited);
    })
    .await;
    drop(room);
    tell(shared, &tunnel, &story);
}

fn tell(shared: &Shared, tunnel: &TunnelId, story: &Story) {
    let metrics = &shared.metrics;
    if let Some(joined) = story.joined {
        metrics.pairs.sub(1);
        metrics.lasted.add(joined);
    }
    metrics.ended(story.ending);
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

/// Reads a request, or refuses it and returns nothing.
async fn request(shared: &Arc<Shared>, stream: TcpStream, peer: SocketAddr) -> Option<Request> {
    let current = shared.current();
    let limits = current.limits;
    let mut stream = match current.tls {
        None => Stream::Plain(stream),
        Some(config) => match handshake(shared, TlsAcceptor::from(config), stream, &limits).await {
            Ok(stream) => stream,
            Err(refusal) => {
                shared.metrics.refused(refusal);
                debug!(reason = refusal.label(), "refused");
                return None;
            }
        },
    };
    let read = timeout(limits.request_head, read_head(&mut stream, &limits)).await;
    match read.unwrap_or(Err(Refusal::HeadTimeout)) {
        Ok((head, rest)) => Some(Request {
            stream,
            head,
            rest,
            limits,
            peer,
        }),
        Err(refusal) => {
            refuse(shared, stream, refusal, &limits).await;
            None
        }
    }
}

async fn handshake(
    shared: &Shared,
    acceptor: TlsAcceptor,
    stream: TcpStream,
    limits: &Limits,
) -> Result<Stream, Refusal> {
    let running = shared.handshakes.fetch_add(1, Ordering::Relaxed);
    let start = Instant::now();
    let result = if running >= limits.tls_handshakes {
        Err(Refusal::TlsBusy)
    } else {
        match timeout(limits.tls_handshake, acceptor.accept_with(stream, limit_buffer)).await {
            Ok(Ok(stream)) => Ok(Stream::Tls(Box::new(stream))),
            Ok(Err(_)) => Err(Refusal::Tls),
            Err(_) => Err(Refusal::TlsTimeout),
        }
    };
    shared.handshakes.fetch_sub(1, Ordering::Relaxed);
    if result.is_ok() {
        shared.metrics.handshake.add(start.elapsed());
    }
    result
}

/// What TLS may keep for a slow reader counts towards the 64 KiB of a direction.
fn limit_buffer(connection: &mut rustls::ServerConnection) {
    connection.set_buffer_limit(Some(16 * 1024));
}

async fn read_head(stream: &mut Stream, limits: &Limits) -> Result<(Head, Vec<u8>), Refusal> {
    let most = usize::try_from(limits.request_head_size).unwrap_or(usize::MAX);
    let mut bytes = Vec::with_capacity(most.min(1024));
    loop {
        let seen = bytes.len();
        if seen >= most {
            return Err(Refusal::HeadSize);
        }
        bytes.reserve((most - seen).min(1024));
        let n = stream.read_buf(&mut bytes).await.map_err(|_| Refusal::Gone)?;
        if n == 0 {
            return Err(Refusal::Gone);
        }
        if let Some(end) = head::end(&bytes, seen) {
            let rest = bytes.split_off(end);
            return if end > most {
                Err(Refusal::HeadSize)
            } else {
                Ok((Head::read(&bytes)?, rest))
            };
        }
    }
}

/// Answers with the refusal's status and ends the connection so that the answer arrives.
pub(crate) async fn refuse(shared: &Shared, mut stream: Stream, refusal: Refusal, limits: &Limits) {
    shared.metrics.refused(refusal);
    debug!(reason = refusal.label(), "refused");
    let answer = refusal.response();
    if answer.is_empty() {
        return;
    }
    let _ = timeout(limits.closing, async {
        stream.write_all(&answer).await?;
        stream.flush().await?;
        stream.shutdown().await?;
        let mut scrap = [0; 512];
        while stream.read(&mut scrap).await? > 0 {}
        Ok::<_, std::io::Error>(())
    })
    .await;
}

/// The client's address: the last one in `X-Forwarded-For` that is not itself a trusted proxy's.
fn client(shared: &Shared, peer: SocketAddr, head: &Head) -> core::net::IpAddr {
    let trusted = |address| shared.proxies.iter().any(|network| network.contains(address));
    let mut address = peer.ip();
    for forwarded in head.forwarded.iter().rev() {
        if !trusted(address) {
            break;
        }
        address = *forwarded;
    }
    address
}
