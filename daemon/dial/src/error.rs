//! Why there is no tunnel: the cause as it was seen, its entry in the catalogue, and what the session is told.

use crate::happy_eyeballs::{Cause, NoConnection};
use crate::proxy::connect::{ProxyFailed, ProxyProblem};
use crate::redirect;
use crate::resolve::NoAddress;
use crate::tls::TlsProblem;
use hybrid_diagnosis::catalogue::{
    self, CAPTIVE_PORTAL, CONNECTION_CUT, Entry, IPV6_ONLY, NAME_LEADS_NOWHERE, NAME_LOOKUP_FAILED, NOT_A_RELAY,
    OFFLINE, PROXY_AUTH_REQUIRED, PROXY_REFUSES, PROXY_REQUIRED, PROXY_UNUSABLE, RELAY_UNREACHABLE, TLS_FAILED,
    TLS_INSPECTED, UPGRADE_LOST, VPN_LEADS_NOWHERE,
};
use hybrid_diagnosis::observation::network::Step;
use hybrid_protocol::TunnelFault;
use std::fmt;
use std::net::IpAddr;
use std::time::{Duration, SystemTime};

/// What was seen instead of a tunnel.
#[derive(Debug)]
pub enum DialError {
    /// A step was not over in time.
    TimedOut {
        /// Which step.
        step: Step,
        /// How long it was given.
        after: Duration,
    },
    /// The name has no address.
    Dns(NoAddress),
    /// The name leads to an address that cannot be a public relay's: a filter's.
    Sinkhole(IpAddr),
    /// No address could be connected to.
    Tcp(NoConnection),
    /// The proxy did not help.
    Proxy(ProxyFailed),
    /// There is no direct way, and there is a proxy that is not used.
    NeedsProxy {
        /// Why it is not used.
        hint: String,
        /// How the direct way failed.
        cause: Box<Self>,
    },
    /// The TLS handshake failed.
    Tls(TlsProblem),
    /// The connection broke during the request.
    Broken(String),
    /// The relay, or something in between, answered with something else than a tunnel.
    Http(Answer),
    /// 101, but without `fido.cable`.
    Subprotocol,
    /// The answer is not WebSocket's.
    NotWebSocket(String),
    /// The certificates of this system cannot be used.
    NoTrust(String),
}

/// An HTTP answer that opens no tunnel.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Seconds to wait, if it said so.
    pub retry_after: Option<u32>,
    /// Where to, for a redirect.
    pub location: Option<String>,
    /// The body is a web page.
    pub html: bool,
    /// The server's clock.
    pub date: Option<SystemTime>,
}

impl DialError {
    /// What the session is told.
    pub fn fault(&self) -> TunnelFault {
        match self {
            Self::TimedOut { step: Step::Dns, .. } | Self::Dns(_) | Self::Sinkhole(_) => TunnelFault::Dns,
            Self::TimedOut {
                step: Step::Tcp | Step::TcpV4 | Step::TcpV6,
                ..
            }
            | Self::Tcp(_) => TunnelFault::Tcp,
            Self::TimedOut { step: Step::Proxy, .. } | Self::Proxy(_) => TunnelFault::Proxy,
            Self::NeedsProxy { cause, .. } => cause.fault(),
            Self::TimedOut { step: Step::Tls, .. } | Self::Tls(_) | Self::NoTrust(_) => TunnelFault::Tls,
            Self::Http(answer) => TunnelFault::Http(answer.status),
            Self::Subprotocol => TunnelFault::Subprotocol,
            Self::TimedOut { step: Step::Http, .. } | Self::Broken(_) | Self::NotWebSocket(_) => TunnelFault::Upgrade,
        }
    }

    /// What a connection that was not used for a while ends in when the other side, or something in between, has dropped it. 408 is how a
    /// server says so; it has read no request (RFC 9110 section 15.5.9).
    pub(crate) const fn is_of_a_line_that_was_over(&self) -> bool {
        const REQUEST_TIMEOUT: u16 = 408;
        matches!(
            self,
            Self::Broken(_)
                | Self::Http(Answer {
                    status: REQUEST_TIMEOUT,
                    ..
                })
        )
    }

    /// The cause in the catalogue.
    pub fn entry(&self) -> &'static Entry {
        match self {
            Self::Dns(error) if error.is_offline() => &OFFLINE,
            Self::TimedOut { step: Step::Dns, .. } | Self::Dns(_) => &NAME_LOOKUP_FAILED,
            Self::Sinkhole(_) => &NAME_LEADS_NOWHERE,
            Self::Tcp(error) => match error.cause() {
                Cause::Offline => &OFFLINE,
                Cause::V6Only => &IPV6_ONLY,
                Cause::Vpn(_) => &VPN_LEADS_NOWHERE,
                Cause::Other => &RELAY_UNREACHABLE,
            },
            Self::TimedOut {
                step: Step::Tcp | Step::TcpV4 | Step::TcpV6,
                ..
            } => &RELAY_UNREACHABLE,
            Self::NeedsProxy { .. } => &PROXY_REQUIRED,
            Self::TimedOut { step: Step::Proxy, .. } => &PROXY_UNUSABLE,
            Self::Proxy(error) => match &error.problem {
                ProxyProblem::Unusable(_) | ProxyProblem::Unreachable(_) => &PROXY_UNUSABLE,
                ProxyProblem::Credentials { .. } => &PROXY_AUTH_REQUIRED,
                ProxyProblem::Refused(_) | ProxyProblem::RefusedSocks(_) => &PROXY_REFUSES,
            },
            Self::Tls(TlsProblem::UnknownIssuer(_)) => &TLS_INSPECTED,
            Self::Tls(TlsProblem::Cut(_)) | Self::Broken(_) => &CONNECTION_CUT,
            Self::TimedOut { step: Step::Tls, .. }
            | Self::Tls(TlsProblem::Expired | TlsProblem::NotYetValid | TlsProblem::WrongName | TlsProblem::Other(_))
            | Self::NoTrust(_) => &TLS_FAILED,
            Self::Http(answer) => answer.entry(),
            Self::NotWebSocket(_) | Self::TimedOut { step: Step::Http, .. } => &UPGRADE_LOST,
            Self::Subprotocol => &NOT_A_RELAY,
        }
    }
}

impl Answer {
    /// A web page in place of an answer is a portal's or a filter's. A relay behind a web server shows its own errors as pages, too: what
    /// is a relay's word stays one.
    fn entry(&self) -> &'static Entry {
        match self.status {
            200 | 401 | 403 | 405 | 406 if self.html => &CAPTIVE_PORTAL,
            status => catalogue::of_status(status),
        }
    }
}

impl fmt::Display for DialError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimedOut { step, after } => {
                write!(f, "no answer to {} within {:.0} s", step.name(), after.as_secs_f64())
            }
            Self::Dns(error) => write!(f, "the name cannot be resolved: {error}"),
            Self::Sinkhole(addr) => write!(f, "the name leads to {addr}, which is not a public address"),
            Self::Tcp(error) => write!(f, "no connection: {error}"),
            Self::Proxy(error) => error.fmt(f),
            Self::NeedsProxy { hint, cause } => write!(f, "{cause}; {hint}"),
            Self::Tls(problem) => problem.fmt(f),
            Self::Broken(why) => write!(f, "the connection broke during the request: {why}"),
            Self::Http(answer) => answer.fmt(f),
            Self::Subprotocol => f.write_str("the answer does not select the fido.cable protocol"),
            Self::NotWebSocket(why) => write!(f, "the answer is not WebSocket's: {why}"),
            Self::NoTrust(why) => write!(f, "this system's certificates cannot be used: {why}"),
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HTTP status {}", self.status)?;
        if self.html {
            f.write_str(" with a web page")?;
        }
        if let Some(whom) = self.location.as_deref().and_then(redirect::whom) {
            write!(f, ", to {whom}")?;
        }
        match self.retry_after {
            Some(seconds) => write!(f, "; try again in {seconds} s"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for DialError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16) -> Answer {
        Answer {
            status,
            retry_after: None,
            location: None,
            html: false,
            date: None,
        }
    }

    #[test]
    fn a_relays_own_error_page_is_no_portal() {
        for (status, html, code) in [
            (200, true, "NW08"),
            (403, true, "NW08"),
            (200, false, "NW12"),
            (403, false, "NW14"),
            (404, true, "NW15"),
            (410, true, "NW16"),
            (429, true, "NW17"),
            (503, true, "NW17"),
            (511, false, "NW08"),
            (407, false, "NW10"),
            (302, true, "NW18"),
        ] {
            let error = DialError::Http(Answer { html, ..answer(status) });
            assert_eq!(error.entry().code, code, "{status} {html}");
        }
    }

    #[test]
    fn what_the_answer_says_of_itself_is_told_without_paths() {
        let told = Answer {
            retry_after: Some(30),
            location: Some("https://portal.example/cable/connect/010203/00".to_owned()),
            ..answer(302)
        };
        assert_eq!(
            told.to_string(),
            "HTTP status 302, to https://portal.example; try again in 30 s"
        );
    }

    #[test]
    fn a_direct_way_that_fails_beside_a_proxy_asks_for_the_proxy() {
        let error = DialError::NeedsProxy {
            hint: "http_proxy is set, and HTTPS_PROXY is not".to_owned(),
            cause: Box::new(DialError::Sinkhole([0, 0, 0, 0].into())),
        };
        assert_eq!((error.entry().code, error.fault()), ("NW09", TunnelFault::Dns));
    }
}
