//! Everything that can be set, with its defaults.

use crate::admission::address::NetworkRange;
use crate::admission::limits::Limits;
use crate::rooms::Node;
use core::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

/// Everything that can be set.
#[derive(Clone, PartialEq, Debug)]
pub struct RelaySettings {
    /// Where clients connect.
    pub listen: SocketAddr,
    /// Where health and metrics are served, if anywhere.
    pub admin: Option<SocketAddr>,
    /// PEM file of the certificate chain.
    pub tls_cert: Option<PathBuf>,
    /// PEM file of the private key.
    pub tls_key: Option<PathBuf>,
    /// Which node of how many this is.
    pub node: Node,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub forwarded_from: Vec<NetworkRange>,
    /// Proxies that begin every connection with a PROXY header.
    pub proxy_protocol_from: Vec<NetworkRange>,
    /// Folder for what must survive a restart: revoked contact ids.
    pub state: Option<PathBuf>,
    /// How log lines look.
    pub log: LogFormat,
    /// The limits.
    pub limits: Limits,
}

/// How log lines look.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LogFormat {
    /// For people and journald.
    Text,
    /// One JSON document per line.
    Json,
}

impl Default for RelaySettings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8443)),
            admin: None,
            tls_cert: None,
            tls_key: None,
            node: Node::ALONE,
            forwarded_from: Vec::new(),
            proxy_protocol_from: Vec::new(),
            state: None,
            log: LogFormat::Text,
            limits: Limits::default(),
        }
    }
}

impl RelaySettings {
    /// The keys in which `new` differs and that are read at the start only, so that a reload does
    /// not change them.
    pub fn needing_restart(&self, new: &Self) -> Vec<&'static str> {
        let changed = [
            ("listen", self.listen != new.listen),
            ("admin", self.admin != new.admin),
            ("node", self.node != new.node),
            ("forwarded_from", self.forwarded_from != new.forwarded_from),
            (
                "proxy_protocol_from",
                self.proxy_protocol_from != new.proxy_protocol_from,
            ),
            ("state", self.state != new.state),
            ("log", self.log != new.log),
        ];
        let changed = changed.into_iter().filter(|(_, changed)| *changed);
        changed.map(|(name, _)| name).collect()
    }
}
