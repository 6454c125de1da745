//! Messages that are not whole yet.

use crate::frame::{ChannelId, FIRST_DATA, HidCommand, NEXT_DATA};
use crate::limits::{FRAGMENT_WAIT, MAX_ASSEMBLIES, MAX_MESSAGE, MESSAGE_WAIT};
use crate::message::Message;
use std::time::Instant;

/// The incomplete messages, at most one for a channel.
#[derive(Default)]
pub struct Assemblies(Vec<Assembly>);

struct Assembly {
    channel: ChannelId,
    command: HidCommand,
    length: usize,
    data: Vec<u8>,
    sequence: u8,
    started: Instant,
    deadline: Instant,
    cancelled: bool,
}

/// What a frame makes of its message.
#[derive(PartialEq, Eq, Debug)]
pub enum Step {
    /// Further frames are to come.
    Incomplete,
    /// This was the last frame.
    Complete {
        /// The message.
        message: Message,
        /// Whether a CANCEL came between its frames.
        cancelled: bool,
    },
    /// No message is begun on this channel: ignored (CTAP 2.2 §11.2.5.4).
    Stray,
    /// Not the next fragment: the message is dropped.
    OutOfOrder,
    /// CTAPHID does not carry such a message.
    TooLong,
    /// Too many messages are incomplete.
    Full,
}

impl Assemblies {
    /// Begins a message. The channel has none: see [`Self::discard`].
    pub fn first(
        &mut self,
        channel: ChannelId,
        command: HidCommand,
        length: u16,
        data: &[u8; FIRST_DATA],
        now: Instant,
    ) -> Step {
        let length = usize::from(length);
        if length > MAX_MESSAGE {
            return Step::TooLong;
        }
        let data = data.get(..length).unwrap_or(data).to_vec();
        if data.len() < length && self.0.len() >= MAX_ASSEMBLIES {
            return Step::Full;
        }
        let deadline = now + FRAGMENT_WAIT;
        let (sequence, started, cancelled) = (0, now, false);
        let assembly = Assembly {
            channel,
            command,
            length,
            data,
            sequence,
            started,
            deadline,
            cancelled,
        };
        self.settle(assembly)
    }

    /// Continues a message.
    pub fn next(
        &mut self,
        channel: ChannelId,
        sequence: u8,
        data: &[u8; NEXT_DATA],
        now: Instant,
    ) -> Step {
        let Some(mut assembly) = self.take(channel) else {
            return Step::Stray;
        };
        if sequence != assembly.sequence {
            return Step::OutOfOrder;
        }
        let missing = assembly.length - assembly.data.len();
        assembly
            .data
            .extend_from_slice(data.get(..missing).unwrap_or(data));
        assembly.sequence = sequence.saturating_add(1);
        assembly.deadline = (now + FRAGMENT_WAIT).min(assembly.started + MESSAGE_WAIT);
        self.settle(assembly)
    }

    /// Whether a message is begun on this channel.
    pub fn has(&self, channel: ChannelId) -> bool {
        self.0.iter().any(|assembly| assembly.channel == channel)
    }

    /// Notes that the message begun on this channel is not wanted any more. It is still taken in,
    /// so that its sender is answered once and after its last frame.
    pub fn cancel(&mut self, channel: ChannelId) {
        for assembly in self
            .0
            .iter_mut()
            .filter(|assembly| assembly.channel == channel)
        {
            assembly.cancelled = true;
        }
    }

    /// Drops the message begun on this channel; says whether there was one.
    pub fn discard(&mut self, channel: ChannelId) -> bool {
        self.take(channel).is_some()
    }

    /// Drops all.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Drops a message whose fragment stayed away, and says on which channel.
    pub fn expire(&mut self, now: Instant) -> Option<ChannelId> {
        let place = self
            .0
            .iter()
            .position(|assembly| assembly.deadline <= now)?;
        Some(self.0.swap_remove(place).channel)
    }

    /// The earliest deadline.
    pub fn deadline(&self) -> Option<Instant> {
        self.0.iter().map(|assembly| assembly.deadline).min()
    }

    fn take(&mut self, channel: ChannelId) -> Option<Assembly> {
        let place = self
            .0
            .iter()
            .position(|assembly| assembly.channel == channel)?;
        Some(self.0.swap_remove(place))
    }

    fn settle(&mut self, assembly: Assembly) -> Step {
        if assembly.data.len() < assembly.length {
            self.0.push(assembly);
            return Step::Incomplete;
        }
        let Assembly {
            channel,
            command,
            data,
            cancelled,
            ..
        } = assembly;
        match Message::new(channel, command, data) {
            Ok(message) => Step::Complete { message, cancelled },
            Err(_) => Step::TooLong,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Frame;
    use ctaphid_types as oracle;
    use proptest::prelude::*;

    fn feed(assemblies: &mut Assemblies, frame: &Frame, now: Instant) -> Step {
        match frame {
            Frame::First {
                channel,
                command,
                length,
                data,
            } => assemblies.first(*channel, *command, *length, data, now),
            Frame::Next {
                channel,
                sequence,
                data,
            } => assemblies.next(*channel, *sequence, data, now),
        }
    }

    proptest! {
        #[test]
        fn a_message_comes_out_as_it_was_sent(
            data in proptest::collection::vec(any::<u8>(), 0..=MAX_MESSAGE),
        ) {
            let message = Message::new(ChannelId(7), HidCommand::Cbor, data).unwrap();
            let mut assemblies = Assemblies::default();
            let frames: Vec<_> = message.reports().map(|report| Frame::parse(&report)).collect();
            let (last, others) = frames.split_last().unwrap();
            for frame in others {
                prop_assert_eq!(feed(&mut assemblies, frame, Instant::now()), Step::Incomplete);
            }
            let step = feed(&mut assemblies, last, Instant::now());
            prop_assert_eq!(step, Step::Complete { message, cancelled: false });
            prop_assert!(!assemblies.has(ChannelId(7)));
        }

        #[test]
        fn any_frames_are_taken_as_another_implementation_takes_them(
            length in 0u16..400,
            sequences in proptest::collection::vec(0u8..8, 0..8),
        ) {
            let mut ours = Assemblies::default();
            let now = Instant::now();
            let data = [3; FIRST_DATA];
            let mut step = ours.first(ChannelId(1), HidCommand::Ping, length, &data, now);
            let first = Frame::First {
                channel: ChannelId(1), command: HidCommand::Ping, length, data,
            };
            let packet = |frame: &Frame| frame.report().bytes().to_vec();
            let bytes = packet(&first);
            let packet_of = oracle::Packet::<&[u8]>::try_from(bytes.as_slice()).unwrap();
            let mut theirs = oracle::Message::<Vec<u8>>::try_from_fragments(packet_of).unwrap();
            for sequence in sequences {
                let oracle::DefragmentedMessage::Partial(partial) = theirs else {
                    let complete = matches!(step, Step::Complete { .. });
                    prop_assert!(complete);
                    return Ok(());
                };
                prop_assert_eq!(&step, &Step::Incomplete);
                let data = [sequence; NEXT_DATA];
                step = ours.next(ChannelId(1), sequence, &data, now);
                let bytes = packet(&Frame::Next { channel: ChannelId(1), sequence, data });
                let packet_of = oracle::Packet::<&[u8]>::try_from(bytes.as_slice()).unwrap();
                match partial.try_extend(&packet_of) {
                    Ok(more) => theirs = more,
                    Err(_) => {
                        prop_assert_eq!(step, Step::OutOfOrder);
                        return Ok(());
                    }
                }
            }
            if let oracle::DefragmentedMessage::Complete(message) = theirs {
                let Step::Complete { message: ours, .. } = step else { panic!("not complete") };
                prop_assert_eq!(ours.data(), &message.data[..]);
            }
        }
    }

    #[test]
    fn a_trickle_of_fragments_ends_with_the_budget_of_the_whole_message() {
        let start = Instant::now();
        let mut assemblies = Assemblies::default();
        assemblies.first(
            ChannelId(1),
            HidCommand::Cbor,
            7609,
            &[0; FIRST_DATA],
            start,
        );
        let mut now = start;
        for sequence in 0.. {
            now = assemblies.deadline().unwrap() - FRAGMENT_WAIT / 100;
            if now >= start + MESSAGE_WAIT - FRAGMENT_WAIT {
                break;
            }
            assert_eq!(assemblies.expire(now), None);
            let step = assemblies.next(ChannelId(1), sequence, &[0; NEXT_DATA], now);
            assert_eq!(step, Step::Incomplete);
        }
        assert!(assemblies.deadline().unwrap() <= start + MESSAGE_WAIT);
        assert_eq!(assemblies.expire(now + FRAGMENT_WAIT), Some(ChannelId(1)));
        assert_eq!(assemblies.deadline(), None);
    }
}
