//! The program as its operator runs it: signals, systemd, log, and what its package holds.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "scenarios"
)]

mod drain;
mod log;
mod monitoring;
mod outputs;
mod package;
mod process;
mod reload;
mod resources;
mod secrets;
mod systemd;
