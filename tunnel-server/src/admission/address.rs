//! Client addresses as the limits count them, and the networks whose proxies are believed.

use crate::bad_value::BadValue;
use crate::shown::shown;
use core::fmt;
use core::net::{IpAddr, Ipv6Addr};

/// The block that one client is taken to own: an IPv4 address, or an IPv6 /56.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Block(u128);

impl Block {
    pub(crate) fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => Self(v4.to_ipv6_mapped().to_bits()),
            IpAddr::V6(v6) => Self(v6.to_bits() >> 72 << 72),
        }
    }
}

impl fmt::Debug for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Block(hidden)")
    }
}

/// A network like `10.0.0.0/8` or `2001:db8::/32`; a bare address means that address alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NetworkRange {
    bits: u128,
    prefix: u32,
}

impl NetworkRange {
    /// Reads `address/prefix`.
    ///
    /// # Errors
    /// [`BadValue`] says what was expected.
    pub fn read(text: &str) -> Result<Self, BadValue> {
        let bad = || {
            BadValue::new(format!(
                "expected a network like 10.0.0.0/8, got {}",
                shown(text)
            ))
        };
        let (address, prefix) = text
            .trim()
            .split_once('/')
            .map_or((text.trim(), None), |(a, p)| (a, Some(p)));
        let address: IpAddr = address.parse().map_err(|_| bad())?;
        let (bits, longest) = match address {
            IpAddr::V4(v4) => (v4.to_ipv6_mapped().to_bits(), 32),
            IpAddr::V6(v6) => (v6.to_bits(), 128),
        };
        let prefix: u32 = prefix.map_or(Ok(longest), str::parse).map_err(|_| bad())?;
        if prefix > longest {
            return Err(bad());
        }
        Ok(Self {
            bits,
            prefix: prefix + 128 - longest,
        })
    }

    /// Whether an address is in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        let bits = match address.to_canonical() {
            IpAddr::V4(v4) => v4.to_ipv6_mapped().to_bits(),
            IpAddr::V6(v6) => v6.to_bits(),
        };
        (bits ^ self.bits)
            .checked_shr(128 - self.prefix)
            .unwrap_or(0)
            == 0
    }
}

impl fmt::Display for NetworkRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let v6 = Ipv6Addr::from_bits(self.bits);
        // A network wider than all of IPv4 is not one of IPv4, even when its address looks like it.
        match (v6.to_ipv4_mapped(), self.prefix.checked_sub(96)) {
            (Some(v4), Some(prefix)) => write!(f, "{v4}/{prefix}"),
            (Some(_), None) | (None, _) => write!(f, "{v6}/{}", self.prefix),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn neighbours_in_an_ipv6_56_share_a_block_and_ipv4_addresses_do_not() {
        assert_eq!(
            Block::of(ip("2001:db8:0:1200::1")),
            Block::of(ip("2001:db8:0:12ff::2"))
        );
        assert_ne!(
            Block::of(ip("2001:db8:0:1200::1")),
            Block::of(ip("2001:db8:0:1300::1"))
        );
        assert_ne!(Block::of(ip("192.0.2.1")), Block::of(ip("192.0.2.2")));
        assert_eq!(
            Block::of(ip("192.0.2.1")),
            Block::of(ip("::ffff:192.0.2.1"))
        );
    }

    #[test]
    fn a_network_holds_its_addresses_and_no_others() {
        let network = NetworkRange::read("10.1.0.0/16").unwrap();
        assert!(network.contains(ip("10.1.2.3")) && network.contains(ip("::ffff:10.1.2.3")));
        assert!(!network.contains(ip("10.2.0.0")) && !network.contains(ip("::1")));
        assert!(NetworkRange::read("::/0").unwrap().contains(ip("1.2.3.4")));
        for bad in ["", "10.0.0.0/33", "::/129", "10.0.0/8", "10.0.0.0/x"] {
            assert!(NetworkRange::read(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn reading_any_text_never_panics(text in ".*") {
            let _ = NetworkRange::read(&text);
        }

        #[test]
        fn a_network_survives_its_text(address: IpAddr, prefix in 0..=32u32) {
            let network = NetworkRange::read(&format!("{address}/{prefix}")).unwrap();
            prop_assert_eq!(NetworkRange::read(&network.to_string()).unwrap(), network);
        }
    }
}
