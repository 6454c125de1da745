//! The part that runs in a person's session and answers for the security key: it has the radio, the
//! network and the prompt, and no privilege.
//!
//! ```text
//! service ─ Request ─ bus_object ─ responder ─┬─ attention: one at a time        floor
//!                                             ├─ forecast: a policy's exports    asker
//!                                             ├─ prompt: a process, JSON Lines   person, asker
//!                                             ├─ session: a phone                relay, lifelines, prompt_ui
//!                                             └─ memory: which ids were seen
//! bus, adapters, switch ─ run ─ membership ─ Register, Unregister
//! ```

mod asker;
mod attention;
pub mod attestation;
mod bus_object;
pub mod clock;
mod floor;
pub mod folders;
mod forecast;
pub mod key_state;
mod lifelines;
mod membership;
pub mod memory;
mod notice;
mod person;
pub mod prompt;
mod prompt_ui;
mod relay;
pub mod report_file;
mod responder;
mod run;
mod screen_lock;
pub mod switch;
mod switch_watch;
mod world;

pub(crate) use forecast::READING as POLICY_READING;
pub use run::Agent;
pub use world::AgentWorld;
