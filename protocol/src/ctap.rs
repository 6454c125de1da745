//! CTAP2 as far as it is spoken over this transport: names and numbers, each once.
//!
//! The protocol itself passes commands and replies through untouched. Whoever makes or answers them
//! (a client, an authenticator) finds here what both must agree on.

pub mod aaguid;
mod command;
mod get_info;
pub mod parameter;
mod status;

pub use aaguid::Aaguid;
pub use command::CtapCommand;
pub use get_info::GetInfo;
pub use status::CtapStatus;
