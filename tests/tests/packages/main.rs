//! The packages: what they install, what their scripts do, what they depend on, and what they bring
//! along to be read.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::expect_used,
    reason = "a test"
)]

mod accounts;
mod documents;
mod files;
mod machine;
mod manifest;
mod notices;
mod scripts;
mod spoilt_sources;
mod versions;
