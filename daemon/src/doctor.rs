//! Every prerequisite of a sign-in, looked at step by step and without a phone.

mod browsers;
pub mod dossier;
mod first_stage;
mod last_sign_in;
pub mod net;
pub mod page;
pub mod policies;
pub mod radio;
pub mod security_key;
pub mod settings;
pub mod sign_in_account;
pub mod surroundings;
pub mod system;
