//! Why a relay cannot start, or not take up what was changed.

use crate::http::tls::BadTls;
use crate::phones::revocations::BadState;
use core::fmt;
use core::net::SocketAddr;
use std::io;

/// Why a relay could not start, or not take up what was changed.
#[derive(Debug)]
#[non_exhaustive]
pub enum BindError {
    /// The address cannot be listened on.
    Listen(SocketAddr, io::Error),
    /// The certificate or key cannot be used.
    Tls(BadTls),
    /// The folder for what must survive a restart cannot be used.
    State(BadState),
}

impl fmt::Display for BindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listen(address, error) if error.kind() == io::ErrorKind::AddrInUse => {
                write!(
                    f,
                    "cannot listen on {address}: another program already listens there; stop it or choose another port"
                )
            }
            Self::Listen(address, error) if error.kind() == io::ErrorKind::PermissionDenied => {
                write!(
                    f,
                    "cannot listen on {address}: no permission; ports below 1024 need CAP_NET_BIND_SERVICE or systemd's socket activation"
                )
            }
            Self::Listen(address, error) => write!(f, "cannot listen on {address}: {error}"),
            Self::Tls(error) => write!(f, "cannot use the certificate: {error}"),
            Self::State(error) => write!(f, "state: {error}"),
        }
    }
}

impl core::error::Error for BindError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Listen(_, error) => Some(error),
            Self::Tls(error) => Some(error),
            Self::State(error) => Some(error),
        }
    }
}
