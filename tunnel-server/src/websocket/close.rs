//! Why a tunnel ended, and what each side is told: close code, reason, metric label.

use crate::websocket::frame::{self, Opcode};
use crate::websocket::malformed::Malformed;

/// Why a tunnel ended. The documents' table of close codes is checked against [`CloseReason::ALL`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CloseReason {
    /// A side closed with this code, which the other side is given.
    Closed(u16),
    /// A side's connection ended without a close frame.
    Broken,
    /// A side broke RFC 6455; the text says how.
    Protocol(&'static str),
    /// A side sent text; the protocol is binary.
    Text,
    /// A side gave a reason for closing that is not UTF-8.
    BadReason,
    /// A message was longer than the limit.
    MessageSize,
    /// A side sent more messages than the limit.
    Messages,
    /// A side sent more bytes than the limit.
    Bytes,
    /// A side sent control frames faster than the limit.
    ControlRate,
    /// A side did not read for too long while data waited for it.
    Stalled,
    /// A side was silent and did not answer pings.
    Silent,
    /// Nobody joined in time.
    Waited,
    /// The tunnel reached its longest time.
    Lasted,
    /// The relay is being stopped at once.
    Stopped,
    /// A phone did not prove that the contact id is its own.
    NotProven,
    /// The same phone listens on a newer connection.
    Replaced,
    /// The contact id was revoked.
    Revoked,
    /// There is no place for another listener or revocation.
    Full,
    /// A revocation could not be written to disk.
    NotStored,
}

impl CloseReason {
    /// One of each, for tables and metrics.
    pub const ALL: [Self; 19] = [
        Self::Closed(1000),
        Self::Broken,
        Self::Protocol("…"),
        Self::Text,
        Self::BadReason,
        Self::MessageSize,
        Self::Messages,
        Self::Bytes,
        Self::ControlRate,
        Self::Stalled,
        Self::Silent,
        Self::Waited,
        Self::Lasted,
        Self::Stopped,
        Self::NotProven,
        Self::Replaced,
        Self::Revoked,
        Self::Full,
        Self::NotStored,
    ];

    /// The close code for the side that caused it (RFC 6455 §7.4.1).
    pub const fn code(self) -> u16 {
        match self {
            Self::Closed(code) => code,
            Self::Revoked => 1000,
            Self::Broken => 1001,
            Self::Protocol(_) => 1002,
            Self::Text => 1003,
            Self::BadReason => 1007,
            Self::Messages
            | Self::Bytes
            | Self::ControlRate
            | Self::Stalled
            | Self::Silent
            | Self::Waited
            | Self::Lasted
            | Self::NotProven
            | Self::Replaced => 1008,
            Self::MessageSize => 1009,
            Self::NotStored => 1011,
            Self::Stopped => 1012,
            Self::Full => 1013,
        }
    }

    /// The close code for the other side: its partner is gone, unless the tunnel as a whole ended.
    pub const fn code_for_other(self) -> u16 {
        match self {
            Self::Closed(code) => code,
            Self::Waited | Self::Lasted => 1008,
            Self::Stopped => 1012,
            Self::Broken
            | Self::Protocol(_)
            | Self::Text
            | Self::BadReason
            | Self::MessageSize
            | Self::Messages
            | Self::Bytes
            | Self::ControlRate
            | Self::Stalled
            | Self::Silent
            | Self::NotProven
            | Self::Replaced
            | Self::Revoked
            | Self::Full
            | Self::NotStored => 1001,
        }
    }

    /// The reason sent with the code: at most 123 bytes.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Closed(_) => "",
            Self::Broken => "the other side's connection broke",
            Self::Protocol(how) => how,
            Self::Text => "binary messages only",
            Self::BadReason => "the close reason is not UTF-8",
            Self::MessageSize => "message too long",
            Self::Messages => "too many messages",
            Self::Bytes => "too many bytes",
            Self::ControlRate => "too many pings",
            Self::Stalled => "not reading",
            Self::Silent => "no answer to pings",
            Self::Waited => "timed out waiting for the other side",
            Self::Lasted => "tunnel open for too long",
            Self::Stopped => "relay is shutting down",
            Self::NotProven => "the phone did not prove that it owns the contact id",
            Self::Replaced => "the phone listens on a newer connection",
            Self::Revoked => "the contact id is revoked",
            Self::Full => "the relay is full, try again later",
            Self::NotStored => "the relay could not store the revocation",
        }
    }

    /// The value of the metric's label `ended`.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Closed(_) => "closed",
            Self::Broken => "broken",
            Self::Protocol(_) => "protocol",
            Self::Text => "text",
            Self::BadReason => "bad_reason",
            Self::MessageSize => "message_size",
            Self::Messages => "messages",
            Self::Bytes => "bytes",
            Self::ControlRate => "control_rate",
            Self::Stalled => "stalled",
            Self::Silent => "silent",
            Self::Waited => "waited",
            Self::Lasted => "lasted",
            Self::Stopped => "stopped",
            Self::NotProven => "not_proven",
            Self::Replaced => "replaced",
            Self::Revoked => "revoked",
            Self::Full => "full",
            Self::NotStored => "not_stored",
        }
    }

    /// The close frame for the side that caused it.
    pub(crate) fn frame(self) -> Vec<u8> {
        close_frame(self.code(), self.reason())
    }

    /// The close frame for the other side.
    pub(crate) fn frame_for_other(self) -> Vec<u8> {
        match self {
            Self::Closed(code) => close_frame(code, ""),
            Self::Broken | Self::Waited | Self::Lasted | Self::Stopped => {
                close_frame(self.code_for_other(), self.reason())
            }
            Self::Protocol(_)
            | Self::Text
            | Self::BadReason
            | Self::MessageSize
            | Self::Messages
            | Self::Bytes
            | Self::ControlRate
            | Self::Stalled
            | Self::Silent
            | Self::NotProven
            | Self::Replaced
            | Self::Revoked
            | Self::Full
            | Self::NotStored => {
                close_frame(self.code_for_other(), "the other side was disconnected")
            }
        }
    }
}

impl From<Malformed> for CloseReason {
    fn from(Malformed(how): Malformed) -> Self {
        Self::Protocol(how)
    }
}

/// Reads the payload of a client's close frame: its code, 1000 when it gave none.
///
/// # Errors
/// [`CloseReason::Protocol`] for a code that must not be sent, [`CloseReason::BadReason`] when the
/// reason is not UTF-8.
pub(crate) fn read_close(payload: &[u8]) -> Result<u16, CloseReason> {
    let Some((code, reason)) = payload.split_first_chunk() else {
        return if payload.is_empty() {
            Ok(1000)
        } else {
            Err(CloseReason::Protocol("a close code has two bytes"))
        };
    };
    let code = u16::from_be_bytes(*code);
    if !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
        return Err(CloseReason::Protocol("a close code that must not be sent"));
    }
    if core::str::from_utf8(reason).is_err() {
        return Err(CloseReason::BadReason);
    }
    Ok(code)
}

fn close_frame(code: u16, reason: &str) -> Vec<u8> {
    let payload = [&code.to_be_bytes(), reason.as_bytes()].concat();
    frame::whole(
        Opcode::Close,
        payload.get(..frame::MAX_CONTROL).unwrap_or(&payload),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_fits_into_a_control_frame() {
        for reason in CloseReason::ALL {
            assert!(reason.frame().len() <= 2 + frame::MAX_CONTROL);
            assert!(reason.frame_for_other().len() <= 2 + frame::MAX_CONTROL);
        }
    }

    #[test]
    fn close_codes_that_must_not_be_sent_are_refused() {
        assert_eq!(read_close(&[]), Ok(1000));
        assert_eq!(read_close(&[0x0f, 0xa0, b'x']), Ok(4000));
        for code in [0u16, 999, 1004, 1005, 1006, 1015, 2999, 5000] {
            assert!(
                matches!(
                    read_close(&code.to_be_bytes()),
                    Err(CloseReason::Protocol(_))
                ),
                "{code}"
            );
        }
        assert!(matches!(read_close(&[3]), Err(CloseReason::Protocol(_))));
        assert_eq!(read_close(&[0x03, 0xe8, 0xff]), Err(CloseReason::BadReason));
    }
}
