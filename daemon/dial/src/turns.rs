//! A connection that is read in turns: after so much the runtime looks at its timers and at
//! everybody else first. Without that whoever sends faster than we read would be read for ever
//! within one turn, by TLS (tickets, key updates, empty records) and by WebSocket (fragments of a
//! message that does not end) alike, and no deadline would be looked at.

use crate::stream::ByteStream;
use futures_util::task::AtomicWaker;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::task::yield_now;

/// Bytes in one turn, and one read more. As empty WebSocket frames these are eight thousand, a
/// millisecond's work.
const TURN: usize = 16 * 1024;
/// What a read counts at least: many short ones are work, too. It keeps a turn well below the
/// runtime's own budget of 128 operations.
const LEAST: usize = 256;

/// A connection that is read in turns. `left` is more than nothing after every read that waits, and
/// each read that is ready takes from it: so at most `TURN / LEAST` reads are ready one after
/// another, whoever sends. A turn ends between two reads, so no byte is lost and none is read
/// twice; writing is not counted, for what we write is ours.
pub(crate) struct Turns<S> {
    inner: S,
    /// What may still be read in this turn, in bytes.
    left: usize,
    pause: Option<Arc<Pause>>,
}

/// Between two turns. It is over when the runtime says so, and not when somebody asks again: TLS
/// keeps to itself that it had to wait when it has something to hand out.
#[derive(Default)]
struct Pause {
    over: AtomicBool,
    reader: AtomicWaker,
}

impl Pause {
    /// One that is over once the runtime has looked at its timers, which a plain wake does not wait
    /// for.
    fn begin() -> Arc<Self> {
        let pause = Arc::new(Self::default());
        let waker = Waker::from(Arc::clone(&pause));
        let _ = pin!(yield_now()).poll(&mut Context::from_waker(&waker));
        pause
    }

    fn is_over(&self, context: &Context<'_>) -> bool {
        self.reader.register(context.waker());
        self.over.load(Ordering::Acquire)
    }
}

impl Wake for Pause {
    fn wake(self: Arc<Self>) {
        self.over.store(true, Ordering::Release);
        self.reader.wake();
    }
}

impl<S> Turns<S> {
    pub(crate) const fn new(inner: S) -> Self {
        Self {
            inner,
            left: TURN,
            pause: None,
        }
    }
}

impl ByteStream for Turns<TcpStream> {
    fn tcp(&self) -> Option<&TcpStream> {
        Some(&self.inner)
    }
}

impl ByteStream for Turns<tokio::io::DuplexStream> {
    fn tcp(&self) -> Option<&TcpStream> {
        None
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Turns<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.left == 0 {
            if !this.pause.get_or_insert_with(Pause::begin).is_over(context) {
                return Poll::Pending;
            }
            (this.left, this.pause) = (TURN, None);
        }
        let before = buffer.filled().len();
        let read = Pin::new(&mut this.inner).poll_read(context, buffer);
        if read.is_ready() {
            let length = buffer.filled().len().saturating_sub(before);
            this.left = this.left.saturating_sub(length.max(LEAST));
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Turns<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;
    use tokio::io::{AsyncReadExt as _, Repeat, repeat};
    use tokio::task::coop::unconstrained;

    #[tokio::test]
    async fn a_turn_with_a_peer_that_never_stops_is_bounded_and_another_one_follows() {
        // Unlike a socket it never says that nothing is there; and the runtime's own budget does
        // not help.
        let mut endless = Turns::new(repeat(0));
        let turns = async {
            for chunk in [1, 4 * 1024, 64 * 1024] {
                let mut buffer = vec![0; chunk];
                for _ in 0..3 {
                    let (reads, bytes) =
                        poll_fn(|context| Poll::Ready(turn(&mut endless, context, &mut buffer)))
                            .await;
                    yield_now().await;
                    assert!(reads <= TURN / LEAST, "{reads} reads of {chunk} bytes");
                    assert!((1..=TURN + chunk).contains(&bytes), "{bytes} bytes");
                }
            }
        };
        unconstrained(turns).await;
        // It was woken, or this would not end.
        assert_eq!(endless.read(&mut [0; 4]).await.unwrap(), 4);
    }

    /// Reads as often as there is something, and counts.
    fn turn(
        endless: &mut Turns<Repeat>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> (usize, usize) {
        let (mut reads, mut bytes) = (0, 0);
        let mut part = ReadBuf::new(buffer);
        while Pin::new(&mut *endless)
            .poll_read(context, &mut part)
            .is_ready()
        {
            (reads, bytes) = (reads + 1, bytes + part.filled().len());
            part.clear();
        }
        let again = Pin::new(&mut *endless).poll_read(context, &mut part);
        assert!(
            again.is_pending(),
            "who asks again in the same turn waits all the same"
        );
        (reads, bytes)
    }
}
