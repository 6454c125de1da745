//! Why there is no tunnel: the cause as it was seen, its code in the diagnosis, and what the session is told.

use hybrid_protocol::Fault;
use std::fmt;
use std::io;
use std::net::IpAddr;
use std::time::Duration;

/// What was seen instead of a tunnel.
#[derive(Debug)]
pub enum DialError {
    /// A step was not over in time.
    TimedOut {
        /// Which step.
        step: &'static str,
        /// Its deadline.
        after: Duration,
    },
    /// The resolver's error.
    Dns(io::Error),
    /// The name leads to an address that cannot be a public relay's: a filter's.
    Sinkhole(IpAddr),
    /// No address could be connected to; the last error.
    Tcp(io::Error),
    /// The TLS handshake failed.
    Tls(TlsProblem),
    /// The connection broke during the request.
    Broken(String),
    /// The relay, or something in between, answered with this status.
    Http {
        /// The status.
        status: u16,
        /// Seconds to wait, if it said so.
        retry_after: Option<u32>,
        /// Where to, for a redirect.
        location: Option<String>,
        /// The body is a web page: a portal or a block page.
        html: bool,
    },
    /// 101, but without `fido.cable`.
    Subprotocol,
    /// The answer is not WebSocket's.
    NotWebSocket(String),
    /// The certificates of this system cannot be used.
    NoTrust(String),
}

/// Why TLS failed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TlsProblem {
    /// Signed by nobody whom this system trusts.
    UnknownIssuer,
    /// Expired, says this machine's clock.
    Expired,
    /// Not valid yet, says this machine's clock.
    NotYetValid,
    /// For another name.
    WrongName,
    /// Anything else.
    Other(String),
}

impl DialError {
    /// What the session is told.
    pub fn fault(&self) -> Fault {
        match self {
            Self::TimedOut { step: "dns", .. } | Self::Dns(_) | Self::Sinkhole(_) => Fault::Dns,
            Self::TimedOut { step: "tcp", .. } | Self::Tcp(_) => Fault::Tcp,
            Self::TimedOut { step: "tls", .. } | Self::Tls(_) | Self::NoTrust(_) => Fault::Tls,
            Self::Http { status, .. } => Fault::Http(*status),
            Self::Subprotocol => Fault::Subprotocol,
            Self::TimedOut { .. } | Self::Broken(_) | Self::NotWebSocket(_) => Fault::Upgrade,
        }
    }

    /// The stable code of the diagnosis.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TimedOut { step: "dns", .. } | Self::Dns(_) => "NW01",
            Self::Sinkhole(_) => "NW02",
            Self::TimedOut { step: "tcp", .. } | Self::Tcp(_) => "NW03",
            Self::Tls(TlsProblem::UnknownIssuer) => "NW06",
            Self::TimedOut { step: "tls", .. } | Self::Tls(_) | Self::NoTrust(_) => "NW07",
            Self::Http { html: true, .. } => "NW08",
            Self::Http { status: 404, .. } => "NW15",
            Self::Http { status: 410, .. } => "NW16",
            Self::Http {
                status: 409 | 429 | 500..=599,
                ..
            } => "NW17",
            Self::Http { status: 300..=399, .. } => "NW18",
            Self::Http { status: 200 | 426, .. } | Self::NotWebSocket(_) | Self::TimedOut { .. } => "NW12",
            Self::Http { .. } => "NW14",
            Self::Subprotocol => "NW13",
            Self::Broken(_) => "NW21",
        }
    }
}

impl fmt::Display for DialError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimedOut { step, after } => write!(f, "no answer to {step} within {} s", after.as_secs()),
            Self::Dns(error) => write!(f, "the name cannot be resolved: {error}"),
            Self::Sinkhole(addr) => write!(f, "the name leads to {addr}, which is no public address"),
            Self::Tcp(error) => write!(f, "no connection: {error}"),
            Self::Tls(problem) => problem.fmt(f),
            Self::Broken(why) => write!(f, "the connection broke during the request: {why}"),
            Self::Http { status, .. } => write!(f, "HTTP status {status}"),
            Self::Subprotocol => f.write_str("the answer does not select the fido.cable protocol"),
            Self::NotWebSocket(why) => write!(f, "the answer is not WebSocket's: {why}"),
            Self::NoTrust(why) => write!(f, "this system's certificates cannot be used: {why}"),
        }
    }
}

impl fmt::Display for TlsProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownIssuer => f.write_str("the certificate is signed by nobody whom this system trusts"),
            Self::Expired => f.write_str("the certificate has expired, by this machine's clock"),
            Self::NotYetValid => f.write_str("the certificate is not valid yet, by this machine's clock"),
            Self::WrongName => f.write_str("the certificate is for another name"),
            Self::Other(why) => write!(f, "TLS failed: {why}"),
        }
    }
}

impl std::error::Error for DialError {}
