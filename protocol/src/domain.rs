//! Which relay host a 16-bit domain id means. The host never travels as text, so that an advert
//! cannot name just any host.

use crate::id::DomainId;
use core::fmt;
use sha2::{Digest, Sha256};

/// Ids below 256 are assigned by name; today there are two: Google's relay and Apple's.
pub const ASSIGNED_DOMAINS: [&str; 2] = ["cable.ua5v.com", "cable.auth.com"];

/// The first id whose host name is computed by hashing.
pub const FIRST_HASHED_DOMAIN: u16 = 256;

/// A relay's host name. It can only come from a [`DomainId`], never from a user or a peer.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct TunnelHost(String);

impl TunnelHost {
    /// The name, for DNS, TLS and the `Host` header.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TunnelHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl DomainId {
    /// The host name that this id stands for; `None` for the ids that are reserved for later
    /// assignment.
    ///
    /// ```
    /// use hybrid_protocol::DomainId;
    /// assert_eq!(DomainId(1).host().unwrap().as_str(), "cable.auth.com");
    /// assert_eq!(DomainId(266).host().unwrap().as_str(), "cable.wufkweyy3uaxb.com");
    /// assert!(DomainId(2).host().is_none());
    /// ```
    pub fn host(self) -> Option<TunnelHost> {
        if self.0 >= FIRST_HASHED_DOMAIN {
            return Some(TunnelHost(hashed(self.0)));
        }
        ASSIGNED_DOMAINS
            .get(usize::from(self.0))
            .map(|name| TunnelHost((*name).to_owned()))
    }
}

/// CTAP 2.2 §11.5.1 (tunnel server domains): the first 8 hash bytes, little-endian, give the ending
/// (2 bits) and then base-32 letters until the value is used up, so a name can be shorter than 13
/// letters.
fn hashed(id: u16) -> String {
    let [low, high] = id.to_le_bytes();
    let digest = Sha256::new()
        .chain_update(b"caBLEv2 tunnel server domain")
        .chain_update([low, high, 0])
        .finalize();
    let mut value = digest
        .iter()
        .take(8)
        .rev()
        .fold(0u64, |value, byte| value << 8 | u64::from(*byte));
    let ending = match value & 3 {
        0 => "com",
        1 => "org",
        2 => "net",
        _ => "info",
    };
    value >>= 2;
    let mut host = String::from("cable.");
    while value != 0 {
        // Five bits: the digits 26..=31 are written 2..=7, as in RFC 4648 base 32.
        let digit = (value & 31) as u8;
        host.push(char::from(if digit < 26 {
            b'a' + digit
        } else {
            b'2' + digit - 26
        }));
        value >>= 5;
    }
    host.push('.');
    host.push_str(ending);
    host
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_ids_have_no_host() {
        for id in 2..FIRST_HASHED_DOMAIN {
            assert_eq!(DomainId(id).host(), None, "{id}");
        }
    }
}
