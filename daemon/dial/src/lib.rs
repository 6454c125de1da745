//! Opening the desktop's side of a tunnel, step by step: name, connection (by a proxy, if there is
//! one), encryption, request. Each step has its own deadline and is told.
//!
//! | file | what |
//! | --- | --- |
//! | `tunnel` | all steps of a session's tunnel |
//! | `preconnect`, `background` | connections that are opened ahead; such work while something else goes on |
//! | `probe` | all of it without a phone |
//! | `websocket`, `redirect` | the request and its answer |
//! | `connection` | an encrypted connection that only lacks the request |
//! | `network` | how this computer reaches relays: trust, proxies, routes |
//! | `proxy` | which proxy, if any; CONNECT and SOCKS5 |
//! | `tls` | encryption; whose certificate it is |
//! | `happy_eyeballs`, `local_routes` | TCP connections; what the routes say |
//! | `resolve`, `name_servers` | names to addresses; why there are none |
//! | `turns`, `clock` | a connection that is read in turns, so that no peer stops the clock; what time it is |
//! | `steps`, `fact`, `error`, `not_websocket` | how steps are run and told; why there is no tunnel |
//! | `hazmat` | what strangers send, read without a connection, for fuzz targets |

mod background;
pub mod clock;
mod connection;
mod error;
mod fact;
mod happy_eyeballs;
pub mod hazmat;
mod local_routes;
pub mod name_servers;
mod network;
mod not_websocket;
mod preconnect;
mod probe;
mod proxy;
mod redirect;
mod resolve;
mod steps;
mod stream;
mod tls;
mod tunnel;
mod turns;
mod websocket;

pub use background::{BackgroundTask, TaskEvent};
pub use error::{DialError, HttpAnswer, Interruption};
pub use happy_eyeballs::NoConnection;
pub use hybrid_diagnosis::observation::network::{NetStep, Step};
pub use network::{Network, ProxyUse};
pub use not_websocket::NotWebSocket;
pub use preconnect::{Preconnection, Preconnections};
pub use probe::{Probed, probe};
pub use proxy::address::ProxyAddressError;
pub use proxy::connect::{NotAProxy, ProxyFailed, ProxyProblem, ProxyUnreachable};
pub use proxy::portal::NoDesktopAnswer;
pub use proxy::proxy_without_login;
pub use proxy::settings::{DirectHint, ProxySettingError, ProxySettings};
pub use resolve::NoAddress;
pub use steps::{ALL, DNS, HTTP, PROXY, TCP, TLS};
pub use stream::ByteStream;
pub use tls::{NoTrust, TlsProblem, TrustAnchors};
pub use tunnel::dial;
pub use websocket::Tunnel;
