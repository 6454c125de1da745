//! What one client sends: frames are checked, unmasked and re-headed in place, so that they can be
//! written on as they are.
//!
//! Nothing is assembled: the payload of a frame passes on as it comes, and only an incomplete
//! header or control frame is kept (at most 139 bytes). So the memory of a direction does not
//! depend on the length of its messages.

use crate::admission::limits::Limits;
use crate::websocket::close::{self, Ending};
use crate::websocket::frame::{self, Header, MAX_CONTROL, MAX_HEADER, Opcode};
use core::ops::Range;

/// Room that [`Inlet::take`] wants before the bytes that were read, for what was kept of the last
/// read.
pub(crate) const MARGIN: usize = MAX_HEADER + MAX_CONTROL;

/// One direction's reader.
#[derive(Default, Debug)]
pub(crate) struct Inlet {
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
pub(crate) struct Taken {
    /// Where in the buffer the bytes for the other side are.
    pub(crate) forward: Range<usize>,
    /// Payload of the last ping: RFC 6455 §5.5.3 allows to answer only that.
    pub(crate) ping: Option<Vec<u8>>,
    /// Frames that carry nothing onwards: pings, pongs, empty fragments.
    pub(crate) idle_frames: u32,
    /// The side closed, or has to be closed. What comes after is not read.
    pub(crate) end: Option<Ending>,
}

impl Inlet {
    /// Whether the other side has been given whole frames only, so that a frame of ours may follow.
    pub(crate) fn between_frames(&self) -> bool {
        self.left == 0
    }

    /// Messages begun and payload bytes seen so far.
    pub(crate) fn totals(&self) -> (u64, u64) {
        (self.messages, self.bytes)
    }

    /// Takes what was read into `buffer[MARGIN..end]`; the bytes before [`MARGIN`] are overwritten.
    pub(crate) fn take(&mut self, buffer: &mut [u8], end: usize, limits: &Limits) -> Taken {
        let kept = core::mem::take(&mut self.kept);
        let start = MARGIN.saturating_sub(kept.len());
        if let Some(place) = buffer.get_mut(start..MARGIN) {
            place.copy_from_slice(&kept);
        }
        let mut desk = Desk {
            buffer,
            at: start,
            end,
            out: None,
        };
        let mut taken = Taken::default();
        taken.end = self.frames(&mut desk, &mut taken, limits).err();
        taken.forward = desk.out.unwrap_or(0..0);
        taken
    }

    fn frames(
        &mut self,
        desk: &mut Desk<'_>,
        taken: &mut Taken,
        limits: &Limits,
    ) -> Result<(), Ending> {
        loop {
            if self.left > 0 {
                self.payload(desk);
            }
            if desk.at >= desk.end {
                return Ok(());
            }
            let Some(header) = Header::read(desk.rest())? else {
                self.kept = desk.rest().to_vec();
                return Ok(());
            };
            if header.opcode.is_control() {
                if !self.control(&header, desk, taken)? {
                    return Ok(());
                }
            } else {
                self.data(&header, taken, limits)?;
                desk.at += header.size;
                desk.put(header.unmasked().as_bytes());
            }
        }
    }

    fn payload(&mut self, desk: &mut Desk<'_>) {
        let here = desk.rest().len();
        let length = usize::try_from(self.left).map_or(here, |left| left.min(here));
        desk.pass(length, self.mask);
        self.left -= length as u64;
        self.mask.rotate_left(length % 4);
    }

    /// Counts a data frame before any of it is passed on.
    fn data(&mut self, header: &Header, taken: &mut Taken, limits: &Limits) -> Result<(), Ending> {
        let before = match (header.opcode, self.message) {
            (Opcode::Text, _) => return Err(Ending::Text),
            (Opcode::Binary, Some(_)) => {
                return Err(Ending::Protocol("a new message within a fragmented one"));
            }
            (Opcode::Continuation, None) => {
                return Err(Ending::Protocol("a continuation without a beginning"));
            }
            (Opcode::Continuation, Some(before)) => before,
            (Opcode::Binary | Opcode::Close | Opcode::Ping | Opcode::Pong, _) => {
                self.messages += 1;
                0
            }
        };
        let message = before.saturating_add(header.length);
        if message > limits.message_size {
            return Err(Ending::MessageSize);
        }
        self.bytes = self.bytes.saturating_add(header.length);
        if self.messages > limits.messages {
            return Err(Ending::Messages);
        }
        if self.bytes > limits.bytes {
            return Err(Ending::Bytes);
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
        header: &Header,
        desk: &mut Desk<'_>,
        taken: &mut Taken,
    ) -> Result<bool, Ending> {
        let length = usize::try_from(header.length).unwrap_or(MAX_CONTROL);
        let whole = header.size..header.size + length;
        let Some(payload) = desk.rest_mut().get_mut(whole.clone()) else {
            self.kept = desk.rest().to_vec();
            return Ok(false);
        };
        frame::unmask(payload, header.mask);
        match header.opcode {
            Opcode::Close => {
                return Err(close::read_close(payload).map_or_else(|bad| bad, Ending::Closed));
            }
            Opcode::Ping => taken.ping = Some(payload.to_vec()),
            Opcode::Pong | Opcode::Continuation | Opcode::Text | Opcode::Binary => {}
        }
        taken.idle_frames += 1;
        desk.at += whole.end;
        Ok(true)
    }
}

/// The read buffer while it is worked through: `out` grows behind `at`, always contiguous.
struct Desk<'a> {
    buffer: &'a mut [u8],
    at: usize,
    end: usize,
    out: Option<Range<usize>>,
}

impl Desk<'_> {
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
