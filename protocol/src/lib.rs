//! FIDO hybrid transport (caBLE v2; CTAP 2.2 and 2.3, section 11.5) without IO: everything that is
//! on a wire, and both players as state machines.
//!
//! A desktop shows a `FIDO:/` QR code; a phone scans it, opens a tunnel at a relay of its choosing
//! and proves by an encrypted Bluetooth advert that it is near; the desktop hears it, joins the
//! tunnel, and both run a Noise handshake and one CTAP2 command.
//!
//! Nothing here opens a socket, reads a clock, draws randomness or logs: bytes, time and entropy
//! come in as arguments, what to do comes out as values. Start at [`Desktop`] or [`Phone`].
//!
//! # A whole sign-in, in memory
//! ```
//! use hybrid_protocol::{
//!     Desktop, DesktopInput, DesktopOutput, DomainId, Hint, Linking, Phone, PhoneEntropy, PhoneInput,
//!     PhoneOutput, QrCode, QrEntropy, RoutingId, Secret,
//! };
//! use std::time::Instant;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let now = Instant::now();
//! // Real programs draw these from the operating system.
//! let entropy = QrEntropy {
//!     static_key: Secret::new([1; 32]),
//!     secret: Secret::new([2; 16]),
//!     ephemeral: Secret::new([3; 32]),
//! };
//! let (mut desktop, code) =
//!     Desktop::by_qr(&entropy, 1_790_000_000, Hint::SignIn, Linking::NotOffered, now)?;
//! desktop.handle_input(DesktopInput::Request(vec![2, 0xa0]), now);
//!
//! // The phone scans the code, and its relay gives it a routing id.
//! let scanned = QrCode::parse(code.to_text().expose())?;
//! let entropy = PhoneEntropy { nonce: [4; 15], ephemeral: Secret::new([5; 32]) };
//! let mut phone = Phone::by_qr(&scanned, &entropy, DomainId(0), vec![0xa0], now)?;
//! phone.handle_input(PhoneInput::Opened { routing: RoutingId::new([0, 0, 7]) }, now);
//!
//! let mut reply = None;
//! loop {
//!     if let Some(output) = phone.poll_output() {
//!         match output {
//!             PhoneOutput::Advertise(advert) => {
//!                 desktop.handle_advert(&advert, now);
//!             }
//!             PhoneOutput::Send(frame) => desktop.handle_input(DesktopInput::Frame(&frame), now),
//!             PhoneOutput::Request(_) => phone.handle_input(PhoneInput::Respond(vec![0x2e]), now),
//!             _ => {}
//!         }
//!     } else if let Some(output) = desktop.poll_output() {
//!         match output {
//!             DesktopOutput::OpenTunnel(_) => {
//!                 desktop.handle_input(DesktopInput::TunnelOpened { signal: false }, now);
//!             }
//!             DesktopOutput::Send(frame) => phone.handle_input(PhoneInput::Frame(&frame), now),
//!             DesktopOutput::Reply(bytes) => reply = Some(bytes),
//!             _ => {}
//!         }
//!     } else {
//!         break;
//!     }
//! }
//! assert_eq!(reply.unwrap().expose(), [0x2e], "CTAP2_ERR_NO_CREDENTIALS");
//! # Ok(())
//! # }
//! ```
//! It stands in a function that returns `Result<(), Box<dyn std::error::Error>>`. Time stands still
//! in it; a real loop also asks [`Desktop::poll_timeout`] how long to wait and tells
//! [`Desktop::handle_timeout`] that the time is over, or a silent phone is waited for without end.
//!
//! # What a version promises
//! Semantic versioning, as cargo reads it: code that compiles with a version and keeps its tests
//! compiles and behaves with every later one that has the same first number that is not zero
//! (0.1.7 after 0.1.2; 1.4 after 1.0). Of that are excepted:
//!
//! - enums that are `#[non_exhaustive]` (inputs, outputs, causes, faults, stages) get variants:
//!   match with `_`;
//! - texts of errors, for people, and what `Debug` prints;
//! - [`hazmat`], which is there for vectors and for phones that misbehave;
//! - budgets of the stages, within what the specification allows.
//!
//! What is on the wire follows the specification, and not the version: whoever speaks CTAP 2.2 or
//! 2.3 is understood by every version. The minimum Rust version rises only together with the
//! second number.

mod advert;
pub mod cbor;
mod channel;
pub mod contact;
pub mod ctap;
mod derive;
mod desktop;
pub mod digits;
mod domain;
mod failure;
mod greeting;
pub mod hazmat;
mod id;
mod key;
mod link;
mod message;
mod noise;
mod phone;
pub mod printable;
mod qr;
mod route;
mod secret;
mod stage;

pub use advert::{
    ADVERT_LEN, EidKey, Opened, Plaintext, QrAdvert, UUID_FIDO, UUID_GOOGLE, suffix_psm,
};
pub use channel::{Channel, FrameError, MAX_FRAME, MAX_FRAMES};
pub use derive::{ClientNonce, LinkSecret, QrSecret, tunnel_id};
pub use desktop::{
    AdvertVerdict, Desktop, DesktopInput, DesktopOutput, Greeted, LinkEntropy, LinkStartError,
    Linking, QrEntropy,
};
pub use domain::{ASSIGNED_DOMAINS, FIRST_HASHED_DOMAIN, TunnelHost};
pub use failure::{Cause, Failure, Misuse, TunnelFault};
pub use greeting::{Greeting, GreetingError};
pub use id::{ContactId, DomainId, IdError, LinkId, RoutingId, TunnelId};
pub use key::{BadPoint, BadScalar, PrivateKey, PublicKey};
pub use link::{BadPayload, ClientPayload, Hint, LinkError, LinkOffer, StoredLink, VerifiedLink};
pub use message::{Message, MessageError, Revision, Update};
pub use noise::{Established, HANDSHAKE_LEN, HandshakeError, Initiator, Psk, Responder};
pub use phone::{Phone, PhoneEntropy, PhoneInput, PhoneLink, PhoneOutput, PhoneStartError};
pub use printable::{printable, printable_lines};
pub use qr::{QR_PREFIX, QrCode, QrError, QrText};
pub use route::{
    CLIENT_PAYLOAD_HEADER, Path, PathError, ROUTING_ID_HEADER, Route, SIGNAL_HEADER, SUBPROTOCOL,
};
pub use secret::{Secret, Wiped};
pub use stage::Stage;
