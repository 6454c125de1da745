//! A phone that listens to be contacted: it proves that the contact id is its own, then it is told
//! of contacts. The messages are described in `hybrid_protocol::listen`.

use crate::admission::address::Block;
use crate::admission::limits::Limits;
use crate::admission::refusal::Refusal;
use crate::http::stream::Stream;
use crate::http::upgrade::Accept;
use crate::server::request::refuse;
use crate::server::ringing::{NotRevoked, Told};
use crate::server::state::{Opening, Shared, random};
use crate::tunnel::closing::{Leaving, part};
use crate::tunnel::endpoint::Side;
use crate::tunnel::ticker::{Beat, Clock};
use crate::websocket::close::Ending;
use crate::websocket::frame::{self, Opcode};
use crate::websocket::read_buffer::READ;
use crate::websocket::reader::Inlet;
use crate::websocket::writer::Outlet;
use core::future::{Future, poll_fn};
use core::pin::Pin;
use core::task::Poll;
use core::time::Duration;
use hybrid_protocol::ContactId;
use hybrid_protocol::listen::{self, Challenge, Wish};
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc::UnboundedReceiver;
use tracing::{error, info};

/// A phone may listen as long as it answers pings.
const NO_END: Duration = Duration::from_secs(u32::MAX as u64);

/// What is left of a connection's life, in a box of its own: a phone that listens keeps nothing of
/// its proof.
type Rest = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Serves a listening phone to its end.
pub(crate) fn serve(
    shared: Arc<Shared>,
    side: Box<Side<Stream>>,
    accept: Accept,
    contact: ContactId,
    block: Block,
    limits: Arc<Limits>,
    opening: Opening,
) -> impl Future<Output = ()> + Send {
    let begin = Box::pin(prove(shared, side, accept, contact, block, limits, opening));
    async move {
        if let Some(rest) = begin.await {
            rest.await;
        }
    }
}

/// Does what a phone wishes once it has proven that the contact id is its own; nothing is left to
/// do when it has not.
async fn prove(
    shared: Arc<Shared>,
    mut side: Box<Side<Stream>>,
    accept: Accept,
    contact: ContactId,
    block: Block,
    limits: Arc<Limits>,
    opening: Opening,
) -> Option<Rest> {
    let challenge = match begin(&shared, &contact, block, &limits) {
        Ok(challenge) => challenge,
        Err(refusal) => {
            refuse(&shared, side.into_stream(), refusal, &limits).await;
            return None;
        }
    };
    side.outlet.push(&accept.switching());
    side.outlet
        .push(&frame::whole(Opcode::Binary, &challenge.write()));
    let proof = shared
        .stop
        .run_until_cancelled(proof(&mut side, &limits))
        .await;
    let wish = match proof.unwrap_or(Err(Ending::Stopped)) {
        Ok(proof) => listen::verify(&proof, &contact, &challenge).map_err(|_| Ending::NotProven),
        Err(ending) => Err(ending),
    };
    drop(opening);
    match wish {
        Ok(Wish::Listen) => return Some(Box::pin(listen(shared, side, contact, block, limits))),
        Ok(Wish::Revoke) => {
            let ending = revoke(&shared, &mut side, &contact, block, &limits).await;
            end(&shared, side, ending, &limits).await;
        }
        Err(ending) => {
            // Who left, or was sent away, failed no proof.
            if !matches!(ending, Ending::Closed(_) | Ending::Broken | Ending::Stopped) {
                shared.metrics.refused(Refusal::ListenProof);
            }
            end(&shared, side, ending, &limits).await;
        }
    }
    None
}

/// Counts the end of a listening connection and says goodbye.
async fn end(shared: &Shared, side: Box<Side<Stream>>, ending: Ending, limits: &Limits) {
    shared.metrics.listening_ended(ending);
    info!(ended = ending.label(), "listening ended");
    let cut = part([Some(Leaving::causing(side, ending)), None], limits).await;
    shared.metrics.cut.add(cut);
}

fn begin(
    shared: &Shared,
    contact: &ContactId,
    block: Block,
    limits: &Limits,
) -> Result<Challenge, Refusal> {
    // Nobody could ever prove an id that is no key.
    contact.key().ok_or(Refusal::BadId)?;
    shared.admit(contact, block, limits)?;
    random().map(Challenge::new).ok_or(Refusal::Randomness)
}

/// Reads the phone's answer to the challenge: one short message is all that a phone ever says.
async fn proof<S: AsyncRead + AsyncWrite + Unpin>(
    side: &mut Side<S>,
    limits: &Limits,
) -> Result<Vec<u8>, Ending> {
    let limits = &Limits {
        message_size: listen::MAX_PROOF as u64,
        ..limits.clone()
    };
    let mut clock = Clock::start(limits, limits.listen_proof, Ending::NotProven);
    let nothing = Inlet::default();
    let mut frames = Vec::new();
    poll_fn(move |cx| {
        while let Poll::Ready(beat) = clock.poll(cx) {
            if let Beat::Over(ending) = beat {
                return Poll::Ready(Err(ending));
            }
        }
        loop {
            if let Poll::Ready(Err(_)) = side.poll_drain(&nothing, cx) {
                return Poll::Ready(Err(Ending::Broken));
            }
            if let Some(proof) = message(&frames) {
                return Poll::Ready(Ok(proof));
            }
            match side.poll_take(READ, limits, cx, |bytes, _| frames.extend_from_slice(bytes)) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(ending)) => return Poll::Ready(Err(ending)),
                Poll::Pending => return Poll::Pending,
            }
        }
    })
    .await
}

/// The first whole message among frames as the relay passes them on, each of them short.
fn message(mut frames: &[u8]) -> Option<Vec<u8>> {
    let mut message = Vec::new();
    loop {
        let (&[first, length], rest) = frames.split_first_chunk()?;
        let (payload, rest) = rest.split_at_checked(usize::from(length))?;
        message.extend_from_slice(payload);
        if first & 0x80 != 0 {
            return Some(message);
        }
        frames = rest;
    }
}

/// Tells a phone of its contacts, to its end.
async fn listen(
    shared: Arc<Shared>,
    mut side: Box<Side<Stream>>,
    contact: ContactId,
    block: Block,
    limits: Arc<Limits>,
) {
    let ending = match shared.listen(contact, block, &limits) {
        Ok((watching, told)) => {
            side.outlet
                .push(&frame::whole(Opcode::Binary, &listen::accepted()));
            // A relay that drains rings nobody: the phone had better listen elsewhere.
            let ending = shared
                .drain
                .run_until_cancelled(wait(&mut side, told, &limits))
                .await;
            drop(watching);
            ending.unwrap_or(Ending::Stopped)
        }
        Err(refusal) => {
            shared.metrics.refused(refusal);
            Ending::Full
        }
    };
    Box::pin(end(&shared, side, ending, &limits)).await;
}

/// Tells the phone of contacts until it leaves.
fn wait<S: AsyncRead + AsyncWrite + Unpin>(
    side: &mut Side<S>,
    mut told: UnboundedReceiver<Box<Told>>,
    limits: &Limits,
) -> impl Future<Output = Ending> {
    let mut clock = Clock::start(limits, NO_END, Ending::Lasted);
    poll_fn(move |cx| {
        let (nothing, nobody) = (Inlet::default(), Outlet::default());
        while let Poll::Ready(beat) = clock.poll(cx) {
            let period = match beat {
                Beat::Over(ending) => return Poll::Ready(ending),
                Beat::Tick(period) => period,
            };
            if let Some(ending) = side.tick(period, &nobody, limits) {
                return Poll::Ready(ending);
            }
        }
        while let Poll::Ready(told) = told.poll_recv(cx) {
            match told.as_deref() {
                Some(Told::Contact(message)) => {
                    side.outlet.push(&frame::whole(Opcode::Binary, message))
                }
                Some(Told::Over(ending)) => return Poll::Ready(*ending),
                None => return Poll::Ready(Ending::Stopped),
            }
        }
        loop {
            if let Poll::Ready(Err(_)) = side.poll_drain(&nothing, cx) {
                return Poll::Ready(Ending::Broken);
            }
            match side.poll_take(READ, limits, cx, |bytes, _| bytes.is_empty()) {
                Poll::Ready(Ok(true)) => {}
                // It has said all that it may say.
                Poll::Ready(Ok(false)) => return Poll::Ready(Ending::Messages),
                Poll::Ready(Err(ending)) => return Poll::Ready(ending),
                Poll::Pending => return Poll::Pending,
            }
        }
    })
}

async fn revoke(
    shared: &Shared,
    side: &mut Side<Stream>,
    contact: &ContactId,
    block: Block,
    limits: &Limits,
) -> Ending {
    match shared.revoke(contact, block, limits).await {
        Ok(()) => {
            side.outlet
                .push(&frame::whole(Opcode::Binary, &listen::accepted()));
            Ending::Revoked
        }
        Err(NotRevoked::Refused(refusal)) => {
            shared.metrics.refused(refusal);
            Ending::Full
        }
        Err(NotRevoked::NotStored(cause)) => {
            error!(%cause, "cannot store a revocation");
            Ending::NotStored
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_listening_phone_keeps_is_small() {
        fn size<A, B, C, D, E, F>(_: impl FnOnce(A, B, C, D, E) -> F) -> usize {
            size_of::<F>()
        }
        assert!(size(listen) <= 640, "{}", size(listen));
    }

    #[test]
    fn a_message_is_whole_when_its_last_frame_is() {
        let frames = [0x02, 2, 7, 8, 0x00, 0, 0x80, 1, 9];
        for cut in 0..frames.len() {
            assert_eq!(message(&frames[..cut]), None);
        }
        assert_eq!(message(&frames), Some(vec![7, 8, 9]));
    }
}
