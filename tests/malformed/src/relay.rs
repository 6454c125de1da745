//! The parsers of hybrid-tunnel-server and of its probe.

use hybrid_tunnel_probe::Target;
use hybrid_tunnel_server::hazmat::{self, Beginning, Carried};
use hybrid_tunnel_server::{CloseReason, Limits, NetworkRange, certificates};
use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::str;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{self, Message, WebSocket};

/// A client's first TLS message, beside rustls: what it takes for whole is never waited for.
pub fn client_hello(data: &[u8]) {
    let whole = hazmat::hello_is_whole(data);
    if let Some((_, before)) = data.split_last()
        && hazmat::hello_is_whole(before)
    {
        assert!(whole, "what is whole stays whole");
    }
    let (mut acceptor, mut rest) = (rustls::server::Acceptor::default(), data);
    loop {
        match acceptor.accept() {
            Ok(Some(_)) => return assert!(whole, "rustls has all of it"),
            // It sees before the end of a message that it will be none; who sends such is in no
            // hurry.
            Err(_) => return,
            Ok(None) if rest.is_empty() => return,
            Ok(None) => {}
        }
        if !matches!(acceptor.read_tls(&mut rest), Ok(1..)) {
            return;
        }
    }
}

/// The head of a request: found alike however it is cut, and read.
pub fn upgrade(data: &[u8]) {
    let end = hazmat::head_end(data, 0);
    for seen in [1, data.len() / 2, data.len().saturating_sub(1)] {
        let before = data.get(..seen).unwrap_or(data);
        if hazmat::head_end(before, 0).is_none() {
            assert_eq!(hazmat::head_end(data, before.len()), end);
        }
    }
    if let Ok(request) = hazmat::upgrade(data) {
        assert_eq!(
            hybrid_protocol::Path::parse(&request.path.to_text()),
            Ok(request.path)
        );
        let answer = str::from_utf8(&request.answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 101 ") && answer.ends_with("\r\n\r\n"));
        assert!(!data.windows(2).any(|two| two == b"\r\r"));
    }
}

/// A PROXY header: no cut of a good one is refused, and what follows it is nothing of it.
pub fn proxy_protocol(data: &[u8]) {
    let read = hazmat::beginning(data);
    if let Beginning::Header(length, _) = read {
        assert_eq!(hazmat::beginning(&data[..length]), read);
        for cut in 0..length {
            assert_eq!(hazmat::beginning(&data[..cut]), Beginning::Part, "{cut}");
        }
    }
}

/// The default limit of a message.
const MOST: usize = 64 * 1024;

/// Frames in pieces, beside tungstenite: the same messages, whether they pass through us or not.
/// The first byte says how the rest is cut.
pub fn websocket(data: &[u8]) {
    let Some((cut, data)) = data.split_first() else {
        return;
    };
    let limits = Limits::default();
    let cut: Carried = hazmat::carried(data.chunks(usize::from(*cut).max(1)), &limits);
    let ours = hazmat::carried([data], &limits);
    assert_eq!((&cut.forward, cut.end), (&ours.forward, ours.end));
    assert!(ours.pings.iter().all(|ping| cut.pings.contains(ping)));
    let (reference, ended) = read(data, Role::Server);
    let (through_us, _) = read(&ours.forward, Role::Client);
    match ours.end {
        // A length that is not in its shortest form, of a control frame perhaps: RFC 6455 section
        // 5.2 forbids it, tungstenite reads on.
        Some(CloseReason::Protocol(how))
            if how.contains("shortest form") || how.contains("at most 125 bytes") =>
        {
            assert!(reference.starts_with(&through_us));
        }
        // The relay's own limits, of which tungstenite knows nothing.
        Some(CloseReason::Messages | CloseReason::Bytes | CloseReason::ControlRate) => {
            assert!(reference.starts_with(&through_us));
        }
        // We say no at the header where tungstenite waits for the frame's end.
        Some(end) => assert_eq!(through_us, reference, "{end:?}"),
        None => assert_eq!((through_us, false), (reference, ended)),
    }
}

/// The binary messages that tungstenite reads, and whether it saw a close or an error.
fn read(bytes: &[u8], role: Role) -> (Vec<Vec<u8>>, bool) {
    let config = WebSocketConfig::default()
        .read_buffer_size(256)
        .max_message_size(Some(MOST))
        .max_frame_size(Some(MOST));
    let tape = Tape(bytes.to_vec().into());
    let mut socket = WebSocket::from_raw_socket(tape, role, Some(config));
    let mut messages = Vec::new();
    loop {
        match socket.read() {
            Ok(Message::Binary(bytes)) => messages.push(bytes.to_vec()),
            Ok(Message::Text(_) | Message::Close(_)) => return (messages, true),
            Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => {}
            Err(tungstenite::Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                return (messages, false);
            }
            Err(_) => return (messages, true),
        }
    }
}

/// Gives its bytes, then says "not yet".
struct Tape(VecDeque<u8>);

impl Read for Tape {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(io::ErrorKind::WouldBlock.into()),
            n => Ok(n),
        }
    }
}

impl Write for Tape {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An operator's file of settings.
pub fn settings(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    match hazmat::settings(text) {
        Ok(settings) => {
            for limit in Limits::TABLE {
                let (shown, mut again) = ((limit.show)(&settings.limits), Limits::default());
                assert_eq!((limit.set)(&mut again, &shown), Ok(()), "{}", limit.key);
                assert_eq!((limit.show)(&again), shown);
            }
        }
        Err(error) => assert!(error.to_string().starts_with("config.toml, line ")),
    }
}

/// Networks whose proxies are believed, and values of limits: a line for each.
pub fn values(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for line in text.lines() {
        if let Ok(network) = NetworkRange::read(line) {
            assert_eq!(NetworkRange::read(&network.to_string()), Ok(network));
        }
        for limit in Limits::TABLE {
            let mut limits = Limits::default();
            if (limit.set)(&mut limits, line).is_err() {
                assert_eq!(limits, Limits::default(), "{}", limit.key);
            }
        }
    }
}

/// A file of revocations: whatever it holds, one that is added is found, and none is lost.
pub fn revocations(data: &[u8]) {
    let mark = [0xab; 32];
    let (before, _) = hazmat::revocations(data).unwrap();
    let written = hazmat::with_revocation(data.to_vec(), mark).unwrap();
    let (after, _) = hazmat::revocations(&written).unwrap();
    assert_eq!(after.split_last(), Some((&mark, before.as_slice())));
}

/// Certificates and keys as operators bring them.
pub fn certificate_files(data: &[u8]) {
    if let Err(error) = hazmat::key(data) {
        assert!(!error.to_string().is_empty());
    }
    let Ok(found) = certificates(data) else {
        return;
    };
    for ours in [0, 1, found.len()] {
        let (chain, remarks) = hazmat::chain(data, ours).unwrap();
        assert_eq!(chain.len(), found.len());
        if let Some(own) = found.get(ours) {
            assert_eq!(chain[0], own.to_vec());
        }
        assert!(
            remarks
                .iter()
                .all(|remark| !remark.contains(char::is_control))
        );
    }
}

/// The address of a relay that is to be tried.
pub fn target(data: &[u8]) {
    if let Ok(text) = str::from_utf8(data)
        && let Ok(target) = Target::read(text)
    {
        assert_eq!(Target::read(&target.to_string()), Ok(target));
    }
}
