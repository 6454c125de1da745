//! What an operator sets: the table of keys, how it is read from file, environment and flags, and
//! the configuration that a server is started with.

pub(crate) mod config;
mod key;
mod load;
mod values;

pub use key::SettingKey;
pub use load::SettingError;
pub use values::{LogFormat, RelaySettings};
