//! The CTAP statuses that this key may send.
//!
//! There is no way to make one from a number: 0x27 (operation denied), 0x33 (PIN auth invalid) and
//! 0x36 (PUAT required) have no place here, because Firefox repeats its request on them without
//! bound and Chromium ends everything on 0x27, where 0x2d lets only this key drop out.

/// A status other than success (CTAP 2.2 §8.2).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Status {
    /// CTAP1_ERR_INVALID_COMMAND: unknown, or for a part that this key does not have.
    InvalidCommand,
    /// CTAP1_ERR_INVALID_PARAMETER
    InvalidParameter,
    /// CTAP1_ERR_INVALID_LENGTH
    InvalidLength,
    /// CTAP2_ERR_CBOR_UNEXPECTED_TYPE
    UnexpectedType,
    /// CTAP2_ERR_INVALID_CBOR
    InvalidCbor,
    /// CTAP2_ERR_MISSING_PARAMETER
    MissingParameter,
    /// CTAP2_ERR_LIMIT_EXCEEDED
    LimitExceeded,
    /// CTAP2_ERR_CREDENTIAL_EXCLUDED: the phone holds one of those that shall not be there.
    CredentialExcluded,
    /// CTAP2_ERR_UNSUPPORTED_ALGORITHM
    UnsupportedAlgorithm,
    /// CTAP2_ERR_KEY_STORE_FULL: the phone has no room.
    KeyStoreFull,
    /// CTAP2_ERR_INVALID_OPTION
    InvalidOption,
    /// CTAP2_ERR_KEEPALIVE_CANCEL: everything that a person, a phone, a clock or a network ended.
    Cancelled,
    /// CTAP2_ERR_NO_CREDENTIALS
    NoCredentials,
    /// CTAP2_ERR_NOT_ALLOWED
    NotAllowed,
    /// CTAP2_ERR_PIN_NOT_SET: what a key without a PIN answers to a dummy once it is touched.
    PinNotSet,
}

impl Status {
    /// The number on the wire.
    pub const fn code(self) -> u8 {
        match self {
            Self::InvalidCommand => 0x01,
            Self::InvalidParameter => 0x02,
            Self::InvalidLength => 0x03,
            Self::UnexpectedType => 0x11,
            Self::InvalidCbor => 0x12,
            Self::MissingParameter => 0x14,
            Self::LimitExceeded => 0x15,
            Self::CredentialExcluded => 0x19,
            Self::UnsupportedAlgorithm => 0x26,
            Self::KeyStoreFull => 0x28,
            Self::InvalidOption => 0x2c,
            Self::Cancelled => 0x2d,
            Self::NoCredentials => 0x2e,
            Self::NotAllowed => 0x30,
            Self::PinNotSet => 0x35,
        }
    }

    /// What a program is told when a phone answers with this number. A refusal whose reason no
    /// program has a right text for is a cancellation: the window is the place for the true reason.
    pub const fn of_phone(number: u8) -> Self {
        match number {
            0x19 => Self::CredentialExcluded,
            0x28 => Self::KeyStoreFull,
            0x2e => Self::NoCredentials,
            _ => Self::Cancelled,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_number_from_a_phone_becomes_a_status_that_firefox_repeats_on() {
        for number in 0..=u8::MAX {
            let sent = Status::of_phone(number).code();
            assert!(
                [0x19, 0x28, 0x2d, 0x2e].contains(&sent),
                "{number:02x} became {sent:02x}"
            );
        }
    }
}
