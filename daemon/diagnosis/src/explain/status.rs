//! The phone's CTAP status as a finding.

use crate::catalogue::{CT01, CT2B, CT2D, CT2E, CT2F, CT19, CT26, CT27, CT28, CT30, CT36, CT39};
use crate::finding::Finding;
use hybrid_protocol::ctap::CtapStatus;

/// The phone answered with this status, which is none of success.
pub fn status(byte: u8) -> Finding {
    let status = CtapStatus(byte);
    let entry = match status {
        CtapStatus::CREDENTIAL_EXCLUDED => &CT19,
        CtapStatus::UNSUPPORTED_ALGORITHM => &CT26,
        CtapStatus::OPERATION_DENIED => &CT27,
        CtapStatus::KEY_STORE_FULL => &CT28,
        CtapStatus::UNSUPPORTED_OPTION | CtapStatus::INVALID_OPTION => &CT2B,
        CtapStatus::KEEPALIVE_CANCEL => &CT2D,
        CtapStatus::NO_CREDENTIALS => &CT2E,
        CtapStatus::TIMEOUT | CtapStatus::USER_ACTION_TIMEOUT | CtapStatus::ACTION_TIMEOUT => &CT2F,
        CtapStatus::NOT_ALLOWED => &CT30,
        CtapStatus::LIMIT_EXCEEDED | CtapStatus::REQUEST_TOO_LARGE => &CT39,
        CtapStatus::PIN_INVALID
        | CtapStatus::PIN_BLOCKED
        | CtapStatus::PIN_AUTH_INVALID
        | CtapStatus::PIN_AUTH_BLOCKED
        | CtapStatus::PIN_NOT_SET
        | CtapStatus::PUAT_REQUIRED
        | CtapStatus::UV_BLOCKED
        | CtapStatus::UV_INVALID => &CT36,
        _ => &CT01,
    };
    Finding::certain(entry, &format!("the phone answered {status}"))
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
