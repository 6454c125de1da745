//! A relay (tunnel server) tried from outside, as `tunnel-server probe` does it: both sides of one
//! tunnel are played through its public address, with a WebSocket implementation that is not the
//! relay's own, and it is said what each step took and what it saw. Nothing here knows our relay:
//! any that speaks the hybrid transport can be probed.
//!
//! | file | what |
//! | --- | --- |
//! | `run` | the steps in their order: start reading here |
//! | `visit` | one visit to a relay: name, connection, encryption, upgrade |
//! | `tls_fault`, `websocket_fault` | why there is no TLS, or no WebSocket, in words |
//! | `target`, `trust` | the relay's address, and whose certificates are believed |
//! | `step` | what the steps are called, and what came of each |

mod run;
mod step;
mod target;
mod tls_fault;
mod trust;
mod visit;
mod websocket_fault;

pub use run::{ProbeOptions, run};
pub use step::{ProbeFault, ProbeStep, StepReport};
pub use target::{BadTarget, Target};
pub use trust::{TrustedRoots, TrustedRootsError};
