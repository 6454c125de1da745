//! The address that a Bluetooth device advertises under.

use std::fmt;

/// Six bytes, most significant first as they are written, and what kind of address they are.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct DeviceAddress {
    /// The address.
    pub bytes: [u8; 6],
    /// Its kind, which a connection has to name.
    pub kind: AddressKind,
}

/// Bluetooth Core 5.3, Vol 6, Part B, 1.3.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum AddressKind {
    /// Of the manufacturer.
    Public,
    /// Drawn, as phones do.
    Random,
}

impl DeviceAddress {
    /// Reads what bluetoothd says: `7A:00:00:00:00:01`, and `public` or `random`.
    pub fn parse(address: &str, kind: &str) -> Option<Self> {
        let kind = match kind {
            "public" => AddressKind::Public,
            "random" => AddressKind::Random,
            _ => return None,
        };
        let mut bytes = [0; 6];
        let mut written = address.split(':');
        for byte in &mut bytes {
            let digits = written.next().filter(|digits| digits.len() == 2)?;
            // A sign would be read, too.
            if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                return None;
            }
            *byte = u8::from_str_radix(digits, 16).ok()?;
        }
        written.next().is_none().then_some(Self { bytes, kind })
    }
}

impl AddressKind {
    /// As bluetoothd calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Random => "random",
        }
    }
}

impl fmt::Display for DeviceAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, last] = self.bytes;
        write!(f, "{a:02X}:{b:02X}:{c:02X}:{d:02X}:{e:02X}:{last:02X}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_no_address_is_none() {
        for (address, kind) in [
            ("", "random"),
            ("7A:00:00:00:00", "random"),
            ("7A:00:00:00:00:01:02", "random"),
            ("7A:0:00:00:00:01", "random"),
            ("7A:+1:00:00:00:01", "random"),
            ("7A-00-00-00-00-01", "random"),
            ("7A:00:00:00:00:01", "resolvable"),
        ] {
            assert_eq!(
                DeviceAddress::parse(address, kind),
                None,
                "{address} {kind}"
            );
        }
    }

    proptest! {
        #[test]
        fn an_address_is_read_back_from_what_it_prints(bytes: [u8; 6], random: bool) {
            let kind = if random { AddressKind::Random } else { AddressKind::Public };
            let address = DeviceAddress { bytes, kind };
            prop_assert_eq!(DeviceAddress::parse(&address.to_string(), kind.name()), Some(address));
        }

        #[test]
        fn no_text_makes_it_panic(address: String, kind: String) {
            let _ = DeviceAddress::parse(&address, &kind);
            let _ = DeviceAddress::parse(&address, "random");
        }
    }
}
