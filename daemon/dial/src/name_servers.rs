//! A second opinion on names: what each name server of /etc/resolv.conf answers, asked directly.
//! The system's resolver says only that a name "is not known", whether it does not exist, the
//! server failed, or nobody answered.

use futures_util::future::join_all;
use simple_dns::{CLASS, Name, Packet, PacketFlag, QCLASS, QTYPE, Question, RCODE, TYPE};
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::time::{Duration, Instant};
use tokio::io::AsyncReadExt as _;
use tokio::net::UdpSocket;
use tokio::time::timeout_at;
use url::Host;

/// A name server that works answers well within this; resolvers wait five seconds before they ask
/// the next.
const ANSWER: Duration = Duration::from_secs(2);
/// As many as the C library reads.
const MOST_SERVERS: usize = 3;
const PORT: u16 = 53;
const CONFIG: &str = "/etc/resolv.conf";
/// Of a file that is longer no more is looked at.
const LONGEST_CONFIG: u64 = 64 * 1024;
/// Answers over UDP without EDNS are no longer (RFC 1035 section 4.2.1).
const LONGEST: usize = 512;

/// A name server as `/etc/resolv.conf` has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NameServer {
    addr: IpAddr,
    /// The interface behind which a link-local address is meant (RFC 4007 section 11).
    zone: Option<String>,
}

/// What one server says of a name.
#[derive(Debug)]
#[non_exhaustive]
pub struct Opinion {
    /// The name server.
    pub server: NameServer,
    /// Its answer about IPv4 addresses.
    pub a: DnsAnswer,
    /// Its answer about IPv6 addresses.
    pub aaaa: DnsAnswer,
    /// How long both took.
    pub took: Duration,
}

impl Opinion {
    /// The server knows an address.
    pub const fn has_address(&self) -> bool {
        matches!(self.a, DnsAnswer::Addresses(_)) || matches!(self.aaaa, DnsAnswer::Addresses(_))
    }
}

/// What a name server answers to one question.
#[derive(Debug)]
#[non_exhaustive]
pub enum DnsAnswer {
    /// So many addresses.
    Addresses(usize),
    /// The name exists and has none of this family.
    None,
    /// The name does not exist.
    NxDomain,
    /// The server could not or would not say.
    Failed(RCODE),
    /// No answer in time.
    Silent,
    /// It cannot be asked.
    Unreachable(io::Error),
    /// Something else than an answer to the question.
    Nonsense,
}

/// Asks every configured server for both families at once.
pub async fn ask(host: &str) -> Vec<Opinion> {
    let servers = servers(&config().await.unwrap_or_default());
    ask_servers(servers, PORT, host).await
}

async fn config() -> io::Result<Vec<u8>> {
    let mut config = Vec::new();
    let file = tokio::fs::File::open(CONFIG).await?;
    file.take(LONGEST_CONFIG).read_to_end(&mut config).await?;
    Ok(config)
}

async fn ask_servers(
    servers: impl IntoIterator<Item = NameServer>,
    port: u16,
    host: &str,
) -> Vec<Opinion> {
    join_all(servers.into_iter().map(async |server| {
        let started = Instant::now();
        let (a, aaaa) = match server.socket_addr(port) {
            Ok(addr) => tokio::join!(query(addr, host, TYPE::A), query(addr, host, TYPE::AAAA)),
            Err(why) => {
                let again = io::Error::new(why.kind(), why.to_string());
                (DnsAnswer::Unreachable(why), DnsAnswer::Unreachable(again))
            }
        };
        Opinion {
            server,
            a,
            aaaa,
            took: started.elapsed(),
        }
    }))
    .await
}

/// The first servers, as the C library reads them: the word stands at the begin of its line, what
/// follows the address is passed over, and so is what is no address. A comment may be in any
/// encoding.
pub(crate) fn servers(config: &[u8]) -> Vec<NameServer> {
    String::from_utf8_lossy(config)
        .lines()
        .filter_map(|line| line.strip_prefix("nameserver"))
        .filter(|rest| rest.starts_with([' ', '\t']))
        .filter_map(|rest| NameServer::read(rest.split_whitespace().next()?))
        .take(MOST_SERVERS)
        .collect()
}

impl NameServer {
    fn read(text: &str) -> Option<Self> {
        let (addr, zone) = match text.split_once('%') {
            Some((addr, zone)) => (addr.parse::<Ipv6Addr>().ok()?.into(), Some(zone)),
            None => (address(text)?, None),
        };
        Some(Self {
            // An IPv4 address in IPv6's clothes is reached over IPv4.
            addr: addr.to_canonical(),
            zone: zone.map(str::to_owned),
        })
    }

    fn socket_addr(&self, port: u16) -> io::Result<SocketAddr> {
        let IpAddr::V6(addr) = self.addr else {
            return Ok(SocketAddr::new(self.addr, port));
        };
        let scope = match &self.zone {
            Some(zone) => interface_index(zone)?,
            None if addr.is_unicast_link_local() => {
                return Err(io::Error::new(
                    io::ErrorKind::AddrNotAvailable,
                    "a link-local address needs the name of its interface, such as fe80::1%eth0",
                ));
            }
            None => 0,
        };
        Ok(SocketAddrV6::new(addr, port, 0, scope).into())
    }
}

/// An address as the C library reads it: IPv4 in its older forms (`127.1`), too.
fn address(text: &str) -> Option<IpAddr> {
    let older = || match Host::parse(text) {
        Ok(Host::Ipv4(addr)) if !text.contains('%') => Some(addr.into()),
        Ok(_) | Err(_) => None,
    };
    text.parse().ok().or_else(older)
}

/// The number of an interface, by its name or as a number.
fn interface_index(zone: &str) -> io::Result<u32> {
    if let Ok(index) = zone.parse() {
        return Ok(index);
    }
    let interfaces = if_addrs::get_if_addrs()?;
    let found = interfaces.into_iter().find(|found| found.name == zone);
    found.and_then(|found| found.index).ok_or_else(|| {
        let why = format!("there is no network interface {}", zone.escape_debug());
        io::Error::new(io::ErrorKind::NotFound, why)
    })
}

async fn query(server: SocketAddr, host: &str, kind: TYPE) -> DnsAnswer {
    let mut id = [0; 2];
    // Whoever could guess it could only mislead a diagnosis.
    let _ = getrandom::fill(&mut id);
    let id = u16::from_be_bytes(id);
    let Ok(question) = question(id, host, kind) else {
        return DnsAnswer::NxDomain;
    };
    let until = Instant::now() + ANSWER;
    match timeout_at(until.into(), exchange(server, &question, id, kind)).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => DnsAnswer::Unreachable(error),
        Err(_) => DnsAnswer::Silent,
    }
}

pub(crate) fn question(id: u16, host: &str, kind: TYPE) -> simple_dns::Result<Vec<u8>> {
    let mut packet = Packet::new_query(id);
    packet.set_flags(PacketFlag::RECURSION_DESIRED);
    let name = Name::new(host)?;
    packet.questions.push(Question::new(
        name,
        QTYPE::TYPE(kind),
        QCLASS::CLASS(CLASS::IN),
        false,
    ));
    packet.build_bytes_vec()
}

async fn exchange(
    server: SocketAddr,
    question: &[u8],
    id: u16,
    kind: TYPE,
) -> io::Result<DnsAnswer> {
    let any: IpAddr = match server {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind(SocketAddr::new(any, 0)).await?;
    socket.connect(server).await?;
    socket.send(question).await?;
    let mut buffer = [0; LONGEST];
    let length = socket.recv(&mut buffer).await?;
    Ok(read(buffer.get(..length).unwrap_or_default(), id, kind))
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "all other codes of the library mean failure"
)]
pub(crate) fn read(answer: &[u8], id: u16, kind: TYPE) -> DnsAnswer {
    let Ok(packet) = Packet::parse(answer) else {
        return DnsAnswer::Nonsense;
    };
    if packet.id() != id || !packet.has_flags(PacketFlag::RESPONSE) {
        return DnsAnswer::Nonsense;
    }
    let found = packet
        .answers
        .iter()
        .filter(|answer| answer.rdata.type_code() == kind)
        .count();
    match packet.rcode() {
        RCODE::NoError if found == 0 => DnsAnswer::None,
        RCODE::NoError => DnsAnswer::Addresses(found),
        RCODE::NameError => DnsAnswer::NxDomain,
        code => DnsAnswer::Failed(code),
    }
}

impl fmt::Display for NameServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.zone {
            Some(zone) => write!(f, "{}%{}", self.addr, zone.escape_debug()),
            None => self.addr.fmt(f),
        }
    }
}

impl fmt::Display for Opinion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let server = &self.server;
        match (self.a.to_string(), self.aaaa.to_string()) {
            (a, aaaa) if a == aaaa => write!(f, "name server {server}: {a}"),
            (a, aaaa) => write!(f, "name server {server}: {a} for IPv4, {aaaa} for IPv6"),
        }
    }
}

impl fmt::Display for DnsAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Addresses(1) => f.write_str("1 address"),
            Self::Addresses(count) => write!(f, "{count} addresses"),
            Self::None => f.write_str("no address"),
            Self::NxDomain => f.write_str("the name does not exist (NXDOMAIN)"),
            Self::Failed(RCODE::ServerFailure) => f.write_str("server failure (SERVFAIL)"),
            Self::Failed(RCODE::Refused) => f.write_str("query refused (REFUSED)"),
            Self::Failed(RCODE::FormatError) => f.write_str("query not understood (FORMERR)"),
            Self::Failed(RCODE::NotImplemented) => f.write_str("query not supported (NOTIMP)"),
            // Answers to other requests than queries, and codes that do not exist.
            Self::Failed(_) => f.write_str("a failure that no query has"),
            Self::Silent => write!(f, "no response within {} s", ANSWER.as_secs()),
            Self::Unreachable(error) => write!(f, "the query failed: {error}"),
            Self::Nonsense => f.write_str("malformed response"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn told(config: &[u8]) -> Vec<String> {
        servers(config).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn servers_are_read_as_the_c_library_reads_them() {
        let config = b"# comment by J\xf6rg\nsearch example\noptions use-vc edns0\nnameserver 127.0.0.53 # stub\n nameserver 192.0.2.8\n\
            nameserver x\nnameservers 192.0.2.9\nnameserver192.0.2.9\n;nameserver 192.0.2.9\nnameserver\nnameserver\t::ffff:192.0.2.1\r\n\
            nameserver fe80::1%eth0 trailing\n";
        assert_eq!(told(config), ["127.0.0.53", "192.0.2.1", "fe80::1%eth0"]);
        assert_eq!(told(b"nameserver 127.1"), ["127.0.0.1"]);
        assert_eq!(
            told(&b"nameserver 192.0.2.1\n".repeat(9)).len(),
            MOST_SERVERS
        );
    }

    #[test]
    fn a_zone_becomes_the_interface_that_is_asked() {
        let scope = |text: &str| match NameServer::read(text).unwrap().socket_addr(53) {
            Ok(SocketAddr::V6(addr)) => Ok(addr.scope_id()),
            Ok(SocketAddr::V4(addr)) => panic!("{addr}"),
            Err(why) => Err(why.to_string()),
        };
        assert_eq!((scope("fe80::1%lo"), scope("fe80::1%1")), (Ok(1), Ok(1)));
        assert_eq!(scope("2001:db8::1"), Ok(0));
        let unknown = scope("fe80::1%gone0").unwrap_err();
        assert!(unknown.contains("no network interface gone0"), "{unknown}");
        let lacking = scope("fe80::1").unwrap_err();
        assert!(lacking.contains("needs the name"), "{lacking}");
    }

    /// A server that answers every question with this code.
    async fn server(code: RCODE) -> SocketAddr {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let addr = socket.local_addr().unwrap();
        tokio::spawn(async move {
            let mut buffer = [0; LONGEST];
            while let Ok((length, peer)) = socket.recv_from(&mut buffer).await {
                let mut reply = Packet::parse(&buffer[..length]).unwrap().into_reply();
                *reply.rcode_mut() = code;
                let _ = socket
                    .send_to(&reply.build_bytes_vec().unwrap(), peer)
                    .await;
            }
        });
        addr
    }

    /// What a server at this address says.
    async fn asked(server: SocketAddr) -> Opinion {
        let named = NameServer::read(&server.ip().to_string()).unwrap();
        let opinions = ask_servers([named], server.port(), "cable.ua5v.com").await;
        opinions.into_iter().next().unwrap()
    }

    #[tokio::test]
    async fn each_answer_is_told_apart() {
        for (code, words) in [
            (RCODE::NameError, "NXDOMAIN"),
            (RCODE::ServerFailure, "SERVFAIL"),
            (RCODE::Refused, "REFUSED"),
            (RCODE::FormatError, "FORMERR"),
            (RCODE::NotImplemented, "NOTIMP"),
            (RCODE::NOTAUTH, "a failure that no query has"),
            (RCODE::NoError, "no address"),
        ] {
            let opinion = asked(server(code).await).await;
            assert!(opinion.to_string().contains(words), "{opinion}");
        }
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_and_one_that_is_silent_are_told_apart() {
        let silent = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let gone = UdpSocket::bind("127.0.0.1:0")
            .await
            .unwrap()
            .local_addr()
            .unwrap();
        let (silent, gone) = tokio::join!(asked(silent.local_addr().unwrap()), asked(gone));
        assert!(matches!(
            (&silent.a, &silent.aaaa),
            (DnsAnswer::Silent, DnsAnswer::Silent)
        ));
        assert!(matches!(gone.a, DnsAnswer::Unreachable(_)), "{gone}");
    }

    proptest! {
        #[test]
        fn reading_any_file_never_panics(config: Vec<u8>, line in ".*") {
            let _ = servers(&config);
            let _ = servers(format!("nameserver {line}").as_bytes());
        }

        #[test]
        fn reading_any_answer_and_asking_for_any_name_never_panics(answer: Vec<u8>, name in ".*") {
            let _ = read(&answer, 7, TYPE::A);
            let _ = question(7, &name, TYPE::A);
        }
    }
}
