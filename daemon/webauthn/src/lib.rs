//! WebAuthn JSON in, one CTAP2 command out; one CTAP2 reply in, WebAuthn JSON out. No IO.
//!
//! [`Ceremony::register`] or [`Ceremony::sign_in`] reads what a relying party wants,
//! [`Ceremony::command`] makes the bytes for the phone once its getInfo is known, and
//! [`Ceremony::finish`] checks its reply and writes the response.

pub mod authenticator_data;
mod ceremony;
mod client_data;
mod command;
mod descriptor;
mod encoding;
mod error;
mod extensions;
pub mod hazmat;
mod no_json;
mod options;
mod options_kind;
mod origin;
mod reply;
mod webidl;
mod wrapping;

pub use ceremony::Ceremony;
pub use encoding::{decode_options, decode_text, inner_json};
pub use error::{CannotAsk, OptionsError};
pub use hybrid_protocol::ctap::{CtapStatus, GetInfo};
pub use options_kind::OptionsKind;
pub use origin::{Origin, OriginError, RpId};
pub use reply::ReplyError;
pub use webidl::WrongMember;
