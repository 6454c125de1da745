//! Why a request is refused: HTTP status, the sentence in its body, Retry-After, metric label.

use core::time::Duration;
use std::time::SystemTime;

/// Why a request is refused. The documents' table of statuses is checked against [`Refusal::ALL`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// Not HTTP, or a request that two servers could read differently.
    Malformed,
    /// A tunnel, routing or contact id that is not one.
    BadId,
    /// No `Sec-WebSocket-Protocol: fido.cable`.
    Subprotocol,
    /// The key of the WebSocket request is missing or not 16 bytes.
    Key,
    /// The client payload of a contact is missing, too long or not hex.
    Payload,
    /// Not one of the relay's paths.
    Path,
    /// No such room: unknown tunnel, wrong routing id, already joined, or nobody listens. These
    /// must not differ.
    NoRoom,
    /// Not GET.
    Method,
    /// The head did not come in time.
    HeadTimeout,
    /// The contact id was revoked by its phone.
    Revoked,
    /// No WebSocket upgrade, or another version than 13.
    Upgrade,
    /// The head is longer than the limit.
    HeadSize,
    /// Too many connections per second from this address.
    AcceptRateAddress,
    /// Too many unfinished requests from this address.
    OpeningsAddress,
    /// Too many tunnels from this address.
    RoomsAddress,
    /// Too many listening phones from this address.
    ListenersAddress,
    /// This phone was contacted too often.
    ContactRate,
    /// This phone has not answered earlier contacts.
    ContactsPending,
    /// Too many unfinished requests in all.
    Openings,
    /// Too many tunnels in all.
    Rooms,
    /// Too many listening phones in all.
    Listeners,
    /// Too many revoked contact ids, in all or by this address; told by close 1013.
    Revocations,
    /// The relay takes no new tunnels because it is about to stop.
    Draining,
    /// The system gave no random bytes.
    Randomness,
    /// Another version than HTTP/1.1.
    Version,
    /// The TLS handshake did not end in time; no status can be given.
    TlsTimeout,
    /// Too many TLS handshakes at once; no status can be given.
    TlsBusy,
    /// The TLS handshake failed; no status can be given.
    Tls,
    /// The client went away before its request was whole; no status can be given.
    Gone,
    /// A PROXY header that is not one, or none from a proxy that must send one; no status can be
    /// given.
    Proxy,
    /// A phone did not prove that the contact id is its own; told by close 1008.
    ListenProof,
}

impl Refusal {
    /// One of each, for tables and metrics.
    pub const ALL: [Self; 31] = [
        Self::Malformed,
        Self::BadId,
        Self::Subprotocol,
        Self::Key,
        Self::Payload,
        Self::Path,
        Self::NoRoom,
        Self::Method,
        Self::HeadTimeout,
        Self::Revoked,
        Self::Upgrade,
        Self::HeadSize,
        Self::AcceptRateAddress,
        Self::OpeningsAddress,
        Self::RoomsAddress,
        Self::ListenersAddress,
        Self::ContactRate,
        Self::ContactsPending,
        Self::Openings,
        Self::Rooms,
        Self::Listeners,
        Self::Revocations,
        Self::Draining,
        Self::Randomness,
        Self::Version,
        Self::TlsTimeout,
        Self::TlsBusy,
        Self::Tls,
        Self::Gone,
        Self::Proxy,
        Self::ListenProof,
    ];

    /// Status line, `None` when no HTTP answer is possible.
    pub const fn status(self) -> Option<&'static str> {
        Some(match self {
            Self::Malformed | Self::BadId | Self::Subprotocol | Self::Key | Self::Payload => {
                "400 Bad Request"
            }
            Self::Path | Self::NoRoom => "404 Not Found",
            Self::Method => "405 Method Not Allowed",
            Self::HeadTimeout => "408 Request Timeout",
            Self::Revoked => "410 Gone",
            Self::Upgrade => "426 Upgrade Required",
            Self::AcceptRateAddress
            | Self::OpeningsAddress
            | Self::RoomsAddress
            | Self::ListenersAddress
            | Self::ContactRate
            | Self::ContactsPending => "429 Too Many Requests",
            Self::HeadSize => "431 Request Header Fields Too Large",
            Self::Randomness => "500 Internal Server Error",
            Self::Openings | Self::Rooms | Self::Listeners | Self::Draining => {
                "503 Service Unavailable"
            }
            Self::Version => "505 HTTP Version Not Supported",
            Self::TlsTimeout | Self::TlsBusy | Self::Tls | Self::Gone | Self::Proxy => return None,
            Self::ListenProof | Self::Revocations => return None,
        })
    }

    /// The sentence in the body: what was seen and what was expected.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Malformed => "this is not a plain HTTP/1.1 GET request without a body",
            Self::BadId => {
                "expected 32 hex digits (tunnel id), 6 hex digits (routing id) or base64url (contact id)"
            }
            Self::Subprotocol => "expected Sec-WebSocket-Protocol: fido.cable",
            Self::Key => "expected one Sec-WebSocket-Key of 16 bytes in base64",
            Self::Payload => "expected X-caBLE-Client-Payload in hex, at most 1024 bytes",
            Self::Path => "expected /cable/new, /cable/connect, /cable/contact or /cable/listen",
            Self::NoRoom => "no such tunnel is waiting here",
            Self::Method => "expected GET",
            Self::HeadTimeout => "timed out waiting for the request head",
            Self::Revoked => "this contact id was revoked; forget the link",
            Self::Upgrade => {
                "expected Upgrade: websocket, Connection: Upgrade and Sec-WebSocket-Version: 13"
            }
            Self::HeadSize => "the request head is too long",
            Self::AcceptRateAddress => "too many connections per second from this address",
            Self::OpeningsAddress => "too many unfinished requests from this address",
            Self::RoomsAddress => "too many tunnels from this address",
            Self::ListenersAddress => "too many listening phones from this address",
            Self::ContactRate => "this phone was contacted too often",
            Self::ContactsPending => "this phone has not answered earlier contacts",
            Self::Openings | Self::Rooms | Self::Listeners => "the relay is full",
            Self::Revocations => "too many revoked contact ids",
            Self::Draining => "the relay is shutting down and accepts no new tunnels",
            Self::Randomness => "the relay cannot get random bytes from its system",
            Self::Version => "expected HTTP/1.1",
            Self::TlsTimeout => "timed out in the TLS handshake",
            Self::TlsBusy => "too many concurrent TLS handshakes",
            Self::Tls => "the TLS handshake failed",
            Self::Gone => "the client disconnected before its request was complete",
            Self::Proxy => "expected a PROXY header from this proxy",
            Self::ListenProof => "the phone did not prove that it owns the contact id",
        }
    }

    /// The value of the metric's label `reason`.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::BadId => "bad_id",
            Self::Subprotocol => "subprotocol",
            Self::Key => "key",
            Self::Payload => "payload",
            Self::Path => "path",
            Self::NoRoom => "no_room",
            Self::Method => "method",
            Self::HeadTimeout => "head_timeout",
            Self::Revoked => "revoked",
            Self::Upgrade => "upgrade",
            Self::HeadSize => "head_size",
            Self::AcceptRateAddress => "accept_rate_address",
            Self::OpeningsAddress => "openings_address",
            Self::RoomsAddress => "rooms_address",
            Self::ListenersAddress => "listeners_address",
            Self::ContactRate => "contact_rate",
            Self::ContactsPending => "contacts_pending",
            Self::Openings => "openings",
            Self::Rooms => "rooms",
            Self::Listeners => "listeners",
            Self::Revocations => "revocations",
            Self::Draining => "draining",
            Self::Randomness => "randomness",
            Self::Version => "version",
            Self::TlsTimeout => "tls_timeout",
            Self::TlsBusy => "tls_busy",
            Self::Tls => "tls",
            Self::Gone => "gone",
            Self::Proxy => "proxy",
            Self::ListenProof => "listen_proof",
        }
    }

    /// When to come again (`Retry-After`), where that helps.
    pub const fn retry_after(self) -> Option<Duration> {
        let seconds = match self {
            Self::AcceptRateAddress | Self::OpeningsAddress | Self::Openings | Self::Draining => 5,
            Self::RoomsAddress
            | Self::ListenersAddress
            | Self::ContactRate
            | Self::ContactsPending
            | Self::Rooms
            | Self::Listeners => 30,
            Self::Malformed
            | Self::BadId
            | Self::Subprotocol
            | Self::Key
            | Self::Payload
            | Self::Path
            | Self::NoRoom
            | Self::Method
            | Self::HeadTimeout
            | Self::Revoked
            | Self::Upgrade
            | Self::HeadSize
            | Self::Revocations
            | Self::Randomness
            | Self::Version
            | Self::TlsTimeout
            | Self::TlsBusy
            | Self::Tls
            | Self::Gone
            | Self::Proxy
            | Self::ListenProof => return None,
        };
        Some(Duration::from_secs(seconds))
    }

    /// Headers that say what would be accepted, or when to come again.
    fn headers(self) -> String {
        if self == Self::Method {
            return "Allow: GET\r\n".to_owned();
        }
        if self == Self::Upgrade {
            return "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n".to_owned();
        }
        self.retry_after()
            .map(|time| format!("Retry-After: {}\r\n", time.as_secs()))
            .unwrap_or_default()
    }

    /// The whole HTTP answer; empty when none is possible. It tells the time (RFC 9110 section
    /// 6.6.1), by which a desktop finds out that its own clock is wrong: certificates look expired
    /// then.
    pub(crate) fn response(self, now: SystemTime) -> Vec<u8> {
        let Some(status) = self.status() else {
            return Vec::new();
        };
        let (headers, sentence) = (self.headers(), self.sentence());
        format!(
            "HTTP/1.1 {status}\r\nDate: {}\r\n{headers}Content-Type: text/plain\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{sentence}\n",
            httpdate::fmt_http_date(now),
            sentence.len() + 1
        )
        .into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_tells_the_time_and_has_the_length_that_it_claims() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        let answer = String::from_utf8(Refusal::NoRoom.response(now)).unwrap();
        // The date of RFC 9110 section 5.6.7.
        assert!(
            answer.contains("\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"),
            "{answer}"
        );
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(
            head.contains(&format!("Content-Length: {}\r\n", body.len())),
            "{answer}"
        );
    }
}
