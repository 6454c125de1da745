//! A phone that listens to be contacted: it proves that the contact id is its own, then it is told of contacts.
//! The messages are described in `hybrid_protocol::listen`.

use crate::address::Block;
use crate::buffer::READ;
use crate::clock::{Beat, Clock};
use crate::connection::refuse;
use crate::doorbell::{NotRevoked, Told};
use crate::ending::Ending;
use crate::farewell::{Leaving, part};
use crate::frame::{self, Opcode};
use crate::head::Accept;
use crate::inlet::Inlet;
use crate::limits::Limits;
use crate::outlet::Outlet;
use crate::refusal::Refusal;
use crate::shared::{Opening, Shared, random};
use crate::side::Side;
use crate::stream::Stream;
use core::future::poll_fn;
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

/// Serves a listening phone to its end.
pub(crate) async fn serve(
    shared: Arc<Shared>,
    mut side: Box<Side<Stream>>,
    accept: Accept,
    contact: ContactId,
    block: Block,
    limits: Arc<Limits>,
    opening: Opening,
) {
    let challenge = match begin(&shared, &contact, block, &limits) {
        Ok(challenge) => challenge,
        Err(refusal) => return Box::pin(refuse(&shared, side.into_stream(), refusal, &limits)).await,
    };
    side.outlet.push(&accept.switching());
    side.outlet.push(&frame::whole(Opcode::Binary, &challenge.write()));
    // One short message is all that a phone ever says.
    let mut limits = Limits::clone(&limits);
    let most = listen::MAX_PROOF as u64;
    (limits.message_size, limits.bytes, limits.messages) = (most, most, 1);
    let proof = shared.stop.run_until_cancelled(proof(&mut side, &limits)).await;
    let wish = match proof.unwrap_or(Err(Ending::Stopped)) {
        Ok(proof) => listen::verify(&proof, &contact, &challenge).map_err(|_| Ending::NotProven),
        Err(ending) => Err(ending),
    };
    drop(opening);
    let ending = match wish {
        Ok(Wish::Listen) => listen(&shared, &mut side, contact, block, &limits).await,
        Ok(Wish::Revoke) => revoke(&shared, &mut side, &contact, block, &limits).await,
        Err(ending) => {
            // Who left, or was sent away, failed no proof.
            if !matches!(ending, Ending::Closed(_) | Ending::Broken | Ending::Stopped) {
                shared.metrics.refused(Refusal::ListenProof);
            }
            ending
        }
    };
    shared.metrics.listening_ended(ending);
    info!(ended = ending.label(), "listening ended");
    let cut = Box::pin(part([Some(Leaving::causing(side, ending)), None], &limits)).await;
    shared.metrics.cut.add(cut);
}

fn begin(shared: &Shared, contact: &ContactId, block: Block, limits: &Limits) -> Result<Challenge, Refusal> {
    // Nobody could ever prove an id that is no key.
    contact.key().ok_or(Refusal::BadId)?;
    shared.admit(contact, block, limits)?;
    random().map(Challenge::new).ok_or(Refusal::Randomness)
}

/// Reads the phone's answer to the challenge.
async fn proof<S: AsyncRead + AsyncWrite + Unpin>(side: &mut Side<S>, limits: &Limits) -> Result<Vec<u8>, Ending> {
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

async fn listen(
    shared: &Arc<Shared>,
    side: &mut Side<Stream>,
    contact: ContactId,
    block: Block,
    limits: &Limits,
) -> Ending {
    let (watching, told) = match shared.listen(contact, block, limits) {
        Ok(listening) => listening,
        Err(refusal) => {
            shared.metrics.refused(refusal);
            return Ending::Full;
        }
    };
    side.outlet.push(&frame::whole(Opcode::Binary, &listen::accepted()));
    // A relay that drains rings nobody: the phone had better listen elsewhere.
    let ending = shared.drain.run_until_cancelled(wait(side, told, limits)).await;
    drop(watching);
    ending.unwrap_or(Ending::Stopped)
}

/// Tells the phone of contacts until it leaves.
async fn wait<S: AsyncRead + AsyncWrite + Unpin>(
    side: &mut Side<S>,
    mut told: UnboundedReceiver<Told>,
    limits: &Limits,
) -> Ending {
    let mut clock = Clock::start(limits, NO_END, Ending::Lasted);
    let (nothing, nobody) = (Inlet::default(), Outlet::default());
    poll_fn(move |cx| {
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
            match told {
                Some(Told::Contact(message)) => side.outlet.push(&frame::whole(Opcode::Binary, &message)),
                Some(Told::Over(ending)) => return Poll::Ready(ending),
                None => return Poll::Ready(Ending::Stopped),
            }
        }
        loop {
            if let Poll::Ready(Err(_)) = side.poll_drain(&nothing, cx) {
                return Poll::Ready(Ending::Broken);
            }
            match side.poll_take(READ, limits, cx, |_, _| ()) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(ending)) => return Poll::Ready(ending),
                Poll::Pending => return Poll::Pending,
            }
        }
    })
    .await
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
            side.outlet.push(&frame::whole(Opcode::Binary, &listen::accepted()));
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
    fn a_message_is_whole_when_its_last_frame_is() {
        let frames = [0x02, 2, 7, 8, 0x00, 0, 0x80, 1, 9];
        for cut in 0..frames.len() {
            assert_eq!(message(&frames[..cut]), None);
        }
        assert_eq!(message(&frames), Some(vec![7, 8, 9]));
    }
}
