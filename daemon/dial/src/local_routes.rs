//! What this computer's routes say, asked without sending anything: connecting a UDP socket makes
//! the kernel choose.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

/// Addresses for documentation (RFC 5737, RFC 3849): only a default route leads there.
const V4: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
const V6: IpAddr = IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1));

/// This computer's addresses towards the internet. They change with the network.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Egress {
    pub(crate) v4: Option<IpAddr>,
    pub(crate) v6: Option<IpAddr>,
}

impl Egress {
    /// No way out.
    pub(crate) const NONE: Self = Self { v4: None, v6: None };

    pub(crate) fn now() -> Self {
        Self {
            v4: towards(V4),
            v6: towards(V6),
        }
    }
}

/// The address that this computer would use towards another.
pub(crate) fn towards(addr: IpAddr) -> Option<IpAddr> {
    let any: IpAddr = match addr {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind(SocketAddr::new(any, 0)).ok()?;
    socket.connect(SocketAddr::new(addr, 443)).ok()?;
    socket.local_addr().ok().map(|local| local.ip())
}

/// The VPN that carries what goes to an address, if one does.
pub(crate) fn vpn_towards(addr: IpAddr) -> Option<String> {
    let local = towards(addr)?;
    let interfaces = if_addrs::get_if_addrs().ok()?;
    let name = interfaces
        .into_iter()
        .find(|found| found.ip() == local)?
        .name;
    is_vpn(&name).then_some(name)
}

/// Tunnels have no hardware: TUN and WireGuard interfaces are of type "none", PPP of its own.
fn is_vpn(interface: &str) -> bool {
    const ARPHRD_PPP: &str = "512";
    const ARPHRD_NONE: &str = "65534";
    let read = |file: &str| {
        fs::read_to_string(format!("/sys/class/net/{interface}/{file}")).unwrap_or_default()
    };
    matches!(read("type").trim(), ARPHRD_NONE | ARPHRD_PPP)
        || !read("tun_flags").is_empty()
        || ["tun", "tap", "wg", "ppp"].iter().any(|kind| {
            let number = interface.strip_prefix(kind);
            number.is_some_and(|rest| {
                !rest.is_empty() && rest.chars().all(|char| char.is_ascii_digit())
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_to_this_computer_stays_on_loopback_which_is_no_vpn() {
        let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
        assert_eq!(towards(loopback), Some(loopback));
        assert_eq!(vpn_towards(loopback), None);
    }

    #[test]
    fn names_of_tunnels_are_known() {
        for (name, vpn) in [
            ("tun0", true),
            ("wg1", true),
            ("lo", false),
            ("wgarden", false),
            ("tun", false),
        ] {
            assert_eq!(is_vpn(name), vpn, "{name}");
        }
    }
}
