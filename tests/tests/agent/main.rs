//! The agent between the key's service and a phone: real relay, real phone, a fake bluetoothd, and a
//! prompt that is a script. What a program at the device is answered, and what ends a request.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "scenarios"
)]

mod presence;
mod program;
mod request;
mod scene;
#[cfg(feature = "window")]
#[allow(dead_code, reason = "the window's own scenarios use all of it")]
#[path = "../window/screen.rs"]
mod screen;
#[cfg(feature = "window")]
#[path = "../window/with_agent.rs"]
mod with_window;
