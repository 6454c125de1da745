//! Harness shared by the demo and the scenarios. Never published, never linked into a shipped
//! binary.

pub mod air;
pub mod bluez;
pub mod cargo_metadata;
pub mod faults;
pub mod hostility;
pub mod kernel;
pub mod key_service;
pub mod lab;
pub mod login;
pub mod matrix;
pub mod namespace;
pub mod phone_faults;
pub mod pki;
pub mod programs;
pub mod relay_fault;
pub mod relying_party;
pub mod runs;
pub mod stand_in;
pub mod stranger;
pub mod stray_code;
pub mod terminal;
pub mod trio;
