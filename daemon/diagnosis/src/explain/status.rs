//! The phone's CTAP status as a finding.

use crate::catalogue::{CT01, CT2B, CT2D, CT2E, CT2F, CT19, CT26, CT27, CT28, CT30, CT36, CT39};
use crate::finding::Finding;
use hybrid_protocol::ctap::CtapStatus;

/// The phone answered with this status, which is none of success.
pub fn status(byte: u8) -> Finding {
    let entry = match byte {
        0x19 => &CT19,
        0x26 => &CT26,
        0x27 => &CT27,
        0x28 => &CT28,
        0x2b | 0x2c => &CT2B,
        0x2d => &CT2D,
        0x2e => &CT2E,
        0x05 | 0x2f | 0x3a => &CT2F,
        0x30 => &CT30,
        0x15 | 0x39 => &CT39,
        0x31..=0x36 | 0x3c | 0x3f => &CT36,
        _ => &CT01,
    };
    Finding::certain(entry, &format!("the phone answered {}", CtapStatus(byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_that_is_too_large_for_the_phone_is_named() {
        for byte in [0x15, 0x39] {
            assert_eq!(status(byte).code, "CT39", "{byte:#04x}");
        }
    }
}
