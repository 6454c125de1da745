//! Whether this computer reaches the relays, looked at without a phone.

use hybrid_diagnosis::catalogue::{
    CLOCKS_DIFFER, IPV6_BROKEN, NO_AUTHORITIES, OFFLINE, PROXY_UNUSABLE, RELAY_REFUSED,
    RELAY_UNREACHABLE,
};
use hybrid_diagnosis::check::{Check, Verdict};
use hybrid_diagnosis::explain::{self, Answerer};
use hybrid_diagnosis::finding::Finding;
use hybrid_dial::name_servers::{self, Opinion};
use hybrid_dial::{NetStep, Network, Probed, ProxyUse, Step, probe};
use std::fmt;
use std::time::{Duration, Instant};

/// The relays that phones of today choose.
pub const WELL_KNOWN: [&str; 2] = hybrid_protocol::ASSIGNED_DOMAINS;

/// Why a step was not made.
const EARLIER: &str = "an earlier step failed";

/// Certificates are issued to the hour; clocks that differ by minutes begin to make them look
/// expired.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(120);

/// A host name that a person typed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Host(String);

impl Host {
    /// Reads a name: no scheme, port, path or address.
    ///
    /// # Errors
    /// [`NotAHost`] says what was expected.
    pub fn parse(text: &str) -> Result<Self, NotAHost> {
        // What is written with % is decoded, as in a URL; nobody types a host like that.
        let parsed = if text.contains('%') {
            None
        } else {
            url::Host::parse(text).ok()
        };
        match parsed {
            Some(url::Host::Domain(name)) if is_name(&name) => Ok(Self(name)),
            Some(_) | None => Err(NotAHost),
        }
    }

    /// One of [`WELL_KNOWN`].
    pub fn well_known() -> impl Iterator<Item = Self> {
        WELL_KNOWN.into_iter().map(|name| Self(name.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a person typed is no host name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotAHost;

impl fmt::Display for NotAHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected a host name such as cable.example.net, without scheme, port, path or IP address")
    }
}

impl std::error::Error for NotAHost {}

/// As DNS limits names (RFC 1035 section 2.3.4); one without a dot is a local network's.
fn is_name(name: &str) -> bool {
    let is_label = |label: &str| {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        matches!(label.len(), 1..=63)
            && label.bytes().all(known)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.contains('.') && name.len() <= 253 && name.split('.').all(is_label)
}

/// Looks at one relay: name, connection, certificate, answer, clock. Tells each step as it is done.
pub async fn relay(host: &Host, network: &Network, tell: &mut (dyn FnMut(Check) + Send)) {
    let mut checks = RelayChecks {
        host: host.as_str(),
        connections: Vec::new(),
        answerer: Answerer::Anyone,
        name: None,
        done: Vec::new(),
        tell,
    };
    let mut step = |step| checks.step(step);
    let (probed, opinions) = tokio::join!(
        probe(host.as_str(), network, &mut step),
        name_servers::ask(host.as_str())
    );
    checks.connected();
    checks.not_reached();
    checks.clock(probed.as_ref());
    checks.names(&opinions);
}

/// How this computer is connected, and by which proxy it reaches the relays.
pub async fn ways(network: &Network, tell: &mut (dyn FnMut(Check) + Send)) {
    let started = Instant::now();
    let (evidence, verdict) = match network.routes() {
        Some(routes) => (routes, Verdict::Ok),
        None => without_route(network).await,
    };
    tell(Check::new(
        "network: routes",
        started.elapsed(),
        &evidence,
        verdict,
    ));
    let started = Instant::now();
    let (evidence, verdict) = match network.proxy_for(WELL_KNOWN[0]).await {
        // There may be a proxy all the same, without which nothing leads out.
        Ok(ProxyUse::NotUsed(hint)) if !hint.is_of_a_proxy() => {
            let why = hint.to_string();
            let finding = Finding::possible(&PROXY_UNUSABLE, &why);
            (why, Verdict::Warn(finding))
        }
        Ok(proxy) => (proxy.to_string(), Verdict::Ok),
        Err(error) => {
            let why = error.to_string();
            let finding = Finding::certain(&PROXY_UNUSABLE, &why);
            (why, Verdict::Fail(finding))
        }
    };
    tell(Check::new(
        "network: proxy",
        started.elapsed(),
        &evidence,
        verdict,
    ));
    tell(authorities(network));
}

/// Whose certificates are believed.
fn authorities(network: &Network) -> Check {
    let started = Instant::now();
    let (evidence, verdict) = match network.authorities() {
        Ok(None) => ("the authorities that were given".to_owned(), Verdict::Ok),
        Ok(Some(store)) => match store.doubts() {
            Some(doubts) => (
                format!("{store}; {doubts}"),
                Verdict::Warn(Finding::possible(&NO_AUTHORITIES, &doubts)),
            ),
            None => (store.to_string(), Verdict::Ok),
        },
        Err(error) => {
            let why = error.to_string();
            let finding = Finding::certain(&NO_AUTHORITIES, &why);
            (why, Verdict::Fail(finding))
        }
    };
    let name = "network: certificate authorities";
    Check::new(name, started.elapsed(), &evidence, verdict)
}

/// No route leads out of this computer. That is no harm where relays are reached all the same.
async fn without_route(network: &Network) -> (String, Verdict) {
    let saw = "this computer has no route to the internet";
    for host in WELL_KNOWN {
        if !network.is_direct(host).await {
            return (format!("{saw}, but it uses a proxy"), Verdict::Ok);
        }
        if network.has_route_to(host).await {
            return (format!("{saw}, but it has a route to {host}"), Verdict::Ok);
        }
    }
    (saw.to_owned(), Verdict::of(Finding::certain(&OFFLINE, saw)))
}

/// The steps of one relay, as they become checks.
struct RelayChecks<'r> {
    host: &'r str,
    /// Steps that connect: what one that failed means is known when all are done.
    connections: Vec<NetStep>,
    /// Who can answer in the relay's name, as its certificate says.
    answerer: Answerer,
    /// What came of looking the name up; nothing when that is left to a proxy.
    name: Option<Verdict>,
    done: Vec<Step>,
    tell: &'r mut (dyn FnMut(Check) + Send),
}

impl RelayChecks<'_> {
    fn step(&mut self, step: NetStep) {
        self.done.push(step.step);
        if step.step == Step::Tls && step.outcome.is_ok() && step.code.is_none() {
            self.answerer = Answerer::Relay;
        }
        match step.step {
            Step::TcpV4 | Step::TcpV6 => self.connections.push(step),
            Step::Dns | Step::Tcp | Step::Proxy | Step::Tls | Step::Http => self.told(step),
        }
    }

    fn told(&mut self, step: NetStep) {
        self.connected();
        let verdict = match (&step.outcome, step.code) {
            (Err(why), code) if step.step == Step::Http => {
                let code = code.unwrap_or(RELAY_REFUSED.code);
                Verdict::Fail(explain::answer(code, &self.of_host(why), self.answerer))
            }
            (Err(why), code) => Verdict::Fail(explain::network(
                code.unwrap_or(RELAY_REFUSED.code),
                &self.of_host(why),
            )),
            (Ok(fact), Some(code)) => Verdict::Warn(explain::network(code, &self.of_host(fact))),
            (Ok(_), None) => Verdict::Ok,
        };
        if step.step == Step::Dns {
            self.name = Some(verdict.clone());
        }
        self.tell_step(step, verdict);
    }

    /// Tells the connections that were held back, now that it is known what a failed one means.
    fn connected(&mut self) {
        let connections = std::mem::take(&mut self.connections);
        let reached = connections.iter().any(|step| step.outcome.is_ok());
        for step in connections {
            let verdict = match &step.outcome {
                Ok(_) => Verdict::Ok,
                Err(_) if reached && step.step == Step::TcpV6 => {
                    let saw = self.of_host("reachable over IPv4, but not over IPv6");
                    Verdict::Warn(Finding::certain(&IPV6_BROKEN, &saw))
                }
                Err(why) if reached => {
                    Verdict::Warn(Finding::possible(&RELAY_UNREACHABLE, &self.of_host(why)))
                }
                Err(why) => Verdict::Fail(explain::network(
                    step.code.unwrap_or(RELAY_UNREACHABLE.code),
                    &self.of_host(why),
                )),
            };
            self.tell_step(step, verdict);
        }
    }

    fn of_host(&self, saw: &str) -> String {
        format!("{}: {saw}", self.host)
    }

    fn tell_step(&mut self, step: NetStep, verdict: Verdict) {
        let (Ok(evidence) | Err(evidence)) = step.outcome;
        self.tell(step.step.name(), step.took, evidence, verdict);
    }

    /// What the name servers say is evidence; whether the name leads anywhere was seen by its own
    /// step.
    fn names(&mut self, opinions: &[Opinion]) {
        let took = opinions
            .iter()
            .map(|opinion| opinion.took)
            .max()
            .unwrap_or_default();
        let evidence = opinions
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("; ");
        let evidence = if opinions.is_empty() {
            "no name server is configured".to_owned()
        } else {
            evidence
        };
        let verdict = match &self.name {
            _ if opinions.iter().any(Opinion::has_address) => Verdict::Ok,
            // It rests on what is said here.
            Some(Verdict::Fail(finding)) => Verdict::Fail(finding.clone()),
            // The name is known from elsewhere (the hosts file), or to the proxy alone.
            Some(Verdict::Ok | Verdict::Warn(_) | Verdict::NotChecked(_)) | None => Verdict::Ok,
        };
        self.tell("name servers", took, evidence, verdict);
    }

    fn clock(&mut self, probed: Option<&Probed>) {
        let Some(ahead) = probed.and_then(|probed| probed.ahead) else {
            let why = match probed {
                Some(_) => "the relay did not report its time".to_owned(),
                None => EARLIER.to_owned(),
            };
            return self.tell(
                "clock",
                Duration::ZERO,
                String::new(),
                Verdict::NotChecked(why),
            );
        };
        let evidence = match ahead {
            0 => "the relay's clock and this computer's agree".to_owned(),
            ..0 => format!(
                "the relay's clock is {} s behind this computer's",
                ahead.abs()
            ),
            1.. => format!("the relay's clock is {ahead} s ahead of this computer's"),
        };
        let verdict = if ahead.unsigned_abs() > CLOCK_TOLERANCE.as_secs() {
            Verdict::Warn(Finding::certain(&CLOCKS_DIFFER, &self.of_host(&evidence)))
        } else {
            Verdict::Ok
        };
        self.tell("clock", Duration::ZERO, evidence, verdict);
    }

    /// What could not be looked at is said, too.
    fn not_reached(&mut self) {
        for step in [Step::Tls, Step::Http] {
            if !self.done.contains(&step) {
                let why = EARLIER.to_owned();
                self.tell(
                    step.name(),
                    Duration::ZERO,
                    String::new(),
                    Verdict::NotChecked(why),
                );
            }
        }
    }

    fn tell(&mut self, step: &str, took: Duration, evidence: String, verdict: Verdict) {
        let name = format!("{}{}: {step}", explain::RELAY, self.host);
        (self.tell)(Check::new(&name, took, &evidence, verdict));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_host_is_a_name_and_nothing_else() {
        assert_eq!(
            Host::parse("Cable.Example.net").unwrap().as_str(),
            "cable.example.net"
        );
        for bad in [
            "",
            "localhost",
            "https://a.example",
            "a.example:443",
            "a.example/x",
            "192.0.2.1",
            "[::1]",
            "a..example",
            "a b.example",
            "%61.example",
            "*.example.net",
            "-a.example",
            "a\u{1b}[2J.example",
        ] {
            assert!(Host::parse(bad).is_err(), "{bad}");
        }
        let (label, longer) = ("a".repeat(63), "a".repeat(64));
        assert!(Host::parse(&format!("{label}.example")).is_ok());
        assert!(Host::parse(&format!("{longer}.example")).is_err());
        assert!(Host::parse(&format!("{label}.{label}.{label}.{label}.example")).is_err());
    }

    proptest! {
        #[test]
        fn reading_any_text_never_panics(text in ".*") {
            let _ = Host::parse(&text);
        }
    }
}
