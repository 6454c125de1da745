//! What the rules say of whole tenants: every code produced and not, both generations, bad files,
//! and what must hold of any policy.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod advice;
mod certainty;
mod codes;
mod difference;
mod generations;
mod input;
mod layers;
mod lockout;
mod members;
mod membership;
mod missing;
mod order;
mod outlook;
mod pages;
mod person;
mod properties;
mod recovery;
mod scene;
mod size;
mod strategies;
mod truncation;
mod users;
