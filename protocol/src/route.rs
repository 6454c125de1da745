//! URL paths, headers and where to connect: shared by desktop, phone and relay so that they cannot
//! disagree.

use crate::domain::TunnelHost;
use crate::id::{ContactId, IdError, RoutingId, TunnelId};
use crate::link::ClientPayload;
use core::fmt;

/// The WebSocket subprotocol that every request names and every relay echoes.
pub const SUBPROTOCOL: &str = "fido.cable";
/// Response header of `/cable/new`: 6 hex digits. Compare the name case-insensitively.
pub const ROUTING_ID_HEADER: &str = "X-caBLE-Routing-ID";
/// Request header of `/cable/contact`: hex of the CBOR client payload.
pub const CLIENT_PAYLOAD_HEADER: &str = "X-caBLE-Client-Payload";
/// Request and response header of `/cable/contact`: the relay sends one byte `00` when the phone
/// joins.
pub const SIGNAL_HEADER: &str = "X-caBLE-Signal-Connection";

/// The path of a request to a relay. Its text holds ids that open doors: `Display` shows the verb
/// alone, as logs may have it; what is sent is [`Path::to_text`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Path {
    /// `/cable/new/<tunnel id>`: a phone opens a tunnel.
    New(TunnelId),
    /// `/cable/connect/<routing id>/<tunnel id>`: a desktop joins it (or a phone that was
    /// contacted).
    Connect(RoutingId, TunnelId),
    /// `/cable/contact/<contact id>`: a desktop asks the relay to wake a linked phone.
    Contact(ContactId),
    /// `/cable/listen/<contact id>`: a phone waits to be woken. Ours; outside the specification.
    Listen(ContactId),
}

impl Path {
    /// Reads the path of a request, without query or fragment; hex in either case.
    ///
    /// # Errors
    /// [`PathError`] says whether the path is unknown or holds a malformed id.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        let rest = text.strip_prefix("/cable/").ok_or(PathError::Unknown)?;
        let (verb, rest) = rest.split_once('/').ok_or(PathError::Unknown)?;
        match verb {
            "new" => Ok(Self::New(TunnelId::from_hex(rest)?)),
            "connect" => {
                let (routing, tunnel) = rest.split_once('/').ok_or(PathError::Unknown)?;
                Ok(Self::Connect(
                    RoutingId::from_hex(routing)?,
                    TunnelId::from_hex(tunnel)?,
                ))
            }
            "contact" => Ok(Self::Contact(ContactId::from_base64url(rest)?)),
            "listen" => Ok(Self::Listen(ContactId::from_base64url(rest)?)),
            _ => Err(PathError::Unknown),
        }
    }

    /// The path as it is sent, with hex in upper case as Chromium does.
    pub fn to_text(&self) -> String {
        match self {
            Self::New(tunnel) => format!("/cable/new/{}", tunnel.to_hex()),
            Self::Connect(routing, tunnel) => {
                format!("/cable/connect/{}/{}", routing.to_hex(), tunnel.to_hex())
            }
            Self::Contact(contact) => format!("/cable/contact/{}", contact.to_base64url()),
            Self::Listen(contact) => format!("/cable/listen/{}", contact.to_base64url()),
        }
    }

    /// The second path segment (`new`, `connect`, …): safe to log.
    pub const fn verb(&self) -> &'static str {
        match self {
            Self::New(_) => "new",
            Self::Connect(..) => "connect",
            Self::Contact(_) => "contact",
            Self::Listen(_) => "listen",
        }
    }
}

/// For logs: `/cable/new/…`, with the ids left out.
impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/cable/{}/…", self.verb())
    }
}

/// Where a player wants its tunnel opened: always `wss://`, port 443, by GET with [`SUBPROTOCOL`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Route {
    /// The relay.
    pub host: TunnelHost,
    /// What to ask it for.
    pub path: Path,
    /// Linked flow only: what the phone is told, sent as [`CLIENT_PAYLOAD_HEADER`] together with
    /// [`SIGNAL_HEADER`].
    pub payload: Option<ClientPayload>,
}

impl Route {
    /// The headers of this protocol, apart from those of WebSocket itself. `Origin` is
    /// `wss://<host>`: no known relay needs it, and one that checks it wants this value.
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        let mut headers = vec![
            ("Sec-WebSocket-Protocol", SUBPROTOCOL.to_owned()),
            ("Origin", format!("wss://{}", self.host)),
        ];
        if let Some(payload) = &self.payload {
            headers.push((CLIENT_PAYLOAD_HEADER, payload.header_value()));
            headers.push((SIGNAL_HEADER, "true".to_owned()));
        }
        headers
    }

    /// The whole URL. It holds the tunnel id: do not log it.
    pub fn url(&self) -> String {
        format!("wss://{}{}", self.host, self.path.to_text())
    }
}

/// Why a request path is not one of ours.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PathError {
    /// Not a path of this protocol.
    Unknown,
    /// A known path whose id is malformed.
    Id(IdError),
}

impl From<IdError> for PathError {
    fn from(error: IdError) -> Self {
        Self::Id(error)
    }
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("expected /cable/new, connect, contact or listen"),
            Self::Id(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for PathError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Id(error) => Some(error),
            Self::Unknown => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn paths_survive_their_text() {
        let tunnel = TunnelId::new([0xa5; 16]);
        let contact = ContactId::new(vec![0xff; 40]).unwrap();
        for path in [
            Path::New(tunnel),
            Path::Connect(RoutingId::new([1, 2, 0xfe]), tunnel),
            Path::Contact(contact.clone()),
            Path::Listen(contact),
        ] {
            assert_eq!(Path::parse(&path.to_text()), Ok(path));
        }
    }

    #[test]
    fn lower_case_hex_is_read_too() {
        let upper = Path::parse("/cable/connect/0A0B0C/A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5").unwrap();
        assert_eq!(
            Path::parse("/cable/connect/0a0b0c/a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5"),
            Ok(upper)
        );
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "/",
            "/cable/new",
            "/cable/new/",
            "/cable/connect/0a0b0c",
            "/cable/debug/x",
            "/cable/new/00/00",
            "cable/new/00",
        ] {
            assert!(Path::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_path_prints_without_what_opens_doors() {
        let path = Path::New(TunnelId::new([0xab; 16]));
        assert_eq!(path.to_string(), "/cable/new/…");
        assert!(!path.to_string().contains(&path.to_text()[11..]));
    }

    proptest! {
        #[test]
        fn parsing_any_text_never_panics(text in ".*") {
            let _ = Path::parse(&text);
            let _ = Path::parse(&format!("/cable/{text}"));
        }
    }
}
