//! One connection, from the first byte to the tunnel it opens or joins.

use crate::address::Block;
use crate::buffer::{self, READ};
use crate::doorbell::Ringing;
use crate::head::{self, Head};
use crate::limits::Limits;
use crate::listener;
use crate::proxy;
use crate::refusal::Refusal;
use crate::shared::{Opening, Room, Shared};
use crate::side::Side;
use crate::stream::Stream;
use crate::tunnel::{self, Signal, Story};
use core::future::{Future, poll_fn};
use core::net::SocketAddr;
use core::pin::Pin;
use core::sync::atomic::Ordering;
use core::task::{Context, Poll, ready};
use hybrid_protocol::route::Path;
use hybrid_protocol::{ContactId, TunnelId};
use std::sync::Arc;
use std::time::SystemTime;
use tokio::io::{AsyncRead as _, AsyncReadExt as _, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout, timeout_at};
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

/// The rest of a connection's life. A box for each, because a tunnel lives long and should not keep room for a TLS handshake.
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

async fn begin(shared: Arc<Shared>, stream: TcpStream, peer: SocketAddr, mut opening: Opening) -> Option<Rest> {
    let request = request(&shared, stream, peer, &mut opening).await?;
    answer(shared, request, opening)
}

/// Does what a request asks for, or refuses it; a side that joined another has nothing left to do here.
fn answer(shared: Arc<Shared>, request: Request, opening: Opening) -> Option<Rest> {
    let block = Block::of(client(&shared, request.peer, &request.head));
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
    let payload = { head.payload.as_deref() }.filter(|payload| payload.len() as u64 <= limits.payload_size);
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
        let story = tunnel::run(side, joined, signal, &limits, &shared.stop, |waited| {
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

/// Reads a request, or refuses it and returns nothing.
async fn request(
    shared: &Arc<Shared>,
    mut stream: TcpStream,
    mut peer: SocketAddr,
    opening: &mut Opening,
) -> Option<Request> {
    let current = shared.current();
    let limits = current.limits;
    if shared.proxy_protocol.iter().any(|network| network.contains(peer.ip())) {
        let header = timeout(limits.request_head, Box::pin(read_proxy(&mut stream))).await;
        let claimed = header.unwrap_or(Err(Refusal::Proxy)).and_then(|client| {
            peer = client.unwrap_or(peer);
            client.map_or(Ok(()), |client| opening.claim(client.ip(), &limits))
        });
        if let Err(refusal) = claimed {
            if current.tls.is_none() {
                Box::pin(refuse(shared, Stream::Plain(stream), refusal, &limits)).await;
            } else {
                shared.metrics.refused(refusal);
            }
            return None;
        }
    }
    let mut stream = match current.tls {
        None => Stream::Plain(stream),
        Some(config) => match handshake(shared, config.into(), stream, &limits).await {
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
            Box::pin(refuse(shared, stream, refusal, &limits)).await;
            None
        }
    }
}

/// Reads the PROXY header and nothing behind it; the client's address, if the proxy says one.
async fn read_proxy(stream: &mut TcpStream) -> Result<Option<SocketAddr>, Refusal> {
    let mut bytes = Vec::new();
    loop {
        let (mut buffer, before) = ([0; proxy::MOST], bytes.len());
        let seen = stream.peek(&mut buffer).await.map_err(|_| Refusal::Gone)?;
        if seen == 0 {
            return Err(Refusal::Gone);
        }
        bytes.extend_from_slice(buffer.get(..seen).unwrap_or_default());
        let header = proxy::read(&bytes).map_err(|_| Refusal::Proxy)?;
        // All that was seen belongs to a header that is not whole.
        let mine = header.map_or(seen, |header| header.length - before);
        let mine = buffer.get_mut(..mine).unwrap_or_default();
        stream.read_exact(mine).await.map_err(|_| Refusal::Gone)?;
        if let Some(header) = header {
            return Ok(header.client);
        }
    }
}

async fn handshake(
    shared: &Shared,
    acceptor: TlsAcceptor,
    stream: TcpStream,
    limits: &Limits,
) -> Result<Stream, Refusal> {
    let start = Instant::now();
    let deadline = start + limits.tls_handshake;
    // Nothing is set up for a client that says nothing.
    if timeout_at(deadline, stream.peek(&mut [0])).await.is_err() {
        return Err(Refusal::TlsTimeout);
    }
    let running = shared.handshakes.fetch_add(1, Ordering::Relaxed);
    let result = if running >= limits.tls_handshakes {
        Err(Refusal::TlsBusy)
    } else {
        match timeout_at(deadline, Box::pin(acceptor.accept_with(stream, limit_buffer))).await {
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
pub(crate) fn limit_buffer(connection: &mut rustls::ServerConnection) {
    connection.set_buffer_limit(Some(16 * 1024));
}

async fn read_head(stream: &mut Stream, limits: &Limits) -> Result<(Head, Vec<u8>), Refusal> {
    let most = usize::try_from(limits.request_head_size).unwrap_or(usize::MAX);
    let mut bytes = Vec::new();
    loop {
        let seen = bytes.len();
        if seen >= most {
            return Err(Refusal::HeadSize);
        }
        let n = poll_fn(|cx| poll_append(stream, &mut bytes, most - seen, cx)).await;
        if n.map_err(|_| Refusal::Gone)? == 0 {
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

/// Reads once, at most `room` bytes, into `bytes`, which grow by no more than what came.
fn poll_append(
    stream: &mut Stream,
    bytes: &mut Vec<u8>,
    room: usize,
    cx: &mut Context<'_>,
) -> Poll<std::io::Result<usize>> {
    buffer::lend(|buffer| {
        let mut space = ReadBuf::new(buffer.get_mut(..room.min(READ)).unwrap_or_default());
        ready!(Pin::new(stream).poll_read(cx, &mut space))?;
        let read = space.filled();
        bytes.reserve_exact(read.len());
        bytes.extend_from_slice(read);
        Poll::Ready(Ok(read.len()))
    })
}

/// Answers with the refusal's status and ends the connection so that the answer arrives.
pub(crate) async fn refuse(shared: &Shared, mut stream: Stream, refusal: Refusal, limits: &Limits) {
    shared.metrics.refused(refusal);
    debug!(reason = refusal.label(), "refused");
    let answer = refusal.response(SystemTime::now());
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
        // What stands before something unreadable may be anybody's invention.
        let Some(before) = forwarded.filter(|_| trusted(address)) else {
            break;
        };
        address = before;
    }
    address
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
        assert!(size_of::<Side<Stream>>() <= 288, "{}", size_of::<Side<Stream>>());
    }
}
