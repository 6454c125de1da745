//! The IO loop of one session: it carries what the protocol decides between radio, network and
//! screen, and decides by itself only how long it is patient (`patience.rs`, `pause.rs`).
//!
//! A session asks for *something* ([`Request`]), begins *somehow* ([`Begin`]) and tells *somebody*
//! ([`Ui`]).

mod begin;
mod carry;
mod observer;
mod outcome;
mod patience;
mod pause;
mod person;
mod request;
mod state;
mod turn;
mod ui;
pub mod verdict;
mod websocket;

pub use begin::Begin;
pub use outcome::Outcome;
pub use patience::{Ask, Patience};
pub use request::{CtapRequest, NotForPhones, Request};
pub use ui::Ui;

use hybrid_dial::Network;
use hybrid_radio::Radio;
use state::Session;
use tokio::sync::mpsc;
use tokio::task::coop::consume_budget;

/// Runs one session to its end.
///
/// Each turn drains what the protocol has to say, then waits for one thing, hands it in, and tells
/// the protocol what time it is. At the top of a turn every input so far has been handed in; below
/// the drain nothing is left to say, so that what a socket, a timer or a person brings next is
/// judged by a protocol that has seen everything before it. The wait may be interrupted by any of
/// its branches: each is cancel-safe, and what was not taken comes again in the next turn. The drain
/// waits in three places, each bounded: a frame that is sent (by the stage's deadline, the overall
/// limit, or the person's Ctrl-C), a tunnel that is closed (half a second), and a person who may
/// want a new code (the overall limit; the radio goes on). After a pause of the whole program the
/// wait itself sends a ping, for which it has half a second.
pub async fn run<R: Request>(
    request: &R,
    begin: &Begin,
    radio: &mut impl Radio,
    network: &Network,
    ui: &mut impl Ui<Response = R::Response>,
    asks: &mut mpsc::Receiver<Ask>,
    patience: Patience,
) -> Outcome {
    let started = Session::start(request, begin, radio, network, ui, asks, patience);
    let mut session = match started {
        Ok(session) => session,
        Err(error) => return Outcome::CannotBegin(error),
    };
    loop {
        while let Some(output) = session.desktop.poll_output() {
            if let Some(outcome) = session.carry(output).await {
                return outcome;
            }
        }
        // Messages that lie ready cost the runtime's budget, too: nobody keeps it from its timers,
        // and from signals, by sending many of them.
        consume_budget().await;
        let happened = session.wait().await;
        session.take(happened);
    }
}

#[cfg(test)]
mod tests;
