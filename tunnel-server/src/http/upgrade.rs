//! The head of an upgrade request: what the client wants, or why it is refused; and the answer 101.

use crate::admission::refusal::Refusal;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use core::net::{IpAddr, SocketAddr};
use hybrid_protocol::RoutingId;
use hybrid_protocol::{
    CLIENT_PAYLOAD_HEADER, Path, PathError, ROUTING_ID_HEADER, SIGNAL_HEADER, SUBPROTOCOL,
};
use sha1::{Digest, Sha1};

/// A valid upgrade request.
#[derive(Debug)]
pub(crate) struct UpgradeRequest {
    /// What the client wants.
    pub(crate) path: Path,
    /// What `Sec-WebSocket-Accept` has to say.
    pub(crate) accept: Accept,
    /// `X-caBLE-Client-Payload`, decoded.
    pub(crate) payload: Option<Vec<u8>>,
    /// Whether `X-caBLE-Signal-Connection: true` was sent.
    pub(crate) signal: bool,
    /// The addresses in `X-Forwarded-For`, first to last, `None` for what is none; to be believed
    /// only from a trusted proxy.
    pub(crate) forwarded: Vec<Option<IpAddr>>,
}

/// The value of `Sec-WebSocket-Accept` (RFC 6455 §4.2.2).
#[derive(Debug)]
pub(crate) struct Accept(String);

/// Where the head ends in `bytes`, the empty line included; looks only at what is new since `seen`.
pub(crate) fn end(bytes: &[u8], seen: usize) -> Option<usize> {
    let from = seen.saturating_sub(3);
    let at = bytes
        .get(from..)?
        .windows(4)
        .position(|four| four == b"\r\n\r\n")?;
    Some(from + at + 4)
}

impl UpgradeRequest {
    /// Reads a whole head.
    ///
    /// # Errors
    /// [`Refusal`] names the first thing that is not as it must be.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        // A lone CR or LF is a line end to some servers and none to others.
        if !line_ends_are_whole(bytes) {
            return Err(Refusal::Malformed);
        }
        let mut headers = [httparse::EMPTY_HEADER; 64];
        let mut request = httparse::Request::new(&mut headers);
        match request.parse(bytes) {
            Ok(httparse::Status::Complete(_)) => {}
            Ok(httparse::Status::Partial) => return Err(Refusal::Malformed),
            Err(httparse::Error::TooManyHeaders) => return Err(Refusal::HeadSize),
            Err(httparse::Error::Version) => return Err(Refusal::Version),
            Err(_) => return Err(Refusal::Malformed),
        }
        if request.version != Some(1) {
            return Err(Refusal::Version);
        }
        if request.method != Some("GET") {
            return Err(Refusal::Method);
        }
        let headers = Headers(request.headers);
        // A body, or two of what there must be one of, could be read differently by a proxy in
        // front of us (request smuggling).
        let body = headers.raw("transfer-encoding").next().is_some()
            || headers.raw("content-length").any(|length| length != b"0");
        let twice = |name| headers.raw(name).nth(1).is_some();
        if body || headers.one("host").is_none() || ONCE.into_iter().any(twice) {
            return Err(Refusal::Malformed);
        }
        let target = origin_form(request.path.unwrap_or_default(), headers.one("host"))?;
        let path = Path::parse(target.split_once('?').map_or(target, |(path, _)| path)).map_err(
            |error| match error {
                PathError::Unknown => Refusal::Path,
                PathError::Id(_) => Refusal::BadId,
            },
        )?;
        let websocket = { headers.one("upgrade") }
            .is_some_and(|only| only.eq_ignore_ascii_case("websocket"))
            && headers.lists("connection", |token| token.eq_ignore_ascii_case("upgrade"))
            && headers.one("sec-websocket-version") == Some("13");
        if !websocket {
            return Err(Refusal::Upgrade);
        }
        if !headers.lists("sec-websocket-protocol", |token| token == SUBPROTOCOL) {
            return Err(Refusal::Subprotocol);
        }
        let accept = headers
            .one("sec-websocket-key")
            .and_then(Accept::to_key)
            .ok_or(Refusal::Key)?;
        let payload = match headers.one(CLIENT_PAYLOAD_HEADER) {
            Some(text) => Some(hex::decode(text).map_err(|_| Refusal::Payload)?),
            None => None,
        };
        Ok(Self {
            path,
            accept,
            payload,
            signal: headers.lists(SIGNAL_HEADER, |token| token.eq_ignore_ascii_case("true")),
            // Split before it is read as text: the client can write what it likes before the entry
            // that the proxy appends, and must not take that one with it.
            forwarded: headers
                .raw("x-forwarded-for")
                .flat_map(|list| list.split(|byte| *byte == b','))
                .map(|entry| core::str::from_utf8(entry).ok().and_then(forwarded))
                .collect(),
        })
    }
}

impl Accept {
    fn to_key(key: &str) -> Option<Self> {
        // Checked without a copy: 16 bytes are 22 digits and "==".
        let mut bytes = [0; 18];
        if STANDARD.decode_slice(key, &mut bytes) != Ok(16) {
            return None;
        }
        let digest = Sha1::new()
            .chain_update(key)
            .chain_update("258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
            .finalize();
        Some(Self(STANDARD.encode(digest)))
    }

    /// The answer to a side that joins a tunnel, or to a phone that listens.
    pub(crate) fn switching(&self) -> Vec<u8> {
        self.with("")
    }

    /// The answer to a side that opened a tunnel.
    pub(crate) fn switching_with_routing_id(&self, routing: RoutingId) -> Vec<u8> {
        self.with(&format!("{ROUTING_ID_HEADER}: {}\r\n", routing.to_hex()))
    }

    /// The answer to a desktop that will get the signal byte.
    pub(crate) fn switching_with_signal(&self) -> Vec<u8> {
        self.with(&format!("{SIGNAL_HEADER}: true\r\n"))
    }

    fn with(&self, extra: &str) -> Vec<u8> {
        let Self(accept) = self;
        [
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ",
            accept,
            "\r\nSec-WebSocket-Protocol: fido.cable\r\n",
            extra,
            "\r\n",
        ]
        .concat()
        .into_bytes()
    }
}

/// The path and query of a request's target. Whoever thinks that we are a proxy writes the whole
/// address there, which has to be taken (RFC 9112 section 3.2.2), unless it is for somebody else.
fn origin_form<'a>(target: &'a str, host: Option<&str>) -> Result<&'a str, Refusal> {
    let Some((scheme, rest)) = target
        .split_once("://")
        .filter(|(scheme, _)| !scheme.contains(['/', '?']))
    else {
        return Ok(target);
    };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end).ok_or(Refusal::Malformed)?;
    let http = ["http", "https"]
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known));
    let ours = host.is_some_and(|host| host.eq_ignore_ascii_case(authority));
    if http && ours && !authority.is_empty() && !authority.contains('@') {
        Ok(path)
    } else {
        Err(Refusal::Malformed)
    }
}

/// What a request must not have twice.
const ONCE: [&str; 4] = [
    "host",
    "upgrade",
    "sec-websocket-key",
    "sec-websocket-version",
];

fn line_ends_are_whole(bytes: &[u8]) -> bool {
    let mut after_cr = false;
    bytes.iter().all(|byte| {
        let whole = (*byte == b'\n') == after_cr;
        after_cr = *byte == b'\r';
        whole
    })
}

struct Headers<'a>(&'a [httparse::Header<'a>]);

impl<'a> Headers<'a> {
    fn raw<'n>(&self, name: &'n str) -> impl Iterator<Item = &'a [u8]> + use<'a, 'n> {
        self.0
            .iter()
            .filter(move |header| header.name.eq_ignore_ascii_case(name))
            .map(|header| header.value.trim_ascii())
    }

    fn all<'n>(&self, name: &'n str) -> impl Iterator<Item = &'a str> + use<'a, 'n> {
        self.raw(name)
            .filter_map(|value| core::str::from_utf8(value).ok())
    }

    /// The value of a header that must not be repeated.
    fn one(&self, name: &str) -> Option<&'a str> {
        let mut all = self.raw(name);
        let first = core::str::from_utf8(all.next()?).ok()?;
        all.next().is_none().then_some(first)
    }

    /// Whether a comma-separated list, in one header or several, holds a token.
    fn lists(&self, name: &str, is: impl Fn(&str) -> bool) -> bool {
        self.all(name)
            .flat_map(|list| list.split(','))
            .any(|token| is(token.trim()))
    }
}

/// An address, which some proxies write with a port.
fn forwarded(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text
        .strip_prefix('[')
        .and_then(|v6| v6.strip_suffix(']'))
        .unwrap_or(text);
    let with_port = || text.parse::<SocketAddr>().map(|address| address.ip());
    bare.parse().or_else(|_| with_port()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const GOOD: &str = "GET /cable/new/000102030405060708090a0B0C0D0E0F HTTP/1.1\r\nHost: relay\r\nConnection: keep-alive, Upgrade\r\n\
        Upgrade: WebSocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
        Sec-WebSocket-Protocol: other, fido.cable\r\n\r\n";

    fn refusal(from: &str, to: &str) -> Refusal {
        assert!(GOOD.contains(from), "{from}");
        UpgradeRequest::read(GOOD.replace(from, to).as_bytes()).unwrap_err()
    }

    #[test]
    fn the_example_of_the_rfc_gets_its_accept_value() {
        let head = UpgradeRequest::read(GOOD.as_bytes()).unwrap();
        assert_eq!(head.accept.0, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        assert_eq!(head.path.verb(), "new");
        assert!(!head.signal && head.payload.is_none());
    }

    #[test]
    fn every_wrong_request_has_its_own_refusal() {
        assert_eq!(refusal("GET", "POST"), Refusal::Method);
        assert_eq!(refusal("HTTP/1.1", "HTTP/1.0"), Refusal::Version);
        assert_eq!(refusal("/cable/new", "/other"), Refusal::Path);
        for target in [
            "http://relay",
            "http://relay/",
            "http://relay?x",
            "*",
            "relay:443",
        ] {
            let whole = "/cable/new/000102030405060708090a0B0C0D0E0F";
            assert_eq!(refusal(whole, target), Refusal::Path, "{target}");
        }
        for before in [
            "http://other",
            "http://relay:80",
            "http://relay.",
            "http://me@relay",
            "http://",
            "ws://relay",
            "ftp://relay",
            "://relay",
        ] {
            let target = format!("{before}/cable/new");
            assert_eq!(
                refusal("/cable/new", &target),
                Refusal::Malformed,
                "{before}"
            );
        }
        assert_eq!(refusal("0B0C", "0B0"), Refusal::BadId);
        assert_eq!(refusal("Upgrade: WebSocket\r\n", ""), Refusal::Upgrade);
        assert_eq!(
            refusal("keep-alive, Upgrade", "keep-alive"),
            Refusal::Upgrade
        );
        assert_eq!(refusal("Version: 13", "Version: 8"), Refusal::Upgrade);
        assert_eq!(refusal("fido.cable", "fido.cables"), Refusal::Subprotocol);
        assert_eq!(refusal("dGhlIHNhbXBsZSBub25jZQ==", "dGhl"), Refusal::Key);
        assert_eq!(
            refusal("Host: relay", "Host: relay\r\nHost: other"),
            Refusal::Malformed
        );
        assert_eq!(refusal("Host: relay\r\n", ""), Refusal::Malformed);
        assert_eq!(
            refusal("Host: relay", "Host: relay\r\nContent-Length: 5"),
            Refusal::Malformed
        );
        assert_eq!(
            refusal("Host: relay", "Host: relay\r\nTransfer-Encoding: chunked"),
            Refusal::Malformed
        );
        assert_eq!(
            refusal("Host: relay", "Host: relay\r\nX-caBLE-Client-Payload: xyz"),
            Refusal::Payload
        );
        assert_eq!(
            refusal("Host: relay", &"X: y\r\n".repeat(70)),
            Refusal::HeadSize
        );
    }

    #[test]
    fn forwarded_addresses_are_read_with_and_without_ports() {
        let more = "Host: relay\r\nX-Forwarded-For: 192.0.2.1, unknown\r\nX-Forwarded-For: 192.0.2.2:80 ,[::1],[::2]:80, ::3,";
        let head = UpgradeRequest::read(GOOD.replace("Host: relay", more).as_bytes()).unwrap();
        let expected =
            ["192.0.2.1", "", "192.0.2.2", "::1", "::2", "::3", ""].map(|text| text.parse().ok());
        assert_eq!(head.forwarded, expected);
    }

    #[test]
    fn the_whole_address_is_as_good_as_the_path_when_it_is_for_us() {
        for before in ["http://relay", "https://relay", "HTTPS://Relay"] {
            let text = GOOD.replace("/cable/new", &format!("{before}/cable/new"));
            let head = UpgradeRequest::read(text.as_bytes()).unwrap();
            assert_eq!(head.path.verb(), "new", "{before}");
        }
        assert_eq!(
            origin_form("/a?b=http://c", Some("relay")),
            Ok("/a?b=http://c")
        );
    }

    #[test]
    fn what_is_no_text_takes_no_other_address_with_it() {
        let addresses: [&[u8]; 4] = [b"192.0.2.1", b"\xff\xfe", b"192.0.2.2\x80", b"192.0.2.3"];
        let header = [&b"X-Forwarded-For: "[..], &addresses.join(&b','), b"\r\n"].concat();
        let (first, rest) = GOOD.split_once("Host").unwrap();
        let bytes = [first.as_bytes(), &header, b"Host", rest.as_bytes()].concat();
        let head = UpgradeRequest::read(&bytes).unwrap();
        let expected = ["192.0.2.1", "", "", "192.0.2.3"].map(|text| text.parse().ok());
        assert_eq!(head.forwarded, expected);
    }

    #[test]
    fn the_end_is_found_however_the_head_is_cut() {
        for cut in 0..GOOD.len() {
            assert_eq!(end(&GOOD.as_bytes()[..cut], 0), None);
            assert_eq!(end(GOOD.as_bytes(), cut), Some(GOOD.len()));
        }
    }

    proptest! {
        #[test]
        fn reading_any_bytes_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300), cut in 0..GOOD.len(), at in 0..GOOD.len()) {
            let _ = UpgradeRequest::read(&bytes);
            let mut changed = GOOD.as_bytes()[..cut].to_vec();
            changed.splice(at.min(cut).., bytes);
            let _ = UpgradeRequest::read(&changed);
        }
    }
}
