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
//! use hybrid_protocol::desktop::{Linking, QrEntropy};
//! use hybrid_protocol::link::Hint;
//! use hybrid_protocol::phone::PhoneEntropy;
//! use hybrid_protocol::{Desktop, DesktopInput, DesktopOutput, DomainId, Phone, PhoneInput, PhoneOutput, QrCode, RoutingId, Secret};
//! use std::time::Instant;
//!
//! let now = Instant::now();
//! // Real programs draw these from the operating system.
//! let entropy = QrEntropy { static_key: Secret::new([1; 32]), secret: Secret::new([2; 16]), ephemeral: Secret::new([3; 32]) };
//! let (mut desktop, code) = Desktop::by_qr(&entropy, 1_790_000_000, Hint::SignIn, Linking::NotOffered, now)?;
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
//!             PhoneOutput::Advertise(advert) => desktop.handle_input(DesktopInput::Advert(&advert), now),
//!             PhoneOutput::Send(frame) => desktop.handle_input(DesktopInput::Frame(&frame), now),
//!             PhoneOutput::Request(_) => phone.handle_input(PhoneInput::Respond(vec![0x2e]), now),
//!             _ => {}
//!         }
//!     } else if let Some(output) = desktop.poll_output() {
//!         match output {
//!             DesktopOutput::OpenTunnel(_) => desktop.handle_input(DesktopInput::TunnelOpened { signal: false }, now),
//!             DesktopOutput::Send(frame) => phone.handle_input(PhoneInput::Frame(&frame), now),
//!             DesktopOutput::Reply(bytes) => reply = Some(bytes),
//!             _ => {}
//!         }
//!     } else {
//!         break;
//!     }
//! }
//! assert_eq!(reply.unwrap().expose(), [0x2e], "CTAP2_ERR_NO_CREDENTIALS");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod advert;
pub mod cbor;
pub mod channel;
pub mod contact;
pub mod ctap;
pub mod derive;
pub mod desktop;
pub mod digits;
pub mod domain;
pub mod failure;
pub mod greeting;
#[doc(hidden)]
pub mod hazmat;
pub mod id;
pub mod key;
pub mod link;
pub mod message;
pub mod noise;
pub mod phone;
pub mod printable;
pub mod qr;
pub mod route;
pub mod secret;
pub mod stage;

pub use advert::EidKey;
pub use desktop::{Desktop, DesktopInput, DesktopOutput};
pub use domain::TunnelHost;
pub use failure::{Cause, Failure, Fault};
pub use id::{ContactId, DomainId, LinkId, RoutingId, TunnelId};
pub use noise::Psk;
pub use phone::{Phone, PhoneInput, PhoneOutput};
pub use printable::{printable, printable_lines};
pub use qr::QrCode;
pub use route::{Path, Route};
pub use secret::{Secret, Wiped};
pub use stage::Stage;
