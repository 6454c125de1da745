//! What the security key's service and an agent say to each other on the system bus.
//!
//! The service has the device and no way to a phone; an agent of the person in front has the way
//! and no device. Nobody else is meant to speak this: it is private, and may change with
//! [`CONTRACT`].
//!
//! ```text
//! agent                                             service
//!   Key1.Register(contract) ───────────────────────>  the device appears, or a Refusal
//!   <──────────── Agent1.Request(command, …, number)  a program asks
//!   Key1.Shown(number) ────────────────────────────>  the prompt is on the screen
//!   CTAP reply, or Ended(code) ────────────────────>  the program is answered
//!   <──────────────────────── Agent1.Cancel(number)   nobody waits any more
//!   <──────────────────────── Key1.RegisterAnew       what an agent was told before is over
//! ```
//!
//! An agent registers when it starts, when the service comes to the bus, and at each
//! [`RegisterAnew`](KeyProxy::receive_register_anew): the person in front changed, the
//! administrator's rules did, or another agent left. Whoever leaves the bus is registered no more.
//! Who has no adapter, or whose key is switched off, does not register, or calls `Unregister`.
//!
//! Beside that stands what all who use a bus need: what went wrong there, in words.

mod agent;
mod bus_words;
mod ended;
mod key;
mod refusal;

pub use agent::AgentProxy;
pub use bus_words::{session_bus_words, system_bus_words};
pub use ended::{Code, Ended};
pub use key::{KeyProxy, RegisterAnewStream};
pub use refusal::Refusal;

/// The service's name on the system bus.
pub const SERVICE: &str = "org.hybridd.Key1";

/// Where the service is.
pub const KEY_PATH: &str = "/org/hybridd/Key1";

/// Where an agent is, on its own connection.
pub const AGENT_PATH: &str = "/org/hybridd/Agent1";

/// The number of all that is said here. Another number, another language: who registers with one is
/// refused, and nothing is half done. An agent goes on running when the package is replaced.
pub const CONTRACT: u32 = 1;

/// What an administrator may allow or forbid: polkit's name for answering in place of a key.
pub const ACTION: &str = "org.hybridd.key.answer";
