//! hybridd: cross-device passkey sign-in for Linux desktops, and a diagnosis of why it hangs.
//!
//! [`session`] carries what [`hybrid_protocol::Desktop`] decides between [`hybrid_radio`],
//! [`hybrid_dial`] and a [`session::Ui`];
//! [`hybrid_webauthn`] speaks with the caller, [`hybrid_diagnosis`] with the person.

pub mod agent;
pub mod cli;
pub mod doctor;
pub mod export_files;
pub mod hazmat;
pub mod history;
pub mod log;
pub mod output;
pub mod picture;
pub mod private_file;
pub mod private_log;
pub mod qr;
pub mod screen;
pub mod session;
pub mod settings;
pub mod terminal;
pub mod utc;
pub mod xdg;
