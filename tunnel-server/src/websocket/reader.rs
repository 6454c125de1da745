//! What one client sends: frames are checked, unmasked and re-headed in place, so that they can be
//! written on as they are.
//!
//! Nothing is assembled: the payload of a frame passes on as it comes, and only an incomplete
//! header or control frame is kept (at most 139 bytes). So the memory of a direction does not
//! depend on the length of its messages.

use crate::admission::limits::Limits;
use crate::websocket::close::{self, CloseReason};
use crate::websocket::frame::{self, FrameHeader, MAX_CONTROL, MAX_HEADER, Opcode};
use core::ops::Range;

/// Room that [`FrameReader::take`] wants before the bytes that were read, for what was kept of the
/// last read.
pub(crate) const MARGIN: usize = MAX_HEADER + MAX_CONTROL;

/// One direction's reader.
#[derive(Default, Debug)]
pub(crate) struct FrameReader {
    /// An incomplete header or control frame.
    kept: Vec<u8>,
    /// Payload bytes of the current data frame that are still to come, and the mask for the first
    /// of them.
    left: u64,
    mask: [u8; 4],
    /// Bytes of the current message so far; `None` between messages.
    message: Option<u64>,
    messages: u64,
    bytes: u64,
}

/// What came out of one read.
#[derive(Default, Debug)]
pub(crate) struct ReadOutcome {
    /// Where in the buffer the bytes for the other side are.
    pub(crate) forward: Range<usize>,
    /// Payload of the last ping: RFC 6455 §5.5.3 allows to answer only that.
    pub(crate) ping: Option<Vec<u8>>,
    /// Frames that carry nothing onwards: pings, pongs, empty fragments.
    pub(crate) idle_frames: u32,
    /// The side closed, or has to be closed. What comes after is not read.
    pub(crate) end: Option<CloseReason>,
}

impl FrameReader {
    /// Whether the other side has been given whole frames only, so that a frame of ours may follow.
    pub(crate) fn between_frames(&self) -> bool {
        self.left == 0
    }

    /// Messages begun and payload bytes seen so far.
    pub(crate) fn totals(&self) -> (u64, u64) {
        (self.messages, self.bytes)
    }

    /// Takes what was read into `buffer[MARGIN..end]`; the bytes before [`MARGIN`] are overwritten.
    pub(crate) fn take(&mut self, buffer: &mut [u8], end: usize, limits: &Limits) -> ReadOutcome {
        let kept = core::mem::take(&mut self.kept);
        let start = MARGIN.saturating_sub(kept.len());
        if let Some(place) = buffer.get_mut(start..MARGIN) {
            place.copy_from_slice(&kept);
        }
        let mut cursor = Cursor {
            buffer,
            at: start,
            end,
            out: None,
        };
        let mut taken = ReadOutcome::default();
        taken.end = self.frames(&mut cursor, &mut taken, limits).err();
        taken.forward = cursor.out.unwrap_or(0..0);
        taken
    }

    /// Works through the buffer until nothing whole is left in it. Between two rounds the cursor
    /// stands at a frame's header or within the payload of the frame whose rest is `self.left`, and
    /// everything before it is either out or of no use. Interrupted only by the buffer's end, which
    /// leaves an incomplete header or control frame in `self.kept`, by a close frame, and by the
    /// first thing that is wrong: what came before that is still passed on.
    fn frames(
        &mut self,
        cursor: &mut Cursor<'_>,
        taken: &mut ReadOutcome,
        limits: &Limits,
    ) -> Result<(), CloseReason> {
        loop {
            if self.left > 0 {
                self.payload(cursor);
            }
            if cursor.at >= cursor.end {
                return Ok(());
            }
            let Some(header) = FrameHeader::read(cursor.rest())? else {
                self.kept = cursor.rest().to_vec();
                return Ok(());
            };
            if header.opcode.is_control() {
                if !self.control(&header, cursor, taken)? {
                    return Ok(());
                }
            } else {
                self.data(&header, taken, limits)?;
                cursor.at += header.size;
                cursor.put(header.unmasked().as_bytes());
            }
        }
    }

    fn payload(&mut self, cursor: &mut Cursor<'_>) {
        let here = cursor.rest().len();
        let length = usize::try_from(self.left).map_or(here, |left| left.min(here));
        cursor.pass(length, self.mask);
        self.left -= length as u64;
        self.mask.rotate_left(length % 4);
    }

    /// Counts a data frame before any of it is passed on.
    fn data(
        &mut self,
        header: &FrameHeader,
        taken: &mut ReadOutcome,
        limits: &Limits,
    ) -> Result<(), CloseReason> {
        let before = match (header.opcode, self.message) {
            (Opcode::Text, _) => return Err(CloseReason::Text),
            (Opcode::Binary, Some(_)) => {
                return Err(CloseReason::Protocol(
                    "a new message within a fragmented one",
                ));
            }
            (Opcode::Continuation, None) => {
                return Err(CloseReason::Protocol(
                    "a continuation without a message to continue",
                ));
            }
            (Opcode::Continuation, Some(before)) => before,
            (Opcode::Binary | Opcode::Close | Opcode::Ping | Opcode::Pong, _) => {
                self.messages += 1;
                0
            }
        };
        let message = before.saturating_add(header.length);
        if message > limits.message_size {
            return Err(CloseReason::MessageSize);
        }
        self.bytes = self.bytes.saturating_add(header.length);
        if self.messages > limits.messages {
            return Err(CloseReason::Messages);
        }
        if self.bytes > limits.bytes {
            return Err(CloseReason::Bytes);
        }
        if header.length == 0 && !header.last {
            taken.idle_frames += 1;
        }
        self.message = (!header.last).then_some(message);
        self.left = header.length;
        self.mask = header.mask;
        Ok(())
    }

    /// Handles a control frame; `false` when it is not whole yet.
    fn control(
        &mut self,
        header: &FrameHeader,
        cursor: &mut Cursor<'_>,
        taken: &mut ReadOutcome,
    ) -> Result<bool, CloseReason> {
        let length = usize::try_from(header.length).unwrap_or(MAX_CONTROL);
        let whole = header.size..header.size + length;
        let Some(payload) = cursor.rest_mut().get_mut(whole.clone()) else {
            self.kept = cursor.rest().to_vec();
            return Ok(false);
        };
        frame::unmask(payload, header.mask);
        match header.opcode {
            Opcode::Close => {
                return Err(close::read_close(payload).map_or_else(|bad| bad, CloseReason::Closed));
            }
            Opcode::Ping => taken.ping = Some(payload.to_vec()),
            Opcode::Pong | Opcode::Continuation | Opcode::Text | Opcode::Binary => {}
        }
        taken.idle_frames += 1;
        cursor.at += whole.end;
        Ok(true)
    }
}

/// The read buffer while it is worked through. Invariant: `out` is contiguous and ends at or before
/// `at`, and `at` at or before `end`, so that nothing is overwritten before it was looked at: our
/// header is four bytes shorter than the one it replaces, and control frames leave gaps that the
/// next payload moves over.
struct Cursor<'a> {
    buffer: &'a mut [u8],
    at: usize,
    end: usize,
    out: Option<Range<usize>>,
}

impl Cursor<'_> {
    fn rest(&self) -> &[u8] {
        self.buffer.get(self.at..self.end).unwrap_or_default()
    }

    fn rest_mut(&mut self) -> &mut [u8] {
        self.buffer.get_mut(self.at..self.end).unwrap_or_default()
    }

    /// Puts our header behind what is already out; it is four bytes shorter than the client's,
    /// which it replaces.
    fn put(&mut self, header: &[u8]) {
        // The first one goes right before its payload, so that a single frame is not moved at all.
        let start = self
            .out
            .as_ref()
            .map_or(self.at - header.len(), |out| out.end);
        if let Some(place) = self.buffer.get_mut(start..start + header.len()) {
            place.copy_from_slice(header);
        }
        self.grow(start, header.len());
    }

    /// Unmasks `length` bytes and moves them behind what is already out.
    fn pass(&mut self, length: usize, mask: [u8; 4]) {
        let from = self.at;
        self.at += length;
        if let Some(payload) = self.buffer.get_mut(from..from + length) {
            frame::unmask(payload, mask);
        }
        let to = self.out.as_ref().map_or(from, |out| out.end);
        if to != from {
            self.buffer.copy_within(from..from + length, to);
        }
        self.grow(to, length);
    }

    fn grow(&mut self, start: usize, length: usize) {
        let out = self.out.get_or_insert(start..start);
        out.end += length;
    }
}

#[cfg(test)]
mod tests;
