//! The commands that phones serve (CTAP 2.2 section 6).

/// A command, by its first byte.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum CtapCommand {
    /// authenticatorMakeCredential: a registration.
    MakeCredential = 0x01,
    /// authenticatorGetAssertion: a sign-in.
    GetAssertion = 0x02,
    /// authenticatorGetInfo: over this transport answered by the greeting, never sent.
    GetInfo = 0x04,
}

impl CtapCommand {
    /// Reads the first byte of a command; `None` for one that phones do not serve.
    pub fn from_byte(byte: u8) -> Option<Self> {
        [Self::MakeCredential, Self::GetAssertion, Self::GetInfo]
            .into_iter()
            .find(|command| command.byte() == byte)
    }

    /// The first byte.
    pub const fn byte(self) -> u8 {
        self as u8
    }

    /// The name in the specification, without "authenticator".
    pub const fn name(self) -> &'static str {
        match self {
            Self::MakeCredential => "makeCredential",
            Self::GetAssertion => "getAssertion",
            Self::GetInfo => "getInfo",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_read_from_the_byte_that_it_is_sent_as() {
        for byte in 0..=u8::MAX {
            if let Some(command) = CtapCommand::from_byte(byte) {
                assert_eq!(command.byte(), byte);
            }
        }
        assert_eq!(
            CtapCommand::from_byte(0x06),
            None,
            "clientPIN is not for phones"
        );
    }
}
