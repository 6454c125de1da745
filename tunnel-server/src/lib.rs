//! A self-hosted relay (tunnel server) for the FIDO hybrid transport.
//!
//! A phone opens a tunnel, a desktop joins it, and the relay carries their encrypted frames. It can read none of them.
//!
//! | file | what |
//! | --- | --- |
//! | `relay`, `contacts`, `openings` | without IO: who may open a room and who joins which; who may ring which phone; how fast all come |
//! | `inlet`, `outlet`, `frame`, `ending` | WebSocket frames in place: check, unmask, pass on; how a tunnel ends |
//! | `side`, `buffer`, `tunnel`, `farewell`, `clock` | two connections carried with back-pressure, from waiting to goodbye |
//! | `head`, `refusal`, `address`, `proxy` | the upgrade request, or why it is refused; whose it is |
//! | `listener`, `doorbell`, `revoked` | phones that wait to be contacted |
//! | `connection`, `request`, `hello`, `server`, `door`, `shared`, `stream`, `tls` | sockets |
//! | `slim` | tables that give memory back |
//! | `file`, `pem` | what the operator's files hold, without repeating it |
//! | `probe` | a relay tested from outside |
//! | `limits`, `config`, `input`, `metrics` | what an operator sets and sees |
//!
//! Start reading at [`Server::bind`].

mod address;
mod admin;
mod buffer;
mod clock;
mod config;
mod connection;
mod contacts;
mod door;
mod doorbell;
mod ending;
mod farewell;
pub mod file;
mod frame;
mod head;
mod hello;
mod inlet;
mod limits;
mod listener;
mod metrics;
mod openings;
mod outlet;
mod pem;
pub mod probe;
mod proxy;
mod refusal;
mod relay;
mod request;
mod revoked;
mod server;
mod settings;
mod shared;
mod side;
mod slim;
mod stream;
mod tls;
mod tunnel;

pub use address::Network;
pub use config::{Config, Pem};
pub use ending::Ending;
pub use limits::{Limit, Limits};
pub use pem::BadPem;
pub use refusal::Refusal;
pub use relay::Node;
pub use revoked::BadState;
pub use server::{BindError, Running, Server, adopt, listen};
pub use settings::{Key, LogFormat, SettingError, Settings};
pub use tls::BadTls;
