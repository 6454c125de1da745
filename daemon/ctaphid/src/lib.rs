//! A FIDO2 security key without IO, for a key whose finger is a phone.
//!
//! Programs see a USB key and speak CTAPHID to it. This crate reads their reports, answers at once
//! what a key answers without a person, and hands on what only a phone, a person or a memory can
//! answer. It opens no device, reads no clock and draws no randomness: reports, time and a seed
//! come in as arguments, what to do comes out as values. Start at [`SecurityKey`].
//!
//! # A request
//!
//! ```text
//! uhid ─ report ─ frame ─ assembly ─ message ─┬─ PING, INIT, MSG …        key/inbound
//!                                             └─ CBOR ─ command           key/serve
//!                       getInfo, web probes, getNextAssertion ─ reply     get_info, silent
//!                       a registration or sign-in   ─ Ask::Relay          command/rewrite
//!                       "shall it be you?"          ─ Ask::Choose
//!                       a probe that needs a memory ─ Ask::Known
//! uhid ─ report ─ outbox ─ message ─ reply ─ the agent's answer, judged   key/settle, answer
//! ```
//!
//! # Promises, and what keeps them
//!
//! | promise | kept by |
//! | --- | --- |
//! | no status is sent that a browser repeats on | `Status` has none, and is made of no number |
//! | a made-up assertion answers no request with presence | it is made of a `SilentProbe` alone |
//! | a late cancel or answer hits nothing | a [`Ticket`] is used once |
//! | nothing is waited for without an end | [`SecurityKey::poll_timeout`] names what |
//! | memory is bounded | [`limits`] |
//! | what a phone is asked is what the program asked | `command/rewrite` lists every change |
//!
//! # Example
//! ```
//! use hybrid_ctaphid::{Ask, Input, Output, SecurityKey};
//! use std::time::Instant;
//!
//! let now = Instant::now();
//! // Real programs draw the seed from the operating system.
//! let mut key = SecurityKey::new([7; 32], "alice on desk");
//!
//! // A program asks for a channel …
//! let mut report = [0; 64];
//! report[..15].copy_from_slice(b"\xff\xff\xff\xff\x86\x00\x08a nonce!");
//! key.handle_input(Input::Report(&report), now);
//! let Some(Output::Report(answer)) = key.poll_output() else { panic!() };
//! assert_eq!(answer.bytes()[7..15], *b"a nonce!");
//!
//! // … and lets the person choose this key: authenticatorSelection.
//! report = [0; 64];
//! report[..4].copy_from_slice(&answer.bytes()[15..19]);
//! report[4..8].copy_from_slice(b"\x90\x00\x01\x0b");
//! key.handle_input(Input::Report(&report), now);
//! let Some(Output::Ask(ticket, Ask::Choose)) = key.poll_output() else { panic!() };
//! key.handle_input(Input::Chosen(ticket), now);
//! let Some(Output::Report(answer)) = key.poll_output() else { panic!() };
//! assert_eq!(answer.bytes()[4..8], *b"\x90\x00\x01\x00", "CTAP2_OK");
//! ```

mod answer;
mod assembly;
mod authenticator_data;
mod channel;
mod command;
mod descriptor;
pub mod device;
mod encoded;
mod entropy;
mod frame;
pub mod get_info;
pub mod hazmat;
mod hid_error;
mod keepalive;
mod key;
pub mod limits;
mod message;
mod outbox;
mod reply;
mod report;
mod rp_id;
mod silent;
mod status;
mod transaction;
mod wait;

pub use answer::{AnswerError, AnswerNote, credential_of};
pub use command::Operation;
pub use descriptor::CredentialId;
pub use key::{Ask, Input, Note, Output, Relay, SecurityKey};
pub use report::{REPORT_SIZE, Report, ReportError};
pub use rp_id::RpId;
pub use transaction::{Outcome, Ticket, WorkKind};
pub use wait::Wait;
