//! The life of a tunnel: one side waits, both are joined, both are told goodbye.

use crate::admission::limits::Limits;
use crate::tunnel::closing::{Closing, close_all};
use crate::tunnel::endpoint::{CarryEnd, Endpoint, carry};
use crate::tunnel::ticker::{Beat, Ticker};
use crate::websocket::close::CloseReason;
use crate::websocket::reader::FrameReader;
use core::future::{Future, poll_fn};
use core::pin::{Pin, pin};
use core::task::Poll;
use core::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::oneshot;
use tokio::time::Instant;
use tokio_util::sync::{CancellationToken, WaitForCancellationFuture};

/// How a joining side reaches the waiting one.
pub(crate) type Joiner<S> = oneshot::Sender<Box<Endpoint<S>>>;

/// What a side that waits is given the moment the other joins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum JoinNotice {
    None,
    /// One binary message `00` (`X-caBLE-Signal-Connection`).
    Joined,
}

/// What became of a tunnel, for metrics and the log.
#[derive(Debug)]
pub(crate) struct TunnelOutcome {
    pub(crate) reason: CloseReason,
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
enum Party {
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
    mut near: Box<Endpoint<S>>,
    mut joiner: oneshot::Receiver<Box<Endpoint<S>>>,
    signal: JoinNotice,
    limits: &Limits,
    stop: &CancellationToken,
    on_join: impl FnOnce(Duration),
) -> impl Future<Output = TunnelOutcome> {
    async move {
        let start = Instant::now();
        let mut early = Vec::new();
        let mut stopped = pin!(stop.cancelled());
        let met = until_cancelled(
            stopped.as_mut(),
            wait(&mut near, &mut early, &mut joiner, limits),
        )
        .await;
        let waited = start.elapsed();
        let full = !early.is_empty() && early.len() as u64 >= limits.early;
        let (far, over) = match met.unwrap_or(Err(CloseReason::Stopped)) {
            Ok(far) => (Some(far), None),
            // Whoever joined in the same moment was promised a tunnel and is told of its end.
            Err(reason) => {
                joiner.close();
                (joiner.try_recv().ok(), Some(reason))
            }
        };
        drop(joiner);
        let Some(mut far) = far else {
            let reason = over.unwrap_or(CloseReason::Broken);
            let (messages, bytes) = near.reader.totals();
            let cut = Box::pin(close_all(
                [Some(Closing::causing(near, reason)), None],
                limits,
            ))
            .await;
            return TunnelOutcome {
                reason,
                waited,
                joined: None,
                messages,
                bytes,
                full,
                cut,
            };
        };
        on_join(waited);
        if signal == JoinNotice::Joined {
            near.writer.push(&[0x82, 1, 0]);
        }
        far.writer.push(&early);
        drop(early);
        let start = Instant::now();
        let (party, reason) = match over {
            Some(reason) => (Party::Near, reason),
            None => until_cancelled(stopped.as_mut(), join(&mut near, &mut far, limits))
                .await
                .unwrap_or((Party::Nobody, CloseReason::Stopped)),
        };
        let joined = Some(start.elapsed());
        let ((near_messages, near_bytes), (far_messages, far_bytes)) =
            (near.reader.totals(), far.reader.totals());
        let cut = Box::pin(close_all(
            closings(near, far, party, reason).map(Some),
            limits,
        ))
        .await;
        TunnelOutcome {
            reason,
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
fn closings<S: AsyncRead + AsyncWrite + Unpin>(
    mut near: Box<Endpoint<S>>,
    mut far: Box<Endpoint<S>>,
    party: Party,
    reason: CloseReason,
) -> [Closing<S>; 2] {
    // A frame that will never be whole leaves no gap for a close frame.
    if !far.reader.between_frames() {
        near.writer.mark_truncated();
    }
    if !near.reader.between_frames() {
        far.writer.mark_truncated();
    }
    [(near, Party::Near), (far, Party::Far)].map(|(endpoint, whose)| {
        if party == whose {
            Closing::causing(endpoint, reason)
        } else {
            Closing::told(endpoint, reason)
        }
    })
}

/// Runs a future to its end unless the relay is stopped before.
fn until_cancelled<T>(
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
    near: &mut Endpoint<S>,
    early: &mut Vec<u8>,
    joiner: &mut oneshot::Receiver<Box<Endpoint<S>>>,
    limits: &Limits,
) -> impl Future<Output = Result<Box<Endpoint<S>>, CloseReason>> {
    // Invariant: `early` holds whole and half frames as `near` sent them, already unmasked, and
    // never more than `limits.early` and the rest of one header; what is beyond it stays in the
    // kernel, where it slows its sender down. The silence of a side that is no longer read means nothing: it cannot be heard to
    // answer a ping.
    //
    // The order of the three parts matters. The ticker first: a wait that is over is over, whatever
    // else came. Then the near side, so that what it sent before the other came is in `early`. The
    // joiner last: whoever is handed over after that is found by the caller, which closes the
    // channel and looks into it once more. Interrupted by the relay's stop, between two polls.
    let mut ticker = Ticker::start(near.due(limits), limits.waiting, CloseReason::Waited);
    let most = usize::try_from(limits.early).unwrap_or(usize::MAX);
    poll_fn(move |cx| {
        // Nobody is there yet: nothing comes from the other side.
        let nothing = FrameReader::default();
        while let Poll::Ready(beat) = ticker.poll(cx) {
            let now = match beat {
                Beat::Over(reason) => return Poll::Ready(Err(reason)),
                Beat::Tick(now) => now,
            };
            if let Some(reason) = near.tick(now, early.len() < most, limits) {
                return Poll::Ready(Err(reason));
            }
            ticker.next(near.due(limits));
        }
        loop {
            if let Poll::Ready(Err(_)) = near.poll_drain(&nothing, cx) {
                return Poll::Ready(Err(CloseReason::Broken));
            }
            let room = most.saturating_sub(early.len());
            if room == 0 {
                break;
            }
            match near.poll_take(room, limits, cx, |bytes, _| early.extend_from_slice(bytes)) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(reason)) => return Poll::Ready(Err(reason)),
                Poll::Pending => break,
            }
        }
        match Pin::new(&mut *joiner).poll(cx) {
            Poll::Ready(Ok(far)) => Poll::Ready(Ok(far)),
            // The joining side was lost between taking the room and handing itself over.
            Poll::Ready(Err(_)) => Poll::Ready(Err(CloseReason::Broken)),
            Poll::Pending => Poll::Pending,
        }
    })
}

/// Carries both directions until one side ends, or the time is over.
fn join<S: AsyncRead + AsyncWrite + Unpin>(
    near: &mut Endpoint<S>,
    far: &mut Endpoint<S>,
    limits: &Limits,
) -> impl Future<Output = (Party, CloseReason)> {
    // Invariant: at every return of `Pending` each direction waits for at least one thing, its
    // reader's socket or its writer's, and each of them knows our waker. `carry` returns `Ok` only
    // when it would block, so both directions are driven at every poll, whichever of them woke us.
    //
    // Interrupted by the ticker, by the first side that ends or breaks a rule, and by the relay's
    // stop, between two polls: frames may then be half written, which `closings` looks after.
    let due = near.due(limits).min(far.due(limits));
    let mut ticker = Ticker::start(due, limits.session, CloseReason::Lasted);
    poll_fn(move |cx| {
        while let Poll::Ready(beat) = ticker.poll(cx) {
            let now = match beat {
                Beat::Over(reason) => return Poll::Ready((Party::Nobody, reason)),
                Beat::Tick(now) => now,
            };
            if let Some(reason) = near.tick(now, far.writer.is_empty(), limits) {
                return Poll::Ready((Party::Near, reason));
            }
            if let Some(reason) = far.tick(now, near.writer.is_empty(), limits) {
                return Poll::Ready((Party::Far, reason));
            }
            ticker.next(near.due(limits).min(far.due(limits)));
        }
        match carry(near, far, limits, cx) {
            Ok(()) => {}
            Err((CarryEnd::From, reason)) => return Poll::Ready((Party::Near, reason)),
            Err((CarryEnd::To, reason)) => {
                return Poll::Ready((Party::Far, final_read(carry(far, near, limits, cx), reason)));
            }
        }
        match carry(far, near, limits, cx) {
            Ok(()) => {}
            Err((CarryEnd::From, reason)) => return Poll::Ready((Party::Far, reason)),
            Err((CarryEnd::To, reason)) => {
                return Poll::Ready((
                    Party::Near,
                    final_read(carry(near, far, limits, cx), reason),
                ));
            }
        }
        // A ping that was just read from the far side is answered now, and not when something else
        // is written to it.
        match far.poll_drain(&near.reader, cx) {
            Poll::Ready(Err(_)) => Poll::Ready((Party::Far, CloseReason::Broken)),
            Poll::Ready(Ok(())) | Poll::Pending => Poll::Pending,
        }
    })
}

/// When writing to a side failed, what that side sent last may still be there to read, and says
/// more than the failure.
fn final_read(read: Result<(), (CarryEnd, CloseReason)>, failure: CloseReason) -> CloseReason {
    match read {
        Err((CarryEnd::From, said)) => said,
        Ok(()) | Err((CarryEnd::To, _)) => failure,
    }
}

#[cfg(test)]
mod tests;
