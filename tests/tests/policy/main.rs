//! `hybridd policy` as a person runs it, and `--policy` of the commands that show a code.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "scenarios"
)]

mod answers;
mod before_the_code;
mod compared;
mod given;
mod matrix;
mod refused;
mod registered;
mod stage;
mod wrapped;
