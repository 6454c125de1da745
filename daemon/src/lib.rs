//! hybridd.

pub mod webauthn;
