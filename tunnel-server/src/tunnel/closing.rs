//! The end of a tunnel: what waits is still written, both sides are told why, and the connections
//! end in order.

use crate::admission::limits::Limits;
use crate::tunnel::endpoint::Endpoint;
use crate::websocket::close::CloseReason;
use crate::websocket::reader::FrameReader;
use core::future::poll_fn;
use core::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;

/// A side that is about to go.
pub(crate) struct Closing<S> {
    endpoint: Box<Endpoint<S>>,
    stage: ClosingStep,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum ClosingStep {
    /// Write what waits and our close frame, then go on to the next.
    Write(AfterClose),
    Shut(AfterClose),
    Listen,
    Discard,
}

/// What is left to do once the close frame is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum AfterClose {
    /// The side has said all it has to say.
    Nothing,
    /// The side is to answer with its own close frame (RFC 6455 §7.1.1: the server ends the
    /// connection).
    ItsClose,
    /// What the side sends makes no sense, but ending the connection before it has stopped would
    /// destroy our close frame on its way (a reset overtakes data).
    ItsEnd,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Closing<S> {
    /// The side that caused the ending.
    pub(crate) fn causing(mut endpoint: Box<Endpoint<S>>, reason: CloseReason) -> Self {
        endpoint.writer.close(reason.frame());
        let next = match reason {
            CloseReason::Closed(_) | CloseReason::Broken => AfterClose::Nothing,
            CloseReason::Protocol(_) | CloseReason::Text | CloseReason::BadReason => {
                AfterClose::ItsEnd
            }
            CloseReason::MessageSize
            | CloseReason::Messages
            | CloseReason::Bytes
            | CloseReason::ControlRate => AfterClose::ItsEnd,
            CloseReason::Stalled
            | CloseReason::Silent
            | CloseReason::Waited
            | CloseReason::Lasted
            | CloseReason::Stopped => AfterClose::ItsClose,
            CloseReason::NotProven
            | CloseReason::Replaced
            | CloseReason::Revoked
            | CloseReason::Full
            | CloseReason::NotStored => AfterClose::ItsClose,
        };
        Self {
            endpoint,
            stage: ClosingStep::Write(next),
        }
    }

    /// The side that is told of it.
    pub(crate) fn told(mut endpoint: Box<Endpoint<S>>, reason: CloseReason) -> Self {
        endpoint.writer.close(reason.frame_for_other());
        // Without a close frame of ours there is no answer to wait for: the end of the connection
        // is all it can be told.
        let next = if endpoint.writer.is_truncated() {
            AfterClose::ItsEnd
        } else {
            AfterClose::ItsClose
        };
        Self {
            endpoint,
            stage: ClosingStep::Write(next),
        }
    }

    fn poll(&mut self, limits: &Limits, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            self.stage = match self.stage {
                ClosingStep::Write(next) => {
                    match ready!(self.endpoint.poll_drain(&FrameReader::default(), cx)) {
                        Ok(()) if next == AfterClose::ItsClose => ClosingStep::Listen,
                        Ok(()) => ClosingStep::Shut(next),
                        Err(_) => return Poll::Ready(()),
                    }
                }
                ClosingStep::Listen => {
                    ready!(self.endpoint.poll_until_closed(limits, cx));
                    ClosingStep::Shut(AfterClose::Nothing)
                }
                ClosingStep::Shut(next) => {
                    ready!(self.endpoint.poll_shutdown(cx));
                    match next {
                        AfterClose::Nothing | AfterClose::ItsClose => return Poll::Ready(()),
                        AfterClose::ItsEnd => ClosingStep::Discard,
                    }
                }
                ClosingStep::Discard => return self.endpoint.poll_discard(cx),
            }
        }
    }
}

/// Lets the sides of a tunnel go, both at once. What a slow reader has not taken yet is waited for
/// as long as a stall may last. Returns how many had to be cut off.
pub(crate) async fn close_all<S: AsyncRead + AsyncWrite + Unpin>(
    mut endpoints: [Option<Closing<S>>; 2],
    limits: &Limits,
) -> u64 {
    let mut go = async |time| {
        let gone = poll_fn(|cx| {
            for slot in &mut endpoints {
                if slot
                    .as_mut()
                    .is_some_and(|leaving| leaving.poll(limits, cx).is_ready())
                {
                    *slot = None;
                }
            }
            if endpoints.iter().any(Option::is_some) {
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        });
        let _ = timeout(time, gone).await;
        let late = endpoints.iter().flatten().count() as u64;
        for slot in &mut endpoints {
            if slot
                .as_ref()
                .is_some_and(|leaving| leaving.endpoint.writer.is_empty())
            {
                *slot = None;
            }
        }
        (late, endpoints.iter().any(Option::is_some))
    };
    let (late, unread) = go(limits.closing).await;
    if unread {
        go(limits.stall).await;
    }
    late
}
