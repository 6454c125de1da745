//! Error numbers: what logs and dialogs of Windows and Apple give.

use super::super::{
    ALREADY_REGISTERED, CANCELLED_HERE, CANCELLED_ON_PHONE, DECLINED_ON_PHONE, NO_ADAPTER,
    NO_COMMON_ALGORITHM, NO_PASSKEY_FOR_SITE, NO_PHONE_HEARD, NOBODY_ANSWERED_IN_TIME,
    OPTION_NOT_SUPPORTED, PHONE_CANNOT_DO_WHAT_SITE_REQUIRES, PHONE_FULL, PHONE_OFFLINE,
    PHONE_REFUSED_REQUEST, RELAY_UNREACHABLE, SITE_ID_MISMATCH, WINDOWS_POLICY,
};
use super::message::{Message, says};

pub(super) static MESSAGES: &[Message] = &[
    // Windows (winerror.h), as webauthn.dll returns them.
    says("0x800704C7", &[&CANCELLED_ON_PHONE, &CANCELLED_HERE]),
    says(
        "0x800705B4",
        &[
            &NOBODY_ANSWERED_IN_TIME,
            &RELAY_UNREACHABLE,
            &NO_PHONE_HEARD,
            &PHONE_OFFLINE,
        ],
    ),
    says(
        "0x80070032",
        &[&PHONE_CANNOT_DO_WHAT_SITE_REQUIRES, &OPTION_NOT_SUPPORTED],
    ),
    says("0x8009000F", &[&ALREADY_REGISTERED]),
    says("0x80090011", &[&NO_PASSKEY_FOR_SITE]),
    says("0x80090020", &[&DECLINED_ON_PHONE, &PHONE_REFUSED_REQUEST]),
    says("0x80090023", &[&PHONE_FULL]),
    says(
        "0x80090027",
        &[&OPTION_NOT_SUPPORTED, &PHONE_REFUSED_REQUEST],
    ),
    says(
        "0x80090029",
        &[&PHONE_CANNOT_DO_WHAT_SITE_REQUIRES, &NO_COMMON_ALGORITHM],
    ),
    says("0x80090030", &[&NO_ADAPTER]),
    says("0x80090035", &[&NO_ADAPTER, &WINDOWS_POLICY]),
    says("0x80090036", &[&CANCELLED_ON_PHONE, &CANCELLED_HERE]),
    // Apple (ASAuthorizationError).
    says(
        "AuthorizationError error 1001",
        &[&CANCELLED_ON_PHONE, &CANCELLED_HERE],
    ),
    says(
        "AuthorizationError Code=1001",
        &[&CANCELLED_ON_PHONE, &CANCELLED_HERE],
    ),
    says(
        "AuthorizationError error 1004",
        &[&PHONE_REFUSED_REQUEST, &SITE_ID_MISMATCH],
    ),
    says(
        "AuthorizationError Code=1004",
        &[&PHONE_REFUSED_REQUEST, &SITE_ID_MISMATCH],
    ),
    says("AuthorizationError error 1006", &[&ALREADY_REGISTERED]),
];
