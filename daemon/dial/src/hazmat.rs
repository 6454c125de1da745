//! What strangers send to the desktop's side of a tunnel, read without a connection; for fuzz
//! targets.
//!
//! [`dial`](crate::dial) reads the same as it comes, within its deadlines. Each function takes any
//! input and is expected to return.

use crate::error::DialError;
use crate::name_servers::{self, DnsAnswer, NameServer};
use crate::proxy::connect::{self, ProxyProblem};
use crate::proxy::settings::ProxySettings;
use crate::redirect;
use crate::stream::ByteStream;
use crate::tls::certificate::CertificateInfo;
use crate::websocket::{self, Upgraded};
use futures_util::FutureExt as _;
use rustls_pki_types::CertificateDer;
use simple_dns::TYPE;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use url::Url;

/// Whether a proxy's answer to CONNECT is whole and grants the connection.
///
/// # Errors
/// [`ProxyProblem`] when it is whole and does not, or is no answer of a proxy.
pub fn connect_answer(head: &[u8]) -> Result<bool, ProxyProblem> {
    connect::read_head(head, false).map(|granted| granted.is_some())
}

/// Whether a list of hosts, as `NO_PROXY` has it, names this one.
pub fn is_exempt(list: &str, host: &str) -> bool {
    ProxySettings::default()
        .except(list, "NO_PROXY")
        .exempts(host)
}

/// What a name server's answer to a question for IPv4 addresses says.
pub fn dns_answer(answer: &[u8], id: u16) -> DnsAnswer {
    name_servers::read(answer, id, TYPE::A)
}

/// The question itself; `None` for what is no name.
pub fn dns_question(id: u16, host: &str) -> Option<Vec<u8>> {
    name_servers::question(id, host, TYPE::A).ok()
}

/// The servers that a resolv.conf names.
pub fn servers(config: &[u8]) -> Vec<NameServer> {
    name_servers::servers(config)
}

/// What is told of a certificate.
pub fn certificate(der: &[u8]) -> String {
    CertificateInfo::of(&CertificateDer::from(der), false).to_string()
}

/// Where a redirect leads, when it may be followed.
pub fn redirect(from: &Url, location: &str) -> Option<Url> {
    redirect::follow(from, Some(location))
}

/// Whom a redirect leads to, for a person.
pub fn redirect_names(location: &str) -> Option<String> {
    redirect::whom(location)
}

/// What stands in an answer in the place of the value that the request's key asks for.
pub const ACCEPT: &[u8] = b"ACCEPT";

/// A relay's answer to the request for a tunnel: whether it promises to signal the phone's arrival.
/// `None` when the answer is waited for in vain, which never happens.
pub fn upgrade_answer(url: &Url, answer: Vec<u8>) -> Option<Result<bool, DialError>> {
    let tape = Tape {
        answer,
        read: 0,
        request: Vec::new(),
    };
    let headers = vec![(
        "Sec-WebSocket-Protocol",
        hybrid_protocol::SUBPROTOCOL.to_owned(),
    )];
    let upgraded = websocket::upgrade(url, headers, Box::new(tape), redirect::MOST);
    let upgraded = upgraded.now_or_never()?;
    Some(upgraded.map(|upgraded| match upgraded {
        Upgraded::Open(tunnel) => tunnel.signal,
        Upgraded::Elsewhere(_) => false,
    }))
}

/// A connection whose other side has said everything already and hears nothing.
struct Tape {
    answer: Vec<u8>,
    read: usize,
    request: Vec<u8>,
}

impl Tape {
    /// The answer with the value that the request's key asks for.
    fn accept(&mut self) {
        let lines = self.request.split(|byte| *byte == b'\n');
        let mut keys = lines.filter_map(|line| {
            let (name, value) = line.split_at_checked(b"sec-websocket-key:".len())?;
            name.eq_ignore_ascii_case(b"sec-websocket-key:")
                .then(|| value.trim_ascii())
        });
        let accept = keys.next().map(derive_accept_key).unwrap_or_default();
        let place = { self.answer.windows(ACCEPT.len()) }.position(|here| here == ACCEPT);
        if let Some(at) = place {
            self.answer.splice(at..at + ACCEPT.len(), accept.bytes());
        }
    }
}

impl AsyncRead for Tape {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.read == 0 {
            self.accept();
        }
        let rest = self.answer.get(self.read..).unwrap_or_default();
        let some = rest.get(..buffer.remaining()).unwrap_or(rest);
        buffer.put_slice(some);
        self.read += some.len();
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Tape {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.request.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl ByteStream for Tape {
    fn tcp(&self) -> Option<&TcpStream> {
        None
    }
}
