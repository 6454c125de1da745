//! What waits to be written to one client: bytes its socket did not take, and control frames of
//! ours for the next gap.

use crate::websocket::reader::FrameReader;

/// One direction's writer. Invariant: `queue` begins where the socket stopped, at any byte of any
/// frame; `control` and `close` are whole frames that enter it only when the other side's reader
/// stands between frames, because a frame within a frame would end the connection. Once the frame
/// that passes can never become whole, neither enters any more.
#[derive(Default, Debug)]
pub(crate) struct FrameWriter {
    queue: Vec<u8>,
    written: usize,
    /// At most one pong or ping, and a close: they wait until the other side's current frame is
    /// whole.
    control: Vec<u8>,
    close: Vec<u8>,
    truncated: bool,
}

impl FrameWriter {
    /// Queues bytes that must come first (the answer 101) or that continue what was passed on.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.queue.extend_from_slice(bytes);
    }

    /// Queues a ping or pong, in place of one that is still waiting.
    pub(crate) fn control(&mut self, frame: Vec<u8>) {
        self.control = frame;
    }

    /// Queues our close frame, the last thing the client gets.
    pub(crate) fn close(&mut self, frame: Vec<u8>) {
        self.close = frame;
    }

    /// Lets control frames in if the other side's reader has passed on whole frames only.
    pub(crate) fn admit(&mut self, source: &FrameReader) {
        if source.between_frames()
            && !self.truncated
            && !(self.control.is_empty() && self.close.is_empty())
        {
            self.queue.append(&mut self.control);
            self.queue.append(&mut self.close);
        }
    }

    /// Notes that the frame that is passing will never be whole: no frame of ours can follow.
    pub(crate) fn mark_truncated(&mut self) {
        self.truncated = true;
    }

    /// Whether no frame of ours can follow.
    pub(crate) fn is_truncated(&self) -> bool {
        self.truncated
    }

    /// What is to be written next.
    pub(crate) fn next(&self) -> &[u8] {
        self.queue.get(self.written..).unwrap_or_default()
    }

    /// Notes that the socket took `n` bytes of it; gives the memory back when all is written.
    pub(crate) fn wrote(&mut self, n: usize) {
        self.written += n;
        if self.written >= self.queue.len() {
            self.queue = Vec::new();
            self.written = 0;
        }
    }

    /// Whether anything waits, for the socket or for the end of a frame.
    pub(crate) fn is_waiting(&self) -> bool {
        !self.queue.is_empty() || !self.control.is_empty()
    }

    /// Whether bytes wait for the socket.
    pub(crate) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admission::limits::Limits;
    use crate::websocket::reader::MARGIN;

    #[test]
    fn a_control_frame_waits_for_the_end_of_the_frame_that_is_passing() {
        let mut source = FrameReader::default();
        let mut writer = FrameWriter::default();
        let frame = [0x82, 0x82, 0, 0, 0, 0, 7, 8];
        feed(&mut source, &frame[..7]);
        writer.control(vec![0x8a, 0]);
        writer.admit(&source);
        assert!(writer.is_empty());
        feed(&mut source, &frame[7..]);
        writer.admit(&source);
        assert_eq!(writer.next(), [0x8a, 0]);
    }

    fn feed(source: &mut FrameReader, bytes: &[u8]) {
        let mut buffer = [&[0; MARGIN][..], bytes].concat();
        let end = buffer.len();
        source.take(&mut buffer, end, &Limits::default());
    }
}
