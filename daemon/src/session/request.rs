//! What a session asks of a phone.

use hybrid_protocol::ctap::CtapCommand;
use hybrid_protocol::{Hint, Wiped};
use hybrid_webauthn::{CannotAsk, Ceremony, CtapStatus, GetInfo, ReplyError};
use serde_json::Value;
use std::fmt;

/// One question for a phone, and how its reply is finished.
pub trait Request {
    /// What comes of a reply that answers it.
    type Response;

    /// How the code, or the link, names the operation.
    fn hint(&self) -> Hint;

    /// The CTAP2 command, for a phone that greeted with this getInfo.
    ///
    /// # Errors
    /// [`CannotAsk`] when the phone cannot do what is required.
    fn command(&self, phone: &GetInfo) -> Result<Vec<u8>, CannotAsk>;

    /// Finishes the reply of the phone that was asked.
    ///
    /// # Errors
    /// [`ReplyError`]: the phone declined (a CTAP status), or its reply does not fit what was
    /// asked.
    fn finish(&self, phone: &GetInfo, reply: Wiped) -> Result<Self::Response, ReplyError>;
}

/// WebAuthn JSON for a site.
impl Request for Ceremony {
    type Response = Value;

    fn hint(&self) -> Hint {
        Self::hint(self)
    }

    fn command(&self, phone: &GetInfo) -> Result<Vec<u8>, CannotAsk> {
        Self::command(self, phone)
    }

    fn finish(&self, phone: &GetInfo, reply: Wiped) -> Result<Value, ReplyError> {
        Self::finish(self, phone, &reply)
    }
}

/// A command of somebody else's, passed on byte for byte, and its reply likewise: that both fit
/// together is the business of whoever made it.
pub struct CtapRequest {
    hint: Hint,
    command: Wiped,
}

impl CtapRequest {
    /// Takes a command byte with its parameters (CTAP 2.2 section 6).
    ///
    /// # Errors
    /// [`NotForPhones`]: phones are asked to make a credential or to get an assertion, and nothing
    /// else.
    pub fn new(command: Wiped) -> Result<Self, NotForPhones> {
        let byte = command.expose().first().copied();
        let hint = match byte {
            Some(byte) if byte == CtapCommand::MakeCredential.byte() => Hint::Register,
            Some(byte) if byte == CtapCommand::GetAssertion.byte() => Hint::SignIn,
            Some(_) | None => return Err(NotForPhones(byte)),
        };
        Ok(Self { hint, command })
    }
}

impl Request for CtapRequest {
    /// Status and body.
    type Response = Wiped;

    fn hint(&self) -> Hint {
        self.hint
    }

    fn command(&self, _phone: &GetInfo) -> Result<Vec<u8>, CannotAsk> {
        Ok(self.command.expose().to_vec())
    }

    fn finish(&self, _phone: &GetInfo, reply: Wiped) -> Result<Wiped, ReplyError> {
        match reply.expose().first() {
            Some(0) => Ok(reply),
            Some(&status) => Err(ReplyError::Declined(CtapStatus(status))),
            None => Err(ReplyError::Malformed("a status byte")),
        }
    }
}

/// Not a command that a phone is asked; its first byte, if it has one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotForPhones(pub Option<u8>);

impl fmt::Display for NotForPhones {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(byte) => write!(
                f,
                "expected a CTAP command to register (0x01) or to sign in (0x02), got {byte:#04x}"
            ),
            None => f.write_str("the CTAP command is empty"),
        }
    }
}

impl std::error::Error for NotForPhones {}
