//! The WebSocket request to a relay and its answer.

use super::{DialError, Fact, Io, Tunnel};
use hybrid_protocol::channel::MAX_FRAME;
use hybrid_protocol::route::{SIGNAL_HEADER, SUBPROTOCOL};
use hybrid_protocol::{Path, Route, RoutingId, TunnelId};
use tokio_tungstenite::client_async_with_config;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::handshake::client::{Request, Response};
use tokio_tungstenite::tungstenite::http::{self, HeaderName, HeaderValue};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error as WsError, http::header};

pub(super) async fn upgrade(route: &Route, io: impl Into<Box<dyn Io>>) -> Result<Tunnel, DialError> {
    let config = WebSocketConfig::default()
        // The library zeroes this buffer before every read.
        .read_buffer_size(4 * 1024)
        .max_message_size(Some(MAX_FRAME))
        .max_frame_size(Some(MAX_FRAME));
    let request = request(route).map_err(|error| DialError::NotWebSocket(error.to_string()))?;
    let (socket, response) = client_async_with_config(request, io.into(), Some(config))
        .await
        .map_err(refused)?;
    let signal = response
        .headers()
        .get(SIGNAL_HEADER)
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"true"));
    Ok(Tunnel { socket, signal })
}

/// Asks a relay for a tunnel that nobody opened. A relay refuses; what matters is that it is a relay which does.
pub(super) async fn probe(host: &str, io: impl Into<Box<dyn Io>>) -> Result<Answered, DialError> {
    let nobody = Path::Connect(RoutingId::new([0; RoutingId::LEN]), TunnelId::new([0; TunnelId::LEN]));
    let request = format!("wss://{host}{}", nobody.to_text())
        .into_client_request()
        .and_then(|mut request| {
            request
                .headers_mut()
                .insert("Sec-WebSocket-Protocol", HeaderValue::from_static(SUBPROTOCOL));
            request.headers_mut().insert(
                "Origin",
                HeaderValue::try_from(format!("wss://{host}")).map_err(http::Error::from)?,
            );
            Ok(request)
        });
    let request = request.map_err(|error| DialError::NotWebSocket(error.to_string()))?;
    match client_async_with_config(request, io.into(), None)
        .await
        .map_err(refused)
    {
        Ok(_) => Ok(Answered(101)),
        // How relays refuse: unknown tunnel, malformed, gone, and Google's teapot for one that came too late.
        Err(DialError::Http {
            status: status @ (400 | 403 | 404 | 410 | 418),
            html: false,
            ..
        }) => Ok(Answered(status)),
        Err(error) => Err(error),
    }
}

/// The status of a relay that refused as it should.
pub(super) struct Answered(u16);

impl Fact for Answered {
    fn fact(&self) -> String {
        format!("it answers like a relay (HTTP {})", self.0)
    }
}

fn request(route: &Route) -> Result<Request, WsError> {
    let mut request = route.url().into_client_request()?;
    for (name, value) in route.headers() {
        let name = HeaderName::try_from(name).map_err(http::Error::from)?;
        let value = HeaderValue::try_from(value).map_err(http::Error::from)?;
        request.headers_mut().insert(name, value);
    }
    Ok(request)
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "of the library's errors these have a remedy of their own"
)]
fn refused(error: WsError) -> DialError {
    match error {
        WsError::Http(response) => status(&response),
        WsError::Protocol(ProtocolError::SecWebSocketSubProtocolError(_)) => DialError::Subprotocol,
        WsError::Io(error) => DialError::Broken(error.to_string()),
        WsError::ConnectionClosed | WsError::Protocol(ProtocolError::HandshakeIncomplete) => {
            DialError::Broken("closed".to_owned())
        }
        other => DialError::NotWebSocket(other.to_string()),
    }
}

fn status(response: &Response) -> DialError {
    let text = |name| {
        response
            .headers()
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
            .map(str::to_owned)
    };
    DialError::Http {
        status: response.status().as_u16(),
        retry_after: text(header::RETRY_AFTER).and_then(|seconds| seconds.parse().ok()),
        location: text(header::LOCATION),
        html: text(header::CONTENT_TYPE).is_some_and(|kind| kind.starts_with("text/html")),
    }
}

impl Fact for Tunnel {
    fn fact(&self) -> String {
        "the tunnel is open".to_owned()
    }
}
