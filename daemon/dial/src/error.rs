//! Why there is no tunnel: the cause as it was seen, its entry in the catalogue, and what the
//! session is told.

use crate::happy_eyeballs::{ConnectCause, NoConnection};
use crate::not_websocket::NotWebSocket;
use crate::proxy::connect::{ProxyFailed, ProxyProblem};
use crate::redirect;
use crate::resolve::{NoAddress, ResolveError};
use crate::tls::{NoTrust, TlsProblem};
use hybrid_diagnosis::catalogue::{
    self, CAPTIVE_PORTAL, CONNECTION_CUT, Entry, IPV6_ONLY, NAME_LEADS_NOWHERE, NAME_LOOKUP_FAILED,
    NO_AUTHORITIES, NOT_A_RELAY, OFFLINE, PROXY_AUTH_REQUIRED, PROXY_REFUSES, PROXY_REQUIRED,
    PROXY_UNUSABLE, RELAY_UNREACHABLE, TLS_FAILED, TLS_INSPECTED, UPGRADE_LOST, VPN_LEADS_NOWHERE,
};
use hybrid_diagnosis::observation::network::Step;
use hybrid_protocol::TunnelFault;
use std::error::Error;
use std::fmt;
use std::io;
use std::net::IpAddr;
use std::time::{Duration, SystemTime};
use tokio::task::JoinError;

/// What was seen instead of a tunnel.
#[derive(Debug)]
#[non_exhaustive]
pub enum DialError {
    /// A step was not over in time.
    TimedOut {
        /// The step that was not over.
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
    /// There is no direct way, and there is a proxy that is not used, or may be one.
    NeedsProxy {
        /// Why it is not used.
        hint: String,
        /// There is one.
        known: bool,
        /// How the direct way failed.
        cause: Box<Self>,
    },
    /// The TLS handshake failed.
    Tls(TlsProblem),
    /// The connection broke during the request.
    Broken(Interruption),
    /// The relay, or something in between, answered with something else than a tunnel.
    Http(HttpAnswer),
    /// 101, but without `fido.cable`.
    Subprotocol,
    /// The answer is not WebSocket's.
    NotWebSocket(NotWebSocket),
}

/// What ended a connection before the relay had answered.
#[derive(Debug)]
#[non_exhaustive]
pub enum Interruption {
    /// The other side, or something in between, closed it.
    Closed,
    /// It broke.
    Io(io::Error),
    /// The work that read it ended.
    Task(JoinError),
}

/// An HTTP answer that opens no tunnel.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct HttpAnswer {
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
            Self::TimedOut {
                step: Step::Dns, ..
            }
            | Self::Dns(_)
            | Self::Sinkhole(_) => TunnelFault::Dns,
            Self::TimedOut {
                step: Step::Tcp | Step::TcpV4 | Step::TcpV6,
                ..
            }
            | Self::Tcp(_) => TunnelFault::Tcp,
            Self::TimedOut {
                step: Step::Proxy, ..
            }
            | Self::Proxy(_) => TunnelFault::Proxy,
            Self::NeedsProxy { cause, .. } => cause.fault(),
            Self::TimedOut {
                step: Step::Tls, ..
            }
            | Self::Tls(_) => TunnelFault::Tls,
            Self::Http(answer) => TunnelFault::Http(answer.status),
            Self::Subprotocol => TunnelFault::Subprotocol,
            Self::TimedOut {
                step: Step::Http, ..
            }
            | Self::Broken(_)
            | Self::NotWebSocket(_) => TunnelFault::Upgrade,
        }
    }

    /// What a connection that was not used for a while ends in when the other side, or something in
    /// between, has dropped it. 408 is how a server says so; it has read no request (RFC 9110
    /// section 15.5.9).
    pub(crate) const fn is_of_a_connection_that_was_over(&self) -> bool {
        const REQUEST_TIMEOUT: u16 = 408;
        matches!(
            self,
            Self::Broken(_)
                | Self::Http(HttpAnswer {
                    status: REQUEST_TIMEOUT,
                    ..
                })
        )
    }

    /// The cause in the catalogue.
    pub fn entry(&self) -> &'static Entry {
        match self {
            Self::Dns(error) if error.is_offline() => &OFFLINE,
            Self::TimedOut {
                step: Step::Dns, ..
            }
            | Self::Dns(_) => &NAME_LOOKUP_FAILED,
            Self::Sinkhole(_) => &NAME_LEADS_NOWHERE,
            Self::Tcp(error) => match error.cause() {
                ConnectCause::Offline => &OFFLINE,
                ConnectCause::V6Only => &IPV6_ONLY,
                ConnectCause::Vpn(_) => &VPN_LEADS_NOWHERE,
                ConnectCause::Other => &RELAY_UNREACHABLE,
            },
            Self::TimedOut {
                step: Step::Tcp | Step::TcpV4 | Step::TcpV6,
                ..
            } => &RELAY_UNREACHABLE,
            Self::NeedsProxy { known: true, .. } => &PROXY_REQUIRED,
            Self::NeedsProxy { cause, .. } => cause.entry(),
            Self::TimedOut {
                step: Step::Proxy, ..
            } => &PROXY_UNUSABLE,
            Self::Proxy(error) => match &error.problem {
                ProxyProblem::Unusable(_)
                | ProxyProblem::NoneNamed
                | ProxyProblem::Unreachable(_) => &PROXY_UNUSABLE,
                ProxyProblem::Credentials { .. } => &PROXY_AUTH_REQUIRED,
                ProxyProblem::Refused(_) | ProxyProblem::RefusedSocks(_) => &PROXY_REFUSES,
            },
            Self::Tls(TlsProblem::UnknownIssuer { .. }) => &TLS_INSPECTED,
            Self::Tls(
                TlsProblem::AuthorityMissing { .. } | TlsProblem::NoTrust(NoTrust::Store(_)),
            ) => &NO_AUTHORITIES,
            Self::Tls(TlsProblem::Cut(_)) | Self::Broken(_) => &CONNECTION_CUT,
            Self::TimedOut {
                step: Step::Tls, ..
            }
            | Self::Tls(
                TlsProblem::Expired
                | TlsProblem::NotYetValid
                | TlsProblem::WrongName
                | TlsProblem::Name(_)
                | TlsProblem::NoTrust(_)
                | TlsProblem::Other(_),
            ) => &TLS_FAILED,
            Self::Http(answer) => answer.entry(),
            Self::NotWebSocket(_)
            | Self::TimedOut {
                step: Step::Http, ..
            } => &UPGRADE_LOST,
            Self::Subprotocol => &NOT_A_RELAY,
        }
    }
}

impl HttpAnswer {
    /// A web page in place of an answer is a portal's or a filter's. A relay behind a web server
    /// shows its own errors as pages, too: what is a relay's word stays one.
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
            Self::TimedOut {
                step: Step::Http,
                after,
            } => write!(
                f,
                "the relay did not respond to the tunnel request within {:.0} s",
                after.as_secs_f64()
            ),
            Self::TimedOut { step, after } => {
                write!(
                    f,
                    "{} timed out after {:.0} s",
                    step.name(),
                    after.as_secs_f64()
                )
            }
            Self::Dns(error) => write!(f, "the name cannot be resolved: {error}"),
            Self::Sinkhole(addr) => {
                write!(
                    f,
                    "the name resolves to {addr}, which is not a public address"
                )
            }
            Self::Tcp(error) => write!(f, "no connection: {error}"),
            Self::Proxy(error) => error.fmt(f),
            Self::NeedsProxy { hint, cause, .. } => write!(f, "{cause}; {hint}"),
            Self::Tls(problem) => problem.fmt(f),
            Self::Broken(why) => write!(f, "the connection failed during the request: {why}"),
            Self::Http(answer) => answer.fmt(f),
            Self::Subprotocol => {
                f.write_str("the response does not select the fido.cable protocol")
            }
            Self::NotWebSocket(why) => why.fmt(f),
        }
    }
}

impl fmt::Display for HttpAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HTTP status {}", self.status)?;
        if self.html {
            f.write_str(" with a web page")?;
        }
        if let Some(whom) = self.location.as_deref().and_then(redirect::whom) {
            write!(f, ", redirect to {whom}")?;
        }
        match self.retry_after {
            Some(seconds) => write!(f, "; try again in {seconds} s"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Interruption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => f.write_str("closed"),
            Self::Io(error) => error.fmt(f),
            Self::Task(_) => f.write_str("hybridd itself stopped reading it"),
        }
    }
}

impl Error for DialError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Dns(error) => Some(error),
            Self::Tcp(error) => Some(error),
            Self::Proxy(error) => Some(error),
            Self::NeedsProxy { cause, .. } => Some(cause.as_ref()),
            Self::Tls(problem) => Some(problem),
            Self::Broken(why) => Some(why),
            Self::NotWebSocket(why) => Some(why),
            Self::TimedOut { .. } | Self::Sinkhole(_) | Self::Http(_) | Self::Subprotocol => None,
        }
    }
}

impl Error for Interruption {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Closed => None,
            Self::Io(error) => Some(error),
            Self::Task(error) => Some(error),
        }
    }
}

impl From<ResolveError> for DialError {
    fn from(error: ResolveError) -> Self {
        match error {
            ResolveError::NoAddress(error) => Self::Dns(error),
            ResolveError::Sinkhole(addr) => Self::Sinkhole(addr),
        }
    }
}

impl From<NoConnection> for DialError {
    fn from(error: NoConnection) -> Self {
        Self::Tcp(error)
    }
}

impl From<ProxyFailed> for DialError {
    fn from(error: ProxyFailed) -> Self {
        Self::Proxy(error)
    }
}

impl From<TlsProblem> for DialError {
    fn from(problem: TlsProblem) -> Self {
        Self::Tls(problem)
    }
}

impl From<url::ParseError> for DialError {
    fn from(error: url::ParseError) -> Self {
        Self::NotWebSocket(NotWebSocket::Url(error))
    }
}

impl From<JoinError> for DialError {
    fn from(error: JoinError) -> Self {
        Self::Broken(Interruption::Task(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16) -> HttpAnswer {
        HttpAnswer {
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
            let error = DialError::Http(HttpAnswer {
                html,
                ..answer(status)
            });
            assert_eq!(error.entry().code, code, "{status} {html}");
        }
    }

    #[test]
    fn what_the_answer_says_of_itself_is_told_without_paths() {
        let told = HttpAnswer {
            retry_after: Some(30),
            location: Some("https://portal.example/cable/connect/010203/00".to_owned()),
            ..answer(302)
        };
        assert_eq!(
            told.to_string(),
            "HTTP status 302, redirect to https://portal.example; try again in 30 s"
        );
    }

    #[test]
    fn a_direct_way_that_fails_beside_a_proxy_asks_for_the_proxy() {
        let error = DialError::NeedsProxy {
            hint: "http_proxy is set, but HTTPS_PROXY is not".to_owned(),
            known: true,
            cause: Box::new(DialError::Sinkhole([0, 0, 0, 0].into())),
        };
        assert_eq!(
            (error.entry().code, error.fault()),
            ("NW09", TunnelFault::Dns)
        );
    }

    #[test]
    fn a_direct_way_that_fails_keeps_its_code_where_nobody_knows_of_a_proxy() {
        let error = DialError::NeedsProxy {
            hint: "the desktop's proxy service did not respond within 2 s".to_owned(),
            known: false,
            cause: Box::new(DialError::Sinkhole([0, 0, 0, 0].into())),
        };
        assert_eq!(error.entry().code, "NW02");
        assert!(error.to_string().ends_with("did not respond within 2 s"));
    }
}
