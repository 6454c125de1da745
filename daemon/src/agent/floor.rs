//! The attention, for requests that run: each has its turn until it is dropped, and is told when
//! nobody waits for it any more.

use super::attention::{Attention, Closed, Unheard};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Who has the attention, and how to end that.
#[derive(Default)]
pub(super) struct Floor(Mutex<FloorState>);

#[derive(Default)]
struct FloorState {
    attention: Attention,
    turns: u64,
    open: Option<(u64, oneshot::Sender<()>)>,
    ended: Option<Instant>,
}

/// A request that has the attention.
pub(super) struct Turn<'f> {
    floor: &'f Floor,
    /// Which of all turns: requests of another service have the same numbers.
    turn: u64,
    number: u64,
    closed: Closed,
    stopped: oneshot::Receiver<()>,
}

impl Floor {
    pub(super) fn ask(&self, number: u64, rp_id: &str) -> Result<Turn<'_>, Unheard> {
        let mut state = self.state();
        state.attention.ask(number, rp_id, Instant::now())?;
        state.turns += 1;
        let (turn, (stop, stopped)) = (state.turns, oneshot::channel());
        state.open = Some((turn, stop));
        Ok(Turn {
            floor: self,
            turn,
            number,
            closed: Closed::Otherwise,
            stopped,
        })
    }

    pub(super) fn cancel(&self, number: u64) {
        let mut state = self.state();
        if state.attention.cancel(number) {
            state.stop();
        }
    }

    pub(super) fn forget_numbers(&self) {
        let mut state = self.state();
        if state.attention.forget_numbers() {
            state.stop();
        }
    }

    /// Whether a request has it, or had it so shortly ago.
    pub(super) fn was_taken_within(&self, time: Duration) -> bool {
        let state = self.state();
        state.open.is_some() || state.ended.is_some_and(|at| at.elapsed() < time)
    }

    fn state(&self) -> MutexGuard<'_, FloorState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FloorState {
    fn stop(&mut self) {
        if let Some((_, stop)) = self.open.take() {
            // Who is to stop may have ended by itself.
            let _ = stop.send(());
        }
    }
}

impl Turn<'_> {
    /// Waits until nobody waits for it any more. Cancel-safe.
    pub(super) async fn stopped(&mut self) {
        if !self.stopped.is_terminated() {
            let _ = (&mut self.stopped).await;
        }
    }

    /// How it ends, once it is dropped.
    pub(super) const fn close(&mut self, closed: Closed) {
        self.closed = closed;
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut state = self.floor.state();
        // Another one may have the floor by now.
        if state.open.take_if(|(turn, _)| *turn == self.turn).is_some() {
            let now = Instant::now();
            state.ended = Some(now);
            state.attention.end(self.number, self.closed, now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_turn_ends_when_it_is_dropped_and_the_next_one_is_not_hit() {
        let floor = Floor::default();
        let mut first = floor.ask(1, "example.org").unwrap();
        let is_taken = || floor.was_taken_within(Duration::ZERO);
        assert!(floor.ask(2, "example.org").is_err() && is_taken());
        floor.cancel(1);
        first.stopped().await;
        let second = floor.ask(2, "example.org").unwrap();
        drop(first);
        assert!(is_taken());
        floor.forget_numbers();
        let third = floor.ask(2, "example.org").unwrap();
        drop(second);
        assert!(is_taken(), "the same number, of another service");
        drop(third);
        assert!(!is_taken() && floor.was_taken_within(Duration::from_secs(60)));
    }
}
