//! One step of opening a tunnel, as it is told, kept and shown.

use std::net::IpAddr;
use std::time::Duration;

/// One step on the way to a relay. Closed on purpose: whoever dials must name a cause for each.
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
    /// All steps, in the order in which they are taken.
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
    /// The step of the way.
    pub step: Step,
    /// The relay to which it leads.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_read_back_from_its_name() {
        for step in Step::ALL {
            assert_eq!(Step::from_name(step.name()), Some(step));
        }
        assert_eq!(Step::from_name("route"), None);
    }
}
