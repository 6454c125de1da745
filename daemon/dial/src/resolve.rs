//! Names to addresses: the system's resolver decides (/etc/hosts, DNS, whatever nsswitch names);
//! when it cannot say, the name servers are asked why.

use crate::fact::Fact;
use crate::name_servers::{self, DnsAnswer, Opinion};
use std::error::Error;
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant};
use tokio::time::timeout_at;

/// Within this the system answers when nothing is wrong; after it the name servers are asked beside
/// it.
const ORDINARY: Duration = Duration::from_millis(1000);
const HTTPS: u16 = 443;

/// Why a name has no address.
#[derive(Debug)]
pub struct NoAddress {
    system: SystemAnswer,
    /// What each name server says.
    opinions: Vec<Opinion>,
}

/// What the system's resolver says of a name that leads nowhere.
#[derive(Debug)]
enum SystemAnswer {
    /// The name has no address.
    Empty,
    Failed(io::Error),
    /// Nothing in time.
    Silent,
}

/// Why a relay's name does not lead to it.
#[derive(Debug)]
pub(crate) enum ResolveError {
    NoAddress(NoAddress),
    /// It leads to an address that cannot be a public relay's: a filter's.
    Sinkhole(IpAddr),
}

/// The addresses of a relay.
pub(crate) async fn resolve(host: &str, until: Instant) -> Result<Vec<SocketAddr>, ResolveError> {
    let addrs = lookup(host, HTTPS, until)
        .await
        .map_err(ResolveError::NoAddress)?;
    let (filtered, public): (Vec<_>, Vec<_>) =
        addrs.into_iter().partition(|addr| is_sinkhole(addr.ip()));
    match (public.is_empty(), filtered.first()) {
        (true, Some(first)) => Err(ResolveError::Sinkhole(first.ip())),
        (true, None) | (false, _) => Ok(public),
    }
}

/// The addresses of any host; at least one.
pub(crate) async fn lookup(
    host: &str,
    port: u16,
    until: Instant,
) -> Result<Vec<SocketAddr>, NoAddress> {
    let mut system = Box::pin(tokio::net::lookup_host((host, port)));
    let ordinary = until.min(Instant::now() + ORDINARY);
    let (answer, opinions) = match timeout_at(ordinary.into(), &mut system).await {
        Ok(Ok(addrs)) => (Some(Ok(addrs)), Vec::new()),
        Ok(Err(error)) => (Some(Err(error)), name_servers::ask(host).await),
        Err(_) => {
            let (answer, opinions) =
                tokio::join!(timeout_at(until.into(), system), name_servers::ask(host));
            (answer.ok(), opinions)
        }
    };
    let system = match answer.map(|answer| answer.map(Iterator::collect::<Vec<_>>)) {
        Some(Ok(addrs)) if !addrs.is_empty() => return Ok(addrs),
        Some(Ok(_)) => SystemAnswer::Empty,
        Some(Err(error)) => SystemAnswer::Failed(error),
        None => SystemAnswer::Silent,
    };
    Err(NoAddress { system, opinions })
}

/// The library says "failed to lookup address information: Name or service not known".
fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(": ")
        .map_or(text.clone(), |(_, why)| why.to_owned())
}

/// Addresses that filters answer with: "nowhere", and the range that fake-IP proxies use. Loopback
/// is none of them: it is how a lab names its own relay in /etc/hosts.
fn is_sinkhole(addr: IpAddr) -> bool {
    match addr {
        IpAddr::V4(addr) => addr.is_unspecified() || matches!(addr.octets(), [198, 18 | 19, ..]),
        IpAddr::V6(addr) => addr == Ipv6Addr::UNSPECIFIED,
    }
}

impl NoAddress {
    /// No name server can even be asked, because no route leads anywhere.
    pub(crate) fn is_offline(&self) -> bool {
        let offline = |answer: &DnsAnswer| match answer {
            DnsAnswer::Unreachable(error) => error.kind() == io::ErrorKind::NetworkUnreachable,
            DnsAnswer::Addresses(_)
            | DnsAnswer::None
            | DnsAnswer::NxDomain
            | DnsAnswer::Failed(_)
            | DnsAnswer::Silent
            | DnsAnswer::Nonsense => false,
        };
        !self.opinions.is_empty() && self.opinions.iter().all(|opinion| offline(&opinion.a))
    }
}

impl fmt::Display for NoAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.system {
            SystemAnswer::Empty => f.write_str("no address")?,
            SystemAnswer::Failed(error) => f.write_str(&plain(error))?,
            SystemAnswer::Silent => f.write_str("no response")?,
        }
        self.opinions
            .iter()
            .try_for_each(|opinion| write!(f, "; {opinion}"))
    }
}

impl Error for NoAddress {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.system {
            SystemAnswer::Failed(error) => Some(error),
            SystemAnswer::Empty | SystemAnswer::Silent => None,
        }
    }
}

impl Fact for Vec<SocketAddr> {
    fn fact(&self) -> String {
        let v6 = self.iter().filter(|addr| addr.is_ipv6()).count();
        format!("{} IPv4 and {v6} IPv6 addresses", self.len() - v6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nowhere_is_a_sinkhole_and_loopback_is_not() {
        for (addr, sinkhole) in [
            ("0.0.0.0", true),
            ("::", true),
            ("198.18.3.4", true),
            ("198.20.0.1", false),
            ("127.0.0.1", false),
            ("192.0.2.1", false),
        ] {
            assert_eq!(is_sinkhole(addr.parse().unwrap()), sinkhole, "{addr}");
        }
    }

    #[test]
    fn what_the_system_says_is_kept_without_the_librarys_words() {
        let error =
            io::Error::other("failed to lookup address information: Name or service not known");
        assert_eq!(plain(&error), "Name or service not known");
        assert_eq!(plain(&io::Error::other("odd")), "odd");
    }

    #[tokio::test]
    async fn a_name_that_nobody_knows_is_told_with_what_the_system_says() {
        let until = Instant::now() + Duration::from_secs(5);
        let error = resolve("no-such-name.invalid", until).await.unwrap_err();
        let ResolveError::NoAddress(error) = error else {
            panic!("{error:?}");
        };
        assert!(error.source().is_some(), "{error}");
    }
}
