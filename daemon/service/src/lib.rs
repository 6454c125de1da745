//! The service that holds the virtual security key.
//!
//! It opens `/dev/uhid`, makes one FIDO key there, and lets the agent of the person in front answer
//! for it. It has no network, and reads nothing but the kernel's events, programs' CTAPHID frames
//! and the agent's calls.
//!
//! ```text
//! programs ─ hidraw ─ kernel ─ uhid ─ desk ─ bus ─ the agent of the person in front
//!                                      └─ registry ─ logind, polkit
//! ```
//!
//! [`desk`] decides everything and does nothing; [`run`](run::run) does what it is told.

pub mod bus;
pub mod desk;
pub mod journal;
pub mod registry;
pub mod run;
pub mod uhid;
