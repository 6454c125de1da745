//! Names and connections: the system's resolver, and Happy Eyeballs (RFC 8305) over what it says.

use super::{DialError, Fact};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use tokio::net::TcpStream;

/// RFC 8305 section 5: between attempts to connect.
const STAGGER: Duration = Duration::from_millis(250);
const HTTPS: u16 = 443;

/// Asks the system: /etc/hosts, DNS, whatever nsswitch names.
pub(super) async fn resolve(host: &str) -> Result<Vec<SocketAddr>, DialError> {
    let addrs: Vec<SocketAddr> = tokio::net::lookup_host((host, HTTPS))
        .await
        .map_err(DialError::Dns)?
        .collect();
    match addrs.first() {
        None => Err(DialError::Dns(io::Error::new(io::ErrorKind::NotFound, "no address"))),
        // Loopback is left out on purpose: it is how a lab names its own relay in /etc/hosts.
        Some(first) if addrs.iter().all(|addr| is_sinkhole(addr.ip())) => Err(DialError::Sinkhole(first.ip())),
        Some(_) => Ok(addrs),
    }
}

/// Addresses that filters answer with: "nowhere", and the range that fake-IP proxies use.
fn is_sinkhole(addr: IpAddr) -> bool {
    match addr {
        IpAddr::V4(addr) => addr.is_unspecified() || matches!(addr.octets(), [198, 18 | 19, ..]),
        IpAddr::V6(addr) => addr == Ipv6Addr::UNSPECIFIED,
    }
}

/// Tries the addresses in turn, families interleaved, each a quarter of a second after the one before; the first connection wins.
pub(super) async fn connect(addrs: Vec<SocketAddr>) -> Result<TcpStream, DialError> {
    let mut waiting = interleave(addrs).into_iter();
    let mut attempts = FuturesUnordered::new();
    let mut last = io::Error::new(io::ErrorKind::NotFound, "no address");
    loop {
        if let Some(addr) = waiting.next() {
            attempts.push(TcpStream::connect(addr));
        } else if attempts.is_empty() {
            return Err(DialError::Tcp(last));
        }
        let more = waiting.len() > 0;
        tokio::select! {
            Some(attempt) = attempts.next() => match attempt {
                Ok(stream) => {
                    let _ = stream.set_nodelay(true);
                    return Ok(stream);
                }
                Err(error) => last = error,
            },
            () = tokio::time::sleep(STAGGER), if more => {}
        }
    }
}

/// IPv6 first, then by turns.
fn interleave(addrs: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let (v6, v4): (Vec<_>, Vec<_>) = addrs.into_iter().partition(SocketAddr::is_ipv6);
    let longest = v6.len().max(v4.len());
    (0..longest)
        .flat_map(|turn| {
            [v6.get(turn), v4.get(turn)]
                .into_iter()
                .flatten()
                .copied()
                .collect::<Vec<_>>()
        })
        .collect()
}

impl Fact for Vec<SocketAddr> {
    fn fact(&self) -> String {
        let v6 = self.iter().filter(|addr| addr.is_ipv6()).count();
        format!("{} IPv4 and {v6} IPv6 addresses", self.len() - v6)
    }
}

impl Fact for TcpStream {
    fn fact(&self) -> String {
        self.peer_addr()
            .map_or_else(|_| "connected".to_owned(), |addr| format!("connected to {addr}"))
    }

    fn addr(&self) -> Option<IpAddr> {
        self.peer_addr().ok().map(|addr| addr.ip())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_take_turns_and_ipv6_begins() {
        let [a, b, c]: [SocketAddr; 3] =
            ["192.0.2.1:443", "192.0.2.2:443", "[2001:db8::1]:443"].map(|text| text.parse().unwrap());
        assert_eq!(interleave(vec![a, b, c]), [c, a, b]);
    }

    #[test]
    fn nowhere_is_a_sinkhole_and_loopback_is_not() {
        for (addr, sinkhole) in [
            ("0.0.0.0", true),
            ("::", true),
            ("198.18.3.4", true),
            ("127.0.0.1", false),
            ("192.0.2.1", false),
        ] {
            assert_eq!(is_sinkhole(addr.parse().unwrap()), sinkhole, "{addr}");
        }
    }

    #[tokio::test]
    async fn a_dead_first_address_does_not_keep_from_the_second() {
        let closed = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .unwrap()
            .local_addr()
            .unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let open = listener.local_addr().unwrap();
        assert_eq!(connect(vec![closed, open]).await.unwrap().peer_addr().unwrap(), open);
        assert!(matches!(connect(vec![closed]).await, Err(DialError::Tcp(_))));
    }
}
