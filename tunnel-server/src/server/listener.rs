//! A phone that listens to be contacted: it proves that the contact id is its own, then it is told
//! of contacts. The messages are described in `hybrid_protocol::contact`.

use crate::admission::address::Block;
use crate::admission::limits::Limits;
use crate::admission::refusal::Refusal;
use crate::http::stream::ClientStream;
use crate::http::upgrade::Accept;
use crate::phones::registry::{NotRevoked, PhoneNotice};
use crate::random::random;
use crate::server::request::refuse;
use crate::server::state::{PendingGuard, RelayState};
use crate::tunnel::closing::{Closing, close_all};
use crate::tunnel::endpoint::Endpoint;
use crate::tunnel::ticker::{Beat, Ticker};
use crate::websocket::close::CloseReason;
use crate::websocket::frame::{self, Opcode};
use crate::websocket::read_buffer::READ;
use crate::websocket::reader::FrameReader;
use core::future::{Future, poll_fn};
use core::pin::Pin;
use core::task::Poll;
use core::time::Duration;
use hybrid_protocol::ContactId;
use hybrid_protocol::contact::{self, Challenge, ContactRequest};
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc::UnboundedReceiver;
use tracing::{error, info};

/// A phone may listen as long as it answers pings.
const NO_END: Duration = Duration::from_secs(u32::MAX as u64);

/// What is left of a connection's life, in a box of its own: who waits long keeps no room for what
/// came before, a TLS handshake or a proof.
pub(crate) type Remainder = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Serves a listening phone to its end.
pub(crate) fn serve(
    state: Arc<RelayState>,
    endpoint: Box<Endpoint<ClientStream>>,
    accept: Accept,
    contact: ContactId,
    block: Block,
    limits: Arc<Limits>,
    opening: PendingGuard,
) -> impl Future<Output = ()> + Send {
    let begin = Box::pin(prove(
        state, endpoint, accept, contact, block, limits, opening,
    ));
    async move {
        if let Some(rest) = begin.await {
            rest.await;
        }
    }
}

/// Does what a phone wishes once it has proven that the contact id is its own; nothing is left to
/// do when it has not.
async fn prove(
    state: Arc<RelayState>,
    mut endpoint: Box<Endpoint<ClientStream>>,
    accept: Accept,
    contact: ContactId,
    block: Block,
    limits: Arc<Limits>,
    opening: PendingGuard,
) -> Option<Remainder> {
    let challenge = match begin(&state, &contact, block, &limits) {
        Ok(challenge) => challenge,
        Err(refusal) => {
            refuse(&state, endpoint.into_stream(), refusal, &limits).await;
            return None;
        }
    };
    endpoint.writer.push(&accept.switching());
    endpoint
        .writer
        .push(&frame::whole(Opcode::Binary, &challenge.write()));
    let proof = state
        .stop
        .run_until_cancelled(proof(&mut endpoint, &limits))
        .await;
    let wish = match proof.unwrap_or(Err(CloseReason::Stopped)) {
        Ok(proof) => {
            contact::verify(&proof, &contact, &challenge).map_err(|_| CloseReason::NotProven)
        }
        Err(reason) => Err(reason),
    };
    drop(opening);
    match wish {
        Ok(ContactRequest::Listen) => {
            return Some(Box::pin(listen(state, endpoint, contact, block, limits)));
        }
        Ok(ContactRequest::Revoke) => {
            let reason = revoke(&state, &mut endpoint, &contact, block, &limits).await;
            end(&state, endpoint, reason, &limits).await;
        }
        Err(reason) => {
            // Who left, or was sent away, failed no proof.
            if !matches!(
                reason,
                CloseReason::Closed(_) | CloseReason::Broken | CloseReason::Stopped
            ) {
                state.metrics.refused(Refusal::ListenProof);
            }
            end(&state, endpoint, reason, &limits).await;
        }
    }
    None
}

/// Counts the end of a listening connection and says goodbye.
async fn end(
    state: &RelayState,
    endpoint: Box<Endpoint<ClientStream>>,
    reason: CloseReason,
    limits: &Limits,
) {
    state.metrics.listening_ended(reason);
    info!(ended = reason.label(), "listening ended");
    let cut = close_all([Some(Closing::causing(endpoint, reason)), None], limits).await;
    state.metrics.cut.add(cut);
}

fn begin(
    state: &RelayState,
    contact: &ContactId,
    block: Block,
    limits: &Limits,
) -> Result<Challenge, Refusal> {
    // Nobody could ever prove an id that is no key.
    contact.key().ok_or(Refusal::BadId)?;
    state.admit(contact, block, limits)?;
    random().map(Challenge::new).ok_or(Refusal::Randomness)
}

/// Reads the phone's answer to the challenge: one short message is all that a phone ever says.
async fn proof<S: AsyncRead + AsyncWrite + Unpin>(
    endpoint: &mut Endpoint<S>,
    limits: &Limits,
) -> Result<Vec<u8>, CloseReason> {
    let limits = &Limits {
        message_size: contact::MAX_PROOF as u64,
        ..limits.clone()
    };
    let mut ticker = Ticker::once(limits.listen_proof, CloseReason::NotProven);
    let nothing = FrameReader::default();
    // Bounded by the message size that was set above, and by the count of empty fragments that a
    // second allows. Interrupted by the ticker, by the phone's close, and by the relay's stop.
    let mut frames = Vec::new();
    poll_fn(move |cx| {
        while let Poll::Ready(beat) = ticker.poll(cx) {
            if let Beat::Over(reason) = beat {
                return Poll::Ready(Err(reason));
            }
        }
        loop {
            if let Poll::Ready(Err(_)) = endpoint.poll_drain(&nothing, cx) {
                return Poll::Ready(Err(CloseReason::Broken));
            }
            if let Some(proof) = message(&frames) {
                return Poll::Ready(Ok(proof));
            }
            match endpoint.poll_take(READ, limits, cx, |bytes, _| frames.extend_from_slice(bytes)) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(reason)) => return Poll::Ready(Err(reason)),
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
    state: Arc<RelayState>,
    mut endpoint: Box<Endpoint<ClientStream>>,
    contact: ContactId,
    block: Block,
    limits: Arc<Limits>,
) {
    let reason = match state.listen(contact, block, &limits) {
        Ok((watching, told)) => {
            endpoint
                .writer
                .push(&frame::whole(Opcode::Binary, &contact::accepted()));
            // A relay that drains rings nobody: the phone had better listen elsewhere.
            let reason = state
                .drain
                .run_until_cancelled(wait(&mut endpoint, told, &limits))
                .await;
            drop(watching);
            reason.unwrap_or(CloseReason::Stopped)
        }
        Err(refusal) => {
            state.metrics.refused(refusal);
            CloseReason::Full
        }
    };
    Box::pin(end(&state, endpoint, reason, &limits)).await;
}

/// Tells the phone of contacts until it leaves.
fn wait<S: AsyncRead + AsyncWrite + Unpin>(
    endpoint: &mut Endpoint<S>,
    mut told: UnboundedReceiver<Box<PhoneNotice>>,
    limits: &Limits,
) -> impl Future<Output = CloseReason> {
    // The channel of notices is emptied before the connection is looked at, so that who is replaced
    // or revoked is told so even if it says something at the same moment. Interrupted by the drain
    // (its caller drops this future: nothing is lost, for a call that was not told stays pending in
    // the table and is told to the next listener), by the ticker, and by any byte of the phone.
    let mut ticker = Ticker::start(endpoint.due(limits), NO_END, CloseReason::Lasted);
    poll_fn(move |cx| {
        let nothing = FrameReader::default();
        while let Poll::Ready(beat) = ticker.poll(cx) {
            let now = match beat {
                Beat::Over(reason) => return Poll::Ready(reason),
                Beat::Tick(now) => now,
            };
            if let Some(reason) = endpoint.tick(now, true, limits) {
                return Poll::Ready(reason);
            }
            ticker.next(endpoint.due(limits));
        }
        while let Poll::Ready(told) = told.poll_recv(cx) {
            match told.as_deref() {
                Some(PhoneNotice::Contact(message)) => {
                    endpoint.writer.push(&frame::whole(Opcode::Binary, message))
                }
                Some(PhoneNotice::Over(reason)) => return Poll::Ready(*reason),
                None => return Poll::Ready(CloseReason::Stopped),
            }
        }
        loop {
            if let Poll::Ready(Err(_)) = endpoint.poll_drain(&nothing, cx) {
                return Poll::Ready(CloseReason::Broken);
            }
            match endpoint.poll_take(READ, limits, cx, |bytes, _| bytes.is_empty()) {
                Poll::Ready(Ok(true)) => {}
                // It has said all that it may say.
                Poll::Ready(Ok(false)) => return Poll::Ready(CloseReason::Messages),
                Poll::Ready(Err(reason)) => return Poll::Ready(reason),
                Poll::Pending => return Poll::Pending,
            }
        }
    })
}

async fn revoke(
    state: &RelayState,
    endpoint: &mut Endpoint<ClientStream>,
    contact: &ContactId,
    block: Block,
    limits: &Limits,
) -> CloseReason {
    match state.revoke(contact, block, limits).await {
        Ok(()) => {
            endpoint
                .writer
                .push(&frame::whole(Opcode::Binary, &contact::accepted()));
            CloseReason::Revoked
        }
        Err(NotRevoked::Refused(refusal)) => {
            state.metrics.refused(refusal);
            CloseReason::Full
        }
        Err(NotRevoked::NotStored(cause)) => {
            error!(%cause, "cannot store a revocation");
            CloseReason::NotStored
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
