//! Every output of every program may be full, closed or asleep at any time: nothing is lost but
//! that output, and what that means is said.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "scenarios"
)]

mod picture;
mod printed;
mod response;
mod scene;
mod waiting;
