//! The WebSocket request to a relay and its answer.

use crate::error::{DialError, HttpAnswer, Interruption};
use crate::fact::Fact;
use crate::not_websocket::NotWebSocket;
use crate::redirect;
use crate::stream::ByteStream;
use hybrid_protocol::MAX_FRAME;
use hybrid_protocol::{Path, RoutingId, TunnelId};
use hybrid_protocol::{SIGNAL_HEADER, SUBPROTOCOL};
use std::time::SystemTime;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::handshake::client::{Request, Response};
use tokio_tungstenite::tungstenite::http::{self, HeaderName, HeaderValue};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error as WsError, http::header};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};
use url::Url;

/// The longest head of a frame from a client (RFC 6455 section 5.2).
const FRAME_HEAD: usize = 14;

/// An open tunnel.
pub struct Tunnel {
    /// Carries the messages.
    pub socket: WebSocketStream<Box<dyn ByteStream>>,
    /// The relay promised to signal the phone's arrival.
    pub signal: bool,
}

/// What a relay answers to a request for a tunnel.
pub(crate) enum Upgraded {
    Open(Box<Tunnel>),
    /// The same relay wants to be asked elsewhere.
    Elsewhere(Url),
}

/// How a relay answers to a request for a tunnel that nobody opened.
pub(crate) struct Answered {
    status: u16,
    /// Its clock.
    pub(crate) date: Option<SystemTime>,
}

/// Sends the request. It may be redirected as often as is left.
pub(crate) async fn upgrade(
    url: &Url,
    headers: Vec<(&'static str, String)>,
    io: Box<dyn ByteStream>,
    redirects_left: usize,
) -> Result<Upgraded, DialError> {
    let request = request(url, headers).map_err(not_websocket)?;
    match client_async_with_config(request, io, Some(buffers())).await {
        Ok((socket, response)) => {
            let signal = response
                .headers()
                .get(SIGNAL_HEADER)
                .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"true"));
            Ok(Upgraded::Open(Box::new(Tunnel { socket, signal })))
        }
        Err(error) => {
            let error = refused(error);
            let elsewhere = if let DialError::Http(answer) = &error
                && matches!(answer.status, 301 | 302 | 307 | 308)
                && redirects_left > 0
            {
                redirect::follow(url, answer.location.as_deref())
            } else {
                None
            };
            elsewhere.map(Upgraded::Elsewhere).ok_or(error)
        }
    }
}

/// What a relay can make us keep: one message that it sends, and one that it does not read. When
/// that is full, our next message fails and ends the session; of the pings that come meanwhile the
/// latest one alone is answered (RFC 6455 section 5.5.3).
fn buffers() -> WebSocketConfig {
    WebSocketConfig::default()
        // The library zeroes this buffer before every read.
        .read_buffer_size(4 * 1024)
        .max_message_size(Some(MAX_FRAME))
        .max_frame_size(Some(MAX_FRAME))
        // Nothing waits to be written when it could be.
        .write_buffer_size(0)
        .max_write_buffer_size(MAX_FRAME + FRAME_HEAD)
}

/// Asks a relay for a tunnel that nobody opened. A relay refuses; what matters is that it is a
/// relay which does.
pub(crate) async fn probe(host: &str, io: Box<dyn ByteStream>) -> Result<Answered, DialError> {
    let nobody = Path::Connect(
        RoutingId::new([0; RoutingId::LEN]),
        TunnelId::new([0; TunnelId::LEN]),
    );
    let url = Url::parse(&format!("wss://{host}{}", nobody.to_text()))?;
    let headers = vec![
        ("Sec-WebSocket-Protocol", SUBPROTOCOL.to_owned()),
        ("Origin", format!("wss://{host}")),
    ];
    match upgrade(&url, headers, io, redirect::MOST).await {
        Ok(Upgraded::Open(_)) => Ok(Answered {
            status: 101,
            date: None,
        }),
        Ok(Upgraded::Elsewhere(_)) => Ok(Answered {
            status: 302,
            date: None,
        }),
        // How relays refuse: unknown tunnel, malformed, gone, and Google's teapot for one that came
        // too late.
        Err(DialError::Http(HttpAnswer {
            status: status @ (400 | 403 | 404 | 410 | 418),
            html: false,
            date,
            ..
        })) => Ok(Answered { status, date }),
        // A web server in front of the relay shows the relay's refusal as a page.
        Err(DialError::Http(HttpAnswer {
            status: status @ (404 | 410),
            date,
            ..
        })) => Ok(Answered { status, date }),
        Err(error) => Err(error),
    }
}

fn request(url: &Url, headers: Vec<(&'static str, String)>) -> Result<Request, WsError> {
    let mut request = url.as_str().into_client_request()?;
    for (name, value) in headers {
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
        WsError::Http(response) => DialError::Http(answer(&response)),
        WsError::Protocol(ProtocolError::SecWebSocketSubProtocolError(_)) => DialError::Subprotocol,
        WsError::Io(error) => DialError::Broken(Interruption::Io(error)),
        WsError::ConnectionClosed | WsError::Protocol(ProtocolError::HandshakeIncomplete) => {
            DialError::Broken(Interruption::Closed)
        }
        other => not_websocket(other),
    }
}

fn not_websocket(error: WsError) -> DialError {
    DialError::NotWebSocket(NotWebSocket::Protocol(Box::new(error)))
}

fn answer(response: &Response) -> HttpAnswer {
    let text = |name| {
        response
            .headers()
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
    };
    HttpAnswer {
        status: response.status().as_u16(),
        retry_after: text(header::RETRY_AFTER).and_then(|seconds| seconds.parse().ok()),
        location: text(header::LOCATION).map(str::to_owned),
        html: text(header::CONTENT_TYPE)
            .is_some_and(|kind| kind.to_ascii_lowercase().starts_with("text/html")),
        date: text(header::DATE).and_then(|date| httpdate::parse_http_date(date).ok()),
    }
}

impl Fact for Upgraded {
    fn fact(&self) -> String {
        match self {
            Self::Open(_) => "the tunnel is open".to_owned(),
            Self::Elsewhere(_) => "the relay redirects to another path".to_owned(),
        }
    }
}

impl Fact for Answered {
    fn fact(&self) -> String {
        format!("the server responds like a relay (HTTP {})", self.status)
    }
}
