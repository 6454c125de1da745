//! The packages: what they install, what their scripts do, and what they depend on.

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
mod versions;
