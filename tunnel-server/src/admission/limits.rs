//! Every limit of the relay in one table: config key, default, range, and what happens when it is reached.

use crate::bad_value::BadValue;
use crate::shown::shown;
use core::time::Duration;

macro_rules! limits {
    ($($(#[doc = $doc:literal])+ $name:ident: $kind:ty = $default:expr, $min:expr, $max:expr, $hit:literal;)+) => {
        /// The limits in force. Each has a default that is safe on the open internet.
        #[derive(Clone, PartialEq, Eq, Debug)]
        #[non_exhaustive]
        pub struct Limits { $($(#[doc = $doc])+ pub $name: $kind,)+ }

        impl Default for Limits {
            fn default() -> Self {
                Self { $($name: $default,)+ }
            }
        }

        impl Limits {
            /// The table that flags, config keys, environment and documents are made from.
            pub const TABLE: &[Limit] = &[$(Limit {
                key: stringify!($name),
                what: concat!($($doc),+),
                hit: $hit,
                show: |limits| Setting::show(&limits.$name),
                set: |limits, text| {
                    let value = <$kind as Setting>::read(text)?;
                    let (min, max): ($kind, $kind) = ($min, $max);
                    if value < min || value > max {
                        return Err(out_of_range(&min, &max, text));
                    }
                    limits.$name = value;
                    Ok(())
                },
            },)+];
        }
    };
}

const DAY: Duration = Duration::from_secs(86_400);
const MS: Duration = Duration::from_millis(1);
const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;
const GIB: u64 = 1024 * MIB;

limits! {
    /// time for a TLS handshake
    tls_handshake: Duration = Duration::from_secs(5), MS, DAY, "connection closed, `refused{reason=\"tls_timeout\"}`";
    /// concurrent TLS handshakes
    tls_handshakes: u32 = 1024, 1, u32::MAX, "connection closed, `refused{reason=\"tls_busy\"}`";
    /// time to receive the request head
    request_head: Duration = Duration::from_secs(5), MS, DAY, "408, `refused{reason=\"head_timeout\"}`";
    /// size of the request head
    request_head_size: u64 = 8 * KIB, 512, 64 * KIB, "431, `refused{reason=\"head_size\"}`";
    /// connections accepted per second
    accept_rate: u32 = 1000, 1, u32::MAX, "the next ones wait in the kernel's queue, `accept_paused`";
    /// the same per address (IPv4 /32, IPv6 /56), and as many in one burst
    accept_rate_per_address: u32 = 100, 1, u32::MAX, "429 with Retry-After (TLS: closed), `refused{reason=\"accept_rate_address\"}`";
    /// connections with an unfinished request, in total
    openings: u32 = 8192, 1, u32::MAX, "503 with Retry-After (TLS: closed), `refused{reason=\"openings\"}`";
    /// the same per address
    openings_per_address: u32 = 64, 1, u32::MAX, "429 with Retry-After (TLS: closed), `refused{reason=\"openings_address\"}`";
    /// tunnels, waiting and joined, in total
    rooms: u32 = 50_000, 1, u32::MAX, "503 with Retry-After, `refused{reason=\"rooms\"}`";
    /// the same per address of the side that opened them
    rooms_per_address: u32 = 32, 1, u32::MAX, "429 with Retry-After, `refused{reason=\"rooms_address\"}`";
    /// time a side waits for the other
    waiting: Duration = Duration::from_secs(180), MS, DAY, "close 1008, `tunnels_ended{ended=\"waited\"}`";
    /// bytes a waiting side may send before the other side joins
    early: u64 = 8 * KIB, 0, 32 * KIB, "reading pauses until the other side joins, `early_full`";
    /// maximum lifetime of a joined tunnel
    session: Duration = Duration::from_secs(900), MS, DAY, "close 1008, `tunnels_ended{ended=\"lasted\"}`";
    /// idle time after which a side is pinged; a side that stays silent for as long again is closed
    ping: Duration = Duration::from_secs(30), MS, DAY, "close 1008, `tunnels_ended{ended=\"silent\"}`";
    /// time a side may leave data unread
    stall: Duration = Duration::from_secs(30), MS, DAY, "close 1008, or just the end of the connection within a message, `tunnels_ended{ended=\"stalled\"}`";
    /// time for the closing handshake
    closing: Duration = Duration::from_secs(5), MS, DAY, "connection closed, `connections_cut`";
    /// size of a message, including all its fragments
    message_size: u64 = 64 * KIB, 125, MIB, "close 1009, `tunnels_ended{ended=\"message_size\"}`";
    /// messages per direction
    messages: u64 = 256, 1, u64::MAX, "close 1008, `tunnels_ended{ended=\"messages\"}`";
    /// bytes per direction
    bytes: u64 = 4 * MIB, 125, GIB * GIB, "close 1008, `tunnels_ended{ended=\"bytes\"}`";
    /// pings, pongs and empty fragments per second and side
    control_rate: u32 = 10, 1, u32::MAX, "close 1008, `tunnels_ended{ended=\"control_rate\"}`";
    /// phones listening for contacts, in total
    listeners: u32 = 10_000, 0, u32::MAX, "503 with Retry-After, `refused{reason=\"listeners\"}`";
    /// the same per address
    listeners_per_address: u32 = 32, 0, u32::MAX, "429 with Retry-After, `refused{reason=\"listeners_address\"}`";
    /// contacts per minute and phone
    contact_rate: u32 = 6, 1, u32::MAX, "429 with Retry-After, `refused{reason=\"contact_rate\"}`";
    /// unanswered contacts per phone
    contacts_pending: u32 = 4, 1, u32::MAX, "429 with Retry-After, `refused{reason=\"contacts_pending\"}`";
    /// size of a contact's client payload
    payload_size: u64 = KIB, 16, 4 * KIB, "400, `refused{reason=\"payload\"}`";
    /// time a listening phone has to prove that it owns the contact id
    listen_proof: Duration = Duration::from_secs(5), MS, DAY, "close 1008, `refused{reason=\"listen_proof\"}`";
    /// revoked contact ids that are stored, in total
    revocations: u32 = 100_000, 0, u32::MAX, "close 1013, `refused{reason=\"revocations\"}`";
    /// the same per address, since the relay was started
    revocations_per_address: u32 = 32, 0, u32::MAX, "close 1013, `refused{reason=\"revocations\"}`";
    /// time that running tunnels have to finish after SIGTERM
    drain: Duration = Duration::from_secs(60), MS, DAY, "close 1012, `tunnels_ended{ended=\"stopped\"}`";
}

/// One row of [`Limits::TABLE`].
pub struct Limit {
    /// Config key; the flag and the variable are made from it.
    pub key: &'static str,
    /// What it limits.
    pub what: &'static str,
    /// What happens when it is reached.
    pub hit: &'static str,
    /// Its value as a person writes it.
    pub show: fn(&Limits) -> String,
    /// Reads a value as a person writes it; the error says what was expected.
    pub set: fn(&mut Limits, &str) -> Result<(), BadValue>,
}

/// A value that a person writes into a config file.
trait Setting: Sized {
    fn read(text: &str) -> Result<Self, BadValue>;
    fn show(&self) -> String;
}

impl Setting for u32 {
    fn read(text: &str) -> Result<Self, BadValue> {
        text.trim()
            .parse()
            .map_err(|_| BadValue::new(format!("expected a whole number, got {}", shown(text))))
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Setting for u64 {
    fn read(text: &str) -> Result<Self, BadValue> {
        let (number, unit) = split(text);
        let unit = match unit {
            "" | "B" => 1,
            "KiB" => KIB,
            "MiB" => MIB,
            "GiB" => GIB,
            _ => {
                return Err(BadValue::new(format!(
                    "expected a number, B, KiB, MiB or GiB, got {}",
                    shown(text)
                )));
            }
        };
        let number: Self = number.parse().map_err(|_| {
            BadValue::new(format!("expected a number like 64KiB, got {}", shown(text)))
        })?;
        number
            .checked_mul(unit)
            .ok_or_else(|| BadValue::new(format!("{text} is too large")))
    }

    fn show(&self) -> String {
        match *self {
            n if n >= GIB && n % GIB == 0 => format!("{}GiB", n / GIB),
            n if n >= MIB && n % MIB == 0 => format!("{}MiB", n / MIB),
            n if n >= KIB && n % KIB == 0 => format!("{}KiB", n / KIB),
            n => n.to_string(),
        }
    }
}

impl Setting for Duration {
    fn read(text: &str) -> Result<Self, BadValue> {
        let (number, unit) = split(text);
        let bad = || {
            BadValue::new(format!(
                "expected a time like 5s, 500ms or 3m, got {}",
                shown(text)
            ))
        };
        let number: u64 = number.parse().map_err(|_| bad())?;
        match unit {
            "ms" => Ok(Self::from_millis(number)),
            "s" | "" => Ok(Self::from_secs(number)),
            "m" => number.checked_mul(60).map(Self::from_secs).ok_or_else(bad),
            "h" => number
                .checked_mul(3600)
                .map(Self::from_secs)
                .ok_or_else(bad),
            _ => Err(bad()),
        }
    }

    fn show(&self) -> String {
        if self.subsec_millis() == 0 {
            format!("{}s", self.as_secs())
        } else {
            format!("{}ms", self.as_millis())
        }
    }
}

fn out_of_range<T: Setting>(min: &T, max: &T, text: &str) -> BadValue {
    let (min, max) = (min.show(), max.show());
    BadValue::new(format!("expected {min} to {max}, got {}", shown(text)))
}

fn split(text: &str) -> (&str, &str) {
    let text = text.trim();
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    (number, unit.trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_default_is_within_its_own_range_and_survives_its_text() {
        for limit in Limits::TABLE {
            let mut limits = Limits::default();
            let text = (limit.show)(&limits);
            assert_eq!((limit.set)(&mut limits, &text), Ok(()), "{}", limit.key);
            assert_eq!(limits, Limits::default(), "{}", limit.key);
        }
    }

    #[test]
    fn a_value_out_of_range_is_named_with_the_range() {
        let row = Limits::TABLE
            .iter()
            .find(|row| row.key == "message_size")
            .unwrap();
        let error = (row.set)(&mut Limits::default(), "2MiB").unwrap_err();
        assert_eq!(error.to_string(), "expected 125 to 1MiB, got 2MiB");
    }

    proptest! {
        #[test]
        fn reading_any_text_never_panics(text in ".*", row in 0..Limits::TABLE.len()) {
            let _ = (Limits::TABLE[row].set)(&mut Limits::default(), &text);
        }
    }
}
