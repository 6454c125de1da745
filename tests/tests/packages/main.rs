//! The packages: what they install, and what their scripts do.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::expect_used,
    reason = "a test"
)]

mod files;
mod manifest;
mod scripts;
