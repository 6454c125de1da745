//! A simulated phone: scans a `FIDO:/` code, opens a tunnel, advertises, and serves CTAP2 from a software authenticator.
//!
//! For tests and labs. [`session`] carries what [`hybrid_protocol::Phone`] decides; [`authenticator`] answers commands; [`fault`] lists how
//! the phone can be made to misbehave.

pub mod advertise;
pub mod authenticator;
pub mod dial;
pub mod event;
pub mod fault;
pub mod log;
mod mischief;
pub mod output;
pub mod profile;
pub mod scan;
pub mod script;
pub mod session;
pub mod store;

pub use advertise::Advertiser;
pub use authenticator::{Authenticator, Model};
pub use fault::Fault;
pub use profile::Profile;
pub use script::Script;
pub use session::{Outcome, answer};
pub use store::Store;
