//! The time of one tunnel: the next moment at which something is due, and a last one.

use crate::websocket::close::CloseReason;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;
use tokio::time::{Instant, Sleep, sleep_until};

/// One timer for all of a tunnel's limits. It is set anew only when it has rung, so that a message
/// costs no timer: what was put off meanwhile is found not to be due, and waited for again.
pub(crate) struct Ticker {
    sleep: Pin<Box<Sleep>>,
    last: Instant,
    over: CloseReason,
}

/// What the clock says.
pub(crate) enum Beat {
    /// Something may be due, at this moment; [`Ticker::next`] has to be called.
    Tick(Instant),
    /// The last moment has come.
    Over(CloseReason),
}

impl Ticker {
    /// Starts now; rings first when something may be `due`, and after `length` it is over.
    pub(crate) fn start(due: Instant, length: Duration, over: CloseReason) -> Self {
        let last = Instant::now() + length;
        Self {
            sleep: Box::pin(sleep_until(last.min(due))),
            last,
            over,
        }
    }

    /// Starts now; rings only when it is over.
    pub(crate) fn once(length: Duration, over: CloseReason) -> Self {
        Self::start(Instant::now() + length, length, over)
    }

    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Beat> {
        ready!(self.sleep.as_mut().poll(cx));
        let now = Instant::now();
        Poll::Ready(if now >= self.last {
            Beat::Over(self.over)
        } else {
            Beat::Tick(now)
        })
    }

    /// Sets when it rings next.
    pub(crate) fn next(&mut self, due: Instant) {
        self.sleep.as_mut().reset(self.last.min(due));
    }
}
