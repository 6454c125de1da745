//! CTAP2 as far as it is spoken over this transport: names and numbers, each once.

mod get_info;
mod status;

pub use get_info::GetInfo;
pub use status::CtapStatus;
