//! The end of a tunnel: what waits is still written, both sides are told why, and the connections
//! end in order.

use crate::admission::limits::Limits;
use crate::tunnel::endpoint::Side;
use crate::websocket::close::Ending;
use crate::websocket::reader::Inlet;
use core::future::poll_fn;
use core::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;

/// A side that is about to go.
pub(crate) struct Leaving<S> {
    side: Box<Side<S>>,
    stage: Stage,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    /// Write what waits and our close frame, then go on to the next.
    Write(Next),
    Shut(Next),
    Listen,
    Discard,
}

/// What is left to do once the close frame is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Next {
    /// The side has said all it has to say.
    Nothing,
    /// The side is to answer with its own close frame (RFC 6455 §7.1.1: the server ends the
    /// connection).
    ItsClose,
    /// What the side sends makes no sense, but ending the connection before it has stopped would
    /// destroy our close frame on its way (a reset overtakes data).
    ItsEnd,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Leaving<S> {
    /// The side that caused the ending.
    pub(crate) fn causing(mut side: Box<Side<S>>, ending: Ending) -> Self {
        side.outlet.close(ending.frame());
        let next = match ending {
            Ending::Closed(_) | Ending::Broken => Next::Nothing,
            Ending::Protocol(_) | Ending::Text | Ending::BadReason => Next::ItsEnd,
            Ending::MessageSize | Ending::Messages | Ending::Bytes | Ending::ControlRate => {
                Next::ItsEnd
            }
            Ending::Stalled
            | Ending::Silent
            | Ending::Waited
            | Ending::Lasted
            | Ending::Stopped => Next::ItsClose,
            Ending::NotProven
            | Ending::Replaced
            | Ending::Revoked
            | Ending::Full
            | Ending::NotStored => Next::ItsClose,
        };
        Self {
            side,
            stage: Stage::Write(next),
        }
    }

    /// The side that is told of it.
    pub(crate) fn told(mut side: Box<Side<S>>, ending: Ending) -> Self {
        side.outlet.close(ending.frame_for_other());
        // Without a close frame of ours there is no answer to wait for: the end of the connection
        // is all it can be told.
        let next = if side.outlet.is_gapless() {
            Next::ItsEnd
        } else {
            Next::ItsClose
        };
        Self {
            side,
            stage: Stage::Write(next),
        }
    }

    fn poll(&mut self, limits: &Limits, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            self.stage = match self.stage {
                Stage::Write(next) => match ready!(self.side.poll_drain(&Inlet::default(), cx)) {
                    Ok(()) if next == Next::ItsClose => Stage::Listen,
                    Ok(()) => Stage::Shut(next),
                    Err(_) => return Poll::Ready(()),
                },
                Stage::Listen => {
                    ready!(self.side.poll_farewell(limits, cx));
                    Stage::Shut(Next::Nothing)
                }
                Stage::Shut(next) => {
                    ready!(self.side.poll_shutdown(cx));
                    match next {
                        Next::Nothing | Next::ItsClose => return Poll::Ready(()),
                        Next::ItsEnd => Stage::Discard,
                    }
                }
                Stage::Discard => return self.side.poll_discard(cx),
            }
        }
    }
}

/// Lets the sides of a tunnel go, both at once. What a slow reader has not taken yet is waited for
/// as long as a stall may last. Returns how many had to be cut off.
pub(crate) async fn part<S: AsyncRead + AsyncWrite + Unpin>(
    mut sides: [Option<Leaving<S>>; 2],
    limits: &Limits,
) -> u64 {
    let mut go = async |time| {
        let gone = poll_fn(|cx| {
            for slot in &mut sides {
                if slot
                    .as_mut()
                    .is_some_and(|leaving| leaving.poll(limits, cx).is_ready())
                {
                    *slot = None;
                }
            }
            if sides.iter().any(Option::is_some) {
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        });
        let _ = timeout(time, gone).await;
        let late = sides.iter().flatten().count() as u64;
        for slot in &mut sides {
            if slot
                .as_ref()
                .is_some_and(|leaving| leaving.side.outlet.is_empty())
            {
                *slot = None;
            }
        }
        (late, sides.iter().any(Option::is_some))
    };
    let (late, unread) = go(limits.closing).await;
    if unread {
        go(limits.stall).await;
    }
    late
}
