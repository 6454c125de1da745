//! Ways in which a relay is hostile, as data, and a relay that plays them.

use crate::lab;
use hybrid_protocol::DomainId;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;

type Io = TlsStream<TcpStream>;

/// One way.
#[derive(Clone, Copy, Debug)]
pub struct Hostile {
    /// In a few words.
    pub name: &'static str,
    /// The relay that the phone names; others than the first have a TLS of their own.
    pub domain: DomainId,
    answer: Answer,
    then: Then,
    /// Bytes in a TLS record.
    record: usize,
    /// It reads what is sent to it.
    reads: bool,
}

/// What the request is answered with.
#[derive(Clone, Copy, Debug)]
enum Answer {
    /// 101, as it should be.
    Opens,
    /// The first bytes of that.
    Cut(usize),
    /// 101, with other headers than it should have.
    Changed(&'static str, &'static str),
    /// This.
    Says(&'static str),
}

/// What comes after the answer.
#[derive(Clone, Copy, Debug)]
enum Then {
    /// Nothing more, and the connection stays.
    Silence,
    /// Nothing more, and it is closed.
    Gone,
    /// It is reset.
    Reset,
    /// TLS says that it is over, TCP does not.
    CloseNotify,
    /// This once.
    Once(&'static [u8]),
    /// The first once, the second without end.
    Forever(&'static [u8], &'static [u8]),
    /// The first so many times, then the second.
    Many(&'static [u8], usize, &'static [u8]),
    /// This without end, a byte a second.
    Drip(&'static [u8]),
    /// TLS key updates, with a pong between.
    KeyUpdates,
}

/// Its TLS brings a certificate chain of a megabyte.
const CHAIN: DomainId = DomainId(1);
/// Its TLS brings thousands of session tickets.
const TICKETS: DomainId = DomainId(256);
const MANY_TICKETS: usize = 10_000;

/// The names of all relays.
pub fn names() -> Vec<String> {
    [DomainId(0), CHAIN, TICKETS]
        .into_iter()
        .filter_map(|id| id.host().map(|host| host.as_str().to_owned()))
        .collect()
}

const EMPTY: Then = Then::Forever(&[0x02, 0], &[0x00, 0]);
const PINGS: Then = Then::Forever(&[], &[0x89, 0]);
const PONGS: Then = Then::Forever(&[], &[0x8a, 0]);
const LONG_PING: &[u8] = &long_ping();

const fn long_ping() -> [u8; 127] {
    let mut frame = [7; 127];
    (frame[0], frame[1]) = (0x89, 125);
    frame
}

const fn http(name: &'static str, answer: &'static str, then: Then) -> Hostile {
    Hostile {
        answer: Answer::Says(answer),
        ..open(name, then)
    }
}

const fn open(name: &'static str, then: Then) -> Hostile {
    Hostile {
        name,
        domain: DomainId(0),
        answer: Answer::Opens,
        then,
        record: 4096,
        reads: true,
    }
}

const fn in_records(name: &'static str, record: usize, then: Then) -> Hostile {
    Hostile {
        record,
        ..open(name, then)
    }
}

const fn unread(name: &'static str, then: Then) -> Hostile {
    Hostile {
        reads: false,
        ..open(name, then)
    }
}

const fn changed(name: &'static str, from: &'static str, to: &'static str, then: Then) -> Hostile {
    Hostile {
        answer: Answer::Changed(from, to),
        ..open(name, then)
    }
}

const fn cut(name: &'static str, length: usize, then: Then) -> Hostile {
    Hostile {
        answer: Answer::Cut(length),
        ..open(name, then)
    }
}

const fn tls(name: &'static str, domain: DomainId) -> Hostile {
    Hostile {
        domain,
        ..open(name, Then::Silence)
    }
}

/// All of them.
pub const ALL: &[Hostile] = &[
    http(
        "headers without end",
        "HTTP/1.1 101 x\r\n",
        Then::Forever(&[], b"X-A: 0123456789\r\n"),
    ),
    http(
        "ten thousand header lines",
        "HTTP/1.1 101 x\r\n",
        Then::Many(b"X-A: 0123456789\r\n", 10_000, b"\r\n"),
    ),
    http(
        "a header byte a second",
        "HTTP/1.1 101 x\r\n",
        Then::Drip(b"X-A: b\r\n"),
    ),
    http(
        "a line without end",
        "HTTP/1.1 101 ",
        Then::Forever(&[], b"0123456789"),
    ),
    http(
        "a status line with escapes",
        "HTTP/1.1 400 \u{1b}[2J\u{202e}gone\r\n\r\n",
        Then::Gone,
    ),
    http(
        "a header with escapes",
        "HTTP/1.1 302 x\r\nLocation: https://\u{1b}[2J\u{202e}.example/\r\nContent-Length: 0\r\n\r\n",
        Then::Gone,
    ),
    http(
        "redirects in a circle",
        "HTTP/1.1 302 x\r\nLocation: ?x\r\nContent-Length: 0\r\n\r\n",
        Then::Silence,
    ),
    http(
        "a redirect to another port",
        "HTTP/1.1 307 x\r\nLocation: https://cable.ua5v.com:8443/\r\nContent-Length: 0\r\n\r\n",
        Then::Silence,
    ),
    http(
        "a redirect to an internal address",
        "HTTP/1.1 302 x\r\nLocation: http://127.0.0.1:8443/\r\nContent-Length: 0\r\n\r\n",
        Then::Silence,
    ),
    http(
        "a redirect to another host",
        "HTTP/1.1 308 x\r\nLocation: wss://localhost:8443/\r\nContent-Length: 0\r\n\r\n",
        Then::Silence,
    ),
    http(
        "a redirect to another scheme",
        "HTTP/1.1 302 x\r\nLocation: file:///etc/hostname\r\nContent-Length: 0\r\n\r\n",
        Then::Silence,
    ),
    http(
        "interim answers without end",
        "",
        Then::Forever(&[], b"HTTP/1.1 100 Continue\r\n\r\n"),
    ),
    http(
        "cookies without end",
        "HTTP/1.1 200 OK\r\n",
        Then::Forever(&[], b"Set-Cookie: a=b\r\n"),
    ),
    changed("a wrong accept", "Accept: ", "Accept: x", Then::Silence),
    changed(
        "compression that nobody asked for",
        "Upgrade: ",
        "Sec-WebSocket-Extensions: permessage-deflate\r\nUpgrade: ",
        Then::Once(&[0xc2, 1, 7]),
    ),
    cut("an answer cut after a byte", 1, Then::Gone),
    cut("an answer cut within its status", 11, Then::Reset),
    cut("an answer cut within a header", 60, Then::Gone),
    cut("an answer that lacks its last byte", 0, Then::Silence),
    open(
        "masked frames",
        Then::Forever(&[], &[0x82, 0x81, 1, 2, 3, 4, 5]),
    ),
    open(
        "fragments without end",
        Then::Forever(&[0x02, 0], &[0x00, 1, 7]),
    ),
    open(
        "text in fragments without end",
        Then::Forever(&[0x01, 0], &[0x00, 1, b'x']),
    ),
    in_records(
        "empty fragments without end in records of 512 bytes",
        512,
        EMPTY,
    ),
    in_records(
        "empty fragments without end in records of 1024 bytes",
        1024,
        EMPTY,
    ),
    in_records(
        "empty fragments without end in records of 4096 bytes",
        4096,
        EMPTY,
    ),
    in_records(
        "empty fragments without end in records of 10 kB",
        10_000,
        EMPTY,
    ),
    open("reserved bits", Then::Once(&[0xf2, 0])),
    open("an unknown opcode", Then::Once(&[0x83, 0])),
    open("pings without end", PINGS),
    unread("pings without end whose answers nobody reads", PINGS),
    unread(
        "long pings without end whose answers nobody reads",
        Then::Forever(&[], LONG_PING),
    ),
    open("pongs without end", PONGS),
    unread("pongs without end from one who reads nothing", PONGS),
    open(
        "a ping of 126 bytes",
        Then::Forever(&[], &[0x89, 126, 0, 126, 7, 7, 7, 7]),
    ),
    open("text with escapes", Then::Once(b"\x81\x04\x1b[2J")),
    open("text that is no UTF-8", Then::Once(&[0x81, 2, 0xff, 0xfe])),
    open(
        "a close with escapes",
        Then::Once(b"\x88\x06\x03\xe8\x1b[2J"),
    ),
    open("a close with 1005", Then::Once(&[0x88, 2, 0x03, 0xed])),
    open("a close with 1006", Then::Once(&[0x88, 2, 0x03, 0xee])),
    open("a close with 5000", Then::Once(&[0x88, 2, 0x13, 0x88])),
    open("a close of one byte", Then::Once(&[0x88, 1, 3])),
    open(
        "a length of 2 to the 63rd",
        Then::Once(&[0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0]),
    ),
    open(
        "a mebibyte promised and dripped",
        Then::Once(&[0x82, 127, 0, 0, 0, 0, 0, 0x10, 0, 0]),
    ),
    open(
        "a thousand binary frames at once",
        Then::Many(&[0x82, 1, 7], 1000, &[]),
    ),
    open(
        "binary frames without end",
        Then::Forever(&[], &[0x82, 1, 7]),
    ),
    open("frames dripped", Then::Drip(&[0x89, 1, 7])),
    open("silence", Then::Silence),
    open("a reset", Then::Reset),
    open("the end of TLS alone", Then::CloseNotify),
    in_records("records of one byte", 1, EMPTY),
    open("key updates without end", Then::KeyUpdates),
    tls("a certificate chain of a megabyte", CHAIN),
    tls("thousands of session tickets", TICKETS),
];

/// Plays relays on a port, with a certificate and its key. A desktop's request names the way by its
/// routing id ([`ALL`]'s index); anybody else is served with `otherwise`.
///
/// # Errors
/// What the system says.
pub async fn serve(address: &str, folder: &Path, otherwise: usize) -> io::Result<u16> {
    let listener = TcpListener::bind(address).await?;
    let port = listener.local_addr()?.port();
    let configs = Arc::new(Configs::load(folder)?);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(one(stream, Arc::clone(&configs), otherwise));
        }
    });
    Ok(port)
}

async fn one(stream: TcpStream, configs: Arc<Configs>, otherwise: usize) -> io::Result<()> {
    let hello = LazyConfigAcceptor::new(rustls::server::Acceptor::default(), stream).await?;
    let config = configs.for_name(hello.client_hello().server_name().unwrap_or_default());
    let mut io = hello.into_stream(config).await?;
    let head = lab::read_head(&mut io).await;
    let named = head
        .strip_prefix("GET /cable/connect/0000")
        .and_then(|rest| rest.get(..2));
    let index = named
        .and_then(|hex| usize::from_str_radix(hex, 16).ok())
        .unwrap_or(otherwise);
    match ALL.get(index) {
        Some(hostile) => hostile.play(io, &head).await,
        None => Ok(()),
    }
}

impl Hostile {
    /// Where it stands in [`ALL`].
    pub fn index(&self) -> u8 {
        let at = ALL.iter().position(|other| other.name == self.name);
        at.and_then(|at| u8::try_from(at).ok()).unwrap_or(u8::MAX)
    }

    async fn play(&self, mut io: Io, head: &str) -> io::Result<()> {
        // A phone wants to be given a routing id.
        let good =
            lab::switching(head).replace("\r\n\r\n", "\r\nX-caBLE-Routing-ID: 010203\r\n\r\n");
        let answer = match self.answer {
            Answer::Opens => good,
            Answer::Cut(0) => good.trim_end_matches('\n').to_owned(),
            Answer::Cut(length) => good.chars().take(length).collect(),
            Answer::Changed(from, to) => good.replace(from, to),
            Answer::Says(text) => text.to_owned(),
        };
        io.write_all(answer.as_bytes()).await?;
        io.flush().await?;
        match self.then {
            Then::Silence => read_on(&mut io).await,
            Then::Gone => io.shutdown().await,
            Then::Reset => io.get_ref().0.set_zero_linger(),
            Then::CloseNotify => {
                io.get_mut().1.send_close_notify();
                io.flush().await?;
                std::future::pending().await
            }
            Then::Once(bytes) => {
                io.write_all(bytes).await?;
                io.flush().await?;
                read_on(&mut io).await
            }
            Then::Drip(bytes) => loop {
                for byte in bytes {
                    io.write_all(&[*byte]).await?;
                    io.flush().await?;
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            },
            Then::KeyUpdates => loop {
                io.get_mut()
                    .1
                    .refresh_traffic_keys()
                    .map_err(io::Error::other)?;
                io.write_all(&[0x8a, 0]).await?;
                io.flush().await?;
            },
            Then::Many(bytes, times, last) => {
                io.write_all(&bytes.repeat(times)).await?;
                io.write_all(last).await?;
                io.flush().await?;
                read_on(&mut io).await
            }
            Then::Forever(first, bytes) => self.flood(io, first, bytes).await,
        }
    }

    async fn flood(&self, mut io: Io, first: &[u8], bytes: &[u8]) -> io::Result<()> {
        io.write_all(first).await?;
        let bytes = bytes.repeat(self.record);
        let (mut reading, mut writing) = tokio::io::split(io);
        let write = async {
            loop {
                for record in bytes.chunks_exact(self.record) {
                    writing.write_all(record).await?;
                    writing.flush().await?;
                }
            }
        };
        let read = async {
            if self.reads {
                read_on(&mut reading).await
            } else {
                std::future::pending().await
            }
        };
        tokio::select! {
            done = write => done,
            done = read => done,
        }
    }
}

/// Reads until the other side has had enough.
async fn read_on(io: &mut (impl tokio::io::AsyncRead + Unpin)) -> io::Result<()> {
    let mut buffer = vec![0; 16 * 1024];
    while io.read(&mut buffer).await? > 0 {}
    Ok(())
}

/// One for each kind of TLS.
struct Configs {
    ordinary: Arc<ServerConfig>,
    chain: Arc<ServerConfig>,
    tickets: Arc<ServerConfig>,
}

impl Configs {
    fn load(folder: &Path) -> io::Result<Self> {
        let leaf =
            CertificateDer::from_pem_file(folder.join("chain.pem")).map_err(io::Error::other)?;
        let megabyte = vec![leaf.clone(); (1 << 20) / leaf.len() + 1];
        let with = |chain: Vec<CertificateDer<'static>>, tickets| {
            let key =
                PrivateKeyDer::from_pem_file(folder.join("key.pem")).map_err(io::Error::other)?;
            let mut config = ServerConfig::builder_with_provider(Arc::new(
                rustls::crypto::ring::default_provider(),
            ))
            .with_safe_default_protocol_versions()
            .and_then(|config| config.with_no_client_auth().with_single_cert(chain, key))
            .map_err(io::Error::other)?;
            config.send_tls13_tickets = tickets;
            Ok::<_, io::Error>(Arc::new(config))
        };
        Ok(Self {
            ordinary: with(vec![leaf.clone()], 2)?,
            chain: with(megabyte, 2)?,
            tickets: with(vec![leaf], MANY_TICKETS)?,
        })
    }

    fn for_name(&self, name: &str) -> Arc<ServerConfig> {
        let is = |id: DomainId| id.host().is_some_and(|host| host.as_str() == name);
        Arc::clone(if is(CHAIN) {
            &self.chain
        } else if is(TICKETS) {
            &self.tickets
        } else {
            &self.ordinary
        })
    }
}
