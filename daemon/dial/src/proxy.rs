//! Proxies: which of them, and how they are asked for a connection.

pub(crate) mod connect;
mod portal;
pub(crate) mod settings;
