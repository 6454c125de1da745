//! Messages over an open tunnel.

use futures_util::{SinkExt, StreamExt};
use hybrid_dial::ByteStream;
use hybrid_dial::clock::now;
use hybrid_protocol::{Desktop, DesktopInput};
use std::time::{Duration, Instant};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::{Bytes, Error, Message};

const PROTOCOL_ERROR: u16 = 1002;
/// RFC 6455 section 7.4.1: the connection ended without a closing handshake.
pub(super) const NO_GOODBYE: u16 = 1006;
/// For the closing handshake; nothing depends on it any more.
pub(super) const CLOSE: Duration = Duration::from_millis(500);

/// An open tunnel to the phone.
pub(super) type TunnelSocket = WebSocketStream<Box<dyn ByteStream>>;

/// The next message; never when there is no tunnel. Cancel-safe.
pub(super) async fn next(socket: &mut Option<TunnelSocket>) -> Option<Result<Message, Error>> {
    match socket {
        Some(open) => open.next().await,
        None => std::future::pending().await,
    }
}

/// Hands a message to the session. Pings are answered by the library and prove nothing.
pub(super) fn input(event: Option<Result<Message, Error>>, desktop: &mut Desktop) {
    let input = match &event {
        Some(Ok(Message::Binary(frame))) => DesktopInput::Frame(frame),
        Some(Ok(Message::Text(_))) => DesktopInput::TextFrame,
        Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => return,
        Some(Ok(Message::Close(frame))) => DesktopInput::TunnelClosed {
            code: frame.as_ref().map(|frame| frame.code.into()),
        },
        // What we would close with (RFC 6455 section 7.4.1): the other side's frames are none.
        Some(Err(Error::Protocol(broken)))
            if *broken != ProtocolError::ResetWithoutClosingHandshake =>
        {
            DesktopInput::TunnelClosed {
                code: Some(PROTOCOL_ERROR),
            }
        }
        Some(Err(_)) | None => DesktopInput::TunnelClosed {
            code: Some(NO_GOODBYE),
        },
    };
    desktop.handle_input(input, now());
}

/// Sends a message by the stage's deadline: a relay that does not read must not hold the session.
pub(super) async fn send(
    socket: &mut Option<TunnelSocket>,
    frame: Vec<u8>,
    by: Instant,
) -> Result<(), Option<u16>> {
    let Some(open) = socket else { return Ok(()) };
    match tokio::time::timeout_at(by.into(), open.send(Message::Binary(frame.into()))).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(Some(NO_GOODBYE)),
    }
}

/// Asks whether the other end is still there. A tunnel that cannot take it is closed soon, or by
/// whoever waits for the answer.
pub(super) async fn ping(socket: &mut Option<TunnelSocket>, by: Instant) {
    if let Some(open) = socket {
        let ping = open.send(Message::Ping(Bytes::new()));
        let _ = tokio::time::timeout_at(by.into(), ping).await;
    }
}

/// Says goodbye.
pub(super) async fn close(socket: Option<TunnelSocket>) {
    if let Some(mut open) = socket {
        let _ = timeout(CLOSE, async {
            let _ = open.close(None).await;
            while let Some(Ok(_)) = open.next().await {}
        })
        .await;
    }
}
