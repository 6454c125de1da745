//! A client's request: read within its limits, over TLS or not and behind a proxy or not, or
//! refused.

use crate::admission::limits::Limits;
use crate::admission::refusal::Refusal;
use crate::http::client_hello;
use crate::http::proxy_protocol;
use crate::http::stream::ClientStream;
use crate::http::upgrade::{self, UpgradeRequest};
use crate::server::state::{PendingGuard, RelayState};
use crate::websocket::read_buffer::{self, READ};
use core::future::poll_fn;
use core::net::{IpAddr, SocketAddr};
use core::pin::Pin;
use core::sync::atomic::Ordering;
use core::task::{Context, Poll, ready};
use core::time::Duration;
use std::io;
use std::sync::Arc;
use std::time::SystemTime;
use tokio::io::{AsyncRead as _, AsyncReadExt as _, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsAcceptor;
use tracing::debug;

/// How long somebody who was refused is waited for: a round trip, for the answer to arrive before
/// the connection ends.
const ARRIVAL: Duration = Duration::from_secs(1);

/// A request that was read whole.
pub(crate) struct ClientRequest {
    pub(crate) stream: ClientStream,
    pub(crate) head: UpgradeRequest,
    /// What came behind the head in the same segment.
    pub(crate) rest: Vec<u8>,
    pub(crate) limits: Arc<Limits>,
    peer: SocketAddr,
}

impl ClientRequest {
    /// Reads a request, or refuses it and returns nothing.
    pub(crate) async fn read(
        state: &Arc<RelayState>,
        mut stream: TcpStream,
        mut peer: SocketAddr,
        opening: &mut PendingGuard,
    ) -> Option<Self> {
        let current = state.current();
        let limits = current.limits;
        if state
            .proxy_protocol
            .iter()
            .any(|network| network.contains(peer.ip()))
        {
            let header = timeout(limits.request_head, Box::pin(read_proxy(&mut stream))).await;
            let claimed = header.unwrap_or(Err(Refusal::Proxy)).and_then(|client| {
                peer = client.unwrap_or(peer);
                client.map_or(Ok(()), |client| opening.claim(client.ip(), &limits))
            });
            if let Err(refusal) = claimed {
                if current.tls.is_none() {
                    Box::pin(refuse(state, ClientStream::Plain(stream), refusal, &limits)).await;
                } else {
                    state.metrics.refused(refusal);
                }
                return None;
            }
        }
        let mut stream = match current.tls {
            None => ClientStream::Plain(stream),
            Some(config) => match handshake(state, config.into(), stream, &limits).await {
                Ok(stream) => stream,
                Err(refusal) => {
                    state.metrics.refused(refusal);
                    debug!(reason = refusal.label(), "refused");
                    return None;
                }
            },
        };
        let read = timeout(limits.request_head, read_head(&mut stream, &limits)).await;
        match read.unwrap_or(Err(Refusal::HeadTimeout)) {
            Ok((head, rest)) => Some(Self {
                stream,
                head,
                rest,
                limits,
                peer,
            }),
            Err(refusal) => {
                Box::pin(refuse(state, stream, refusal, &limits)).await;
                None
            }
        }
    }

    /// The client's address: the last one in `X-Forwarded-For` that is not itself a trusted
    /// proxy's.
    pub(crate) fn client(&self, state: &RelayState) -> IpAddr {
        let trusted = |address| {
            state
                .proxies
                .iter()
                .any(|network| network.contains(address))
        };
        let mut address = self.peer.ip();
        for forwarded in self.head.forwarded.iter().rev() {
            // What stands before something unreadable may be anybody's invention.
            let Some(before) = forwarded.filter(|_| trusted(address)) else {
                break;
            };
            address = before;
        }
        address
    }
}

/// Reads the PROXY header and nothing behind it; the client's address, if the proxy says one.
async fn read_proxy(stream: &mut TcpStream) -> Result<Option<SocketAddr>, Refusal> {
    let mut bytes = Vec::new();
    loop {
        let (mut buffer, before) = ([0; proxy_protocol::MOST], bytes.len());
        let seen = stream.peek(&mut buffer).await.map_err(|_| Refusal::Gone)?;
        if seen == 0 {
            return Err(Refusal::Gone);
        }
        bytes.extend_from_slice(buffer.get(..seen).unwrap_or_default());
        let header = proxy_protocol::read(&bytes).map_err(|_| Refusal::Proxy)?;
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
    state: &RelayState,
    acceptor: TlsAcceptor,
    stream: TcpStream,
    limits: &Limits,
) -> Result<ClientStream, Refusal> {
    let start = Instant::now();
    let deadline = start + limits.tls_handshake;
    // Nothing is set up for a client that says nothing, or not all.
    match timeout_at(deadline, client_hello::arrive(&stream)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) if error.kind() == io::ErrorKind::InvalidData => return Err(Refusal::Tls),
        Ok(Err(_)) => return Err(Refusal::Gone),
        Err(_) => return Err(Refusal::TlsTimeout),
    }
    let running = state.handshakes.fetch_add(1, Ordering::Relaxed);
    let result = if running >= limits.tls_handshakes {
        Err(Refusal::TlsBusy)
    } else {
        match timeout_at(
            deadline,
            Box::pin(acceptor.accept_with(stream, limit_buffer)),
        )
        .await
        {
            Ok(Ok(stream)) => Ok(ClientStream::Tls(Box::new(stream))),
            Ok(Err(_)) => Err(Refusal::Tls),
            Err(_) => Err(Refusal::TlsTimeout),
        }
    };
    state.handshakes.fetch_sub(1, Ordering::Relaxed);
    if result.is_ok() {
        state.metrics.handshake.add(start.elapsed());
    }
    result
}

/// What TLS may keep for a slow reader counts towards the 64 KiB of a direction.
pub(crate) fn limit_buffer(connection: &mut rustls::ServerConnection) {
    connection.set_buffer_limit(Some(16 * 1024));
}

async fn read_head(
    stream: &mut ClientStream,
    limits: &Limits,
) -> Result<(UpgradeRequest, Vec<u8>), Refusal> {
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
        if let Some(end) = upgrade::end(&bytes, seen) {
            let rest = bytes.split_off(end);
            return if end > most {
                Err(Refusal::HeadSize)
            } else {
                Ok((UpgradeRequest::read(&bytes)?, rest))
            };
        }
    }
}

/// Reads once, at most `room` bytes, into `bytes`, which grow by no more than what came.
fn poll_append(
    stream: &mut ClientStream,
    bytes: &mut Vec<u8>,
    room: usize,
    cx: &mut Context<'_>,
) -> Poll<io::Result<usize>> {
    read_buffer::lend(|buffer| {
        let mut space = ReadBuf::new(buffer.get_mut(..room.min(READ)).unwrap_or_default());
        ready!(Pin::new(stream).poll_read(cx, &mut space))?;
        let read = space.filled();
        bytes.reserve_exact(read.len());
        bytes.extend_from_slice(read);
        Poll::Ready(Ok(read.len()))
    })
}

/// Answers with the refusal's status and ends the connection so that the answer arrives.
pub(crate) async fn refuse(
    state: &RelayState,
    mut stream: ClientStream,
    refusal: Refusal,
    limits: &Limits,
) {
    state.metrics.refused(refusal);
    debug!(reason = refusal.label(), "refused");
    let answer = refusal.response(SystemTime::now());
    if answer.is_empty() {
        return;
    }
    let _ = timeout(limits.closing.min(ARRIVAL), async {
        stream.write_all(&answer).await?;
        stream.flush().await?;
        stream.shutdown().await?;
        let mut scrap = [0; 512];
        while stream.read(&mut scrap).await? > 0 {}
        Ok::<_, io::Error>(())
    })
    .await;
}
