//! hybridd.

pub mod dial;
pub mod explain;
pub mod finding;
pub mod radio;
pub mod show;
pub mod timeline;
pub mod webauthn;
