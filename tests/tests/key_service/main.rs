//! The security key's service with a bus, a logind, a polkit and a kernel of the test's own: who
//! gets the key, and what ends a request.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "scenarios"
)]

mod end;
mod flood;
mod registration;
mod request;
mod scene;
