//! The proxies of this computer: those that a person named, or those of the desktop's settings.

use crate::proxy::Proxy;
use crate::proxy::address::ProxyAddressError;
use crate::proxy::portal::{self, DesktopAnswer, NoDesktopAnswer};
use std::error::Error;
use std::fmt;
use url::Host;
use zeroize::Zeroizing;

/// What a person has set. Who set nothing gets the desktop's proxy.
#[derive(Clone, Default)]
pub struct ProxySettings {
    /// The proxy for encrypted connections, and who names it.
    all: Option<(String, Zeroizing<String>)>,
    /// Hosts that are reached without it, and who says so.
    exempt: (String, Vec<String>),
    /// The variable that sets a proxy for unencrypted connections alone, which relays are not.
    plain_only: Option<&'static str>,
}

/// How a host is reached.
pub(crate) enum ProxyChoice {
    /// Directly, as nobody names a proxy; or one that is there is not used, or not known.
    Direct { hint: Option<DirectHint> },
    /// Through the first of these that works.
    Through(Vec<Proxy>),
    /// A proxy is set, but what is set cannot be understood.
    Unusable(ProxySettingError),
}

/// Why a host is reached directly although there may be a proxy.
#[derive(Debug)]
#[non_exhaustive]
pub enum DirectHint {
    /// A proxy is named, and this host exempted from it; in words.
    Exempt(String),
    /// This variable names one, and for unencrypted connections alone.
    PlainOnly(&'static str),
    /// Whether the desktop names one is not known.
    Unknown(NoDesktopAnswer),
}

/// A proxy is set, but what is set cannot be understood.
#[derive(Debug)]
pub struct ProxySettingError {
    from: String,
    cause: ProxyAddressError,
}

impl ProxySettings {
    /// With a proxy, as somebody wrote it; `from` says who.
    #[must_use]
    pub fn through(self, proxy: Zeroizing<String>, from: &str) -> Self {
        Self {
            all: Some((from.to_owned(), proxy)),
            ..self
        }
    }

    /// With hosts that are reached without it; `from` says who names them.
    #[must_use]
    pub fn except(self, list: &str, from: &str) -> Self {
        Self {
            exempt: (from.to_owned(), hosts(list)),
            ..self
        }
    }

    /// With the variable that sets a proxy for unencrypted connections (`http_proxy`), which is told
    /// where no other one is.
    #[must_use]
    pub fn plain_only(self, variable: &'static str) -> Self {
        Self {
            plain_only: Some(variable),
            ..self
        }
    }

    /// How a host is reached on port 443. Asks the desktop when nobody names a proxy.
    pub(crate) async fn proxy_choice(&self, host: &str) -> ProxyChoice {
        let exempt = self.exempts(host);
        match &self.all {
            Some((from, _)) if exempt => ProxyChoice::Direct {
                hint: Some(DirectHint::Exempt(format!(
                    "{from} is set, but {} exempts {host} from it",
                    self.exempt.0
                ))),
            },
            Some((from, value)) => match Proxy::read(value, from) {
                Ok(proxy) => ProxyChoice::Through(vec![proxy]),
                Err(cause) => ProxyChoice::Unusable(ProxySettingError {
                    from: from.clone(),
                    cause,
                }),
            },
            None if exempt => ProxyChoice::Direct { hint: None },
            None => self.of_desktop(portal::lookup(host).await),
        }
    }

    fn of_desktop(&self, answer: DesktopAnswer) -> ProxyChoice {
        match answer {
            DesktopAnswer::Through(proxies) => ProxyChoice::Through(proxies),
            DesktopAnswer::Unusable(cause) => ProxyChoice::Unusable(ProxySettingError {
                from: portal::DESKTOP.to_owned(),
                cause,
            }),
            DesktopAnswer::NoDesktop | DesktopAnswer::Direct => ProxyChoice::Direct {
                hint: self.plain_only.map(DirectHint::PlainOnly),
            },
            DesktopAnswer::Unknown(why) => ProxyChoice::Direct {
                hint: Some(match self.plain_only {
                    Some(variable) => DirectHint::PlainOnly(variable),
                    None => DirectHint::Unknown(why),
                }),
            },
        }
    }

    /// As other programs read `NO_PROXY`: a name stands for itself and what is below it, `*` for
    /// all.
    pub(crate) fn exempts(&self, host: &str) -> bool {
        self.exempt.1.iter().any(|name| {
            name == "*"
                || host
                    .strip_suffix(name.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        })
    }
}

/// What is not for port 443, or is an address or a network of addresses, exempts no relay: relays
/// have names.
fn hosts(list: &str) -> Vec<String> {
    list.split(|char: char| char == ',' || char == ';' || char.is_whitespace())
        .map(|name| name.strip_suffix(":443").unwrap_or(name))
        .map(|name| {
            if name == "*" {
                name
            } else {
                name.trim_start_matches('*')
            }
        })
        .map(|name| name.trim_start_matches('.').trim_end_matches('.'))
        .filter(|name| !name.is_empty())
        .map(|name| match Host::parse(name) {
            Ok(Host::Domain(ascii)) => ascii,
            Ok(Host::Ipv4(_) | Host::Ipv6(_)) | Err(_) => name.to_ascii_lowercase(),
        })
        .collect()
}

impl DirectHint {
    /// A proxy is known to be there. Otherwise there may be none, and a direct way that fails is
    /// not explained by it.
    pub const fn is_of_a_proxy(&self) -> bool {
        match self {
            Self::Exempt(_) | Self::PlainOnly(_) => true,
            Self::Unknown(_) => false,
        }
    }
}

impl fmt::Display for DirectHint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exempt(words) => f.write_str(words),
            Self::PlainOnly(variable) => write!(f, "{variable} is set, but HTTPS_PROXY is not"),
            Self::Unknown(why) => why.fmt(f),
        }
    }
}

impl fmt::Display for ProxySettingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.from, self.cause)
    }
}

impl Error for ProxySettingError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.cause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    async fn way(settings: ProxySettings) -> String {
        match settings.proxy_choice("cable.ua5v.com").await {
            ProxyChoice::Direct { hint: None } => "direct".to_owned(),
            ProxyChoice::Direct { hint: Some(hint) } => format!("direct: {hint}"),
            ProxyChoice::Through(proxies) => proxies.first().unwrap().to_string(),
            ProxyChoice::Unusable(error) => error.to_string(),
        }
    }

    fn through(proxy: &str, from: &str) -> ProxySettings {
        ProxySettings::default().through(Zeroizing::new(proxy.to_owned()), from)
    }

    #[tokio::test]
    async fn a_proxy_is_told_with_who_names_it() {
        assert_eq!(
            way(through("proxy.example:3128", "HTTPS_PROXY")).await,
            "http://proxy.example:3128 (HTTPS_PROXY)"
        );
        assert_eq!(
            way(through("socks5h://[::1]", "/etc/hybridd/config.toml:3")).await,
            "socks5://[::1]:1080 (/etc/hybridd/config.toml:3)"
        );
    }

    #[tokio::test]
    async fn hosts_are_exempted_as_other_programs_exempt_them() {
        for exempting in [
            "ua5v.com",
            ".ua5v.com",
            "a.example, *.ua5v.com",
            "cable.ua5v.com:443",
            "*",
            "*ua5v.com",
            "UA5V.com.",
            "localhost;ua5v.com",
            "a.example\tua5v.com\n",
        ] {
            assert_eq!(
                way(through("http://p", "HTTPS_PROXY").except(exempting, "NO_PROXY")).await,
                "direct: HTTPS_PROXY is set, but NO_PROXY exempts cable.ua5v.com from it",
                "{exempting}"
            );
        }
        for not_exempting in [
            "5v.com",
            "cable.ua5v.com.example",
            "auth.com",
            "ua5v.com:8443",
            "10.0.0.0/8",
            "[::1]",
            "<local>",
            ".",
            "*.",
        ] {
            let proxies = ProxySettings::default().except(not_exempting, "NO_PROXY");
            assert!(!proxies.exempts("cable.ua5v.com"), "{not_exempting}");
        }
    }

    #[tokio::test]
    async fn a_proxy_that_cannot_be_understood_is_told_without_its_text() {
        let told = way(through("ftp://user:secret@proxy.example", "HTTPS_PROXY")).await;
        assert!(
            told.starts_with("HTTPS_PROXY: expected a proxy such as"),
            "{told}"
        );
        assert!(!told.contains("secret"));
    }

    proptest! {
        #[test]
        fn reading_any_list_of_hosts_never_panics(text in ".*") {
            let _ = hosts(&text);
        }
    }
}
