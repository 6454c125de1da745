//! What a server is to do: addresses, certificate, node, trusted proxies, limits.

use crate::admission::address::NetworkRange;
use crate::admission::limits::Limits;
use crate::rooms::Node;
use core::fmt;
use core::net::SocketAddr;
use std::path::PathBuf;

/// What a server is to do.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// Where clients connect; port 0 lets the system choose.
    pub listen: SocketAddr,
    /// Certificate and key; without them the server speaks plain HTTP, for use behind a TLS proxy.
    pub tls: Option<Pem>,
    /// Which node of how many this is.
    pub node: Node,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub forwarded_from: Vec<NetworkRange>,
    /// Proxies that begin every connection with a PROXY header.
    pub proxy_protocol_from: Vec<NetworkRange>,
    /// Folder for what must survive a restart (revoked contact ids); without one they last until
    /// the relay stops.
    pub state: Option<PathBuf>,
    /// The limits.
    pub limits: Limits,
}

impl Config {
    /// Plain HTTP with the default limits.
    pub fn plain(listen: SocketAddr) -> Self {
        Self {
            listen,
            tls: None,
            node: Node::ALONE,
            forwarded_from: Vec::new(),
            proxy_protocol_from: Vec::new(),
            state: None,
            limits: Limits::default(),
        }
    }

    /// TLS 1.2 and 1.3 with the default limits; chain and key are PEM.
    pub fn tls(listen: SocketAddr, chain: impl Into<Vec<u8>>, key: impl Into<Vec<u8>>) -> Self {
        Self {
            tls: Some(Pem {
                chain: chain.into(),
                key: key.into(),
            }),
            ..Self::plain(listen)
        }
    }
}

/// A certificate chain and its private key, both PEM.
#[derive(Clone, PartialEq, Eq)]
pub struct Pem {
    /// The certificate, then its issuers.
    pub chain: Vec<u8>,
    /// The private key.
    pub key: Vec<u8>,
}

impl fmt::Debug for Pem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pem(hidden)")
    }
}
