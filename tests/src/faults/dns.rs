//! A name server that answers as it is told, over UDP and TCP.

use super::scene::{Dns, RELAY};
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UdpSocket};

/// As systemd-resolved has it.
pub(super) const ADDRESS: &str = "127.0.0.53:53";
/// The names of this world; no other name exists.
pub(super) const NAMES: [&str; 2] = ["cable.ua5v.com", "cable.auth.com"];

const A: u16 = 1;
const AAAA: u16 = 28;
const NXDOMAIN: u8 = 3;
/// Where the question begins.
const HEADER: usize = 12;

/// Serves from now on.
pub(super) async fn serve(dns: Dns) -> io::Result<()> {
    if matches!(dns, Dns::Nobody) {
        return Ok(());
    }
    let udp = UdpSocket::bind(ADDRESS).await?;
    let tcp = TcpListener::bind(ADDRESS).await?;
    tokio::spawn(async move {
        let mut query = [0; 1500];
        while let Ok((length, from)) = udp.recv_from(&mut query).await {
            if let Some(answer) = query.get(..length).and_then(|query| answer(query, dns)) {
                let _ = udp.send_to(&answer, from).await;
            }
        }
    });
    tokio::spawn(async move {
        while let Ok((stream, _)) = tcp.accept().await {
            tokio::spawn(over_tcp(stream, dns));
        }
    });
    Ok(())
}

async fn over_tcp(mut stream: TcpStream, dns: Dns) -> io::Result<()> {
    // Who says "too long" over UDP hangs up here.
    if matches!(dns, Dns::Truncated) {
        return Ok(());
    }
    loop {
        let length = stream.read_u16().await?;
        let mut query = vec![0; length.into()];
        stream.read_exact(&mut query).await?;
        let Some(answer) = answer(&query, dns) else {
            continue;
        };
        stream
            .write_u16(answer.len().try_into().unwrap_or(u16::MAX))
            .await?;
        stream.write_all(&answer).await?;
    }
}

/// RFC 1035 section 4. `None` is silence.
fn answer(query: &[u8], dns: Dns) -> Option<Vec<u8>> {
    let question = Question::read(query)?;
    match dns {
        Dns::Nobody | Dns::Silent => None,
        Dns::Garbage => Some(vec![0x5a; 40]),
        Dns::Truncated => Some(question.response(0, true, &[])),
        Dns::Refuses(code) => Some(question.response(code, false, &[])),
        Dns::KnowsOnly(name) if question.name == name => {
            Some(question.response(0, false, &addresses(&question, &[RELAY], &[])))
        }
        Dns::KnowsOnly(_) => Some(question.response(NXDOMAIN, false, &[])),
        Dns::Answers { .. } if !NAMES.contains(&question.name.as_str()) => {
            Some(question.response(NXDOMAIN, false, &[]))
        }
        Dns::Answers { v4, v6 } => Some(question.response(0, false, &addresses(&question, v4, v6))),
    }
}

/// Those of the kind that is asked for.
fn addresses(question: &Question<'_>, v4: &[&str], v6: &[&str]) -> Vec<Vec<u8>> {
    match question.kind {
        A => v4
            .iter()
            .filter_map(|text| text.parse::<Ipv4Addr>().ok())
            .map(|addr| addr.octets().to_vec())
            .collect(),
        AAAA => v6
            .iter()
            .filter_map(|text| text.parse::<Ipv6Addr>().ok())
            .map(|addr| addr.octets().to_vec())
            .collect(),
        _ => Vec::new(),
    }
}

struct Question<'q> {
    id: &'q [u8],
    /// Name, type and class, as they came.
    bytes: &'q [u8],
    name: String,
    kind: u16,
}

impl<'q> Question<'q> {
    fn read(query: &'q [u8]) -> Option<Self> {
        let mut at = HEADER;
        let mut labels = Vec::new();
        loop {
            let length = usize::from(*query.get(at)?);
            at += 1;
            if length == 0 {
                break;
            }
            labels.push(String::from_utf8_lossy(query.get(at..at + length)?).to_lowercase());
            at += length;
        }
        let kind = query.get(at..at + 2)?;
        Some(Self {
            id: query.get(..2)?,
            bytes: query.get(HEADER..at + 4)?,
            name: labels.join("."),
            kind: u16::from_be_bytes(kind.try_into().ok()?),
        })
    }

    fn response(&self, code: u8, truncated: bool, addresses: &[Vec<u8>]) -> Vec<u8> {
        const RESPONSE: u8 = 0x80;
        const TRUNCATED: u8 = 0x02;
        const RECURSION_DESIRED: u8 = 0x01;
        const RECURSION_AVAILABLE: u8 = 0x80;
        let flags = RESPONSE | RECURSION_DESIRED | if truncated { TRUNCATED } else { 0 };
        let count = u8::try_from(addresses.len()).unwrap_or_default();
        let mut response = self.id.to_vec();
        response.extend([
            flags,
            RECURSION_AVAILABLE | code,
            0,
            1,
            0,
            count,
            0,
            0,
            0,
            0,
        ]);
        response.extend(self.bytes);
        for address in addresses {
            // A pointer to the question's name; class IN; a minute to live.
            response.extend([0xc0, 0x0c]);
            response.extend(self.kind.to_be_bytes());
            response.extend([
                0,
                1,
                0,
                0,
                0,
                60,
                0,
                u8::try_from(address.len()).unwrap_or_default(),
            ]);
            response.extend(address);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(name: &str, kind: u16) -> Vec<u8> {
        let mut query = vec![0xab, 0xcd, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        for label in name.split('.') {
            query.push(label.len().try_into().unwrap());
            query.extend(label.as_bytes());
        }
        query.push(0);
        query.extend(kind.to_be_bytes());
        query.extend([0, 1]);
        query
    }

    #[test]
    fn known_names_have_the_addresses_of_their_kind_and_no_other_name_exists() {
        let dns = Dns::Answers {
            v4: &["192.0.2.7", "192.0.2.8"],
            v6: &[],
        };
        let found = answer(&query(NAMES[0], A), dns).unwrap();
        assert_eq!((found[..2].to_vec(), found[7]), (vec![0xab, 0xcd], 2));
        assert!(found.ends_with(&[192, 0, 2, 8]));
        let none = answer(&query(NAMES[0], AAAA), dns).unwrap();
        assert_eq!((none[3] & 0x0f, none[7]), (0, 0));
        assert_eq!(
            answer(&query("example.net", A), dns).unwrap()[3] & 0x0f,
            NXDOMAIN
        );
    }

    #[test]
    fn what_is_no_question_is_not_answered() {
        let dns = Dns::Refuses(2);
        for length in 0..30 {
            assert_eq!(answer(&query(NAMES[0], A)[..length], dns), None);
        }
    }
}
