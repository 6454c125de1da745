//! One side of a tunnel: its connection, what it sends, what waits to be written to it, and whether
//! it is alive.

use crate::admission::limits::Limits;
use crate::websocket::close::CloseReason;
use crate::websocket::frame::{self, Opcode};
use crate::websocket::read_buffer::{self, READ};
use crate::websocket::reader::{FrameReader, MARGIN, ReadOutcome};
use crate::websocket::writer::FrameWriter;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;
use std::io;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

/// One side of a tunnel.
pub(crate) struct Endpoint<S> {
    stream: S,
    pub(crate) reader: FrameReader,
    pub(crate) writer: FrameWriter,
    /// Frames that came in the same segment as the upgrade request.
    unread: Vec<u8>,
    unflushed: bool,
    /// What was done about its silence, and since when: since something was read from it, or since
    /// its socket took the ping.
    pinged: Pinged,
    since: Instant,
    /// Since when the socket has taken nothing of what waits for it.
    stalled: Option<Instant>,
    controls: u32,
    controls_since: Option<Instant>,
}

/// What was done about a side's silence.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Pinged {
    No,
    /// The ping waits for the end of a frame, or for the socket.
    Queued,
    Sent,
}

/// Which side an ending is to be laid at, seen from [`carry`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum CarryEnd {
    From,
    To,
}

/// Reads from one side and writes to the other until one of them would block: the frame pump.
///
/// `from` is read only while `to` has taken everything, so a slow reader slows its partner down
/// instead of filling memory.
pub(crate) fn carry<S: AsyncRead + AsyncWrite + Unpin>(
    from: &mut Endpoint<S>,
    to: &mut Endpoint<S>,
    limits: &Limits,
    cx: &mut Context<'_>,
) -> Result<(), (CarryEnd, CloseReason)> {
    // Invariant: nothing is read before everything that was read earlier is in `to`'s socket, so a
    // direction holds at most one read ([`READ`]) in memory. The loop ends when either socket would
    // block, which is what wakes it again; the kernel's buffers bound how long it can go on.
    loop {
        match to.poll_drain(&from.reader, cx) {
            Poll::Ready(Ok(())) => {}
            Poll::Ready(Err(_)) => return Err((CarryEnd::To, CloseReason::Broken)),
            Poll::Pending => return Ok(()),
        }
        let sent = from.poll_take(READ, limits, cx, |bytes, cx| to.send(bytes, cx));
        match sent {
            Poll::Pending => return Ok(()),
            Poll::Ready(Err(reason)) => return Err((CarryEnd::From, reason)),
            Poll::Ready(Ok(Err(_))) => return Err((CarryEnd::To, CloseReason::Broken)),
            Poll::Ready(Ok(Ok(()))) => {}
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Endpoint<S> {
    pub(crate) fn new(stream: S, unread: Vec<u8>) -> Self {
        Self {
            stream,
            reader: FrameReader::default(),
            writer: FrameWriter::default(),
            unread,
            unflushed: false,
            pinged: Pinged::No,
            since: Instant::now(),
            stalled: None,
            controls: 0,
            controls_since: None,
        }
    }

    /// Gives the connection back, for a side that is refused after all.
    pub(crate) fn into_stream(self) -> S {
        self.stream
    }

    /// Reads once, at most `room` bytes, and hands what is for the other side to `pass`. Pings are
    /// answered here.
    ///
    /// # Errors
    /// The ending, after what came before it was passed on.
    pub(crate) fn poll_take<T>(
        &mut self,
        room: usize,
        limits: &Limits,
        cx: &mut Context<'_>,
        pass: impl FnOnce(&[u8], &mut Context<'_>) -> T,
    ) -> Poll<Result<T, CloseReason>> {
        read_buffer::lend(|buffer| {
            let n = match ready!(self.poll_read(buffer, room, cx)) {
                Ok(0) | Err(_) => return Poll::Ready(Err(CloseReason::Broken)),
                Ok(n) => n,
            };
            (self.pinged, self.since) = (Pinged::No, Instant::now());
            let taken = self.reader.take(buffer, MARGIN + n, limits);
            let passed = pass(buffer.get(taken.forward.clone()).unwrap_or_default(), cx);
            Poll::Ready(self.note(taken, limits).map(|()| passed))
        })
    }

    /// Reads and throws away; ready when the side has closed or is gone.
    pub(crate) fn poll_until_closed(&mut self, limits: &Limits, cx: &mut Context<'_>) -> Poll<()> {
        while ready!(self.poll_take(READ, limits, cx, |_, _| ())).is_ok() {}
        Poll::Ready(())
    }

    /// Reads and throws away without looking at it; ready when the connection has ended.
    pub(crate) fn poll_discard(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        read_buffer::lend(|buffer| {
            loop {
                match ready!(self.poll_read(buffer, READ, cx)) {
                    Ok(0) | Err(_) => return Poll::Ready(()),
                    Ok(_) => {}
                }
            }
        })
    }

    /// Writes what waits; ready when the client's socket has taken it all. `source` is the other
    /// side's reader.
    pub(crate) fn poll_drain(
        &mut self,
        source: &FrameReader,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        self.writer.admit(source);
        while !self.writer.is_empty() {
            let Poll::Ready(n) = Pin::new(&mut self.stream).poll_write(cx, self.writer.next())
            else {
                self.stalled.get_or_insert_with(Instant::now);
                return Poll::Pending;
            };
            let n = n?;
            if n == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.writer.wrote(n);
            self.stalled = None;
            self.unflushed = true;
        }
        self.stalled = None;
        if self.unflushed {
            ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
            self.unflushed = false;
        }
        if self.pinged == Pinged::Queued && !self.writer.is_waiting() {
            (self.pinged, self.since) = (Pinged::Sent, Instant::now());
        }
        Poll::Ready(Ok(()))
    }

    /// Ends our half of the connection.
    pub(crate) fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.stream).poll_shutdown(cx).map(drop)
    }

    /// Looks what is due `now`: pings a side that was silent, ends one that stayed so after the
    /// ping had reached its socket, or that does not read.
    ///
    /// `is_read`: while a side is not read, because its partner's socket takes nothing, its silence
    /// means nothing.
    pub(crate) fn tick(
        &mut self,
        now: Instant,
        is_read: bool,
        limits: &Limits,
    ) -> Option<CloseReason> {
        if self
            .stalled
            .is_some_and(|since| now >= since + limits.stall)
        {
            return Some(CloseReason::Stalled);
        }
        if !is_read {
            (self.pinged, self.since) = (Pinged::No, now);
        }
        if now < self.since + limits.ping {
            return None;
        }
        match self.pinged {
            Pinged::No => {
                self.writer.control(frame::whole(Opcode::Ping, &[]));
                self.pinged = Pinged::Queued;
                None
            }
            Pinged::Queued => None,
            Pinged::Sent => Some(CloseReason::Silent),
        }
    }

    /// When something may be due next, unless more is heard or written.
    pub(crate) fn due(&self, limits: &Limits) -> Instant {
        let now = Instant::now();
        let silence = match self.pinged {
            Pinged::No | Pinged::Sent => self.since,
            Pinged::Queued => now,
        };
        (silence + limits.ping).min(self.stalled.unwrap_or(now) + limits.stall)
    }

    /// Writes at once what the socket takes and queues only the rest.
    fn send(&mut self, bytes: &[u8], cx: &mut Context<'_>) -> io::Result<()> {
        let mut rest = bytes;
        while !rest.is_empty() && self.writer.is_empty() {
            match Pin::new(&mut self.stream).poll_write(cx, rest) {
                Poll::Ready(Ok(0)) => return Err(io::ErrorKind::WriteZero.into()),
                Poll::Ready(Ok(n)) => rest = rest.get(n..).unwrap_or_default(),
                Poll::Ready(Err(error)) => return Err(error),
                Poll::Pending => break,
            }
            self.unflushed = true;
        }
        if !rest.is_empty() {
            self.writer.push(rest);
        }
        Ok(())
    }

    /// Reads into `buffer` behind the margin.
    fn poll_read(
        &mut self,
        buffer: &mut [u8],
        room: usize,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        let space = buffer.get_mut(MARGIN..).unwrap_or_default();
        let space = space.get_mut(..room.min(READ)).unwrap_or_default();
        if self.unread.is_empty() {
            let mut space = ReadBuf::new(space);
            ready!(Pin::new(&mut self.stream).poll_read(cx, &mut space))?;
            return Poll::Ready(Ok(space.filled().len()));
        }
        let n = self.unread.len().min(space.len());
        for (place, byte) in space.iter_mut().zip(self.unread.drain(..n)) {
            *place = byte;
        }
        if self.unread.is_empty() {
            self.unread = Vec::new();
        }
        Poll::Ready(Ok(n))
    }

    fn note(&mut self, taken: ReadOutcome, limits: &Limits) -> Result<(), CloseReason> {
        if let Some(ping) = taken.ping {
            self.writer.control(frame::whole(Opcode::Pong, &ping));
        }
        if taken.idle_frames > 0 {
            let now = Instant::now();
            if self
                .controls_since
                .is_none_or(|since| now.duration_since(since) >= Duration::from_secs(1))
            {
                self.controls_since = Some(now);
                self.controls = 0;
            }
            self.controls = self.controls.saturating_add(taken.idle_frames);
            if self.controls > limits.control_rate {
                return Err(taken.end.unwrap_or(CloseReason::ControlRate));
            }
        }
        taken.end.map_or(Ok(()), Err)
    }
}
