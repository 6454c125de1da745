//! Clients of a relay behind a proxy: each at an address of its own, over TLS.

use crate::place::HOST;
use crate::process::PATIENCE;
use futures_util::{SinkExt as _, StreamExt as _};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

/// One side of a tunnel.
pub type Side = WebSocketStream<TlsStream<TcpStream>>;

/// A client at an address of its own.
#[derive(Clone)]
pub struct Client {
    pub trust: Arc<ClientConfig>,
    pub from: Ipv4Addr,
}

impl Client {
    /// Asks port 443 for a path; an error says which status came instead of 101.
    pub async fn ask(&self, path: &str) -> Result<(Side, Option<String>), String> {
        self.ask_with(path, &[]).await
    }

    /// The same with more headers.
    pub async fn ask_with(
        &self,
        path: &str,
        headers: &[(&'static str, String)],
    ) -> Result<(Side, Option<String>), String> {
        let asked = async {
            let socket = TcpSocket::new_v4().map_err(|e| e.to_string())?;
            socket
                .bind(SocketAddr::from((self.from, 0)))
                .map_err(|e| e.to_string())?;
            let tcp = socket
                .connect(SocketAddr::from(([127, 0, 0, 1], 443)))
                .await
                .map_err(|e| e.to_string())?;
            let name = ServerName::try_from(HOST).unwrap();
            let connector = TlsConnector::from(Arc::clone(&self.trust));
            let tls = connector
                .connect(name, tcp)
                .await
                .map_err(|e| format!("TLS: {e}"))?;
            let mut request = format!("wss://{HOST}{path}").into_client_request().unwrap();
            request
                .headers_mut()
                .insert("Sec-WebSocket-Protocol", "fido.cable".parse().unwrap());
            // What a client claims about itself must not be believed.
            request
                .headers_mut()
                .insert("X-Forwarded-For", "192.0.2.1".parse().unwrap());
            for (name, value) in headers {
                request.headers_mut().insert(*name, value.parse().unwrap());
            }
            match client_async(request, tls).await {
                Ok((side, answer)) => {
                    let routing = answer.headers().get("X-caBLE-Routing-ID");
                    Ok((
                        side,
                        routing.map(|value| value.to_str().unwrap().to_owned()),
                    ))
                }
                Err(Error::Http(answer)) => {
                    let body = answer.body().clone().unwrap_or_default();
                    Err(format!(
                        "{} {}",
                        answer.status().as_u16(),
                        String::from_utf8_lossy(&body).trim_end()
                    ))
                }
                Err(error) => Err(error.to_string()),
            }
        };
        timeout(PATIENCE, asked)
            .await
            .unwrap_or_else(|_| Err("no answer".to_owned()))
    }

    /// Opens a tunnel under a fresh id.
    pub async fn open(&self) -> Result<Waiting, String> {
        static NEXT: AtomicU64 = AtomicU64::new(0xace0_0000_0000_0000);
        let tunnel = format!("{:032X}", NEXT.fetch_add(1, Ordering::Relaxed));
        let (phone, routing) = self
            .ask(&format!("/cable/new/{tunnel}"))
            .await
            .map_err(|e| format!("new: {e}"))?;
        let routing = routing.ok_or("new: no routing id")?;
        Ok(Waiting {
            phone,
            routing,
            tunnel,
        })
    }

    /// Joins a tunnel.
    pub async fn join(&self, waiting: Waiting) -> Result<Pair, String> {
        let Waiting {
            phone,
            routing,
            tunnel,
        } = waiting;
        // Chromium sends upper case, others lower.
        let spelled = if tunnel.ends_with(['0', '2', '4', '6', '8']) {
            routing.to_lowercase()
        } else {
            routing.clone()
        };
        let path = format!("/cable/connect/{spelled}/{tunnel}");
        let (desktop, _) = self
            .ask(&path)
            .await
            .map_err(|e| format!("connect {spelled}: {e}"))?;
        Ok(Pair {
            phone,
            desktop,
            node: routing[..1].to_owned(),
        })
    }
}

/// A phone in a tunnel that nobody has joined.
pub struct Waiting {
    phone: Side,
    pub routing: String,
    tunnel: String,
}

/// Both sides of a tunnel, and the digit that names its node.
pub struct Pair {
    phone: Side,
    desktop: Side,
    pub node: String,
}

impl Pair {
    /// A pair that came about otherwise.
    pub fn of(phone: Side, desktop: Side) -> Self {
        Self {
            phone,
            desktop,
            node: String::new(),
        }
    }

    /// The next message for the desktop.
    pub async fn heard_by_desktop(&mut self) -> Result<Vec<u8>, String> {
        match timeout(PATIENCE, self.desktop.next()).await {
            Ok(Some(Ok(Message::Binary(message)))) => Ok(message.to_vec()),
            other => Err(format!("expected a message, got {other:?}")),
        }
    }

    /// Sends messages both ways and checks that they arrive as they were.
    pub async fn exchange(&mut self, messages: u8) -> Result<(), String> {
        let exchanged = async {
            for n in 0..messages {
                pass(&mut self.phone, &mut self.desktop, n).await?;
                pass(&mut self.desktop, &mut self.phone, n).await?;
            }
            Ok(())
        };
        timeout(PATIENCE, exchanged)
            .await
            .unwrap_or_else(|_| Err("no message".to_owned()))
    }

    /// The phone says goodbye, and the desktop hears it.
    pub async fn close(mut self) -> Result<(), String> {
        let closed = async {
            self.phone
                .close(None)
                .await
                .map_err(|e| format!("close: {e}"))?;
            match self.desktop.next().await {
                Some(Ok(Message::Close(Some(frame)))) if u16::from(frame.code) == 1000 => Ok(()),
                other => Err(format!("expected close 1000, got {other:?}")),
            }
        };
        timeout(PATIENCE, closed)
            .await
            .unwrap_or_else(|_| Err("no goodbye".to_owned()))
    }
}

async fn pass(from: &mut Side, to: &mut Side, n: u8) -> Result<(), String> {
    let message = vec![n; 32 + usize::from(n) * 100];
    from.send(Message::binary(message.clone()))
        .await
        .map_err(|e| format!("send: {e}"))?;
    match to.next().await {
        Some(Ok(Message::Binary(got))) if got == message => Ok(()),
        other => Err(format!("expected message {n}, got {other:?}")),
    }
}

/// An address of a client: thousands to choose from, all of them loopback.
pub fn address(n: u16) -> Ipv4Addr {
    let [high, low] = n.to_be_bytes();
    Ipv4Addr::from([127, 1, high, low])
}
