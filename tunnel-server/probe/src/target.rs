//! The address of a relay as a person writes it.

use core::fmt;

/// A relay's public address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Target {
    secure: bool,
    /// A name, or an address; IPv6 without brackets.
    host: String,
    port: u16,
}

/// Why a text is not the address of a relay. The text itself is not in it: it may be a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BadTarget(&'static str);

/// The longest part of a name (RFC 1035 section 2.3.4).
const LABEL: usize = 63;
/// From here on a name without a dot, of large and small letters, is taken for a piece of a key: to
/// look it up would tell it to name servers.
const PIECE: usize = 16;

impl Target {
    /// Reads `https://relay.example`, `wss://…`, or `http://` and `ws://` for a relay without TLS,
    /// with an optional port.
    ///
    /// # Errors
    /// [`BadTarget`] says what was expected.
    pub fn read(text: &str) -> Result<Self, BadTarget> {
        let bad = BadTarget;
        let (scheme, rest) = text
            .split_once("://")
            .ok_or_else(|| bad("expected https://NAME or wss://NAME"))?;
        let secure = match scheme.to_ascii_lowercase().as_str() {
            "https" | "wss" => true,
            "http" | "ws" => false,
            _ => return Err(bad("expected https://, wss://, http:// or ws://")),
        };
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        if authority.contains(['/', '?', '#']) {
            return Err(bad(
                "expected no path; phones and desktops always request /cable/",
            ));
        }
        if authority.contains('@') {
            return Err(bad("expected no user name"));
        }
        let (host, port) = match authority.strip_prefix('[') {
            Some(v6) => {
                let (host, rest) = v6
                    .split_once(']')
                    .ok_or_else(|| bad("expected ] after the IPv6 address"))?;
                host.parse::<core::net::Ipv6Addr>()
                    .map_err(|_| bad("expected an IPv6 address in [ ]"))?;
                (
                    host,
                    rest.strip_prefix(':')
                        .or(rest.is_empty().then_some(""))
                        .ok_or_else(|| bad("expected a port after ]"))?,
                )
            }
            None => authority.split_once(':').unwrap_or((authority, "")),
        };
        let port = match port {
            "" if authority.ends_with(':') => return Err(bad("expected a port after the colon")),
            "" if secure => 443,
            "" => 80,
            port => port
                .parse()
                .ok()
                .filter(|port| *port != 0)
                .ok_or_else(|| bad("expected a port from 1 to 65535"))?,
        };
        let name = |label: &str| {
            (1..=LABEL).contains(&label.len())
                && label
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
        };
        let host = host.strip_suffix('.').unwrap_or(host);
        if !authority.starts_with('[') && !host.split('.').all(name) {
            return Err(bad(
                "expected a host name of letters, digits, hyphens and dots",
            ));
        }
        let has = |kind: fn(&u8) -> bool| host.bytes().any(|byte| kind(&byte));
        let mixed = has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase);
        // A slash at the end may be a digit of base64.
        let digits = host.len() + usize::from(rest.ends_with('/'));
        if digits >= PIECE && mixed && !host.contains('.') {
            return Err(bad(
                "expected a host name; text that looks like a key is not sent to a name server",
            ));
        }
        Ok(Self {
            secure,
            host: host.to_ascii_lowercase(),
            port,
        })
    }

    /// Whether it speaks TLS.
    pub const fn secure(&self) -> bool {
        self.secure
    }

    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// As in a URL: host, and port unless it is the scheme's own.
    pub(crate) fn authority(&self) -> String {
        let host = if self.host.contains(':') {
            format!("[{}]", self.host)
        } else {
            self.host.clone()
        };
        if self.port == if self.secure { 443 } else { 80 } {
            host
        } else {
            format!("{host}:{}", self.port)
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}://{}",
            if self.secure { "wss" } else { "ws" },
            self.authority()
        )
    }
}

impl fmt::Display for BadTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl core::error::Error for BadTarget {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn addresses_are_read_and_written_in_one_form() {
        for (text, expected) in [
            ("https://Relay.Example", "wss://relay.example"),
            ("wss://relay.example:443/", "wss://relay.example"),
            ("http://127.0.0.1:8080", "ws://127.0.0.1:8080"),
            ("WS://[::1]:8080/", "ws://[::1]:8080"),
            ("https://[2001:db8::1]", "wss://[2001:db8::1]"),
            ("https://relay.example.", "wss://relay.example"),
        ] {
            assert_eq!(
                Target::read(text).map(|target| target.to_string()),
                Ok(expected.to_owned())
            );
        }
    }

    #[test]
    fn what_is_no_address_is_refused_with_what_was_expected() {
        for (text, expected) in [
            ("relay.example", "expected https://NAME"),
            ("ftp://relay.example", "expected https://, wss://"),
            ("https://", "expected a host name"),
            ("https://relay.example/cable", "expected no path"),
            ("https://relay.example/?x", "expected no path"),
            ("https://me@relay.example", "expected no user name"),
            ("https://relay.example:", "expected a port"),
            ("https://relay.example:0", "expected a port from 1"),
            ("https://relay.example:70000", "expected a port from 1"),
            ("https://relay..example", "expected a host name"),
            ("https://relay example", "expected a host name"),
            ("https://[::1", "expected ]"),
            ("https://[relay]", "expected an IPv6 address"),
            ("https://[::1]x", "expected a port after ]"),
            ("https://MIGHAgEAMBMGByqG", "expected a host name; text"),
            ("https://N6YvuFZpCLE5nOh/", "expected a host name; text"),
            ("https://MIGHAgEAMBMGByqG.", "expected a host name; text"),
            (
                &format!("https://{}", "k".repeat(64)),
                "expected a host name of",
            ),
        ] {
            let error = Target::read(text).unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn reading_any_text_never_panics(text in ".*") {
            let _ = Target::read(&text);
            if let Ok(target) = Target::read(&format!("https://{text}")) {
                prop_assert_eq!(Target::read(&target.to_string()), Ok(target));
            }
        }
    }
}
