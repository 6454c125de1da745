//! The way to a request: TLS, proxies, and the upgrade to WebSocket.

pub(crate) mod chain;
pub(crate) mod client_hello;
pub(crate) mod pem;
pub(crate) mod proxy_protocol;
pub(crate) mod stream;
pub(crate) mod tls;
pub(crate) mod upgrade;
