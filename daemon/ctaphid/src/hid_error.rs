//! Why CTAPHID refuses a message (CTAP 2.2 §11.2.9.1.6).

/// The code in an ERROR message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HidError {
    /// This key does not know the command.
    InvalidCommand,
    /// The length does not fit the command, or CTAPHID.
    InvalidLength,
    /// A fragment is not the next one, or a message began before the one before it was whole.
    InvalidSequence,
    /// A fragment did not come in time.
    MessageTimeout,
    /// Another request is worked on, or too much is under way. Try again.
    ChannelBusy,
    /// A channel that was never given.
    InvalidChannel,
}

impl HidError {
    /// The number on the wire.
    pub const fn code(self) -> u8 {
        match self {
            Self::InvalidCommand => 0x01,
            Self::InvalidLength => 0x03,
            Self::InvalidSequence => 0x04,
            Self::MessageTimeout => 0x05,
            Self::ChannelBusy => 0x06,
            Self::InvalidChannel => 0x0b,
        }
    }
}
