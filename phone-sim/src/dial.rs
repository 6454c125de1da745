//! Opening the phone's tunnel.

use hybrid_process::{NoTrustStore, TrustStore};
use hybrid_protocol::{MAX_FRAME, ROUTING_ID_HEADER};
use hybrid_protocol::{Path, Route, RoutingId, TunnelFault};
use std::sync::Arc;
use std::time::Duration;
use std::{fmt, io};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::Resumption;
use tokio_rustls::rustls::pki_types::{InvalidDnsNameError, ServerName};
use tokio_rustls::rustls::{self, ClientConfig, crypto::ring};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Error as WsError};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

/// DNS, TCP, TLS and upgrade together.
const CONNECT: Duration = Duration::from_secs(10);
/// The longest head of a frame from a client (RFC 6455 section 5.2).
const FRAME_HEAD: usize = 14;

/// A connection whatever carries it.
pub trait PhoneStream: AsyncRead + AsyncWrite + Unpin + Send {
    /// The TCP connection underneath.
    fn tcp(&self) -> &TcpStream;
}

impl PhoneStream for TcpStream {
    fn tcp(&self) -> &TcpStream {
        self
    }
}

impl PhoneStream for TlsStream<TcpStream> {
    fn tcp(&self) -> &TcpStream {
        self.get_ref().0
    }
}

/// An open tunnel.
pub type PhoneTunnel = WebSocketStream<Box<dyn PhoneStream>>;

/// Where the relay really is, instead of at port 443 of its host: a lab's relay, given by
/// `--tunnel`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RelayAddress {
    host: String,
    port: u16,
    tls: bool,
}

impl RelayAddress {
    /// Reads `ws://host[:port]` or `wss://host[:port]`.
    ///
    /// # Errors
    /// [`RelayAddressError`] says what was expected.
    pub fn parse(text: &str) -> Result<Self, RelayAddressError> {
        let expected = || RelayAddressError(text.to_owned());
        let (tls, rest) = match (text.strip_prefix("wss://"), text.strip_prefix("ws://")) {
            (Some(rest), _) => (true, rest),
            (None, Some(rest)) => (false, rest),
            (None, None) => return Err(expected()),
        };
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        let uri: tungstenite::http::uri::Authority = authority.parse().map_err(|_| expected())?;
        if uri.host().is_empty() || authority.contains('@') {
            return Err(expected());
        }
        let port = uri.port_u16().unwrap_or(if tls { 443 } else { 80 });
        Ok(Self {
            host: uri.host().trim_matches(['[', ']']).to_owned(),
            port,
            tls,
        })
    }
}

/// How tunnels are opened.
#[derive(Clone)]
pub struct Dialer {
    relay: Option<RelayAddress>,
    tls: Arc<ClientConfig>,
}

impl Dialer {
    /// Trusts what the system trusts (and `SSL_CERT_FILE`), and goes to `relay` when one is given.
    ///
    /// # Errors
    /// [`CertificatesError`] when the system's certificates cannot be used.
    pub fn system(relay: Option<RelayAddress>) -> Result<Self, CertificatesError> {
        let store = TrustStore::of_system().map_err(CertificatesError::Store)?;
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .map_err(CertificatesError::Library)?;
        let mut config = config
            .with_root_certificates(store.roots)
            .with_no_client_auth();
        // One tunnel or two are opened in all: tickets would be kept for nobody.
        config.resumption = Resumption::disabled();
        Ok(Self::new(relay, Arc::new(config)))
    }

    /// With a TLS configuration of the caller's, for embedding in tests.
    pub const fn new(relay: Option<RelayAddress>, tls: Arc<ClientConfig>) -> Self {
        Self { relay, tls }
    }

    /// Opens a tunnel. For a new one the relay's header gives the routing id; a contacted phone
    /// knows it already.
    ///
    /// # Errors
    /// [`TunnelOpenError`] has the fault for the session and the words for the person.
    pub async fn open(&self, route: &Route) -> Result<(PhoneTunnel, RoutingId), TunnelOpenError> {
        tokio::time::timeout(CONNECT, self.try_open(route))
            .await
            .unwrap_or(Err(TunnelOpenError::Silent))
    }

    async fn try_open(&self, route: &Route) -> Result<(PhoneTunnel, RoutingId), TunnelOpenError> {
        let default = RelayAddress {
            host: route.host.as_str().to_owned(),
            port: 443,
            tls: true,
        };
        let relay = self.relay.as_ref().unwrap_or(&default);
        let stream = TcpStream::connect((relay.host.as_str(), relay.port))
            .await
            .map_err(|error| TunnelOpenError::Tcp(relay.host.clone(), relay.port, error))?;
        let _ = stream.set_nodelay(true);
        let stream: Box<dyn PhoneStream> = if relay.tls {
            Box::new(self.encrypt(relay, stream).await?)
        } else {
            Box::new(stream)
        };
        let request = request(relay, route).map_err(upgrade_error)?;
        let (tunnel, response) = client_async_with_config(request, stream, Some(buffers()))
            .await
            .map_err(upgrade_error)?;
        let routing = match &route.path {
            Path::New(_) => {
                let header = response
                    .headers()
                    .get(ROUTING_ID_HEADER)
                    .and_then(|value| value.to_str().ok());
                header
                    .and_then(|text| RoutingId::from_hex(text).ok())
                    .ok_or(TunnelOpenError::RoutingId)?
            }
            Path::Connect(routing, _) => *routing,
            Path::Contact(_) | Path::Listen(_) => RoutingId::new([0; 3]),
        };
        Ok((tunnel, routing))
    }

    async fn encrypt(
        &self,
        relay: &RelayAddress,
        stream: TcpStream,
    ) -> Result<impl PhoneStream + use<>, TunnelOpenError> {
        let name = ServerName::try_from(relay.host.clone()).map_err(TunnelOpenError::Name)?;
        TlsConnector::from(Arc::clone(&self.tls))
            .connect(name, stream)
            .await
            .map_err(|error| TunnelOpenError::Tls(relay.host.clone(), error))
    }
}

/// What a relay can make us keep: one message that it sends, and one that it does not read. When
/// that is full, our next message fails and ends the session; of the pings that come meanwhile the
/// latest one alone is answered (RFC 6455 section 5.5.3).
fn buffers() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(4096)
        .max_message_size(Some(MAX_FRAME))
        .max_frame_size(Some(MAX_FRAME))
        // Nothing waits to be written when it could be.
        .write_buffer_size(0)
        .max_write_buffer_size(MAX_FRAME + FRAME_HEAD)
}

fn request(
    relay: &RelayAddress,
    route: &Route,
) -> Result<tungstenite::handshake::client::Request, WsError> {
    let scheme = if relay.tls { "wss" } else { "ws" };
    let mut request = format!(
        "{scheme}://{}:{}{}",
        bracketed(&relay.host),
        relay.port,
        route.path.to_text()
    )
    .into_client_request()?;
    for (name, value) in route.headers() {
        let name = HeaderName::try_from(name).map_err(tungstenite::http::Error::from)?;
        let value = HeaderValue::try_from(value).map_err(tungstenite::http::Error::from)?;
        request.headers_mut().insert(name, value);
    }
    Ok(request)
}

fn bracketed(host: &str) -> String {
    if host.contains(':') {
        format!("[{host}]")
    } else {
        host.to_owned()
    }
}

fn upgrade_error(error: WsError) -> TunnelOpenError {
    TunnelOpenError::Upgrade(Box::new(error))
}

/// Why there is no tunnel.
#[derive(Debug)]
pub enum TunnelOpenError {
    /// The relay said nothing in time.
    Silent,
    /// No TCP connection to this host and port.
    Tcp(String, u16, io::Error),
    /// The relay's host is not a name that a certificate can have.
    Name(InvalidDnsNameError),
    /// No TLS with this host.
    Tls(String, io::Error),
    /// The request could not be made, or the answer is not the expected one.
    Upgrade(Box<WsError>),
    /// The answer names no routing id.
    RoutingId,
}

impl TunnelOpenError {
    /// What the session is told of it.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the library's errors are many; these are told apart"
    )]
    pub fn fault(&self) -> TunnelFault {
        match self {
            Self::Silent | Self::Tcp(..) => TunnelFault::Tcp,
            Self::Name(_) | Self::Tls(..) => TunnelFault::Tls,
            Self::RoutingId => TunnelFault::Upgrade,
            Self::Upgrade(error) => match error.as_ref() {
                WsError::Http(response) => TunnelFault::Http(response.status().as_u16()),
                WsError::Protocol(ProtocolError::SecWebSocketSubProtocolError(_)) => {
                    TunnelFault::Subprotocol
                }
                _ => TunnelFault::Upgrade,
            },
        }
    }
}

impl fmt::Display for TunnelOpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Silent => write!(f, "timed out after {} s", CONNECT.as_secs()),
            Self::Tcp(host, port, error) => write!(f, "cannot connect to {host}:{port}: {error}"),
            Self::Name(_) => {
                f.write_str("the relay's host is not a name that a certificate can have")
            }
            Self::Tls(host, error) => {
                let of_library = { error.get_ref() }.and_then(|inner| inner.downcast_ref());
                match of_library {
                    Some(error) => {
                        write!(f, "the TLS handshake with {host} failed: {}", words(error))
                    }
                    None => write!(f, "the TLS handshake with {host} failed: {error}"),
                }
            }
            Self::Upgrade(error) => f.write_str(&refusal(error)),
            Self::RoutingId => write!(f, "expected 6 hex digits in {ROUTING_ID_HEADER}"),
        }
    }
}

impl std::error::Error for TunnelOpenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Silent | Self::RoutingId => None,
            Self::Tcp(_, _, error) | Self::Tls(_, error) => Some(error),
            Self::Name(error) => Some(error),
            Self::Upgrade(error) => Some(error),
        }
    }
}

/// Why there is no tunnel after the request: the library's words are about its own parts.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "of the library's many errors these are told apart"
)]
fn refusal(error: &WsError) -> String {
    let words = match error {
        WsError::Http(response) => {
            return format!(
                "the relay refused with HTTP status {}",
                response.status().as_u16()
            );
        }
        WsError::Io(error) if error.raw_os_error().is_some() => {
            return format!("the connection failed during the request: {error}");
        }
        WsError::Io(_)
        | WsError::ConnectionClosed
        | WsError::Protocol(ProtocolError::HandshakeIncomplete) => {
            "the connection was closed before a response"
        }
        WsError::Protocol(ProtocolError::SecWebSocketSubProtocolError(_)) => {
            "the response does not select the fido.cable protocol"
        }
        WsError::Protocol(ProtocolError::HttparseError(_)) => "the response is not HTTP/1.1",
        _ => "the response is not a WebSocket response",
    };
    words.to_owned()
}

/// How the library that checks certificates calls one that is an authority's. It says so in no other
/// way; a test looks whether it still does.
const AUTHORITY: &str = "CaUsedAsEndEntity";

/// What the library found wrong, for a person: its own words are for its authors.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "of the library's many errors these are told apart"
)]
fn words(error: &rustls::Error) -> &'static str {
    use rustls::CertificateError as Wrong;
    let rustls::Error::InvalidCertificate(wrong) = error else {
        return match error {
            rustls::Error::InvalidMessage(_) => "the server does not speak TLS",
            rustls::Error::AlertReceived(_) => "the relay aborted the handshake",
            rustls::Error::PeerIncompatible(_) => {
                "the relay supports no TLS version or cipher that phone-sim supports"
            }
            _ => "the relay violates the TLS protocol",
        };
    };
    match wrong {
        Wrong::UnknownIssuer | Wrong::BadSignature => {
            "the certificate is not signed by an authority that this system trusts"
        }
        Wrong::Expired | Wrong::ExpiredContext { .. } => "the certificate has expired",
        Wrong::NotValidYet | Wrong::NotValidYetContext { .. } => "the certificate is not valid yet",
        Wrong::NotValidForName | Wrong::NotValidForNameContext { .. } => {
            "the certificate is for another name"
        }
        Wrong::Revoked => "the certificate is revoked",
        Wrong::Other(other) if other.to_string() == AUTHORITY => {
            "the certificate is a CA certificate (CA:TRUE), not a server certificate: recreate it with CA:FALSE"
        }
        _ => "the certificate is damaged or is not a server certificate",
    }
}

/// A text that is not a relay's address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RelayAddressError(String);

impl fmt::Display for RelayAddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "expected a relay such as wss://cable.example.net or ws://127.0.0.1:8080, got {}",
            self.0.escape_debug()
        )
    }
}

impl std::error::Error for RelayAddressError {}

/// The system's certificates are of no use.
#[derive(Debug)]
#[non_exhaustive]
pub enum CertificatesError {
    /// There are none.
    Store(NoTrustStore),
    /// TLS cannot be set up.
    Library(rustls::Error),
}

impl fmt::Display for CertificatesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the system's certificates cannot be used: ")?;
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Library(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for CertificatesError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Store(error) => Some(error),
            Self::Library(error) => Some(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls::RootCertStore;
    use rustls::client::WebPkiServerVerifier;
    use tokio_rustls::rustls::client::danger::ServerCertVerifier as _;
    use tokio_rustls::rustls::pki_types::UnixTime;

    #[test]
    fn a_certificate_that_is_an_authoritys_is_named_so_and_no_librarys_text_is_shown() {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(vec!["relay.test".to_owned()]).unwrap();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params.not_after = rcgen::date_time_ymd(2099, 1, 1);
        let certificate = params.self_signed(&key).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(certificate.der().clone()).unwrap();
        let provider = Arc::new(ring::default_provider());
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider);
        let name = ServerName::try_from("relay.test").unwrap();
        let now = UnixTime::since_unix_epoch(Duration::from_secs(1_800_000_000));
        let verified = { verifier.build().unwrap() }.verify_server_cert(
            certificate.der(),
            &[],
            &name,
            &[],
            now,
        );
        let error = io::Error::other(verified.unwrap_err());
        let said = TunnelOpenError::Tls("relay.test".to_owned(), error).to_string();
        assert!(said.contains("(CA:TRUE)"), "{said}");
        assert!(
            !said.contains("Entity") && !said.contains("Other("),
            "{said}"
        );
    }

    #[test]
    fn what_answers_in_place_of_a_relay_is_told_without_a_librarys_words() {
        let told = |error: WsError| TunnelOpenError::Upgrade(Box::new(error)).to_string();
        let closed = told(ProtocolError::HandshakeIncomplete.into());
        assert_eq!(closed, "the connection was closed before a response");
        let other = told(ProtocolError::MissingUpgradeWebSocketHeader.into());
        assert_eq!(other, "the response is not a WebSocket response");
        let os = told(WsError::Io(io::Error::from_raw_os_error(104)));
        assert!(
            os.ends_with(": Connection reset by peer (os error 104)"),
            "{os}"
        );
    }

    #[test]
    fn a_relay_is_a_websocket_url_without_a_path() {
        assert_eq!(
            RelayAddress::parse("ws://127.0.0.1:80/").unwrap(),
            RelayAddress {
                host: "127.0.0.1".to_owned(),
                port: 80,
                tls: false
            }
        );
        assert_eq!(
            RelayAddress::parse("wss://[::1]").unwrap(),
            RelayAddress {
                host: "::1".to_owned(),
                port: 443,
                tls: true
            }
        );
        for bad in ["", "https://a", "wss://", "wss://a/b", "wss://u@a", "a:80"] {
            assert!(RelayAddress::parse(bad).is_err(), "{bad}");
        }
    }
}
