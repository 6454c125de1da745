//! The address of a proxy, as a person writes it: `http://user:password@host:port`.
//!
//! Passwords are written as they are, with `/`, `#`, `?`, `@` or `\` in them, and users as
//! `DOMAIN\user`. A reader of URLs would take what stands before such a character for the host, and
//! send the rest of the password there; so the login is taken off first.

use percent_encoding::percent_decode_str;
use std::error::Error;
use std::fmt;
use std::net::Ipv6Addr;
use std::str::Utf8Error;
use url::{Host, ParseError};
use zeroize::Zeroizing;

/// Where a proxy is, and how it is spoken with.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct ProxyAddress {
    pub(crate) kind: ProxyKind,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) login: Option<Login>,
}

/// How to speak with a proxy.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ProxyKind {
    /// HTTP CONNECT (RFC 9110 section 9.3.6).
    Http,
    /// The same over TLS.
    Https,
    /// SOCKS version 5 (RFC 1928); names are resolved by the proxy.
    Socks5,
}

/// A user name and password for a proxy.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Login {
    pub(crate) user: Zeroizing<String>,
    pub(crate) password: Zeroizing<String>,
}

/// Why a text names no proxy. The text itself may hold a password and is not kept.
#[derive(Debug)]
#[non_exhaustive]
pub enum ProxyAddressError {
    /// What stands in the host's place cannot be a host.
    Url(ParseError),
    /// It is the URL of something else than a proxy; this is its scheme.
    Scheme(String),
    /// The scheme is not followed by `://`.
    Separator,
    /// It names no host.
    NoHost,
    /// What follows the host is no port.
    Port,
    /// Where the login ends can be read in two ways, which lead to two hosts.
    Ambiguous,
    /// User name or password are no text once they are decoded.
    Login(Utf8Error),
}

/// The schemes of proxies, whether they are spoken here or not: what nobody calls a host.
const SCHEMES: [&str; 7] = [
    "http", "https", "socks", "socks4", "socks4a", "socks5", "socks5h",
];
/// What ends the part of a URL that names the host (RFC 3986 section 3.2).
const ENDS: [char; 3] = ['/', '?', '#'];

impl ProxyAddress {
    /// Reads an address; without a scheme it is HTTP, as everywhere.
    pub(crate) fn parse(text: &str) -> Result<Self, ProxyAddressError> {
        let text = text.trim();
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) if is_scheme(scheme) => (scheme.to_ascii_lowercase(), rest),
            Some(_) | None if lacks_its_colon(text) => return Err(ProxyAddressError::Separator),
            Some(_) | None => ("http".to_owned(), text),
        };
        let (kind, default) = match scheme.as_str() {
            "http" => (ProxyKind::Http, 80),
            "https" => (ProxyKind::Https, 443),
            "socks5" | "socks5h" | "socks" => (ProxyKind::Socks5, 1080),
            _ => return Err(ProxyAddressError::Scheme(scheme)),
        };
        let (login, place) = login_and_place(rest.trim_start_matches('/'))?;
        let login = login.map(Login::parse).transpose()?;
        let (host, port) = host_and_port(place)?;
        if port.is_none() && SCHEMES.contains(&host.as_str()) {
            return Err(ProxyAddressError::Separator);
        }
        Ok(Self {
            kind,
            host,
            port: port.unwrap_or(default),
            login: login.flatten(),
        })
    }
}

impl Login {
    /// Reads `user:password`; nothing when both are missing.
    fn parse(text: &str) -> Result<Option<Self>, ProxyAddressError> {
        if text.is_empty() {
            return Ok(None);
        }
        let (user, password) = text.split_once(':').unwrap_or((text, ""));
        let decoded = |part| {
            let text = percent_decode_str(part).decode_utf8();
            text.map(|text| Zeroizing::new(text.into_owned()))
                .map_err(ProxyAddressError::Login)
        };
        Ok(Some(Self {
            user: decoded(user)?,
            password: decoded(password)?,
        }))
    }
}

/// RFC 3986 section 3.1.
fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text
            .chars()
            .all(|char| char.is_ascii_alphanumeric() || "+-.".contains(char))
}

/// `http//host`, `http:/host` or `http:\\host`: whoever goes on would go to a host called "http".
fn lacks_its_colon(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    SCHEMES.iter().any(|scheme| {
        let rest = text.strip_prefix(scheme).unwrap_or_default();
        let rest = rest.strip_prefix(':').unwrap_or(rest);
        rest.starts_with(['/', '\\'])
    })
}

/// What stands before the last `@`, if there is one, and the host with its port.
fn login_and_place(rest: &str) -> Result<(Option<&str>, &str), ProxyAddressError> {
    let Some((login, place)) = rest.rsplit_once('@') else {
        return Ok((None, before_path(rest)));
    };
    // `me:p@ss/word@proxy`: a host called "ss" and a path, or a password with both.
    if before_path(login).contains('@') && before_path(login).len() < login.len() {
        return Err(ProxyAddressError::Ambiguous);
    }
    Ok((Some(login), before_path(place)))
}

fn before_path(text: &str) -> &str {
    text.split(ENDS).next().unwrap_or_default()
}

fn host_and_port(place: &str) -> Result<(String, Option<u16>), ProxyAddressError> {
    if let Some(rest) = place.strip_prefix('[') {
        let (inside, port) = rest.split_once(']').ok_or(ProxyAddressError::NoHost)?;
        return Ok((v6(inside)?, port_after_colon(port)?));
    }
    let (host, port) = match place.find(':') {
        Some(at) => place.split_at(at),
        None => (place, ""),
    };
    Ok((name(host)?, port_after_colon(port)?))
}

/// An IPv6 address. A zone may stand after it as in RFC 6874 or as everybody writes it.
fn v6(text: &str) -> Result<String, ProxyAddressError> {
    let (addr, zone) = match text.split_once('%') {
        Some((addr, zone)) => (addr, Some(zone.strip_prefix("25").unwrap_or(zone))),
        None => (text, None),
    };
    let known = |char: char| char.is_ascii_alphanumeric() || "-_.".contains(char);
    let addr: Result<Ipv6Addr, _> = addr.parse();
    match (addr, zone) {
        (Ok(addr), None) => Ok(addr.to_string()),
        (Ok(addr), Some(zone)) if !zone.is_empty() && zone.chars().all(known) => {
            Ok(format!("{addr}%{zone}"))
        }
        (Ok(_), Some(_)) | (Err(_), _) => {
            Err(ProxyAddressError::Url(ParseError::InvalidIpv6Address))
        }
    }
}

/// A name or an IPv4 address, as in URLs.
fn name(text: &str) -> Result<String, ProxyAddressError> {
    if text.is_empty() {
        return Err(ProxyAddressError::NoHost);
    }
    let host = Host::parse(text)
        .map_err(ProxyAddressError::Url)?
        .to_string();
    let known = |char: char| char.is_ascii_alphanumeric() || "-_.".contains(char);
    // What is decoded in URLs is no name of a proxy, and hides what it is.
    if text.contains('%') || !host.chars().all(known) {
        return Err(ProxyAddressError::Url(ParseError::InvalidDomainCharacter));
    }
    Ok(host)
}

/// A port after its colon; none where there is nothing.
fn port_after_colon(text: &str) -> Result<Option<u16>, ProxyAddressError> {
    let digits = match text.strip_prefix(':') {
        Some(digits) => digits,
        None if text.is_empty() => return Ok(None),
        None => return Err(ProxyAddressError::Port),
    };
    if digits.is_empty() {
        return Ok(None);
    }
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    match digits.parse() {
        Ok(port @ 1..) if is_number => Ok(Some(port)),
        Ok(_) | Err(_) => Err(ProxyAddressError::Port),
    }
}

/// Never with user name and password.
impl fmt::Display for ProxyAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port, .. } = self;
        let scheme = match self.kind {
            ProxyKind::Http => "http",
            ProxyKind::Https => "https",
            ProxyKind::Socks5 => "socks5",
        };
        if host.contains(':') {
            write!(f, "{scheme}://[{host}]:{port}")
        } else {
            write!(f, "{scheme}://{host}:{port}")
        }
    }
}

/// How characters that end a host are written in user names and passwords.
const ENCODED: &str = "in a user name or password, write / as %2F, # as %23, ? as %3F and @ as %40";

impl fmt::Display for ProxyAddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "expected a proxy such as http://proxy.example:3128 or socks5://proxy.example:1080",
        )?;
        match self {
            Self::Scheme(scheme) => write!(f, ", got the scheme {scheme}"),
            Self::Separator => f.write_str(", got a scheme without ://"),
            Self::NoHost => f.write_str(", got no host"),
            Self::Url(_) => {
                f.write_str(", got an invalid host (write an IPv6 address in square brackets)")
            }
            Self::Port => write!(
                f,
                ", got a port that is not a number from 1 to 65535; {ENCODED}"
            ),
            Self::Ambiguous => write!(f, ", got an ambiguous address; {ENCODED}"),
            Self::Login(_) => {
                f.write_str(", got a user name or password that is not UTF-8 after decoding")
            }
        }
    }
}

impl Error for ProxyAddressError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Url(error) => Some(error),
            Self::Login(error) => Some(error),
            Self::Scheme(_) | Self::Separator | Self::NoHost | Self::Port | Self::Ambiguous => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> (String, Option<(String, String)>) {
        let proxy = ProxyAddress::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let login = proxy.login.as_ref();
        let login = login.map(|login| (login.user.to_string(), login.password.to_string()));
        (proxy.to_string(), login)
    }

    #[test]
    fn a_login_goes_to_the_host_behind_it_whatever_is_in_it() {
        for (written, user, password) in [
            (r"CORP\me:pw", r"CORP\me", "pw"),
            ("CORP%5Cme:pw", r"CORP\me", "pw"),
            ("me@corp.example:pw", "me@corp.example", "pw"),
            ("me:p/w", "me", "p/w"),
            ("me:12/34", "me", "12/34"),
            ("me:p#w", "me", "p#w"),
            ("me:p?w", "me", "p?w"),
            ("me:p@w", "me", "p@w"),
            (r"me:p\w", "me", r"p\w"),
            ("me:p%2Fw", "me", "p/w"),
            ("me:100%sure", "me", "100%sure"),
            ("me:a:b", "me", "a:b"),
            ("me:a://b", "me", "a://b"),
            ("me", "me", ""),
        ] {
            for (scheme, told) in [
                ("", "http://proxy.example:3128"),
                ("http://", "http://proxy.example:3128"),
                ("HTTPS://", "https://proxy.example:3128"),
                ("socks5h://", "socks5://proxy.example:3128"),
            ] {
                let text = format!("{scheme}{written}@proxy.example:3128");
                let login = Some((user.to_owned(), password.to_owned()));
                assert_eq!(read(&text), (told.to_owned(), login), "{text}");
            }
        }
    }

    #[test]
    fn hosts_and_ports_are_read_as_everywhere() {
        for (text, told) in [
            ("proxy.example:3128", "http://proxy.example:3128"),
            ("proxy", "http://proxy:80"),
            ("proxy:", "http://proxy:80"),
            ("//proxy:8080", "http://proxy:8080"),
            ("http://Proxy.Example/", "http://proxy.example:80"),
            ("http://proxy:8080/path?x#y", "http://proxy:8080"),
            ("http://@proxy:8080", "http://proxy:8080"),
            ("https://192.0.2.1", "https://192.0.2.1:443"),
            ("http:3128", "http://http:3128"),
            ("socks5://[::1]", "socks5://[::1]:1080"),
            ("[fe80::1%25eth0]:3128", "http://[fe80::1%eth0]:3128"),
            ("http://b\u{fc}ro.example:1", "http://xn--bro-hoa.example:1"),
        ] {
            assert_eq!(read(text), (told.to_owned(), None), "{text}");
        }
    }

    #[test]
    fn what_would_lead_to_another_host_than_was_meant_is_refused_without_its_text() {
        for text in [
            "http//secret:3128",
            "http:/secret:3128",
            r"http:\\secret:3128",
            "http//me:secret@proxy:3128",
            "HTTPS:/me:secret@proxy",
            "http://http://secret:3128",
            "http://http//secret:3128",
            "https",
            r"CORP\secret:3128",
            "http://me:se@cret/x@proxy:3128",
            "http://me:secret@proxy:3128/x@y",
            "http://me:secret",
            "http://secret:0",
            "http://secret:65536",
            "http://secret:+80",
            "http://secret:80:90",
            "http://::1:3128",
            "http://[::1]secret",
            "http://[::1",
            "http://[fe80::1%]:1",
            "http://%61secret:1",
            "\"http://secret:3128\"",
            "secret proxy",
            "://secret",
            "http://",
            "",
        ] {
            let error = ProxyAddress::parse(text).err();
            let told = error
                .unwrap_or_else(|| panic!("{text} is taken"))
                .to_string();
            assert!(told.starts_with("expected a proxy such as"), "{told}");
            assert!(!told.contains("secret"), "{told}");
        }
        let error = ProxyAddress::parse("socks4://proxy:1080").err().unwrap();
        assert!(error.to_string().ends_with("got the scheme socks4"));
    }

    proptest! {
        #[test]
        fn reading_any_text_never_panics(text in ".*") {
            let _ = ProxyAddress::parse(&text);
        }

        #[test]
        fn an_address_is_read_back(host in "[a-z]{1,9}\\.example", port in 1_u16..) {
            let proxy = ProxyAddress::parse(&format!("socks5://{host}:{port}")).unwrap();
            prop_assert_eq!((proxy.host, proxy.port, proxy.kind), (host, port, ProxyKind::Socks5));
        }

        #[test]
        fn a_login_that_is_encoded_is_read_back(user in "[^:]{1,20}", password in ".{0,20}") {
            let encode = |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
            let text = format!("http://{}:{}@proxy:1", encode(&user), encode(&password));
            let proxy = ProxyAddress::parse(&text).unwrap();
            let login = proxy.login.unwrap();
            prop_assert_eq!((login.user.as_str(), login.password.as_str()), (user.as_str(), password.as_str()));
            prop_assert_eq!(proxy.host.as_str(), "proxy");
        }
    }
}
