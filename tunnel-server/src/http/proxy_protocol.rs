//! The PROXY protocol, versions 1 and 2: how a load balancer says whose connection it passes on.
//!
//! ```text
//! 1: "PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n", also TCP6 and UNKNOWN; at most 107 bytes
//! 2: 0d0a0d0a000d0a515549540a, 21 (20: the balancer's own), family 11 or 21 (00, 31: no address), length, addresses, ports, more
//! ```

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The longest header that is read: version 2 with what HAProxy adds.
pub(crate) const MOST: usize = 536;
const MOST_V1: usize = 107;
const SIGNATURE: [u8; 12] = *b"\r\n\r\n\0\r\nQUIT\n";

/// What a connection begins with that is no PROXY header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct BadProxyHeader;

/// A header that was read whole.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct ProxyHeader {
    pub(crate) length: usize,
    /// The client; `None` when the balancer speaks for itself or does not know.
    pub(crate) client: Option<SocketAddr>,
}

/// Reads a header; `None` when `bytes` end within it.
///
/// # Errors
/// [`BadProxyHeader`] when it can be none.
pub(crate) fn read(bytes: &[u8]) -> Result<Option<ProxyHeader>, BadProxyHeader> {
    if begins(bytes, &SIGNATURE) {
        version_2(bytes)
    } else if begins(bytes, b"PROXY ") {
        version_1(bytes)
    } else {
        Err(BadProxyHeader)
    }
}

/// Whether `bytes` begin like `start`, as far as they go.
fn begins(bytes: &[u8], start: &[u8]) -> bool {
    bytes.iter().zip(start).all(|(a, b)| a == b)
}

fn version_1(bytes: &[u8]) -> Result<Option<ProxyHeader>, BadProxyHeader> {
    let Some(end) = bytes.iter().take(MOST_V1).position(|byte| *byte == b'\n') else {
        return if bytes.len() < MOST_V1 {
            Ok(None)
        } else {
            Err(BadProxyHeader)
        };
    };
    let line = bytes
        .get(..end)
        .and_then(|line| line.strip_suffix(b"\r"))
        .ok_or(BadProxyHeader)?;
    // What follows this word is to be passed over, whatever it is.
    if line == b"PROXY UNKNOWN" || line.starts_with(b"PROXY UNKNOWN ") {
        let (length, client) = (end + 1, None);
        return Ok(Some(ProxyHeader { length, client }));
    }
    let line = core::str::from_utf8(line).map_err(|_| BadProxyHeader)?;
    let words: Vec<&str> = line.split(' ').collect();
    let (from, port, to_port) = match words.as_slice() {
        ["PROXY", "TCP4", from, to, port, to_port] => {
            to.parse::<Ipv4Addr>().map_err(|_| BadProxyHeader)?;
            let from: Ipv4Addr = from.parse().map_err(|_| BadProxyHeader)?;
            (IpAddr::from(from), port, to_port)
        }
        ["PROXY", "TCP6", from, to, port, to_port] => {
            to.parse::<Ipv6Addr>().map_err(|_| BadProxyHeader)?;
            let from: Ipv6Addr = from.parse().map_err(|_| BadProxyHeader)?;
            (IpAddr::from(from), port, to_port)
        }
        _ => return Err(BadProxyHeader),
    };
    to_port.parse::<u16>().map_err(|_| BadProxyHeader)?;
    let port = port.parse().map_err(|_| BadProxyHeader)?;
    let client = Some(SocketAddr::new(from, port));
    Ok(Some(ProxyHeader {
        length: end + 1,
        client,
    }))
}

fn version_2(bytes: &[u8]) -> Result<Option<ProxyHeader>, BadProxyHeader> {
    let Some((&[command, family, high, low], rest)) =
        { bytes.get(SIGNATURE.len()..) }.and_then(|rest| rest.split_first_chunk::<4>())
    else {
        return Ok(None);
    };
    let length = usize::from(u16::from_be_bytes([high, low]));
    if SIGNATURE.len() + 4 + length > MOST || !matches!(command, 0x20 | 0x21) {
        return Err(BadProxyHeader);
    }
    let Some(body) = rest.get(..length) else {
        return Ok(None);
    };
    let client = match (command, family) {
        (0x20, _) | (_, 0x00 | 0x31) => None,
        (_, 0x11) => {
            let (from, rest) = body.split_first_chunk::<4>().ok_or(BadProxyHeader)?;
            let (_, rest) = rest.split_first_chunk::<4>().ok_or(BadProxyHeader)?;
            Some((IpAddr::from(*from), rest))
        }
        (_, 0x21) => {
            let (from, rest) = body.split_first_chunk::<16>().ok_or(BadProxyHeader)?;
            let (_, rest) = rest.split_first_chunk::<16>().ok_or(BadProxyHeader)?;
            Some((IpAddr::from(*from), rest))
        }
        _ => return Err(BadProxyHeader),
    };
    let client = match client {
        Some((from, ports)) => {
            let (&[high, low, _, _], _) = ports.split_first_chunk::<4>().ok_or(BadProxyHeader)?;
            Some(SocketAddr::new(from, u16::from_be_bytes([high, low])))
        }
        None => None,
    };
    Ok(Some(ProxyHeader {
        length: SIGNATURE.len() + 4 + length,
        client,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn client(bytes: &[u8]) -> Result<Option<SocketAddr>, BadProxyHeader> {
        let header = read(bytes)?.expect("whole");
        assert_eq!(header.length, bytes.len());
        Ok(header.client)
    }

    fn v2(command: u8, family: u8, body: &[u8]) -> Vec<u8> {
        let length = (body.len() as u16).to_be_bytes();
        [&SIGNATURE[..], &[command, family], &length, body].concat()
    }

    #[test]
    fn version_1_gives_the_client() {
        for (line, expected) in [
            (
                "PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n",
                Some("192.0.2.1:56324"),
            ),
            (
                "PROXY TCP6 2001:db8::1 2001:db8::2 1 2\r\n",
                Some("[2001:db8::1]:1"),
            ),
            ("PROXY UNKNOWN\r\n", None),
            ("PROXY UNKNOWN ffff:f... 1 2 3\r\n", None),
        ] {
            let expected = expected.map(|text| text.parse().unwrap());
            assert_eq!(client(line.as_bytes()), Ok(expected), "{line}");
        }
        for line in [
            "PROXY TCP4 192.0.2.1 198.51.100.1 56324\r\n",
            "PROXY TCP4 2001:db8::1 198.51.100.1 56324 443\r\n",
            "PROXY TCP4 192.0.2.1 198.51.100.1 56324 65536\r\n",
            "PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\n",
            "PROXY  TCP4 192.0.2.1 198.51.100.1 56324 443\r\n",
            "PROXY UDP4 192.0.2.1 198.51.100.1 56324 443\r\n",
            "PROXY \r\n",
            "GET / HTTP/1.1\r\n",
        ] {
            assert_eq!(read(line.as_bytes()), Err(BadProxyHeader), "{line}");
        }
        assert_eq!(client(b"PROXY UNKNOWN \xff\0\r\n"), Ok(None));
        assert_eq!(
            read(b"PROXY TCP4 192.0.2.1\xff 198.51.100.1 1 2\r\n"),
            Err(BadProxyHeader)
        );
        assert_eq!(
            read(format!("PROXY UNKNOWN {}\r\n", "x".repeat(100)).as_bytes()),
            Err(BadProxyHeader)
        );
    }

    #[test]
    fn version_2_gives_the_client() {
        let v4 = [192, 0, 2, 1, 198, 51, 100, 1, 0xdc, 4, 1, 0xbb];
        let from = Some("192.0.2.1:56324".parse().unwrap());
        assert_eq!(client(&v2(0x21, 0x11, &v4)), Ok(from));
        assert_eq!(
            client(&v2(0x21, 0x11, &[&v4[..], &[3, 0, 4, 1, 2, 3, 4]].concat())),
            Ok(from)
        );
        let v6 = [Ipv6Addr::LOCALHOST.octets(), Ipv6Addr::LOCALHOST.octets()].concat();
        let v6 = [&v6[..], &[0, 1, 0, 2]].concat();
        assert_eq!(
            client(&v2(0x21, 0x21, &v6)),
            Ok(Some("[::1]:1".parse().unwrap()))
        );
        assert_eq!(client(&v2(0x20, 0x00, &[])), Ok(None));
        assert_eq!(client(&v2(0x21, 0x00, &[])), Ok(None));
        assert_eq!(client(&v2(0x21, 0x31, &[0; 216])), Ok(None));
        for bad in [
            v2(0x11, 0x11, &v4),
            v2(0x22, 0x11, &v4),
            v2(0x21, 0x12, &v4),
            v2(0x21, 0x11, &v4[..11]),
            v2(0x21, 0x21, &v6[..35]),
            v2(0x21, 0x11, &[0; 600]),
        ] {
            assert_eq!(read(&bad), Err(BadProxyHeader));
        }
    }

    proptest! {
        #[test]
        fn reading_any_bytes_never_panics_and_a_cut_header_is_waited_for(bytes in proptest::collection::vec(any::<u8>(), 0..200), body in proptest::collection::vec(any::<u8>(), 12..60), cut in 0..76usize) {
            let _ = read(&bytes);
            let _ = read(&[b"PROXY ", &bytes[..]].concat());
            let _ = read(&[&SIGNATURE, &bytes[..]].concat());
            let whole = v2(0x21, 0x11, &body);
            if cut < whole.len() {
                prop_assert_eq!(read(&whole[..cut]), Ok(None));
            }
        }
    }
}
