//! The time of one tunnel: a regular beat for pings and stalls, and a last moment.

use crate::admission::limits::Limits;
use crate::websocket::close::CloseReason;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;
use tokio::time::{Instant, Sleep, sleep_until};

/// One timer for all of a tunnel's limits, so that a message costs no reading of the clock.
pub(crate) struct Ticker {
    sleep: Pin<Box<Sleep>>,
    last: Instant,
    over: CloseReason,
    period: Duration,
}

/// What the clock says.
pub(crate) enum Beat {
    /// This much time has passed since the last beat.
    Tick(Duration),
    /// The last moment has come.
    Over(CloseReason),
}

impl Ticker {
    /// Starts now; after `length` it is over.
    pub(crate) fn start(limits: &Limits, length: Duration, over: CloseReason) -> Self {
        let (now, period) = (Instant::now(), limits.ping.min(limits.stall));
        let last = now + length;
        Self {
            sleep: Box::pin(sleep_until(last.min(now + period))),
            last,
            over,
            period,
        }
    }

    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Beat> {
        ready!(self.sleep.as_mut().poll(cx));
        let now = Instant::now();
        if now >= self.last {
            return Poll::Ready(Beat::Over(self.over));
        }
        self.sleep.as_mut().reset(self.last.min(now + self.period));
        Poll::Ready(Beat::Tick(self.period))
    }
}
