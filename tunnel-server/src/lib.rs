//! A self-hosted relay (tunnel server) for the FIDO hybrid transport.
//!
//! A phone opens a tunnel, a desktop joins it, and the relay carries their encrypted frames. It can
//! read none of them.
//!
//! | folder or file | what |
//! | --- | --- |
//! | `server` | accepts connections, reads requests, opens and joins rooms, lets phones listen; what all share |
//! | `settings`, `metrics` | what an operator sets and sees |
//! | `phones` | without sockets: who listens, who may ring whom, which contact ids are revoked, on disk too |
//! | `http` | the way to a request: proxies, TLS, the upgrade to WebSocket |
//! | `tunnel` | two connections carried with back-pressure, from waiting to closing |
//! | `rooms` | without IO: who may open a room and who joins which |
//! | `websocket` | frames in place: checked, unmasked, passed on; why a tunnel ends |
//! | `admission` | limits, whom they count for, how fast all may come, and why a request is refused |
//! | `bad_value`, `shown`, `file` | a wrong setting, how it is repeated, files that a person names |
//! | `apart`, `random`, `sync` | work that blocks, randomness, locks |
//!
//! A relay tried from outside is a crate of its own, `hybrid-tunnel-probe`. What is exported here
//! is what the program and the tests need to start a relay and to check its documents, and no more.
//!
//! Start reading at [`Server::bind`].

mod admission;
mod apart;
mod bad_value;
mod file;
pub mod hazmat;
mod http;
mod metrics;
mod phones;
mod random;
mod rooms;
mod server;
mod settings;
mod shown;
mod sync;
mod tunnel;
mod websocket;

pub use admission::address::NetworkRange;
pub use admission::limits::{Limit, Limits};
pub use admission::refusal::Refusal;
pub use apart::apart;
pub use bad_value::BadValue;
pub use file::read as read_file;
pub use http::pem::{BadPem, certificates};
pub use http::tls::BadTls;
pub use phones::revocations::BadState;
pub use rooms::Node;
pub use server::{BindError, Running, Server, adopt, listen};
pub use settings::config::{Config, Pem};
pub use settings::{LogFormat, RelaySettings, SettingError, SettingKey};
pub use shown::{is_content, is_secret, named as file_named, shown};
pub use websocket::close::CloseReason;
