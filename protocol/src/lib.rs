//! FIDO hybrid transport without IO.

pub mod advert;
pub mod cbor;
pub mod channel;
pub mod derive;
pub mod desktop;
pub mod digits;
pub mod domain;
pub mod failure;
pub mod frame;
pub mod greeting;
pub mod id;
pub mod key;
pub mod link;
pub mod noise;
pub mod phone;
pub mod qr;
pub mod route;
pub mod secret;
pub mod stage;

#[doc(hidden)]
pub mod vectors;

pub use desktop::{Desktop, DesktopInput, DesktopOutput};
pub use domain::TunnelHost;
pub use failure::{Cause, Failure, Fault};
pub use id::{ContactId, DomainId, LinkId, RoutingId, TunnelId};
pub use phone::{Phone, PhoneInput, PhoneOutput};
pub use qr::QrCode;
pub use route::{Path, Route};
pub use secret::{Secret, Wiped};
pub use stage::Stage;
