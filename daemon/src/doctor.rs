//! Every prerequisite of a sign-in, looked at step by step and without a phone.

pub mod net;
pub mod page;
pub mod radio;
pub mod settings;
pub mod system;
