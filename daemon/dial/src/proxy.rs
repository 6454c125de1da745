//! One proxy: how it is spoken with, where it is, and who names it. The files below it find out
//! which proxy is used, and ask it for a connection.

pub(crate) mod connect;
mod portal;
pub(crate) mod settings;

use percent_encoding::percent_decode_str;
use std::error::Error;
use std::fmt;
use std::str::Utf8Error;
use url::Url;
use zeroize::Zeroizing;

/// One proxy.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Proxy {
    pub(crate) kind: ProxyKind,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) login: Option<Login>,
    /// Who says so: a variable, a line of a settings file, or the desktop.
    pub(crate) from: String,
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
    /// It is no URL.
    Url(url::ParseError),
    /// It is the URL of something else than a proxy; this is its scheme.
    Scheme(String),
    /// It names no host.
    NoHost,
    /// User name or password are no text once they are decoded.
    Login(Utf8Error),
}

impl Proxy {
    /// Reads `http://user:password@host:port`; without a scheme it is HTTP, as everywhere.
    pub(crate) fn read(text: &str, from: &str) -> Result<Self, ProxyAddressError> {
        let text = text.trim();
        let whole = if text.contains("://") {
            Zeroizing::new(text.to_owned())
        } else {
            Zeroizing::new(format!("http://{text}"))
        };
        let url = Url::parse(&whole).map_err(ProxyAddressError::Url)?;
        let (kind, port) = match url.scheme() {
            "http" => (ProxyKind::Http, 80),
            "https" => (ProxyKind::Https, 443),
            "socks5" | "socks5h" | "socks" => (ProxyKind::Socks5, 1080),
            other => return Err(ProxyAddressError::Scheme(other.to_owned())),
        };
        let host = url
            .host_str()
            .filter(|host| !host.is_empty())
            .ok_or(ProxyAddressError::NoHost)?;
        let text = |part: &str| {
            let decoded = percent_decode_str(part).decode_utf8();
            decoded
                .map(|text| Zeroizing::new(text.into_owned()))
                .map_err(ProxyAddressError::Login)
        };
        let login = match (url.username(), url.password()) {
            ("", None) => None,
            (user, password) => Some(Login {
                user: text(user)?,
                password: text(password.unwrap_or_default())?,
            }),
        };
        Ok(Self {
            kind,
            host: host
                .trim_start_matches('[')
                .trim_end_matches(']')
                .to_owned(),
            port: url.port().unwrap_or(port),
            login,
            from: from.to_owned(),
        })
    }

    /// Its URL, without user name and password.
    fn address(&self) -> String {
        let Self { host, port, .. } = self;
        let scheme = match self.kind {
            ProxyKind::Http => "http",
            ProxyKind::Https => "https",
            ProxyKind::Socks5 => "socks5",
        };
        if host.contains(':') {
            format!("{scheme}://[{host}]:{port}")
        } else {
            format!("{scheme}://{host}:{port}")
        }
    }
}

/// What may be shown of a proxy's address: not its user name and password.
///
/// # Errors
/// [`ProxyAddressError`], when the text names no proxy.
pub fn proxy_without_login(text: &str) -> Result<String, ProxyAddressError> {
    let proxy = Proxy::read(text, "")?;
    let login = if proxy.login.is_some() {
        " with a login that is not shown"
    } else {
        ""
    };
    Ok(format!("{}{login}", proxy.address()))
}

/// Never with user name and password.
impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.address(), self.from)
    }
}

impl fmt::Display for ProxyAddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "expected a proxy such as http://proxy.example:3128 or socks5://proxy.example:1080",
        )?;
        match self {
            Self::Scheme(scheme) => write!(f, ", got the scheme {scheme}"),
            Self::Url(_) | Self::NoHost | Self::Login(_) => Ok(()),
        }
    }
}

impl Error for ProxyAddressError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Url(error) => Some(error),
            Self::Login(error) => Some(error),
            Self::Scheme(_) | Self::NoHost => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_login_is_decoded_and_never_shown() {
        let proxy = Proxy::read("http://me:p%40ss@proxy.example:8080", "HTTPS_PROXY").unwrap();
        let login = proxy.login.as_ref().unwrap();
        assert_eq!(
            (login.user.as_str(), login.password.as_str()),
            ("me", "p@ss")
        );
        assert_eq!(proxy.to_string(), "http://proxy.example:8080 (HTTPS_PROXY)");
        assert_eq!(
            proxy_without_login("http://me:p%40ss@proxy.example:8080").unwrap(),
            "http://proxy.example:8080 with a login that is not shown"
        );
        assert_eq!(
            proxy_without_login("socks5://[::1]").unwrap(),
            "socks5://[::1]:1080"
        );
    }

    proptest! {
        #[test]
        fn reading_any_text_never_panics(text in ".*") {
            let _ = Proxy::read(&text, "HTTPS_PROXY");
        }

        #[test]
        fn a_proxy_is_read_back_from_its_address(host in "[a-z]{1,9}\\.example", port in 1_u16..) {
            let proxy = Proxy::read(&format!("socks5://{host}:{port}"), "x").unwrap();
            prop_assert_eq!((proxy.host, proxy.port, proxy.kind), (host, port, ProxyKind::Socks5));
        }
    }
}
