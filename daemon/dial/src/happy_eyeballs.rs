//! TCP connections by Happy Eyeballs (RFC 8305): families by turns, the next attempt before the
//! last one has failed, the first one wins.

use crate::fact::Fact;
use crate::local_routes::{self, Egress};
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use hybrid_diagnosis::observation::network::Step;
use socket2::{SockRef, TcpKeepalive};
use std::error::Error;
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{sleep_until, timeout_at};

/// RFC 8305 section 5: between attempts to connect.
const STAGGER: Duration = Duration::from_millis(250);
/// Addresses beyond these are not tried.
const MOST: usize = 16;

/// Why no address could be connected to.
#[derive(Debug)]
pub struct NoConnection {
    /// How each attempt ended; without an error it was still waiting.
    attempts: Vec<(SocketAddr, Option<io::Error>)>,
    waited: Duration,
    cause: ConnectCause,
}

/// What the errors of all attempts together say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum ConnectCause {
    /// No route leads anywhere.
    Offline,
    /// There are routes for IPv6 alone, and the relay has IPv4 addresses alone.
    V6Only,
    /// It goes through this VPN, and nothing comes back.
    Vpn(String),
    /// Anything else.
    Other,
}

/// Tries the addresses in turn; a new attempt begins every quarter of a second, or when one fails.
pub(crate) async fn connect(
    addrs: &[SocketAddr],
    until: Instant,
) -> Result<TcpStream, NoConnection> {
    let started = Instant::now();
    let addrs: Vec<_> = interleave(addrs).into_iter().take(MOST).collect();
    let mut errors = Vec::new();
    let racing = race(&addrs, &mut errors);
    if let Ok(Some(stream)) = timeout_at(until.into(), racing).await {
        return Ok(stream);
    }
    let attempts: Vec<_> = addrs
        .into_iter()
        .map(|addr| {
            let failed = errors.iter().position(|(failed, _)| *failed == addr);
            (addr, failed.map(|index| errors.swap_remove(index).1))
        })
        .collect();
    Err(NoConnection {
        cause: cause(&attempts, Egress::now()),
        attempts,
        waited: started.elapsed(),
    })
}

/// A connection whose packets are small in both directions: 536 bytes of data pass everywhere (RFC
/// 9293 section 3.7.1).
pub(crate) async fn in_small_packets(addr: SocketAddr) -> io::Result<TcpStream> {
    const SEGMENT: u32 = 536;
    let socket = socket2::Socket::new(
        socket2::Domain::for_address(addr),
        socket2::Type::STREAM,
        None,
    )?;
    socket.set_nonblocking(true)?;
    socket.set_tcp_mss(SEGMENT)?;
    let stream = TcpSocket::from_std_stream(socket.into())
        .connect(addr)
        .await?;
    Ok(settled(stream))
}

/// The first connection, or none when all have failed.
///
/// Each round begins the next address, if one is left, and then waits for whichever is first: an
/// attempt's end or the time for the next address. So every address is begun once and in order, and
/// is in exactly one of three places: not begun, in `attempts`, or in `errors`. The caller's
/// deadline drops this future at any await; what is then not in `errors` had not been answered. The
/// first success drops the other attempts, which closes them.
async fn race(
    addrs: &[SocketAddr],
    errors: &mut Vec<(SocketAddr, io::Error)>,
) -> Option<TcpStream> {
    let mut waiting = addrs.iter().copied();
    let mut attempts = FuturesUnordered::new();
    loop {
        if let Some(addr) = waiting.next() {
            attempts.push(async move { (addr, TcpStream::connect(addr).await) });
        } else if attempts.is_empty() {
            return None;
        }
        let (more, next) = (waiting.len() > 0, Instant::now() + STAGGER);
        tokio::select! {
            Some((addr, attempt)) = attempts.next() => match attempt {
                Ok(stream) => return Some(settled(stream)),
                Err(error) => errors.push((addr, error)),
            },
            // Without an address left only the attempts can end it; there is one, or it had
            // returned.
            () = sleep_until(next.into()), if more => {}
        }
    }
}

/// A connection for short messages, some of them after a long silence: connections that are opened
/// ahead, and tunnels whose user thinks, shall not be forgotten by routers, and one that is dead
/// shall be known to be before it is needed.
fn settled(stream: TcpStream) -> TcpStream {
    let alive = TcpKeepalive::new()
        .with_time(Duration::from_secs(15))
        .with_interval(Duration::from_secs(5))
        .with_retries(3);
    let _ = stream.set_nodelay(true);
    let _ = SockRef::from(&stream).set_tcp_keepalive(&alive);
    stream
}

/// IPv6 first, then by turns.
fn interleave(addrs: &[SocketAddr]) -> Vec<SocketAddr> {
    let (v6, v4): (Vec<_>, Vec<_>) = addrs.iter().copied().partition(SocketAddr::is_ipv6);
    let longest = v6.len().max(v4.len());
    (0..longest)
        .flat_map(|turn| [v6.get(turn), v4.get(turn)])
        .flatten()
        .copied()
        .collect()
}

fn cause(attempts: &[(SocketAddr, Option<io::Error>)], egress: Egress) -> ConnectCause {
    let no_route = |error: &Option<io::Error>| {
        error
            .as_ref()
            .is_some_and(|error| error.kind() == io::ErrorKind::NetworkUnreachable)
    };
    if !attempts.is_empty() && attempts.iter().all(|(_, error)| no_route(error)) {
        let v4_alone = attempts.iter().all(|(addr, _)| addr.is_ipv4());
        return match (v4_alone, egress) {
            (
                true,
                Egress {
                    v4: None,
                    v6: Some(_),
                },
            ) => ConnectCause::V6Only,
            (_, Egress { v4: None, v6: None }) => ConnectCause::Offline,
            (true | false, Egress { .. }) => ConnectCause::Other,
        };
    }
    let silent = attempts.iter().filter(|(_, error)| error.is_none());
    let mut vpns = silent.filter_map(|(addr, _)| local_routes::vpn_towards(addr.ip()));
    vpns.next().map_or(ConnectCause::Other, ConnectCause::Vpn)
}

impl NoConnection {
    pub(crate) const fn cause(&self) -> &ConnectCause {
        &self.cause
    }
}

impl fmt::Display for NoConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut between = "";
        for (addr, error) in &self.attempts {
            match error {
                Some(error) => write!(f, "{between}{}: {error}", addr.ip())?,
                None => write!(
                    f,
                    "{between}{}: no response within {:.0} s",
                    addr.ip(),
                    self.waited.as_secs_f64()
                )?,
            }
            between = "; ";
        }
        match &self.cause {
            ConnectCause::Vpn(name) => write!(f, "; the route uses the VPN {name}"),
            ConnectCause::V6Only => f.write_str("; this network supports only IPv6"),
            ConnectCause::Offline | ConnectCause::Other => Ok(()),
        }
    }
}

impl Error for NoConnection {
    /// The first attempt that failed stands for all; the text has each.
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        let error = self.attempts.iter().find_map(|(_, error)| error.as_ref())?;
        Some(error)
    }
}

impl Fact for TcpStream {
    fn fact(&self) -> String {
        self.peer_addr().map_or_else(
            |_| "connected".to_owned(),
            |addr| format!("connected to {addr}"),
        )
    }

    fn addr(&self) -> Option<IpAddr> {
        self.peer_addr().ok().map(|addr| addr.ip())
    }
}

/// The step of one family alone.
pub(crate) const fn family(v6: bool) -> Step {
    if v6 { Step::TcpV6 } else { Step::TcpV4 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NO_ROUTE: i32 = 101;

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(5)
    }

    async fn closed() -> SocketAddr {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    }

    #[test]
    fn families_take_turns_and_ipv6_begins() {
        let [a, b, c]: [SocketAddr; 3] = ["192.0.2.1:443", "192.0.2.2:443", "[2001:db8::1]:443"]
            .map(|text| text.parse().unwrap());
        assert_eq!(interleave(&[a, b, c]), [c, a, b]);
    }

    #[tokio::test]
    async fn a_dead_first_address_does_not_keep_from_the_second() {
        let closed = closed().await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let open = listener.local_addr().unwrap();
        let stream = connect(&[closed, open], soon()).await.unwrap();
        assert_eq!(stream.peer_addr().unwrap(), open);
        assert!(
            SockRef::from(&stream).keepalive().unwrap(),
            "a dead connection must be noticed"
        );
    }

    #[tokio::test]
    async fn small_packets_are_small_and_their_connection_is_kept_alive_like_any_other() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stream = in_small_packets(listener.local_addr().unwrap())
            .await
            .unwrap();
        let socket = SockRef::from(&stream);
        assert!(socket.tcp_mss().unwrap() <= 536);
        assert!(socket.keepalive().unwrap() && stream.nodelay().unwrap());
    }

    #[tokio::test]
    async fn each_address_is_told_with_its_own_error() {
        let error = connect(&[closed().await], soon()).await.unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("127.0.0.1: Connection refused"),
            "{error}"
        );
        assert_eq!(*error.cause(), ConnectCause::Other);
        assert_eq!(
            error.source().unwrap().to_string(),
            "Connection refused (os error 111)"
        );
    }

    #[test]
    fn without_any_route_it_is_offline_and_with_ipv6_alone_it_is_the_network() {
        let attempts = |addr: &str| {
            let error = io::Error::from_raw_os_error(NO_ROUTE);
            vec![(addr.parse().unwrap(), Some(error))]
        };
        let (nowhere, here) = (Egress { v4: None, v6: None }, "192.0.2.7".parse().ok());
        assert_eq!(
            cause(&attempts("192.0.2.1:443"), nowhere),
            ConnectCause::Offline
        );
        assert_eq!(
            cause(
                &attempts("192.0.2.1:443"),
                Egress {
                    v6: here,
                    ..nowhere
                }
            ),
            ConnectCause::V6Only
        );
        assert_eq!(
            cause(
                &attempts("[2001:db8::1]:443"),
                Egress {
                    v6: here,
                    ..nowhere
                }
            ),
            ConnectCause::Other
        );
        assert_eq!(
            cause(
                &attempts("192.0.2.1:443"),
                Egress {
                    v4: here,
                    ..nowhere
                }
            ),
            ConnectCause::Other
        );
    }
}
