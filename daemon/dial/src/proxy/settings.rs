//! The proxies of this computer: from the environment as every program reads it, or from the
//! desktop's settings.

use crate::proxy::{Proxy, ProxyAddressError, portal};
use std::error::Error;
use std::fmt;
use zeroize::Zeroizing;

/// What the environment says.
#[derive(Clone, Default)]
pub struct ProxySettings {
    /// The variable that names a proxy for encrypted connections, and its value.
    all: Option<(&'static str, Zeroizing<String>)>,
    /// Hosts that are reached without it.
    exempt: Vec<String>,
    /// A proxy is set for unencrypted connections alone, which relays are not.
    plain_only: bool,
}

/// How a host is reached.
pub(crate) enum ProxyChoice {
    /// Directly; `hint` says why a proxy that is there is not used.
    Direct { hint: Option<String> },
    /// Through the first of these that works.
    Through(Vec<Proxy>),
    /// A proxy is set, but what is set cannot be understood.
    Unusable(ProxySettingError),
}

/// A proxy is set, but what is set cannot be understood.
#[derive(Debug)]
pub struct ProxySettingError {
    variable: &'static str,
    cause: ProxyAddressError,
}

impl ProxySettings {
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
    pub(crate) async fn proxy_choice(&self, host: &str) -> ProxyChoice {
        let exempt = self.exempts(host);
        match &self.all {
            Some((name, _)) if exempt => ProxyChoice::Direct {
                hint: Some(format!(
                    "{name} is set, and NO_PROXY exempts {host} from it"
                )),
            },
            Some((name, value)) => match Proxy::read(value, name) {
                Ok(proxy) => ProxyChoice::Through(vec![proxy]),
                Err(cause) => ProxyChoice::Unusable(ProxySettingError {
                    variable: name,
                    cause,
                }),
            },
            None if exempt => ProxyChoice::Direct { hint: None },
            None => match portal::lookup(host).await {
                Some(proxies) if !proxies.is_empty() => ProxyChoice::Through(proxies),
                Some(_) | None => ProxyChoice::Direct {
                    hint: self
                        .plain_only
                        .then(|| "http_proxy is set, and HTTPS_PROXY is not".to_owned()),
                },
            },
        }
    }

    /// As other programs read `NO_PROXY`: a name stands for itself and what is below it, `*` for
    /// all.
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
        .map(|name| {
            name.strip_suffix(":443")
                .unwrap_or(name)
                .to_ascii_lowercase()
        })
        .filter(|name| !name.is_empty())
        .collect()
}

impl fmt::Display for ProxySettingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.variable, self.cause)
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

    fn environment(set: &'static [(&str, &str)]) -> ProxySettings {
        ProxySettings::read(|name| {
            let found = set.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    async fn way(set: &'static [(&str, &str)]) -> String {
        match environment(set).proxy_choice("cable.ua5v.com").await {
            ProxyChoice::Direct { hint: None } => "direct".to_owned(),
            ProxyChoice::Direct { hint: Some(hint) } => format!("direct: {hint}"),
            ProxyChoice::Through(proxies) => proxies.first().unwrap().to_string(),
            ProxyChoice::Unusable(error) => error.to_string(),
        }
    }

    #[tokio::test]
    async fn the_environment_is_read_as_other_programs_read_it() {
        assert_eq!(
            way(&[
                ("HTTPS_PROXY", "proxy.example:3128"),
                ("all_proxy", "socks5://b")
            ])
            .await,
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
            let proxies = ProxySettings::read(|name| {
                let found = set.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            });
            assert!(
                matches!(
                    proxies.proxy_choice("cable.ua5v.com").await,
                    ProxyChoice::Direct { hint: Some(_) }
                ),
                "{exempting}"
            );
        }
        for not_exempting in ["5v.com", "cable.ua5v.com.example", "auth.com"] {
            let proxies = ProxySettings {
                exempt: hosts(not_exempting),
                ..ProxySettings::default()
            };
            assert!(!proxies.exempts("cable.ua5v.com"), "{not_exempting}");
        }
    }

    #[tokio::test]
    async fn a_proxy_that_cannot_be_understood_is_told_without_its_text() {
        let told = way(&[("HTTPS_PROXY", "ftp://user:secret@proxy.example")]).await;
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
