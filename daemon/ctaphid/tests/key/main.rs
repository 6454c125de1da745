//! The key as programs, the agent and the clock meet it, in virtual time.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test harness"
)]

mod answers;
mod bad_input;
mod clients;
mod host;
mod model;
mod relayed;
mod requests;
mod timing;
mod transport;
