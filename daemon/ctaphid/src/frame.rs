//! What a report means: the first frame of a message, or a further one (CTAP 2.2 §11.2.4).
//!
//! ```text
//! first    4B channel  1B command | 0x80  2B length  57B data
//! further  4B channel  1B sequence (0..=127)         59B data
//! ```

use crate::report::{REPORT_SIZE, Report};
use core::fmt;

/// Bytes of a message in its first frame.
pub const FIRST_DATA: usize = REPORT_SIZE - 7;

/// Bytes of a message in each further frame.
pub const NEXT_DATA: usize = REPORT_SIZE - 5;

/// The frames of one client among those of all.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChannelId(pub u32);

impl ChannelId {
    /// Where a client that has no channel asks for one.
    pub const BROADCAST: Self = Self(u32::MAX);
    /// Reserved.
    pub const RESERVED: Self = Self(0);
}

impl fmt::Debug for ChannelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChannelId({:08x})", self.0)
    }
}

/// What a message asks for (CTAP 2.2 §11.2.9).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HidCommand {
    /// Send the same back.
    Ping,
    /// A U2F message, which this key does not speak.
    Msg,
    /// Keep others away for some seconds. Optional, and not offered.
    Lock,
    /// Give me a channel, or forget what happened on mine.
    Init,
    /// Blink. Optional, and not offered.
    Wink,
    /// A CTAP2 command.
    Cbor,
    /// End the CTAP2 command that is worked on.
    Cancel,
    /// Still working. From the key alone.
    Keepalive,
    /// Refused. From the key alone.
    Error,
    /// Anything else, vendors' commands included; seven bits.
    Other(u8),
}

impl HidCommand {
    /// The command of this number; its highest bit is not looked at.
    pub const fn new(number: u8) -> Self {
        match number & 0x7f {
            0x01 => Self::Ping,
            0x03 => Self::Msg,
            0x04 => Self::Lock,
            0x06 => Self::Init,
            0x08 => Self::Wink,
            0x10 => Self::Cbor,
            0x11 => Self::Cancel,
            0x3b => Self::Keepalive,
            0x3f => Self::Error,
            other => Self::Other(other),
        }
    }

    /// Its number.
    pub const fn number(self) -> u8 {
        match self {
            Self::Ping => 0x01,
            Self::Msg => 0x03,
            Self::Lock => 0x04,
            Self::Init => 0x06,
            Self::Wink => 0x08,
            Self::Cbor => 0x10,
            Self::Cancel => 0x11,
            Self::Keepalive => 0x3b,
            Self::Error => 0x3f,
            Self::Other(number) => number & 0x7f,
        }
    }
}

/// One frame. Every 64 bytes are one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Frame {
    /// The first of a message.
    First {
        /// Whose it is.
        channel: ChannelId,
        /// What is asked.
        command: HidCommand,
        /// Bytes of the whole message.
        length: u16,
        /// The first of them, padded.
        data: [u8; FIRST_DATA],
    },
    /// A further one of a message.
    Next {
        /// Whose it is.
        channel: ChannelId,
        /// Its place among the further ones, from 0; seven bits.
        sequence: u8,
        /// The bytes that follow those of the frame before, padded.
        data: [u8; NEXT_DATA],
    },
}

impl Frame {
    /// Reads a report.
    pub fn parse(report: &Report) -> Self {
        let [c0, c1, c2, c3, kind, rest @ ..] = *report.bytes();
        let channel = ChannelId(u32::from_be_bytes([c0, c1, c2, c3]));
        if kind & 0x80 == 0 {
            return Self::Next {
                channel,
                sequence: kind,
                data: rest,
            };
        }
        let [high, low, data @ ..] = rest;
        let length = u16::from_be_bytes([high, low]);
        Self::First {
            channel,
            command: HidCommand::new(kind),
            length,
            data,
        }
    }

    /// Writes a report.
    pub fn report(&self) -> Report {
        let mut bytes = [0; REPORT_SIZE];
        let (head, body) = bytes.split_at_mut(5);
        match self {
            Self::First {
                channel,
                command,
                length,
                data,
            } => {
                let [c0, c1, c2, c3] = channel.0.to_be_bytes();
                head.copy_from_slice(&[c0, c1, c2, c3, command.number() | 0x80]);
                let (size, rest) = body.split_at_mut(2);
                size.copy_from_slice(&length.to_be_bytes());
                rest.copy_from_slice(data);
            }
            Self::Next {
                channel,
                sequence,
                data,
            } => {
                let [c0, c1, c2, c3] = channel.0.to_be_bytes();
                head.copy_from_slice(&[c0, c1, c2, c3, sequence & 0x7f]);
                body.copy_from_slice(data);
            }
        }
        Report::new(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_number_is_the_number_of_its_command() {
        for number in 0..0x80 {
            assert_eq!(HidCommand::new(number).number(), number);
            assert_eq!(HidCommand::new(number | 0x80), HidCommand::new(number));
        }
    }

    proptest! {
        #[test]
        fn every_report_is_a_frame_that_writes_the_same_report(bytes: [u8; 32], more: [u8; 32]) {
            let mut all = [0; 64];
            all[..32].copy_from_slice(&bytes);
            all[32..].copy_from_slice(&more);
            let report = Report::new(all);
            prop_assert_eq!(Frame::parse(&report).report(), report);
        }
    }
}
