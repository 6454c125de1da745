//! How this computer reaches relays: whom it trusts, by which proxies and routes.

use crate::local_routes::{Egress, towards};
use crate::proxy::settings::{DirectHint, ProxyChoice, ProxySettingError, ProxySettings};
use crate::resolve;
use crate::steps::DNS;
use crate::tls::{NoTrust, Trust, TrustAnchors};
use hybrid_process::TrustStore;
use hybrid_protocol::ASSIGNED_DOMAINS;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;
use tokio::io::DuplexStream;

/// Where every host is, whatever its name.
#[derive(Clone)]
pub(crate) enum Detour {
    /// At this address.
    At(SocketAddr),
    /// At the other end of connections that are made so.
    Over(Arc<dyn Fn() -> DuplexStream + Send + Sync>),
}

/// Whether a host is reached by a proxy.
#[derive(Debug)]
#[non_exhaustive]
pub enum ProxyUse {
    /// Nobody names one.
    None,
    /// By none, although there is one or may be one.
    NotUsed(DirectHint),
    /// By the first of these that works.
    Through(String),
}

impl fmt::Display for ProxyUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("no proxy is configured"),
            Self::NotUsed(hint) if hint.is_of_a_proxy() => write!(f, "no proxy is used: {hint}"),
            Self::NotUsed(hint) => hint.fmt(f),
            Self::Through(proxies) => f.write_str(proxies),
        }
    }
}

/// How this machine reaches relays. What was read of certificates and proxies is kept; clones share
/// it.
#[derive(Clone)]
pub struct Network {
    pub(crate) trust: Arc<Trust>,
    pub(crate) detour: Option<Detour>,
    proxies: Arc<ProxySettings>,
    /// Relays to which connections are opened ahead.
    pub(crate) preconnect: Arc<[String]>,
}

impl Network {
    /// The system's certificates, names and routes, and these proxies.
    pub fn system(proxies: ProxySettings) -> Self {
        Self {
            trust: Arc::new(Trust::new(TrustAnchors::System)),
            detour: None,
            proxies: Arc::new(proxies),
            preconnect: ASSIGNED_DOMAINS.map(str::to_owned).into(),
        }
    }

    /// Every host is at this address, and this trust applies: for embedding with a relay of one's
    /// own. No flag and no variable leads here.
    pub fn detour(addr: SocketAddr, trust: TrustAnchors) -> Self {
        Self {
            trust: Arc::new(Trust::new(trust)),
            detour: Some(Detour::At(addr)),
            proxies: Arc::default(),
            preconnect: Arc::default(),
        }
    }

    /// Every host is reached over connections that are made so, in place of TCP, and read in turns
    /// like any other: for sessions in virtual time. No flag and no variable leads here.
    pub fn over(
        carry: impl Fn() -> DuplexStream + Send + Sync + 'static,
        trust: TrustAnchors,
    ) -> Self {
        Self {
            trust: Arc::new(Trust::new(trust)),
            detour: Some(Detour::Over(Arc::new(carry))),
            proxies: Arc::default(),
            preconnect: Arc::default(),
        }
    }

    /// The same with certificates as they are now: they are read once, and a program may live for
    /// weeks.
    #[must_use]
    pub fn reloaded(&self) -> Self {
        Self {
            trust: Arc::new(self.trust.reloaded()),
            ..self.clone()
        }
    }

    /// The same, with connections to these relays opened ahead.
    #[must_use]
    pub fn with_preconnections_to(self, hosts: &[&str]) -> Self {
        Self {
            preconnect: hosts.iter().map(|host| (*host).to_owned()).collect(),
            ..self
        }
    }

    /// By which addresses this computer reaches the internet; nothing when it does not.
    pub fn routes(&self) -> Option<String> {
        let Egress { v4, v6 } = Egress::now();
        let (v4, v6) = (
            v4.map(|addr| format!("IPv4 from {addr}")),
            v6.map(|addr| format!("IPv6 from {addr}")),
        );
        let routes: Vec<_> = v4.into_iter().chain(v6).collect();
        (!routes.is_empty()).then(|| routes.join(", "))
    }

    /// The certificate authorities that are trusted; nothing when they were given.
    ///
    /// # Errors
    /// [`NoTrust`], when there are none.
    pub fn authorities(&self) -> Result<Option<Arc<TrustStore>>, NoTrust> {
        self.trust.store()
    }

    /// Whether a way leads out of this computer: a default route, or one to an address where a
    /// connection led to. This computer's own addresses are no way out, whatever listens there;
    /// they are reached also while their interface is down.
    pub fn has_way(&self, known: &[IpAddr]) -> bool {
        let leads_out = |addr: &IpAddr| towards(*addr).is_some_and(|own| own != *addr);
        match self.detour {
            Some(Detour::Over(_)) => true,
            Some(Detour::At(_)) | None => {
                Egress::now() != Egress::NONE || known.iter().any(leads_out)
            }
        }
    }

    /// By which proxy a host is reached, in words.
    ///
    /// # Errors
    /// When one is set that cannot be understood.
    pub async fn proxy_for(&self, host: &str) -> Result<ProxyUse, ProxySettingError> {
        match self.proxy_choice(host).await {
            ProxyChoice::Direct { hint: None } => Ok(ProxyUse::None),
            ProxyChoice::Direct { hint: Some(hint) } => Ok(ProxyUse::NotUsed(hint)),
            ProxyChoice::Through(proxies) => {
                let named: Vec<_> = proxies.iter().map(ToString::to_string).collect();
                Ok(ProxyUse::Through(named.join(", then ")))
            }
            ProxyChoice::Unusable(error) => Err(error),
        }
    }

    /// No proxy is used for a host.
    pub async fn is_direct(&self, host: &str) -> bool {
        matches!(self.proxy_choice(host).await, ProxyChoice::Direct { .. })
    }

    /// The name is known, and a route leads to one of its addresses: that of a relay in this
    /// computer's own network, where none leads to the internet.
    pub async fn has_route_to(&self, host: &str) -> bool {
        let resolved = resolve::resolve(host, Instant::now() + DNS).await;
        let addrs = resolved.into_iter().flatten();
        { addrs }.any(|addr| towards(addr.ip()).is_some())
    }

    pub(crate) async fn proxy_choice(&self, host: &str) -> ProxyChoice {
        match self.detour {
            Some(_) => ProxyChoice::Direct { hint: None },
            None => self.proxies.proxy_choice(host).await,
        }
    }
}
