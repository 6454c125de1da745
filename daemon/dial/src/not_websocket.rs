//! Why an answer opens no WebSocket, in words: the library's are about its own parts.

use std::error::Error;
use std::fmt;
use tokio_tungstenite::tungstenite::Error as WsError;
use tokio_tungstenite::tungstenite::error::{CapacityError, ProtocolError};

/// Why there can be no WebSocket.
#[derive(Debug)]
#[non_exhaustive]
pub enum NotWebSocket {
    /// The relay's address is no URL.
    Url(url::ParseError),
    /// Request or answer break the protocol.
    Protocol(Box<WsError>),
}

impl fmt::Display for NotWebSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(_) => f.write_str("the relay's name cannot be part of a URL"),
            Self::Protocol(error) => {
                let why = words(error);
                write!(f, "the response is not a WebSocket response: {why}")
            }
        }
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "of the library's many errors these tell what stands in between"
)]
fn words(error: &WsError) -> String {
    use ProtocolError as Broken;
    let words = match error {
        WsError::Protocol(Broken::InvalidHeader(name)) => {
            return format!("the header {name} is missing, repeated or wrong");
        }
        WsError::Protocol(Broken::HttparseError(_)) => "it is not HTTP/1.1",
        WsError::Protocol(Broken::WrongHttpVersion) => "its HTTP version is older than 1.1",
        WsError::Protocol(Broken::MissingConnectionUpgradeHeader) => {
            "the header Connection: Upgrade is missing"
        }
        WsError::Protocol(Broken::MissingUpgradeWebSocketHeader) => {
            "the header Upgrade: websocket is missing"
        }
        WsError::Protocol(Broken::SecWebSocketAcceptKeyMismatch) => {
            "its header Sec-WebSocket-Accept belongs to another request, as from a cache"
        }
        WsError::Protocol(Broken::JunkAfterRequest) => "other bytes follow it",
        WsError::Capacity(CapacityError::TooManyHeaders) => "it has too many headers",
        WsError::AttackAttempt => "its head is too long, or comes in too many small pieces",
        WsError::HttpFormat(_) => "a header in it is malformed",
        _ => "it breaks the WebSocket protocol",
    };
    words.to_owned()
}

impl Error for NotWebSocket {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Url(error) => Some(error),
            Self::Protocol(error) => Some(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio_tungstenite::tungstenite::http::HeaderName;

    #[test]
    fn what_answers_in_place_of_a_relay_is_told_without_a_librarys_words() {
        let accept = || Box::new(HeaderName::from_static("sec-websocket-accept"));
        for (error, told) in [
            (
                ProtocolError::HttparseError(httparse::Error::Version).into(),
                "it is not HTTP/1.1",
            ),
            (
                ProtocolError::WrongHttpVersion.into(),
                "its HTTP version is older than 1.1",
            ),
            (
                ProtocolError::InvalidHeader(accept()).into(),
                "the header sec-websocket-accept is missing, repeated or wrong",
            ),
            (
                ProtocolError::MissingUpgradeWebSocketHeader.into(),
                "the header Upgrade: websocket is missing",
            ),
            (
                ProtocolError::NonZeroReservedBits.into(),
                "it breaks the WebSocket protocol",
            ),
            (
                WsError::AttackAttempt,
                "its head is too long, or comes in too many small pieces",
            ),
        ] {
            let error = NotWebSocket::Protocol(Box::new(error));
            let expected = format!("the response is not a WebSocket response: {told}");
            assert_eq!(error.to_string(), expected);
        }
        let url = NotWebSocket::Url(url::ParseError::EmptyHost).to_string();
        assert!(!url.contains("response") && !url.contains("empty"), "{url}");
    }
}
