//! A self-hosted relay (tunnel server) for the FIDO hybrid transport.
//!
//! A phone opens a tunnel, a desktop joins it, and the relay carries their encrypted frames. It can
//! read none of them.
//!
//! Start reading at [`Server::bind`].

mod admission;
mod file;
mod http;
mod metrics;
mod phones;
mod random;
mod rooms;
mod server;
mod settings;
mod sync;
mod tunnel;
mod websocket;

pub use admission::address::NetworkRange;
pub use admission::limits::{Limit, Limits};
pub use admission::refusal::Refusal;
pub use file::{named as file_named, read as read_file};
pub use http::pem::{BadPem, certificates};
pub use http::tls::BadTls;
pub use phones::revocations::BadState;
pub use rooms::Node;
pub use server::{BindError, Running, Server, adopt, listen};
pub use settings::config::{Config, Pem};
pub use settings::{LogFormat, RelaySettings, SettingError, SettingKey};
pub use websocket::close::CloseReason;
