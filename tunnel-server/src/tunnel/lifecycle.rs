//! The life of a tunnel: one side waits, both are joined, both are told goodbye.

use crate::admission::limits::Limits;
use crate::tunnel::closing::{Leaving, part};
use crate::tunnel::endpoint::{At, Side, carry};
use crate::tunnel::ticker::{Beat, Clock};
use crate::websocket::close::Ending;
use crate::websocket::reader::Inlet;
use crate::websocket::writer::Outlet;
use core::future::{Future, poll_fn};
use core::pin::{Pin, pin};
use core::task::Poll;
use core::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::oneshot;
use tokio::time::Instant;
use tokio_util::sync::{CancellationToken, WaitForCancellationFuture};

/// How a joining side reaches the waiting one.
pub(crate) type Joiner<S> = oneshot::Sender<Box<Side<S>>>;

/// What a side that waits is given the moment the other joins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Signal {
    None,
    /// One binary message `00` (`X-caBLE-Signal-Connection`).
    Joined,
}

/// What became of a tunnel, for metrics and the log.
#[derive(Debug)]
pub(crate) struct Story {
    pub(crate) ending: Ending,
    pub(crate) waited: Duration,
    /// How long the two were joined, if they were.
    pub(crate) joined: Option<Duration>,
    /// Of both directions together.
    pub(crate) messages: u64,
    pub(crate) bytes: u64,
    /// Whether the waiting side sent as much ahead as is kept.
    pub(crate) full: bool,
    /// Sides that did not end their connection in time.
    pub(crate) cut: u64,
}

/// Which side an ending is laid at: the one that opened the tunnel, the one that joined it, or
/// neither.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Blame {
    Near,
    Far,
    Nobody,
}

/// Runs a tunnel from the moment it is open to its end; `on_join` is called when the two meet.
///
/// Tunnels are many, so their future is kept small: what only the end needs is in a box.
#[expect(
    clippy::manual_async_fn,
    reason = "an async function would keep its arguments twice"
)]
pub(crate) fn run<S: AsyncRead + AsyncWrite + Unpin>(
    mut near: Box<Side<S>>,
    mut joiner: oneshot::Receiver<Box<Side<S>>>,
    signal: Signal,
    limits: &Limits,
    stop: &CancellationToken,
    on_join: impl FnOnce(Duration),
) -> impl Future<Output = Story> {
    async move {
        let start = Instant::now();
        let mut early = Vec::new();
        let mut stopped = pin!(stop.cancelled());
        let met = unless(
            stopped.as_mut(),
            wait(&mut near, &mut early, &mut joiner, limits),
        )
        .await;
        let waited = start.elapsed();
        let full = !early.is_empty() && early.len() as u64 >= limits.early;
        let (far, over) = match met.unwrap_or(Err(Ending::Stopped)) {
            Ok(far) => (Some(far), None),
            // Whoever joined in the same moment was promised a tunnel and is told of its end.
            Err(ending) => {
                joiner.close();
                (joiner.try_recv().ok(), Some(ending))
            }
        };
        drop(joiner);
        let Some(mut far) = far else {
            let ending = over.unwrap_or(Ending::Broken);
            let (messages, bytes) = near.inlet.totals();
            let cut = Box::pin(part([Some(Leaving::causing(near, ending)), None], limits)).await;
            return Story {
                ending,
                waited,
                joined: None,
                messages,
                bytes,
                full,
                cut,
            };
        };
        on_join(waited);
        if signal == Signal::Joined {
            near.outlet.push(&[0x82, 1, 0]);
        }
        far.outlet.push(&early);
        drop(early);
        let start = Instant::now();
        let (blame, ending) = match over {
            Some(ending) => (Blame::Near, ending),
            None => unless(stopped.as_mut(), join(&mut near, &mut far, limits))
                .await
                .unwrap_or((Blame::Nobody, Ending::Stopped)),
        };
        let joined = Some(start.elapsed());
        let ((near_messages, near_bytes), (far_messages, far_bytes)) =
            (near.inlet.totals(), far.inlet.totals());
        let cut = Box::pin(part(goodbye(near, far, blame, ending).map(Some), limits)).await;
        Story {
            ending,
            waited,
            joined,
            messages: near_messages + far_messages,
            bytes: near_bytes + far_bytes,
            full,
            cut,
        }
    }
}

/// What the two sides of a joined tunnel are told at its end.
fn goodbye<S: AsyncRead + AsyncWrite + Unpin>(
    mut near: Box<Side<S>>,
    mut far: Box<Side<S>>,
    blame: Blame,
    ending: Ending,
) -> [Leaving<S>; 2] {
    // A frame that will never be whole leaves no gap for a close frame.
    if !far.inlet.between_frames() {
        near.outlet.close_gap();
    }
    if !near.inlet.between_frames() {
        far.outlet.close_gap();
    }
    [(near, Blame::Near), (far, Blame::Far)].map(|(side, whose)| {
        if blame == whose {
            Leaving::causing(side, ending)
        } else {
            Leaving::told(side, ending)
        }
    })
}

/// Runs a future to its end unless the relay is stopped before.
fn unless<T>(
    mut stopped: Pin<&mut WaitForCancellationFuture<'_>>,
    mut future: impl Future<Output = T> + Unpin,
) -> impl Future<Output = Option<T>> {
    poll_fn(move |cx| match stopped.as_mut().poll(cx) {
        Poll::Ready(()) => Poll::Ready(None),
        Poll::Pending => Pin::new(&mut future).poll(cx).map(Some),
    })
}

/// Waits for the other side; what this one sends ahead is kept in `early`, within its limit.
fn wait<S: AsyncRead + AsyncWrite + Unpin>(
    near: &mut Side<S>,
    early: &mut Vec<u8>,
    joiner: &mut oneshot::Receiver<Box<Side<S>>>,
    limits: &Limits,
) -> impl Future<Output = Result<Box<Side<S>>, Ending>> {
    let mut clock = Clock::start(limits, limits.waiting, Ending::Waited);
    let most = usize::try_from(limits.early).unwrap_or(usize::MAX);
    poll_fn(move |cx| {
        // Nobody is there yet: nothing comes from the other side, and nothing waits for it.
        let (nothing, nobody) = (Inlet::default(), Outlet::default());
        while let Poll::Ready(beat) = clock.poll(cx) {
            match beat {
                Beat::Over(ending) => return Poll::Ready(Err(ending)),
                Beat::Tick(period) if early.len() < most => {
                    if let Some(ending) = near.tick(period, &nobody, limits) {
                        return Poll::Ready(Err(ending));
                    }
                }
                Beat::Tick(_) => {}
            }
        }
        loop {
            if let Poll::Ready(Err(_)) = near.poll_drain(&nothing, cx) {
                return Poll::Ready(Err(Ending::Broken));
            }
            let room = most.saturating_sub(early.len());
            if room == 0 {
                break;
            }
            match near.poll_take(room, limits, cx, |bytes, _| early.extend_from_slice(bytes)) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(ending)) => return Poll::Ready(Err(ending)),
                Poll::Pending => break,
            }
        }
        match Pin::new(&mut *joiner).poll(cx) {
            Poll::Ready(Ok(far)) => Poll::Ready(Ok(far)),
            // The joining side was lost between taking the room and handing itself over.
            Poll::Ready(Err(_)) => Poll::Ready(Err(Ending::Broken)),
            Poll::Pending => Poll::Pending,
        }
    })
}

/// Carries both directions until one side ends, or the time is over.
fn join<S: AsyncRead + AsyncWrite + Unpin>(
    near: &mut Side<S>,
    far: &mut Side<S>,
    limits: &Limits,
) -> impl Future<Output = (Blame, Ending)> {
    let mut clock = Clock::start(limits, limits.session, Ending::Lasted);
    poll_fn(move |cx| {
        while let Poll::Ready(beat) = clock.poll(cx) {
            let period = match beat {
                Beat::Over(ending) => return Poll::Ready((Blame::Nobody, ending)),
                Beat::Tick(period) => period,
            };
            if let Some(ending) = near.tick(period, &far.outlet, limits) {
                return Poll::Ready((Blame::Near, ending));
            }
            if let Some(ending) = far.tick(period, &near.outlet, limits) {
                return Poll::Ready((Blame::Far, ending));
            }
        }
        match carry(near, far, limits, cx) {
            Ok(()) => {}
            Err((At::From, ending)) => return Poll::Ready((Blame::Near, ending)),
            Err((At::To, ending)) => {
                return Poll::Ready((Blame::Far, last_word(carry(far, near, limits, cx), ending)));
            }
        }
        match carry(far, near, limits, cx) {
            Ok(()) => {}
            Err((At::From, ending)) => return Poll::Ready((Blame::Far, ending)),
            Err((At::To, ending)) => {
                return Poll::Ready((Blame::Near, last_word(carry(near, far, limits, cx), ending)));
            }
        }
        // A ping that was just read from the far side is answered now, and not when something else
        // is written to it.
        match far.poll_drain(&near.inlet, cx) {
            Poll::Ready(Err(_)) => Poll::Ready((Blame::Far, Ending::Broken)),
            Poll::Ready(Ok(())) | Poll::Pending => Poll::Pending,
        }
    })
}

/// When writing to a side failed, what that side sent last may still be there to read, and says
/// more than the failure.
fn last_word(read: Result<(), (At, Ending)>, failure: Ending) -> Ending {
    match read {
        Err((At::From, said)) => said,
        Ok(()) | Err((At::To, _)) => failure,
    }
}

#[cfg(test)]
mod tests;
