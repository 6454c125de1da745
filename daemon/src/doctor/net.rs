//! Whether this computer reaches the relays, looked at without a phone.

use crate::catalogue::{NW04, NW06, NW09};
use crate::check::{Check, Verdict};
use crate::dial::{NetStep, Network, probe};
use crate::explain;
use crate::finding::Finding;
use std::time::Duration;

/// The relays that phones of today choose.
pub const WELL_KNOWN: [&str; 2] = hybrid_protocol::domain::ASSIGNED;

/// A host name that a person typed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Host(String);

impl Host {
    /// Reads a name: no scheme, port, path or address.
    ///
    /// # Errors
    /// A sentence that says what was expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        match url::Host::parse(text) {
            Ok(url::Host::Domain(name)) if name.contains('.') && name.split('.').all(|label| !label.is_empty()) => {
                Ok(Self(name))
            }
            Ok(_) | Err(_) => Err(format!(
                "expected a host name such as cable.example.net, without scheme, port, path or IP address, got {}",
                text.escape_debug()
            )),
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

/// Looks at one relay: name, connection, certificate, answer. Tells each step as it is done.
pub async fn relay(host: &Host, network: &Network, tell: &mut (dyn FnMut(Check) + Send)) {
    let mut steps = Vec::new();
    let mut note = |step: NetStep| {
        tell(check(&step, &steps));
        steps.push(step);
    };
    probe(host.as_str(), network, &mut note).await;
    // What could not be looked at is said, too.
    let reached = |name: &str| steps.iter().any(|step| step.step == name);
    for name in ["tls", "http"] {
        if !reached(name) {
            let why = "an earlier step failed".to_owned();
            let name = format!("{}{host}: {name}", explain::RELAY, host = host.as_str());
            tell(Check {
                name,
                took: Duration::ZERO,
                evidence: String::new(),
                verdict: Verdict::NotChecked(why),
            });
        }
    }
}

/// Whether a proxy is configured, which this version does not use.
pub fn proxy() -> Check {
    let names = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    let set = names
        .into_iter()
        .find(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()));
    let (evidence, verdict) = match set {
        Some(name) => {
            let evidence = format!("{name} is set; this version connects directly, without it");
            (evidence.clone(), Verdict::Warn(Finding::possible(&NW09, &evidence)))
        }
        None => ("no proxy is configured in the environment".to_owned(), Verdict::Ok),
    };
    Check {
        name: "proxy".to_owned(),
        took: Duration::ZERO,
        evidence,
        verdict,
    }
}

fn check(step: &NetStep, earlier: &[NetStep]) -> Check {
    let name = format!("{}{}: {}", explain::RELAY, step.host, step.step);
    let (evidence, verdict) = match &step.outcome {
        Ok(fact)
            if step.step == "tcp over IPv4"
                && earlier
                    .iter()
                    .any(|step| step.step == "tcp over IPv6" && step.outcome.is_err()) =>
        {
            (
                fact.clone(),
                Verdict::Warn(Finding::certain(&NW04, "IPv6 does not lead to the relay, IPv4 does")),
            )
        }
        Ok(fact) => (fact.clone(), Verdict::Ok),
        Err(why) if step.step == "public certificate" => (
            why.clone(),
            Verdict::Warn(Finding::likely(
                &NW06,
                "This system trusts the relay's certificate, the public authorities do not",
            )),
        ),
        // Another family may still lead there; if none does, nothing after this is looked at.
        Err(why) if step.step == "tcp over IPv6" => (why.clone(), Verdict::Warn(Finding::possible(&NW04, why))),
        Err(why) => (
            why.clone(),
            Verdict::Fail(explain::network(step.code.unwrap_or("NW14"), why)),
        ),
    };
    Check {
        name,
        took: step.took,
        evidence,
        verdict,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_host_is_a_name_and_nothing_else() {
        assert_eq!(Host::parse("Cable.Example.net").unwrap().as_str(), "cable.example.net");
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
        ] {
            assert!(Host::parse(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn reading_any_text_never_panics(text in ".*") {
            let _ = Host::parse(&text);
        }
    }
}
