//! One visit to a relay: name, connection, encryption, upgrade.

use crate::step::ProbeFault;
use crate::target::Target;
use crate::tls_fault;
use crate::trust::TrustedRoots;
use crate::websocket_fault;
use core::net::SocketAddr;
use hybrid_protocol::Path;
use hybrid_protocol::SUBPROTOCOL;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio_rustls::TlsConnector;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::{HeaderMap, HeaderValue, Request};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

/// The longest message that a relay can be set to pass on.
const MAX_MESSAGE_SIZE: usize = 1 << 20;
/// The longest head of a frame from a client (RFC 6455 section 5.2).
const FRAME_HEAD: usize = 14;

/// A connection, with or without TLS.
pub(crate) type ProbeStream = Box<dyn ByteStream>;
/// A side of a tunnel.
pub(crate) type ProbeSocket = WebSocketStream<ProbeStream>;

pub(crate) trait ByteStream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> ByteStream for T {}

pub(crate) async fn resolve(target: &Target) -> Result<(Vec<SocketAddr>, String), ProbeFault> {
    let advice = "Check the name, and its A and AAAA records.";
    let found = lookup_host((target.host(), target.port())).await;
    let addresses: Vec<_> = found
        .map_err(|error| ProbeFault::new(error, advice))?
        .collect();
    let list: Vec<_> = addresses
        .iter()
        .map(|address| address.ip().to_string())
        .collect();
    if list.is_empty() {
        return Err(ProbeFault::new("the name has no address", advice));
    }
    Ok((addresses, list.join(", ")))
}

/// Connects to the first address that answers; the others are named, because clients will meet them
/// too.
pub(crate) async fn connect(
    addresses: &[SocketAddr],
) -> Result<((TcpStream, SocketAddr), String), ProbeFault> {
    let mut failed = Vec::new();
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => {
                let _ = stream.set_nodelay(true);
                let before = failed.iter().map(|failure| format!("; {failure}"));
                let saw = format!("{address}{}", before.collect::<String>());
                return Ok(((stream, *address), saw));
            }
            Err(error) => failed.push(format!("{address}: {error}")),
        }
    }
    Err(ProbeFault::new(
        failed.join("; "),
        "Is the relay running, does it listen on this address, and does the firewall allow the port?",
    ))
}

/// The way to the relay, once it is known.
pub(crate) struct RelayRoute {
    target: Target,
    trust: TrustedRoots,
    address: SocketAddr,
}

/// What came of an upgrade.
pub(crate) enum UpgradeAnswer {
    Open(Box<ProbeSocket>, HeaderMap),
    Refused { status: u16, body: String },
}

impl RelayRoute {
    pub(crate) const fn new(target: Target, trust: TrustedRoots, address: SocketAddr) -> Self {
        Self {
            target,
            trust,
            address,
        }
    }

    pub(crate) fn plain(&self, stream: TcpStream) -> ProbeStream {
        Box::new(stream)
    }

    pub(crate) async fn secure(
        &self,
        stream: TcpStream,
    ) -> Result<(ProbeStream, String), ProbeFault> {
        let name = ServerName::try_from(self.target.host().to_owned());
        let name = name.map_err(|error| ProbeFault::new(error, "Check the name."))?;
        let connector = TlsConnector::from(self.trust.config());
        let stream = connector.connect(name, stream).await;
        let stream = stream.map_err(|error| tls_fault::fault(&error))?;
        let (_, session) = stream.get_ref();
        let version = if session.protocol_version() == Some(rustls::ProtocolVersion::TLSv1_3) {
            "TLS 1.3"
        } else {
            "TLS 1.2"
        };
        let saw = format!("{version}, certificate is valid for {}", self.target.host());
        Ok((Box::new(stream), saw))
    }

    /// Connects once more and asks for a path.
    pub(crate) async fn visit(&self, path: &Path) -> Result<UpgradeAnswer, ProbeFault> {
        let ((stream, _), _) = connect(&[self.address]).await?;
        let stream = if self.target.secure() {
            self.secure(stream).await?.0
        } else {
            self.plain(stream)
        };
        self.upgrade(stream, path).await
    }

    /// Asks for a path on a connection.
    pub(crate) async fn upgrade(
        &self,
        stream: ProbeStream,
        path: &Path,
    ) -> Result<UpgradeAnswer, ProbeFault> {
        let request = self.request(path).map_err(|_| {
            ProbeFault::new("the request cannot be made", "This is a bug in the probe.")
        })?;
        match client_async_with_config(request, stream, Some(buffers())).await {
            Ok((socket, response)) => Ok(UpgradeAnswer::Open(
                Box::new(socket),
                response.headers().clone(),
            )),
            Err(tungstenite::Error::Http(response)) => Ok(UpgradeAnswer::Refused {
                status: response.status().as_u16(),
                body: String::from_utf8_lossy(response.body().as_deref().unwrap_or_default())
                    .into_owned(),
            }),
            Err(error) => Err(websocket_fault::no_upgrade(&error)),
        }
    }

    fn request(&self, path: &Path) -> Result<Request<()>, tungstenite::Error> {
        let mut request = format!("{}{}", self.target, path.to_text()).into_client_request()?;
        let headers = request.headers_mut();
        headers.insert(
            "Sec-WebSocket-Protocol",
            HeaderValue::from_static(SUBPROTOCOL),
        );
        headers.insert("Origin", HeaderValue::from_str(&self.target.to_string())?);
        Ok(request)
    }
}

/// What the other end can make us keep: one message that it sends, and one that it does not read.
/// When that is full, sending fails and the step with it; of the pings that come meanwhile the
/// latest one alone is answered (RFC 6455 section 5.5.3).
fn buffers() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(4 * 1024)
        .max_message_size(Some(MAX_MESSAGE_SIZE))
        .max_frame_size(Some(MAX_MESSAGE_SIZE))
        // Nothing waits to be written when it could be.
        .write_buffer_size(0)
        .max_write_buffer_size(MAX_MESSAGE_SIZE + FRAME_HEAD)
}
