//! Reports on their way to the host, in order and no faster than the host can read.
//!
//! A uhid device has no flow control: a report is written at once into the ring of every open
//! handle, which holds 64 and drops the rest, while an attestation can take 80. So bursts are short
//! and paused between.

use crate::limits::{BURST, BURST_PAUSE, MAX_BACKLOG};
use crate::message::Message;
use crate::report::Report;
use std::collections::VecDeque;
use std::time::Instant;

/// The queue of one device. A message's reports stand together: none comes between them.
#[derive(Default)]
pub struct Outbox {
    waiting: VecDeque<Report>,
    burst: usize,
    pause: Option<Instant>,
}

impl Outbox {
    /// Whether a program sends faster than it reads: what is not needed is then left out.
    pub fn is_crowded(&self) -> bool {
        self.waiting.len() >= MAX_BACKLOG
    }

    /// Whether no report waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Appends a message.
    pub fn push(&mut self, message: &Message) {
        self.waiting.extend(message.reports());
    }

    /// Opens the next burst when the pause is over; starts counting when nothing was sent lately.
    pub fn refresh(&mut self, now: Instant) {
        if self.pause.is_some_and(|end| end <= now) {
            self.pause = None;
            self.burst = 0;
        }
        if self.pause.is_none() && !self.waiting.is_empty() {
            self.pause = Some(now + BURST_PAUSE);
        }
    }

    /// The next report that may go.
    pub fn pop(&mut self) -> Option<Report> {
        if self.pause.is_none() || self.burst >= BURST {
            return None;
        }
        let report = self.waiting.pop_front()?;
        self.burst += 1;
        Some(report)
    }

    /// The program whose reports went out last has read them, because it asks for more: the ring
    /// has room again. Without this, a browser that fetches the answers to a long list one by one
    /// would wait for pauses.
    pub fn read(&mut self) {
        if self.waiting.is_empty() {
            self.burst = 0;
        }
    }

    /// When the next burst may begin, while reports wait for it.
    pub fn next_burst(&self) -> Option<Instant> {
        self.pause.filter(|_| !self.waiting.is_empty())
    }

    /// Forgets everything: nobody reads.
    pub fn clear(&mut self) {
        self.waiting.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{ChannelId, HidCommand};

    fn drain(outbox: &mut Outbox) -> usize {
        core::iter::from_fn(|| outbox.pop()).count()
    }

    #[test]
    fn a_long_message_goes_in_bursts_that_the_kernel_can_hold() {
        let start = Instant::now();
        let mut outbox = Outbox::default();
        let message = Message::new(ChannelId(1), HidCommand::Cbor, vec![0; 7609]).unwrap();
        outbox.push(&message);
        outbox.refresh(start);
        let mut bursts = vec![drain(&mut outbox)];
        while let Some(next) = outbox.next_burst() {
            outbox.refresh(next - BURST_PAUSE / 2);
            assert_eq!(drain(&mut outbox), 0, "not before its time");
            outbox.refresh(next);
            bursts.push(drain(&mut outbox));
        }
        assert_eq!(bursts, [24, 24, 24, 24, 24, 9]);
    }

    #[test]
    fn short_messages_go_at_once() {
        let mut now = Instant::now();
        let mut outbox = Outbox::default();
        let message = Message::new(ChannelId(1), HidCommand::Cbor, vec![0; 300]).unwrap();
        for _ in 0..5 {
            outbox.push(&message);
            outbox.refresh(now);
            assert_eq!(drain(&mut outbox), 6);
            assert_eq!(outbox.next_burst(), None);
            now += BURST_PAUSE;
        }
    }
}
