//! What can be seen of the world around a session.

pub mod network;
pub mod radio;
