//! Whole sessions in virtual time: every stage with success, silence, wrong input and cancel.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test harness"
)]

mod linked;
mod pair;
mod qr;
