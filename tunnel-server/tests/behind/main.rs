//! Relays behind a proxy, in a network namespace of their own: the shipped configurations run as
//! they are, port 443 and all.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "scenarios"
)]

mod client;
mod contacts;
mod fleet;
mod left_behind;
mod nodes;
mod place;
#[path = "../program/process.rs"]
mod process;
mod proxies;
