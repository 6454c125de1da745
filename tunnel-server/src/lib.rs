//! A self-hosted relay (tunnel server) for the FIDO hybrid transport.
//!
//! A phone opens a tunnel, a desktop joins it, and the relay carries their encrypted frames. It can read none of them.
//!
//! | file | what |
//! | --- | --- |
//! | `relay` | rooms without IO: who may open one, who joins which |
//! | `inlet`, `outlet`, `frame`, `ending` | WebSocket frames in place: check, unmask, pass on; how a tunnel ends |
//! | `side`, `tunnel`, `farewell`, `clock` | two connections carried with back-pressure, from waiting to goodbye |
//! | `head`, `refusal`, `address` | the upgrade request, or why it is refused |
//! | `connection`, `server`, `shared`, `stream`, `tls` | sockets |
//! | `limits`, `config`, `metrics` | what an operator sets and sees |
//!
//! Start reading at [`Server::bind`].

mod address;
mod admin;
mod clock;
mod config;
mod connection;
mod ending;
mod farewell;
mod frame;
mod head;
mod inlet;
mod limits;
mod metrics;
mod outlet;
mod refusal;
mod relay;
mod server;
mod settings;
mod shared;
mod side;
mod stream;
mod tls;
mod tunnel;

pub use address::Network;
pub use config::{Config, Pem};
pub use ending::Ending;
pub use limits::{Limit, Limits};
pub use refusal::Refusal;
pub use relay::Node;
pub use server::{BindError, Running, Server, listen};
pub use settings::{Key, LogFormat, SettingError, Settings};
pub use tls::BadTls;
