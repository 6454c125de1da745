//! A connection through a proxy: HTTP CONNECT (RFC 9110 section 9.3.6), also over TLS, and SOCKS5
//! (RFC 1928).

use crate::fact::Fact;
use crate::happy_eyeballs::{self, NoConnection};
use crate::proxy::Proxy;
use crate::proxy::address::{Login, ProxyAddress, ProxyKind};
use crate::proxy::settings::ProxySettingError;
use crate::resolve::{self, NoAddress};
use crate::stream::ByteStream;
use crate::tls::{self, TlsProblem, Trust};
use crate::turns::Turns;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::error::Error;
use std::fmt;
use std::io;
use std::time::Instant;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_socks::Error as SocksError;
use tokio_socks::tcp::Socks5Stream;
use zeroize::Zeroizing;

/// The answer to CONNECT; ours and all seen are far shorter.
const LONGEST_HEAD: usize = 16 * 1024;
const MOST_HEADERS: usize = 64;
const HTTPS: u16 = 443;

/// What came of a proxy instead of a connection.
#[derive(Debug)]
pub struct ProxyFailed {
    /// The proxy, without user name and password.
    proxy: String,
    pub(crate) problem: ProxyProblem,
}

/// Why a proxy did not help.
#[derive(Debug)]
#[non_exhaustive]
pub enum ProxyProblem {
    /// What the settings say is no proxy.
    Unusable(ProxySettingError),
    /// The settings say that a proxy is used, and name none.
    NoneNamed,
    /// It cannot be reached, or does not answer as a proxy does.
    Unreachable(ProxyUnreachable),
    /// It wants to know who asks.
    Credentials {
        /// The ways to say so that it takes.
        schemes: Vec<String>,
        /// It was told already.
        given: bool,
    },
    /// It refuses with this HTTP status.
    Refused(u16),
    /// It refuses with this SOCKS reply.
    RefusedSocks(SocksError),
}

/// Where the way to a proxy ends.
#[derive(Debug)]
#[non_exhaustive]
pub enum ProxyUnreachable {
    /// It is not through in time.
    Late,
    /// Its name has no address.
    Name(NoAddress),
    /// None of its addresses takes a connection.
    Tcp(NoConnection),
    /// TLS with the proxy itself fails.
    Tls(TlsProblem),
    /// The connection broke.
    Broken(io::Error),
    /// What answers there is no proxy.
    Foreign(NotAProxy),
}

/// Why an answer is not a proxy's.
#[derive(Debug)]
#[non_exhaustive]
pub enum NotAProxy {
    /// Its head does not end.
    Endless,
    /// It closed the connection instead.
    Closed,
    /// It is not HTTP.
    Http(httparse::Error),
    /// It is HTTP without a status.
    NoStatus,
    /// It is not SOCKS.
    Socks(SocksError),
}

/// A connection through a proxy.
pub(crate) struct ProxyStream {
    pub(crate) io: Box<dyn ByteStream>,
    proxy: String,
}

/// Connects to a relay through a proxy.
pub(crate) async fn connect(
    proxy: &Proxy,
    host: &str,
    trust: &Trust,
    until: Instant,
) -> Result<ProxyStream, ProxyFailed> {
    let work = async {
        let (kind, login) = (proxy.address.kind, proxy.address.login.as_ref());
        let io = reach(&proxy.address, trust, until).await?;
        match kind {
            ProxyKind::Http | ProxyKind::Https => ask_http(io, host, login).await,
            ProxyKind::Socks5 => ask_socks(io, host, login).await,
        }
    };
    let late = || ProxyProblem::Unreachable(ProxyUnreachable::Late);
    let result = tokio::time::timeout_at(until.into(), work)
        .await
        .unwrap_or_else(|_| Err(late()));
    let named = proxy.to_string();
    match result {
        Ok(io) => Ok(ProxyStream { io, proxy: named }),
        Err(problem) => Err(ProxyFailed {
            proxy: named,
            problem,
        }),
    }
}

async fn reach(
    proxy: &ProxyAddress,
    trust: &Trust,
    until: Instant,
) -> Result<Box<dyn ByteStream>, ProxyProblem> {
    let addrs = resolve::lookup(&proxy.host, proxy.port, until).await;
    let addrs = addrs.map_err(ProxyUnreachable::Name)?;
    let stream = happy_eyeballs::connect(&addrs, until).await;
    let stream = Turns::new(stream.map_err(ProxyUnreachable::Tcp)?);
    match proxy.kind {
        ProxyKind::Http | ProxyKind::Socks5 => Ok(Box::new(stream)),
        ProxyKind::Https => {
            let encrypted = tls::encrypt(trust, &proxy.host, Box::new(stream)).await;
            Ok(Box::new(encrypted.map_err(ProxyUnreachable::Tls)?.stream))
        }
    }
}

async fn ask_http(
    mut io: Box<dyn ByteStream>,
    host: &str,
    login: Option<&Login>,
) -> Result<Box<dyn ByteStream>, ProxyProblem> {
    io.write_all(request(host, login).as_bytes())
        .await
        .map_err(ProxyUnreachable::Broken)?;
    let mut head = Vec::new();
    loop {
        match read_head(&head, login.is_some())? {
            Some(()) => return Ok(io),
            None if head.len() >= LONGEST_HEAD => return Err(NotAProxy::Endless.into()),
            None => {}
        }
        // Nothing may follow the head before we speak, and what does must not be lost: so it is
        // read one byte at a time.
        match io.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return Err(NotAProxy::Closed.into());
            }
            Err(error) => return Err(ProxyUnreachable::Broken(error).into()),
        }
    }
}

fn request(host: &str, login: Option<&Login>) -> Zeroizing<String> {
    let mut request = Zeroizing::new(format!(
        "CONNECT {host}:{HTTPS} HTTP/1.1\r\nHost: {host}:{HTTPS}\r\n"
    ));
    if let Some(Login { user, password }) = login {
        let pair = Zeroizing::new(format!("{}:{}", user.as_str(), password.as_str()));
        let basic = Zeroizing::new(STANDARD.encode(pair.as_bytes()));
        request.push_str("Proxy-Authorization: Basic ");
        request.push_str(&basic);
        request.push_str("\r\n");
    }
    request.push_str("\r\n");
    request
}

/// `Some` when the head is whole and grants the connection; nothing while it is not whole.
pub(crate) fn read_head(head: &[u8], given: bool) -> Result<Option<()>, ProxyProblem> {
    if !head.ends_with(b"\n") {
        return Ok(None);
    }
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    match response.parse(head) {
        Ok(httparse::Status::Partial) => Ok(None),
        Err(error) => Err(NotAProxy::Http(error).into()),
        Ok(httparse::Status::Complete(_)) => match response.code {
            Some(200..=299) => Ok(Some(())),
            Some(407) => Err(ProxyProblem::Credentials {
                schemes: schemes(response.headers),
                given,
            }),
            Some(status) => Err(ProxyProblem::Refused(status)),
            None => Err(NotAProxy::NoStatus.into()),
        },
    }
}

fn schemes(headers: &[httparse::Header<'_>]) -> Vec<String> {
    headers
        .iter()
        .filter(|header| header.name.eq_ignore_ascii_case("proxy-authenticate"))
        .filter_map(|header| {
            String::from_utf8_lossy(header.value)
                .split_whitespace()
                .next()
                .map(str::to_owned)
        })
        .map(|scheme| scheme.trim_end_matches(',').chars().take(32).collect())
        .collect()
}

async fn ask_socks(
    io: Box<dyn ByteStream>,
    host: &str,
    login: Option<&Login>,
) -> Result<Box<dyn ByteStream>, ProxyProblem> {
    let connected = match login {
        Some(Login { user, password }) => {
            Socks5Stream::connect_with_password_and_socket(io, (host, HTTPS), user, password).await
        }
        None => Socks5Stream::connect_with_socket(io, (host, HTTPS)).await,
    };
    connected
        .map(|stream| Box::new(stream) as Box<dyn ByteStream>)
        .map_err(|error| socks(error, login.is_some()))
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "of the library's errors these have a remedy of their own"
)]
fn socks(error: SocksError, given: bool) -> ProxyProblem {
    match error {
        SocksError::NoAcceptableAuthMethods | SocksError::PasswordAuthFailure(_) => {
            ProxyProblem::Credentials {
                schemes: vec!["SOCKS5 user name and password".to_owned()],
                given,
            }
        }
        SocksError::GeneralSocksServerFailure
        | SocksError::ConnectionNotAllowedByRuleset
        | SocksError::NetworkUnreachable
        | SocksError::HostUnreachable
        | SocksError::ConnectionRefused
        | SocksError::TtlExpired
        | SocksError::CommandNotSupported
        | SocksError::AddressTypeNotSupported => ProxyProblem::RefusedSocks(error),
        SocksError::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            NotAProxy::Closed.into()
        }
        SocksError::Io(error) => ProxyUnreachable::Broken(error).into(),
        other => NotAProxy::Socks(other).into(),
    }
}

impl ProxyFailed {
    /// The settings themselves are wrong.
    pub(crate) const fn of_settings(problem: ProxyProblem) -> Self {
        Self {
            proxy: String::new(),
            problem,
        }
    }
}

impl From<ProxyUnreachable> for ProxyProblem {
    fn from(why: ProxyUnreachable) -> Self {
        Self::Unreachable(why)
    }
}

impl From<NotAProxy> for ProxyProblem {
    fn from(why: NotAProxy) -> Self {
        Self::Unreachable(ProxyUnreachable::Foreign(why))
    }
}

impl Fact for ProxyStream {
    fn fact(&self) -> String {
        format!("connected through {}", self.proxy)
    }
}

impl fmt::Display for ProxyFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { proxy, problem } = self;
        match problem {
            ProxyProblem::Unusable(error) => error.fmt(f),
            ProxyProblem::NoneNamed => f.write_str("no proxy is specified"),
            ProxyProblem::Unreachable(why) => write!(f, "proxy {proxy}: {why}"),
            ProxyProblem::Refused(status) => {
                write!(
                    f,
                    "proxy {proxy} refused the connection with HTTP status {status}"
                )
            }
            ProxyProblem::RefusedSocks(why) => {
                let why = refusal(why);
                write!(f, "proxy {proxy} refused the connection: {why}")
            }
            ProxyProblem::Credentials { schemes, given } => {
                let schemes = if schemes.is_empty() {
                    "none".to_owned()
                } else {
                    schemes.join(", ")
                };
                let told = if *given {
                    "it rejected the configured ones"
                } else {
                    "none are configured"
                };
                write!(
                    f,
                    "proxy {proxy} requires credentials (it supports: {schemes}); {told}"
                )
            }
        }
    }
}

impl fmt::Display for ProxyUnreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Late => f.write_str("no response in time"),
            Self::Name(error) => write!(f, "its name cannot be resolved: {error}"),
            Self::Tcp(error) => write!(f, "no connection: {error}"),
            Self::Tls(problem) => problem.fmt(f),
            Self::Broken(error) => write!(f, "the connection failed: {error}"),
            Self::Foreign(why) => write!(f, "it does not respond like a proxy: {why}"),
        }
    }
}

impl fmt::Display for NotAProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Endless => f.write_str("its response does not end"),
            Self::Closed => f.write_str("it closed the connection without a response"),
            Self::Http(httparse::Error::TooManyHeaders) => {
                f.write_str("its response has too many headers")
            }
            Self::Http(_) => f.write_str("its response is not HTTP/1.1"),
            Self::NoStatus => f.write_str("its response has no status"),
            Self::Socks(SocksError::InvalidResponseVersion) => {
                f.write_str("its response is not SOCKS 5")
            }
            Self::Socks(_) => f.write_str("its response breaks the rules of SOCKS 5"),
        }
    }
}

/// A reply, in the words of RFC 1928 section 6, by which administrators look for it.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "of the library's errors these are replies"
)]
const fn refusal(reply: &SocksError) -> &'static str {
    match reply {
        SocksError::ConnectionNotAllowedByRuleset => "not allowed by ruleset (SOCKS reply 2)",
        SocksError::NetworkUnreachable => "network unreachable (SOCKS reply 3)",
        SocksError::HostUnreachable => "host unreachable (SOCKS reply 4)",
        SocksError::ConnectionRefused => "the relay refused it (SOCKS reply 5)",
        SocksError::TtlExpired => "TTL expired (SOCKS reply 6)",
        SocksError::CommandNotSupported => "CONNECT not supported (SOCKS reply 7)",
        SocksError::AddressTypeNotSupported => "host names not supported (SOCKS reply 8)",
        _ => "general failure (SOCKS reply 1)",
    }
}

impl Error for ProxyFailed {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.problem {
            ProxyProblem::Unusable(error) => Some(error),
            ProxyProblem::Unreachable(why) => Some(why),
            ProxyProblem::RefusedSocks(error) => Some(error),
            ProxyProblem::NoneNamed
            | ProxyProblem::Credentials { .. }
            | ProxyProblem::Refused(_) => None,
        }
    }
}

impl Error for ProxyUnreachable {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Late => None,
            Self::Name(error) => Some(error),
            Self::Tcp(error) => Some(error),
            Self::Tls(problem) => Some(problem),
            Self::Broken(error) => Some(error),
            Self::Foreign(why) => Some(why),
        }
    }
}

impl Error for NotAProxy {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Http(error) => Some(error),
            Self::Socks(error) => Some(error),
            Self::Endless | Self::Closed | Self::NoStatus => None,
        }
    }
}

#[cfg(test)]
mod tests;
