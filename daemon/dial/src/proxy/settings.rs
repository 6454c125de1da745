//! The proxies of this computer: from the environment as every program reads it, or from the desktop's settings.

use crate::proxy::portal;
use percent_encoding::percent_decode_str;
use std::fmt;
use url::Url;
use zeroize::Zeroizing;

/// What the environment says.
#[derive(Clone, Default)]
pub struct Proxies {
    /// The variable that names a proxy for encrypted connections, and its value.
    all: Option<(&'static str, Zeroizing<String>)>,
    /// Hosts that are reached without it.
    exempt: Vec<String>,
    /// A proxy is set for unencrypted connections alone, which relays are not.
    plain_only: bool,
}

/// How a host is reached.
pub(crate) enum Way {
    /// Directly; `hint` says why a proxy that is there is not used.
    Direct { hint: Option<String> },
    /// Through the first of these that works.
    Through(Vec<Proxy>),
    /// A proxy is set, but what is set cannot be understood.
    Unusable(String),
}

/// One proxy.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Proxy {
    pub(crate) kind: Kind,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) login: Option<Login>,
    /// Who says so: a variable or the desktop.
    pub(crate) from: &'static str,
}

/// How to speak with a proxy.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
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

/// The desktop's settings are asked under this name.
pub(crate) const DESKTOP: &str = "the desktop's settings";

impl Proxies {
    /// Reads `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, in either case.
    pub fn from_environment() -> Self {
        Self::read(|name| std::env::var(name).ok())
    }

    fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &'static str| {
            let value = variable(name).filter(|value| !value.trim().is_empty());
            value.map(|value| (name, Zeroizing::new(value)))
        };
        let all = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
            .into_iter()
            .find_map(set);
        let exempt = set("no_proxy").or_else(|| set("NO_PROXY"));
        Self {
            plain_only: all.is_none() && set("http_proxy").is_some(),
            all,
            exempt: exempt.map(|(_, list)| hosts(&list)).unwrap_or_default(),
        }
    }

    /// How a host is reached on port 443. Asks the desktop when the environment says nothing.
    pub(crate) async fn way(&self, host: &str) -> Way {
        let exempt = self.exempts(host);
        match &self.all {
            Some((name, _)) if exempt => Way::Direct {
                hint: Some(format!("{name} is set, and NO_PROXY exempts {host} from it")),
            },
            Some((name, value)) => match Proxy::read(value, name) {
                Ok(proxy) => Way::Through(vec![proxy]),
                Err(why) => Way::Unusable(format!("{name}: {why}")),
            },
            None if exempt => Way::Direct { hint: None },
            None => match portal::lookup(host).await {
                Some(proxies) if !proxies.is_empty() => Way::Through(proxies),
                Some(_) | None => Way::Direct {
                    hint: self
                        .plain_only
                        .then(|| "http_proxy is set, and HTTPS_PROXY is not".to_owned()),
                },
            },
        }
    }

    /// As other programs read `NO_PROXY`: a name stands for itself and what is below it, `*` for all.
    fn exempts(&self, host: &str) -> bool {
        self.exempt.iter().any(|name| {
            name == "*"
                || host
                    .strip_suffix(name.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        })
    }
}

fn hosts(list: &str) -> Vec<String> {
    list.split([',', ' '])
        .map(|name| name.trim().trim_start_matches("*.").trim_start_matches('.'))
        .map(|name| name.strip_suffix(":443").unwrap_or(name).to_ascii_lowercase())
        .filter(|name| !name.is_empty())
        .collect()
}

impl Proxy {
    /// Reads `http://user:password@host:port`; without a scheme it is HTTP, as everywhere.
    pub(crate) fn read(text: &str, from: &'static str) -> Result<Self, String> {
        let expected =
            || "expected a proxy such as http://proxy.example:3128 or socks5://proxy.example:1080".to_owned();
        let text = text.trim();
        let whole = if text.contains("://") {
            Zeroizing::new(text.to_owned())
        } else {
            Zeroizing::new(format!("http://{text}"))
        };
        let url = Url::parse(&whole).map_err(|_| expected())?;
        let (kind, port) = match url.scheme() {
            "http" => (Kind::Http, 80),
            "https" => (Kind::Https, 443),
            "socks5" | "socks5h" | "socks" => (Kind::Socks5, 1080),
            other => return Err(format!("{}, got the scheme {other}", expected())),
        };
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(expected)?;
        let text = |part: &str| {
            let decoded = percent_decode_str(part).decode_utf8();
            decoded
                .map(|text| Zeroizing::new(text.into_owned()))
                .map_err(|_| expected())
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
            host: host.trim_start_matches('[').trim_end_matches(']').to_owned(),
            port: url.port().unwrap_or(port),
            login,
            from,
        })
    }
}

/// Never with user name and password.
impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.kind {
            Kind::Http => "http",
            Kind::Https => "https",
            Kind::Socks5 => "socks5",
        };
        if self.host.contains(':') {
            write!(f, "{scheme}://[{}]:{} ({})", self.host, self.port, self.from)
        } else {
            write!(f, "{scheme}://{}:{} ({})", self.host, self.port, self.from)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn environment(set: &'static [(&str, &str)]) -> Proxies {
        Proxies::read(|name| {
            let found = set.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    async fn way(set: &'static [(&str, &str)]) -> String {
        match environment(set).way("cable.ua5v.com").await {
            Way::Direct { hint: None } => "direct".to_owned(),
            Way::Direct { hint: Some(hint) } => format!("direct: {hint}"),
            Way::Through(proxies) => proxies.first().unwrap().to_string(),
            Way::Unusable(why) => why,
        }
    }

    #[tokio::test]
    async fn the_environment_is_read_as_other_programs_read_it() {
        assert_eq!(
            way(&[("HTTPS_PROXY", "proxy.example:3128"), ("all_proxy", "socks5://b")]).await,
            "http://proxy.example:3128 (HTTPS_PROXY)"
        );
        assert_eq!(
            way(&[("ALL_PROXY", "socks5h://[::1]")]).await,
            "socks5://[::1]:1080 (ALL_PROXY)"
        );
        for exempting in [
            "ua5v.com",
            ".ua5v.com",
            "a.example, *.ua5v.com",
            "cable.ua5v.com:443",
            "*",
        ] {
            let set = [("HTTPS_PROXY", "http://p"), ("NO_PROXY", exempting)];
            let proxies = Proxies::read(|name| {
                let found = set.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            });
            assert!(
                matches!(proxies.way("cable.ua5v.com").await, Way::Direct { hint: Some(_) }),
                "{exempting}"
            );
        }
        for not_exempting in ["5v.com", "cable.ua5v.com.example", "auth.com"] {
            let proxies = Proxies {
                exempt: hosts(not_exempting),
                ..Proxies::default()
            };
            assert!(!proxies.exempts("cable.ua5v.com"), "{not_exempting}");
        }
    }

    #[tokio::test]
    async fn a_proxy_that_cannot_be_understood_is_told_without_its_text() {
        let told = way(&[("HTTPS_PROXY", "ftp://user:secret@proxy.example")]).await;
        assert!(told.starts_with("HTTPS_PROXY: expected a proxy such as"), "{told}");
        assert!(!told.contains("secret"));
    }

    #[test]
    fn a_login_is_decoded_and_never_shown() {
        let proxy = Proxy::read("http://me:p%40ss@proxy.example:8080", "HTTPS_PROXY").unwrap();
        let login = proxy.login.as_ref().unwrap();
        assert_eq!((login.user.as_str(), login.password.as_str()), ("me", "p@ss"));
        assert_eq!(proxy.to_string(), "http://proxy.example:8080 (HTTPS_PROXY)");
    }

    proptest! {
        #[test]
        fn reading_any_text_never_panics(text in ".*") {
            let _ = Proxy::read(&text, "HTTPS_PROXY");
            let _ = hosts(&text);
        }

        #[test]
        fn a_proxy_is_read_back_from_its_address(host in "[a-z]{1,9}\\.example", port in 1_u16..) {
            let proxy = Proxy::read(&format!("socks5://{host}:{port}"), "x").unwrap();
            prop_assert_eq!((proxy.host, proxy.port, proxy.kind), (host, port, Kind::Socks5));
        }
    }
}
