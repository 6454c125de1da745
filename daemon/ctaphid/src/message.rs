//! A whole message, and the reports that carry it.

use crate::frame::{ChannelId, FIRST_DATA, Frame, HidCommand, NEXT_DATA};
use crate::limits::MAX_MESSAGE;
use crate::report::Report;
use core::fmt;

/// A CTAPHID message of at most [`MAX_MESSAGE`] bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    channel: ChannelId,
    command: HidCommand,
    data: Vec<u8>,
}

impl Message {
    /// Makes a message.
    ///
    /// # Errors
    /// [`TooLong`] when CTAPHID cannot carry it.
    pub fn new(channel: ChannelId, command: HidCommand, data: Vec<u8>) -> Result<Self, TooLong> {
        if data.len() > MAX_MESSAGE {
            return Err(TooLong(data.len()));
        }
        Ok(Self {
            channel,
            command,
            data,
        })
    }

    /// Whose it is.
    pub const fn channel(&self) -> ChannelId {
        self.channel
    }

    /// What it asks for or answers.
    pub const fn command(&self) -> HidCommand {
        self.command
    }

    /// Its payload.
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// The reports that carry it, in order.
    pub fn reports(&self) -> impl Iterator<Item = Report> + '_ {
        let (start, rest) = self.data.split_at(self.data.len().min(FIRST_DATA));
        let first = Frame::First {
            channel: self.channel,
            command: self.command,
            // The length was bounded when the message was made.
            length: u16::try_from(self.data.len()).unwrap_or(u16::MAX),
            data: padded(start),
        };
        let next = (0..)
            .zip(rest.chunks(NEXT_DATA))
            .map(|(sequence, chunk)| Frame::Next {
                channel: self.channel,
                sequence,
                data: padded(chunk),
            });
        core::iter::once(first)
            .chain(next)
            .map(|frame| frame.report())
    }
}

impl fmt::Debug for Message {
    /// Without the payload: it belongs to the programs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (channel, command, length) = (self.channel, self.command, self.data.len());
        write!(f, "Message({channel:?}, {command:?}, {length} bytes)")
    }
}

/// A message of this many bytes, which CTAPHID cannot carry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TooLong(pub usize);

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "a message of {} bytes, expected at most {MAX_MESSAGE}",
            self.0
        )
    }
}

impl core::error::Error for TooLong {}

fn padded<const N: usize>(chunk: &[u8]) -> [u8; N] {
    let mut data = [0; N];
    data.iter_mut()
        .zip(chunk)
        .for_each(|(to, from)| *to = *from);
    data
}

#[cfg(test)]
mod tests {
    use super::*;
    use ctaphid_types as oracle;
    use proptest::prelude::*;

    /// The same message by another implementation.
    fn by_oracle(channel: u32, command: HidCommand, data: &[u8]) -> Vec<Vec<u8>> {
        let message = oracle::Message {
            channel: oracle::Channel::from(channel),
            command: oracle::Command::from(command.number()),
            data,
        };
        let write = |packet: oracle::Packet<_>| {
            let mut bytes = vec![0; 64];
            packet.serialize(&mut bytes).unwrap();
            bytes
        };
        message.fragments(64).unwrap().map(write).collect()
    }

    fn by_us(channel: u32, command: HidCommand, data: &[u8]) -> Vec<Vec<u8>> {
        let message = Message::new(ChannelId(channel), command, data.to_vec()).unwrap();
        message
            .reports()
            .map(|report| report.bytes().to_vec())
            .collect()
    }

    #[test]
    fn the_longest_message_takes_129_reports_and_one_more_byte_is_refused() {
        let data = vec![9; MAX_MESSAGE];
        let reports = by_us(5, HidCommand::Cbor, &data);
        assert_eq!((MAX_MESSAGE, reports.len()), (7609, 129));
        assert_eq!(reports, by_oracle(5, HidCommand::Cbor, &data));
        let refused = Message::new(ChannelId(5), HidCommand::Cbor, vec![9; MAX_MESSAGE + 1]);
        assert_eq!(refused, Err(TooLong(7610)));
    }

    proptest! {
        #[test]
        fn reports_are_those_of_another_implementation(
            channel in 1u32..,
            data in proptest::collection::vec(any::<u8>(), 0..=MAX_MESSAGE),
        ) {
            for command in [HidCommand::Ping, HidCommand::Cbor] {
                prop_assert_eq!(
                    by_us(channel, command, &data),
                    by_oracle(channel, command, &data)
                );
            }
        }
    }
}
