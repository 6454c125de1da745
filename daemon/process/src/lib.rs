//! What a program needs of the system that starts it: files and threads, a standard output that is
//! open, inputs that end. What is missing is known before anything begins, and is a sentence.
//!
//! A program begins with [`runtime`]; nothing after it finds that the system has no thread left.

mod certificates;
mod input;
mod limited;
mod log_filter;
mod not_toml;
mod runtime;
mod standard;
mod supplies;
mod told;

pub use certificates::{NoTrustStore, TrustStore};
pub use input::{READING, open, read};
pub use limited::within;
pub use log_filter::log_filter;
pub use not_toml::NotToml;
pub use runtime::runtime;
pub use standard::{is_closed, stdout};
pub use supplies::Shortage;
pub use told::told;
