//! A second opinion on names: what each name server of /etc/resolv.conf answers, asked directly.
//! The system's resolver says only that a name "is not known", whether it does not exist, the
//! server failed, or nobody answered.

use futures_util::future::join_all;
use simple_dns::{CLASS, Name, Packet, PacketFlag, QCLASS, QTYPE, Question, RCODE, TYPE};
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant};
use tokio::net::UdpSocket;
use tokio::time::timeout_at;

/// A name server that works answers well within this; resolvers wait five seconds before they ask
/// the next.
const ANSWER: Duration = Duration::from_secs(2);
/// As many as the C library reads.
const MOST_SERVERS: usize = 3;
const PORT: u16 = 53;
/// Answers over UDP without EDNS are no longer (RFC 1035 section 4.2.1).
const LONGEST: usize = 512;

/// What one server says of a name.
#[derive(Debug)]
#[non_exhaustive]
pub struct Opinion {
    /// The name server's address.
    pub server: IpAddr,
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
    let config = tokio::fs::read_to_string("/etc/resolv.conf")
        .await
        .unwrap_or_default();
    ask_servers(
        servers(&config)
            .into_iter()
            .map(|server| SocketAddr::new(server, PORT)),
        host,
    )
    .await
}

async fn ask_servers(servers: impl IntoIterator<Item = SocketAddr>, host: &str) -> Vec<Opinion> {
    join_all(servers.into_iter().map(async |server| {
        let started = Instant::now();
        let (a, aaaa) = tokio::join!(
            query(server, host, TYPE::A),
            query(server, host, TYPE::AAAA)
        );
        Opinion {
            server: server.ip(),
            a,
            aaaa,
            took: started.elapsed(),
        }
    }))
    .await
}

pub(crate) fn servers(config: &str) -> Vec<IpAddr> {
    config
        .lines()
        .filter_map(|line| {
            line.trim()
                .strip_prefix("nameserver")?
                .split_whitespace()
                .next()
        })
        // A zone (fe80::1%eth0) names an interface, which a test of the address alone does not
        // need.
        .filter_map(|server| server.split('%').next()?.parse().ok())
        .take(MOST_SERVERS)
        .collect()
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

impl fmt::Display for Opinion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let server = self.server;
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
            Self::Failed(RCODE::ServerFailure) => f.write_str("it failed (SERVFAIL)"),
            Self::Failed(RCODE::Refused) => f.write_str("it refuses (REFUSED)"),
            Self::Failed(code) => write!(f, "it failed ({code:?})"),
            Self::Silent => write!(f, "no answer within {} s", ANSWER.as_secs()),
            Self::Unreachable(error) => write!(f, "it cannot be asked: {error}"),
            Self::Nonsense => f.write_str("its answer is damaged"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn servers_are_read_as_the_c_library_reads_them() {
        let config = "# comment\nsearch example\nnameserver 127.0.0.53\n nameserver fe80::1%eth0\nnameserver x\n";
        let expected: Vec<IpAddr> = vec!["127.0.0.53".parse().unwrap(), "fe80::1".parse().unwrap()];
        assert_eq!(servers(config), expected);
        assert_eq!(
            servers(&"nameserver 192.0.2.1\n".repeat(9)).len(),
            MOST_SERVERS
        );
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

    #[tokio::test]
    async fn each_answer_is_told_apart() {
        for (code, words) in [
            (RCODE::NameError, "NXDOMAIN"),
            (RCODE::ServerFailure, "SERVFAIL"),
            (RCODE::Refused, "REFUSED"),
            (RCODE::NoError, "no address"),
        ] {
            let opinions = ask_servers([server(code).await], "cable.ua5v.com").await;
            assert!(opinions[0].to_string().contains(words), "{}", opinions[0]);
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
        let opinions = ask_servers([silent.local_addr().unwrap(), gone], "cable.ua5v.com").await;
        assert!(matches!(
            (&opinions[0].a, &opinions[0].aaaa),
            (DnsAnswer::Silent, DnsAnswer::Silent)
        ));
        assert!(
            matches!(opinions[1].a, DnsAnswer::Unreachable(_)),
            "{}",
            opinions[1]
        );
    }

    proptest! {
        #[test]
        fn reading_any_answer_and_asking_for_any_name_never_panics(answer: Vec<u8>, name in ".*") {
            let _ = read(&answer, 7, TYPE::A);
            let _ = question(7, &name, TYPE::A);
        }
    }
}
