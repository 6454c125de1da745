//! WebSocket frames in place: checked, unmasked, passed on, and closed with a reason.

pub(crate) mod close;
pub(crate) mod frame;
mod malformed;
pub(crate) mod read_buffer;
pub(crate) mod reader;
pub(crate) mod writer;
