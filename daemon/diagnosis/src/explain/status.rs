//! The phone's CTAP status as a finding.

use crate::catalogue::{
    ALREADY_REGISTERED, CANCELLED_ON_PHONE, DECLINED_ON_PHONE, NO_COMMON_ALGORITHM,
    NO_PASSKEY_FOR_SITE, NOBODY_ANSWERED_IN_TIME, NOT_ALLOWED, OPTION_NOT_SUPPORTED, PHONE_FULL,
    PHONE_REFUSED_REQUEST, REQUEST_TOO_LARGE, USER_NOT_VERIFIED,
};
use crate::finding::{Certainty, Finding};
use hybrid_protocol::ctap::CtapStatus;

/// The phone answered with this status, which is none of success.
pub fn status(byte: u8) -> Finding {
    let status = CtapStatus(byte);
    let entry = match status {
        CtapStatus::CREDENTIAL_EXCLUDED => &ALREADY_REGISTERED,
        CtapStatus::UNSUPPORTED_ALGORITHM => &NO_COMMON_ALGORITHM,
        CtapStatus::OPERATION_DENIED => &DECLINED_ON_PHONE,
        CtapStatus::KEY_STORE_FULL => &PHONE_FULL,
        CtapStatus::UNSUPPORTED_OPTION | CtapStatus::INVALID_OPTION => &OPTION_NOT_SUPPORTED,
        CtapStatus::KEEPALIVE_CANCEL => &CANCELLED_ON_PHONE,
        CtapStatus::NO_CREDENTIALS => &NO_PASSKEY_FOR_SITE,
        CtapStatus::TIMEOUT | CtapStatus::USER_ACTION_TIMEOUT | CtapStatus::ACTION_TIMEOUT => {
            &NOBODY_ANSWERED_IN_TIME
        }
        CtapStatus::NOT_ALLOWED => &NOT_ALLOWED,
        CtapStatus::LIMIT_EXCEEDED | CtapStatus::REQUEST_TOO_LARGE => &REQUEST_TOO_LARGE,
        CtapStatus::PIN_INVALID
        | CtapStatus::PIN_BLOCKED
        | CtapStatus::PIN_AUTH_INVALID
        | CtapStatus::PIN_AUTH_BLOCKED
        | CtapStatus::PIN_NOT_SET
        | CtapStatus::PUAT_REQUIRED
        | CtapStatus::UV_BLOCKED
        | CtapStatus::UV_INVALID => &USER_NOT_VERIFIED,
        _ => &PHONE_REFUSED_REQUEST,
    };
    // That a person did it is what phones say when their passkey provider failed, too.
    let certainty = match status {
        CtapStatus::OPERATION_DENIED | CtapStatus::KEEPALIVE_CANCEL => Certainty::Likely,
        _ => Certainty::Certain,
    };
    Finding::new(entry, certainty, &format!("the phone answered {status}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_is_said_to_have_done_is_likely_and_not_certain() {
        for byte in 1..=u8::MAX {
            let finding = status(byte);
            let of_a_person = ["CT27", "CT2D"].contains(&finding.code);
            assert_eq!(
                finding.certainty == Certainty::Likely,
                of_a_person,
                "{byte:#04x}"
            );
        }
    }

    #[test]
    fn a_request_that_is_too_large_for_the_phone_is_named() {
        for byte in [0x15, 0x39] {
            assert_eq!(status(byte).code, "CT39", "{byte:#04x}");
        }
    }
}
