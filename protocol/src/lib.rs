//! FIDO hybrid transport without IO.

pub mod cbor;
pub mod domain;
pub mod id;
pub mod link;
pub mod route;
pub mod secret;
pub mod stage;

pub use domain::TunnelHost;
pub use id::{ContactId, DomainId, LinkId, RoutingId, TunnelId};
pub use route::{Path, Route};
pub use secret::{Secret, Wiped};
pub use stage::Stage;
