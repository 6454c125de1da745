//! The system bus: what the service is called with, whom it asks, and what it tells.

mod agent;
mod gate;
mod key_object;
mod listener;
mod login;
mod teller;
mod turns;

pub(crate) use agent::ask;
pub(crate) use gate::{pardon, watch};
pub(crate) use key_object::KeyObject;
pub(crate) use login::follow;
pub(crate) use teller::{Tale, Teller};

use crate::desk::{AgentAnswer, Number};
use crate::journal::Leave;
use crate::registry::{AgentName, Candidate, Person};
use hybrid_key_bus::Refusal;
use std::time::Duration;
use tokio::sync::oneshot;

/// For one question to the bus, to logind or to polkit.
const QUESTION: Duration = Duration::from_secs(10);

/// What came over the bus.
pub(crate) enum Call {
    /// This person is in front, or nobody.
    Front(Option<Person>),
    /// Somebody wants to answer, and waits for the verdict.
    Register(Candidate, oneshot::Sender<Result<(), Refusal>>),
    /// Somebody answers no more.
    Leave(AgentName, Leave),
    /// Who was not allowed to answer is now.
    Pardoned,
    /// A prompt is on the screen.
    Shown(AgentName, Number),
    /// An agent said something to a request.
    Answered(Number, AgentAnswer),
}

/// A question with a deadline. `None` when there is no answer.
async fn answer<T>(question: impl Future<Output = zbus::Result<T>>) -> Option<T> {
    tokio::time::timeout(QUESTION, question).await.ok()?.ok()
}
