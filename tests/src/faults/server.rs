//! Whoever listens at the relay's address.

use super::scene::{Certificate, End, RELAY, RELAY_V6, Server, Step, Then};
use crate::lab::{accept_key, read_head, switching};
use crate::pki::{Authority, Pair};
use futures_util::{SinkExt as _, StreamExt as _};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;

/// Where the real relay listens, without TLS; the phone's way to it is never broken.
pub(super) const PLAIN: &str = "127.0.0.1:8080";
/// The back door to whoever is at the relay's address: a proxy's way, which no rule for this
/// computer's own traffic touches.
pub(super) const BACK_DOOR: &str = "127.0.0.1:4443";
const PORT: u16 = 443;
/// No pong or ping of a relay is longer; what is longer is a message.
const KEEP_ALIVE: usize = 64;
/// Where [`Server::Moved`] is.
const MOVED: &str = "/moved";

/// A connection, encrypted or not yet.
trait Io: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Io for T {}

/// Listens from now on. `cut` is told the moment at which [`Server::CutWhenIdle`] cuts.
pub(super) async fn serve(server: Server, pair: &Pair, cut: Arc<Notify>) -> Result<(), String> {
    if matches!(server, Server::Nobody) {
        return Ok(());
    }
    let acceptor = pair.acceptor()?;
    let addrs = [
        BACK_DOOR.parse().ok(),
        RELAY.parse().ok().map(|ip| SocketAddr::new(ip, PORT)),
        RELAY_V6.parse().ok().map(|ip| SocketAddr::new(ip, PORT)),
    ];
    for addr in addrs.into_iter().flatten() {
        // A fault can take the address away.
        let Ok(listener) = TcpListener::bind(addr).await else {
            continue;
        };
        let (acceptor, cut) = (acceptor.clone(), Arc::clone(&cut));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(connection(
                    server,
                    stream,
                    acceptor.clone(),
                    Arc::clone(&cut),
                ));
            }
        });
    }
    Ok(())
}

async fn connection(
    server: Server,
    stream: TcpStream,
    acceptor: TlsAcceptor,
    cut: Arc<Notify>,
) -> Option<()> {
    if let Server::Says(bytes) = server {
        return says(stream, bytes).await;
    }
    let (stops, how) = match server {
        Server::Stops(step, end) => (Some(step), end),
        Server::Nobody
        | Server::Relay
        | Server::Slow(_)
        | Server::Moved
        | Server::WithoutUpgrade
        | Server::CutWhenIdle(_)
        | Server::Answers(_)
        | Server::Accepts(_)
        | Server::Says(_) => (None, End::Close),
    };
    if stops == Some(Step::Accept) {
        return end(stream, how).await;
    }
    if stops == Some(Step::FirstByte) {
        stream.peek(&mut [0]).await.ok()?;
        return end(stream, how).await;
    }
    let mut io = acceptor.accept(stream).await.ok()?;
    match server {
        Server::Relay => forward(io, "").await,
        Server::Slow(seconds) => {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            forward(io, "").await
        }
        Server::Moved => {
            let head = read_head(&mut io).await;
            let path = head.split(' ').nth(1)?;
            if head.contains(MOVED) {
                return forward(io, &head.replacen(MOVED, "", 1)).await;
            }
            let host = super::dns::NAMES
                .into_iter()
                .find(|name| head.contains(name))?;
            let answer = format!(
                "HTTP/1.1 307 Temporary Redirect\r\nLocation: https://{host}{MOVED}{path}\r\nContent-Length: 0\r\n\r\n"
            );
            io.write_all(answer.as_bytes()).await.ok()?;
            end(io, End::Close).await
        }
        Server::CutWhenIdle(seconds) => {
            forward_while_busy(io, Duration::from_secs(seconds), &cut).await
        }
        Server::WithoutUpgrade => {
            let head = read_head(&mut io).await;
            let kept: Vec<&str> = head.lines().filter(|line| !is_hop_by_hop(line)).collect();
            forward(io, &format!("{}\r\n\r\n", kept.join("\r\n").trim_end())).await
        }
        Server::Answers(text) => {
            let answer = text.replace("{accept}", &accept_key(&read_head(&mut io).await));
            io.write_all(answer.as_bytes()).await.ok()?;
            end(io, End::Close).await
        }
        Server::Accepts(then) => accepts(io, then).await,
        Server::Stops(step, _) => {
            if step == Step::Request {
                read_head(&mut io).await;
            }
            end(io, how).await
        }
        Server::Nobody | Server::Says(_) => None,
    }
}

/// Hop-by-hop headers, RFC 9110 section 7.6.1, which proxies do not forward.
fn is_hop_by_hop(line: &str) -> bool {
    let line = line.to_ascii_lowercase();
    line.starts_with("upgrade:") || line.starts_with("connection:")
}

async fn says(mut stream: TcpStream, bytes: &[u8]) -> Option<()> {
    stream.read_u8().await.ok()?;
    stream.write_all(bytes).await.ok()?;
    end(stream, End::Close).await
}

async fn end(mut io: impl Socket, how: End) -> Option<()> {
    match how {
        End::Silence => std::future::pending().await,
        End::Reset => io.tcp().set_zero_linger().ok(),
        End::Close => {
            io.shutdown().await.ok()?;
            // What is left unread would make a reset of it.
            io.read_to_end(&mut Vec::new()).await.ok().map(drop)
        }
    }
}

/// What can be reset.
trait Socket: Io {
    fn tcp(&self) -> &TcpStream;
}

impl Socket for TcpStream {
    fn tcp(&self) -> &TcpStream {
        self
    }
}

impl Socket for TlsStream<TcpStream> {
    fn tcp(&self) -> &TcpStream {
        self.get_ref().0
    }
}

/// Carries between the desktop and the real relay, beginning with this head.
async fn forward(mut desktop: impl Io, head: &str) -> Option<()> {
    let mut relay = TcpStream::connect(PLAIN).await.ok()?;
    relay.write_all(head.as_bytes()).await.ok()?;
    tokio::io::copy_bidirectional(&mut desktop, &mut relay)
        .await
        .ok()
        .map(drop)
}

/// The same, until nothing but keep-alives went either way for a while. A connection that no request was sent on is left alone.
async fn forward_while_busy(mut desktop: impl Io, limit: Duration, cut: &Notify) -> Option<()> {
    let mut relay = TcpStream::connect(PLAIN).await.ok()?;
    let (mut up, mut down) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    let mut last = None;
    loop {
        let idle = async {
            match last {
                Some(last) => tokio::time::sleep_until(last + limit).await,
                None => std::future::pending().await,
            }
        };
        let length = tokio::select! {
            () = idle => break,
            read = desktop.read(&mut up) => {
                let length = read.ok().filter(|length| *length > 0)?;
                relay.write_all(up.get(..length)?).await.ok()?;
                length
            }
            read = relay.read(&mut down) => {
                let length = read.ok().filter(|length| *length > 0)?;
                desktop.write_all(down.get(..length)?).await.ok()?;
                desktop.flush().await.ok()?;
                length
            }
        };
        if length > KEEP_ALIVE {
            last = Some(tokio::time::Instant::now());
        }
    }
    cut.notify_one();
    Some(())
}

/// Accepts as a relay does, and then does this.
async fn accepts(mut io: TlsStream<TcpStream>, then: Then) -> Option<()> {
    let answer = switching(&read_head(&mut io).await);
    io.write_all(answer.as_bytes()).await.ok()?;
    match then {
        Then::Ends(how) => {
            // The desktop's first message: it has read the answer by then.
            io.read_u8().await.ok()?;
            return end(io, how).await;
        }
        Then::BadFrame => {
            // Opcode 3 is none.
            io.write_all(&[0x83, 0]).await.ok()?;
            return end(io, End::Close).await;
        }
        Then::Silent | Then::Text | Then::Noise | Then::Closes | Then::Pings => {}
    }
    let mut socket = WebSocketStream::from_raw_socket(io, Role::Server, None).await;
    match then {
        Then::Text => socket.send(Message::text("hello")).await.ok()?,
        Then::Noise => socket
            .send(Message::Binary(vec![4; 81].into()))
            .await
            .ok()?,
        Then::Closes => socket.close(None).await.ok()?,
        Then::Pings => {
            let mut every = tokio::time::interval(Duration::from_millis(50));
            loop {
                every.tick().await;
                socket.send(Message::Ping(vec![0; 125].into())).await.ok()?;
            }
        }
        Then::Silent | Then::Ends(_) | Then::BadFrame => {}
    }
    while let Some(Ok(_)) = socket.next().await {}
    Some(())
}

/// The certificates of a scene: what the relay shows, and whom the machine trusts (PEM).
pub(super) fn certificates(kind: Certificate) -> Result<(Pair, String), String> {
    let names = super::dns::NAMES;
    let authority = Authority::new().map_err(|error| error.to_string())?;
    let other = Authority::new().map_err(|error| error.to_string())?;
    let pair = match kind {
        Certificate::Good => authority.sign(&names),
        Certificate::Untrusted => other.sign(&names),
        Certificate::SelfSigned => Pair::self_signed(&names),
        Certificate::Expired => authority.sign_for_years(&names, 2020, 2021),
        Certificate::NotYetValid => authority.sign_for_years(&names, 2090, 2091),
        Certificate::OtherName => authority.sign(&["login.hotel.example"]),
    };
    Ok((pair.map_err(|error| error.to_string())?, authority.pem()))
}
