//! hybridd: cross-device passkey sign-in for Linux desktops, and a diagnosis of why it hangs.
//!
//! [`session`] carries what [`hybrid_protocol::Desktop`] decides between [`radio`], [`dial`] and a [`session::Face`]; [`webauthn`] speaks
//! with the caller, [`explain`] with the person.

pub mod beacon;
pub mod catalogue;
pub mod check;
pub mod chromium_log;
pub mod cli;
pub mod dial;
pub mod doctor;
pub mod explain;
pub mod finding;
mod lines;
pub mod log;
pub mod output;
pub mod private;
pub mod radio;
pub mod sandbox;
pub mod session;
pub mod show;
pub mod timeline;
pub mod webauthn;
pub mod words;
