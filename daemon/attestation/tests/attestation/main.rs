//! Objects of others verified, changed and refused; inputs as people have them; metadata.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod callers;
mod chains;
mod changed;
mod data;
mod evidence;
mod forged;
mod inputs;
mod issuer;
mod metadata;
mod objects;
mod sheets;
mod sign_ins;
mod strangers;
mod vectors;
