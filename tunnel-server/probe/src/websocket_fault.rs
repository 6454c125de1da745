//! What went wrong with WebSocket, in words: the library's are about its own parts.

use crate::step::ProbeFault;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::error::{CapacityError, ProtocolError};

/// Why there is no WebSocket with a relay, and what to do.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "of the library's many errors these tell what stands in between"
)]
pub(crate) fn no_upgrade(error: &Error) -> ProbeFault {
    use ProtocolError as Broken;
    let saw = match error {
        Error::Protocol(Broken::SecWebSocketSubProtocolError(_)) => {
            return ProbeFault::new(
                "the response does not select the fido.cable protocol",
                "Chromium rejects a response without fido.cable: this is not a relay, or a proxy removes the header.",
            );
        }
        Error::Protocol(Broken::InvalidHeader(name)) => {
            format!("the response's header {name} is missing, repeated or wrong")
        }
        Error::Protocol(Broken::HttparseError(_)) => "the response is not HTTP/1.1".to_owned(),
        Error::Protocol(Broken::WrongHttpVersion) => {
            "the response's HTTP version is older than 1.1".to_owned()
        }
        Error::Protocol(Broken::MissingConnectionUpgradeHeader) => {
            "the response lacks the header Connection: Upgrade".to_owned()
        }
        Error::Protocol(Broken::MissingUpgradeWebSocketHeader) => {
            "the response lacks the header Upgrade: websocket".to_owned()
        }
        Error::Protocol(Broken::SecWebSocketAcceptKeyMismatch) => {
            "the response's header Sec-WebSocket-Accept belongs to another request".to_owned()
        }
        Error::Capacity(CapacityError::TooManyHeaders) => {
            "the response has too many headers".to_owned()
        }
        Error::AttackAttempt => {
            "the response's head is too long, or comes in too many small pieces".to_owned()
        }
        Error::Io(_) | Error::ConnectionClosed | Error::Protocol(Broken::HandshakeIncomplete) => {
            broken(error)
        }
        _ => "the response breaks the WebSocket protocol".to_owned(),
    };
    ProbeFault::new(
        saw,
        "The response is not a WebSocket response: check what listens there and the proxy in front of it.",
    )
}

/// Why a tunnel is over, and what to do.
pub(crate) fn lost(error: &Error) -> ProbeFault {
    ProbeFault::new(
        broken(error),
        "The connection broke: check the relay's log and the timeouts of proxies.",
    )
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "of the library's many errors these happen to a connection"
)]
fn broken(error: &Error) -> String {
    match error {
        Error::Io(error) if error.raw_os_error().is_some() => error.to_string(),
        Error::Io(_)
        | Error::ConnectionClosed
        | Error::AlreadyClosed
        | Error::Protocol(
            ProtocolError::ResetWithoutClosingHandshake | ProtocolError::HandshakeIncomplete,
        ) => "the connection was closed without a WebSocket close".to_owned(),
        Error::Capacity(_) => "a message came that is longer than a relay passes on".to_owned(),
        _ => "what came breaks the WebSocket protocol".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    #[test]
    fn what_is_no_relay_is_told_without_a_librarys_words() {
        for (error, saw) in [
            (
                ProtocolError::WrongHttpVersion.into(),
                "the response's HTTP version is older than 1.1",
            ),
            (
                ProtocolError::MissingUpgradeWebSocketHeader.into(),
                "the response lacks the header Upgrade: websocket",
            ),
            (
                ProtocolError::HandshakeIncomplete.into(),
                "the connection was closed without a WebSocket close",
            ),
            (
                Error::Io(io::Error::from_raw_os_error(104)),
                "Connection reset by peer (os error 104)",
            ),
        ] {
            assert_eq!(no_upgrade(&error).saw, saw);
        }
    }

    #[test]
    fn a_tunnel_that_ends_is_told_without_a_librarys_words() {
        for (error, saw) in [
            (
                ProtocolError::ResetWithoutClosingHandshake.into(),
                "the connection was closed without a WebSocket close",
            ),
            (
                ProtocolError::NonZeroReservedBits.into(),
                "what came breaks the WebSocket protocol",
            ),
            (
                Error::Io(io::ErrorKind::UnexpectedEof.into()),
                "the connection was closed without a WebSocket close",
            ),
        ] {
            assert_eq!(lost(&error).saw, saw);
        }
    }
}
