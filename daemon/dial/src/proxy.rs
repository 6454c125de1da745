//! One proxy: where it is, and who names it. The files below it read addresses, find out which
//! proxy is used, and ask it for a connection.

pub(crate) mod address;
pub(crate) mod connect;
pub(crate) mod portal;
pub(crate) mod settings;

use crate::proxy::address::{ProxyAddress, ProxyAddressError};
use std::fmt;

/// One proxy.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Proxy {
    pub(crate) address: ProxyAddress,
    /// Who says so: a variable, a line of a settings file, or the desktop.
    pub(crate) from: String,
}

impl Proxy {
    /// Reads an address that somebody names.
    pub(crate) fn read(text: &str, from: &str) -> Result<Self, ProxyAddressError> {
        Ok(Self {
            address: ProxyAddress::parse(text)?,
            from: from.to_owned(),
        })
    }
}

/// What may be shown of a proxy's address: not its user name and password.
///
/// # Errors
/// [`ProxyAddressError`], when the text names no proxy.
pub fn proxy_without_login(text: &str) -> Result<String, ProxyAddressError> {
    let address = ProxyAddress::parse(text)?;
    let login = if address.login.is_some() {
        " with credentials that are not shown"
    } else {
        ""
    };
    Ok(format!("{address}{login}"))
}

/// Never with user name and password.
impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.address, self.from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_never_shown() {
        let proxy = Proxy::read("http://me:p%40ss@proxy.example:8080", "HTTPS_PROXY").unwrap();
        assert!(proxy.address.login.is_some());
        assert_eq!(proxy.to_string(), "http://proxy.example:8080 (HTTPS_PROXY)");
        assert_eq!(
            proxy_without_login("http://me:p%40ss@proxy.example:8080").unwrap(),
            "http://proxy.example:8080 with credentials that are not shown"
        );
        assert_eq!(
            proxy_without_login("socks5://[::1]").unwrap(),
            "socks5://[::1]:1080"
        );
    }
}
