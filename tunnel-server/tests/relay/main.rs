//! The relay over real sockets.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "tests"
)]

mod client;
mod contact;
mod documents;
mod edges;
mod guess;
mod hostile;
mod input;
mod limits;
mod linked;
mod openmetrics;
mod operations;
mod pressure;
mod probe;
mod program;
mod proxies;
mod revocation;
mod smuggling;
mod upgrade;
