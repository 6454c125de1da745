//! The steps of opening a tunnel: each has a name, a deadline of its own, and is told when it is over.

use super::DialError;
use crate::clock::now;
use crate::webauthn::printable;
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// For resolving a name.
pub const DNS: Duration = Duration::from_secs(5);
/// For a TCP connection, over all addresses.
pub const TCP: Duration = Duration::from_secs(5);
/// For a proxy: its name, its connection and its answer.
pub const PROXY: Duration = Duration::from_secs(6);
/// For the TLS handshake.
pub const TLS: Duration = Duration::from_secs(5);
/// For the answer to the WebSocket request.
pub const HTTP: Duration = Duration::from_secs(5);

/// One step on the way to a relay.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Step {
    /// The name is looked up.
    Dns,
    /// A connection, over all addresses.
    Tcp,
    /// A connection over the IPv4 addresses alone.
    TcpV4,
    /// A connection over the IPv6 addresses alone.
    TcpV6,
    /// A connection through a proxy.
    Proxy,
    /// Encryption.
    Tls,
    /// The request to the relay.
    Http,
}

impl Step {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Dns,
        Self::Tcp,
        Self::TcpV4,
        Self::TcpV6,
        Self::Proxy,
        Self::Tls,
        Self::Http,
    ];

    /// The word in events and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Tcp => "tcp",
            Self::TcpV4 => "tcp over IPv4",
            Self::TcpV6 => "tcp over IPv6",
            Self::Proxy => "proxy",
            Self::Tls => "tls",
            Self::Http => "http",
        }
    }

    /// Reads the word back.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.name() == name)
    }
}

/// One step that is over, without ids or paths: safe to keep and to show.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NetStep {
    /// Which.
    pub step: Step,
    /// The relay.
    pub host: String,
    /// How long it took.
    pub took: Duration,
    /// What came of it: a short fact, or why it failed.
    pub outcome: Result<String, String>,
    /// The address, once it is known.
    pub addr: Option<IpAddr>,
    /// The code of the diagnosis: why it failed, or what is odd although it did not.
    pub code: Option<&'static str>,
}

/// What a finished step has to tell.
pub(super) trait Fact {
    fn fact(&self) -> String;

    fn addr(&self) -> Option<IpAddr> {
        None
    }

    /// The code of what is odd about it.
    fn oddity(&self) -> Option<&'static str> {
        None
    }
}

/// Runs steps and tells them.
pub(super) struct Steps<'s> {
    host: &'s str,
    /// When all of them must be over.
    by: Instant,
    tell: &'s mut (dyn FnMut(NetStep) + Send),
}

impl<'s> Steps<'s> {
    pub(super) fn new(host: &'s str, by: Instant, tell: &'s mut (dyn FnMut(NetStep) + Send)) -> Self {
        Self { host, by, tell }
    }

    /// The relay.
    pub(super) const fn host(&self) -> &'s str {
        self.host
    }

    /// When a step must be over that begins now and has this long.
    pub(super) fn until(&self, own: Duration) -> Instant {
        self.by.min(now() + own)
    }

    /// Runs a step that keeps its deadline itself, to say what it was waiting for.
    pub(super) async fn run<T: Fact>(
        &mut self,
        step: Step,
        work: impl Future<Output = Result<T, DialError>>,
    ) -> Result<T, DialError> {
        let started = now();
        let result = work.await;
        self.told(step, now().duration_since(started), result)
    }

    /// Tells a step that ran by itself.
    pub(super) fn told<T: Fact>(
        &mut self,
        step: Step,
        took: Duration,
        result: Result<T, DialError>,
    ) -> Result<T, DialError> {
        // Both may quote what a certificate, a proxy or a relay says.
        let (outcome, addr, code) = match &result {
            Ok(done) => (Ok(printable(&done.fact())), done.addr(), done.oddity()),
            Err(error) => (Err(printable(&error.to_string())), None, Some(error.entry().code)),
        };
        (self.tell)(NetStep {
            step,
            host: self.host.to_owned(),
            took,
            outcome,
            addr,
            code,
        });
        result
    }

    /// Runs a step that knows of no deadline.
    pub(super) async fn run_within<T: Fact>(
        &mut self,
        step: Step,
        own: Duration,
        work: impl Future<Output = Result<T, DialError>>,
    ) -> Result<T, DialError> {
        let (started, until) = (now(), self.until(own));
        self.run(step, async {
            tokio::time::timeout_at(until.into(), work).await.unwrap_or_else(|_| {
                Err(DialError::TimedOut {
                    step,
                    after: now().duration_since(started),
                })
            })
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_say_cannot_steer_a_terminal() {
        let mut told = Vec::new();
        let mut tell = |step| told.push(step);
        let mut steps = Steps::new("cable.ua5v.com", Instant::now(), &mut tell);
        let broken: Result<Vec<std::net::SocketAddr>, _> = Err(DialError::Broken("\u{1b}[2Jgone\u{9b}".to_owned()));
        let _ = steps.told(Step::Http, Duration::ZERO, broken);
        let why = told[0].outcome.clone().unwrap_err();
        assert!(why.contains("gone") && !why.chars().any(char::is_control), "{why:?}");
    }

    #[test]
    fn a_step_is_read_back_from_its_name() {
        for step in Step::ALL {
            assert_eq!(Step::from_name(step.name()), Some(step));
        }
        assert_eq!(Step::from_name("route"), None);
    }

    /// How long a step without end takes, when all steps have so long and it has so long of its own.
    async fn ends_after(all: u64, own: u64) -> u64 {
        let mut told = Vec::new();
        let mut tell = |step| told.push(step);
        let begun = tokio::time::Instant::now();
        let by = begun.into_std() + Duration::from_secs(all);
        let mut steps = Steps::new("cable.ua5v.com", by, &mut tell);
        let never = std::future::pending::<Result<Vec<std::net::SocketAddr>, _>>();
        let result = steps.run_within(Step::Tls, Duration::from_secs(own), never).await;
        assert!(matches!(result, Err(DialError::TimedOut { step: Step::Tls, .. })));
        assert_eq!(told[0].code, Some("NW07"));
        begun.elapsed().as_secs_f64().round() as u64
    }

    #[tokio::test(start_paused = true)]
    async fn a_step_ends_at_its_own_deadline() {
        assert_eq!(ends_after(60, 5).await, 5);
    }

    #[tokio::test(start_paused = true)]
    async fn a_step_ends_when_all_of_them_must() {
        assert_eq!(ends_after(3, 5).await, 3);
    }
}
