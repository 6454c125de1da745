//! A client that sends and reads bytes as the test wants them, and never waits for ever.

use hybrid_tunnel_server::{Config, Running, Server};
use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

/// Nothing here takes as long, even on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A tunnel id that any test may use.
pub const TUNNEL: &str = "000102030405060708090a0B0C0D0E0F";

/// Everything but the request line and `Host` of a good request.
pub const HEADERS: &str = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: fido.cable\r\n";

pub async fn within<T>(future: impl Future<Output = T>) -> T {
    timeout(PATIENCE, future).await.expect("it took too long")
}

/// A relay with plain HTTP on a port of its own.
pub async fn relay(set: impl FnOnce(&mut Config)) -> Running {
    let mut config = Config::plain("127.0.0.1:0".parse().unwrap());
    set(&mut config);
    Server::bind(config).await.unwrap()
}

/// The value of a metric, named as in the text but without `tunnel_`.
pub fn metric(relay: &Running, name: &str) -> u64 {
    let text = relay.metrics();
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(&format!("tunnel_{name} ")));
    line.unwrap_or_else(|| panic!("no metric {name}"))
        .parse()
        .unwrap()
}

/// Waits until a metric has a value.
pub async fn until(relay: &Running, name: &str, value: u64) {
    let reached = timeout(PATIENCE, async {
        while metric(relay, name) != value {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    assert!(
        reached.await.is_ok(),
        "{name} is {} and not {value}",
        metric(relay, name)
    );
}

/// A good request for this path.
pub fn request(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: relay.test\r\n{HEADERS}\r\n")
}

/// The same with more headers, each with its line end.
pub fn request_with(path: &str, more: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: relay.test\r\n{HEADERS}{more}\r\n")
}

/// A frame as a client sends it: first byte, payload, masked.
pub fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match payload.len() {
        length @ 0..=125 => bytes.push(0x80 | length as u8),
        length @ 126..=0xffff => {
            bytes.push(0xfe);
            bytes.extend((length as u16).to_be_bytes());
        }
        length => {
            bytes.push(0xff);
            bytes.extend((length as u64).to_be_bytes());
        }
    }
    let mask = [0x11, 0x22, 0x33, 0x44];
    bytes.extend(mask);
    bytes.extend(
        payload
            .iter()
            .zip(mask.iter().cycle())
            .map(|(byte, key)| byte ^ key),
    );
    bytes
}

/// A whole binary message.
pub fn binary(payload: &[u8]) -> Vec<u8> {
    frame(0x82, payload)
}

/// One connection.
pub struct Client {
    pub stream: TcpStream,
    read: Vec<u8>,
}

impl Client {
    pub fn on(stream: TcpStream) -> Self {
        // What is sent in one call goes in one segment, and at once.
        stream.set_nodelay(true).unwrap();
        Self {
            stream,
            read: Vec::new(),
        }
    }

    pub async fn connect(to: SocketAddr) -> Self {
        Self::on(within(TcpStream::connect(to)).await.unwrap())
    }

    /// Connects from another address of the loopback network.
    pub async fn connect_from(from: [u8; 4], to: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::from((from, 0))).unwrap();
        Self::on(within(socket.connect(to)).await.unwrap())
    }

    /// Connects and sends these bytes.
    pub async fn sending(to: SocketAddr, bytes: impl AsRef<[u8]>) -> Self {
        let mut client = Self::connect(to).await;
        client.send(bytes).await;
        client
    }

    /// Upgrades on this path, which has to succeed; returns the answer's head too.
    pub async fn upgrade(to: SocketAddr, path: &str) -> (Self, String) {
        let mut client = Self::sending(to, request(path)).await;
        let head = client.head().await;
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        (client, head)
    }

    /// Opens a tunnel; returns its routing id.
    pub async fn open(to: SocketAddr) -> (Self, String) {
        let (client, head) = Self::upgrade(to, &format!("/cable/new/{TUNNEL}")).await;
        let id = header(&head, "X-caBLE-Routing-ID").expect("no routing id");
        (client, id)
    }

    /// Opens a tunnel, as soon as the relay has a place for it.
    pub async fn open_patiently(to: SocketAddr) -> (Self, String) {
        loop {
            let mut client = Self::sending(to, request(&format!("/cable/new/{TUNNEL}"))).await;
            let head = client.head().await;
            if let Some(id) = header(&head, "X-caBLE-Routing-ID") {
                return (client, id);
            }
        }
    }

    /// Opens a tunnel and joins it: phone and desktop.
    pub async fn pair(to: SocketAddr) -> (Self, Self) {
        let (phone, id) = Self::open(to).await;
        let (desktop, _) = Self::upgrade(to, &format!("/cable/connect/{id}/{TUNNEL}")).await;
        (phone, desktop)
    }

    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        // A relay that has refused already may have reset the connection: what it answered is what
        // counts.
        let _ = within(self.stream.write_all(bytes.as_ref())).await;
    }

    /// Reads an HTTP head.
    pub async fn head(&mut self) -> String {
        loop {
            if let Some(at) = self.read.windows(4).position(|four| four == b"\r\n\r\n") {
                let head = self.read.drain(..at + 4).collect();
                return String::from_utf8(head).unwrap();
            }
            if !self.more().await {
                return String::from_utf8(std::mem::take(&mut self.read)).unwrap();
            }
        }
    }

    /// Reads to the end of the connection.
    pub async fn rest(&mut self) -> Vec<u8> {
        while self.more().await {}
        std::mem::take(&mut self.read)
    }

    /// The whole answer to a request that is refused: head and body, up to the end of the
    /// connection.
    pub async fn refusal(&mut self) -> String {
        String::from_utf8(self.rest().await).unwrap()
    }

    /// Reads one frame: first byte and payload; `None` when the connection ends.
    pub async fn frame(&mut self) -> Option<(u8, Vec<u8>)> {
        while self.read.len() < 2 {
            if !self.more().await {
                return None;
            }
        }
        let (size, length) = loop {
            let short = self.read[1];
            assert_eq!(short & 0x80, 0, "a server's frame must not be masked");
            let (size, length) = match short {
                126 if self.read.len() >= 4 => (
                    4,
                    u64::from(u16::from_be_bytes([self.read[2], self.read[3]])),
                ),
                127 if self.read.len() >= 10 => {
                    (10, u64::from_be_bytes(self.read[2..10].try_into().unwrap()))
                }
                126 | 127 => {
                    if !self.more().await {
                        return None;
                    }
                    continue;
                }
                short => (2, u64::from(short)),
            };
            break (size, length as usize);
        };
        while self.read.len() < size + length {
            if !self.more().await {
                return None;
            }
        }
        let first = self.read[0];
        let payload = self.read[size..size + length].to_vec();
        self.read.drain(..size + length);
        Some((first, payload))
    }

    /// Reads the next frame, which has to be a whole binary message.
    pub async fn message(&mut self) -> Vec<u8> {
        let (first, payload) = self.frame().await.expect("the connection ended");
        assert_eq!(first, 0x82, "{payload:?}");
        payload
    }

    /// Skips messages and pings up to the close frame and answers it; its code, and the reason.
    pub async fn closed(&mut self) -> (u16, String) {
        loop {
            let (first, payload) = self
                .frame()
                .await
                .expect("the connection ended without a close frame");
            if first == 0x88 {
                let code = u16::from_be_bytes([payload[0], payload[1]]);
                self.send(frame(0x88, &payload[..2])).await;
                return (code, String::from_utf8(payload[2..].to_vec()).unwrap());
            }
        }
    }

    async fn more(&mut self) -> bool {
        let n = within(self.stream.read_buf(&mut self.read))
            .await
            .unwrap_or(0);
        n > 0
    }
}

/// The value of a header in a head.
pub fn header(head: &str, name: &str) -> Option<String> {
    head.lines().find_map(|line| {
        let (this, value) = line.split_once(':')?;
        this.eq_ignore_ascii_case(name)
            .then(|| value.trim().to_owned())
    })
}

/// The status of an answer.
pub fn status(answer: &str) -> u16 {
    let status = answer
        .strip_prefix("HTTP/1.1 ")
        .and_then(|rest| rest.get(..3));
    status
        .and_then(|digits| digits.parse().ok())
        .unwrap_or_else(|| panic!("no status in {answer:?}"))
}
