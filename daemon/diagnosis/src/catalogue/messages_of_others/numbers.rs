//! Error numbers and the names of errors: what logs and dialogs of Windows and Apple give, the
//! statuses of CTAP by their names, and Chromium's errors of the network.

use super::super::{
    ALREADY_REGISTERED, CANCELLED_HERE, CANCELLED_ON_PHONE, CAPTIVE_PORTAL, CONNECTION_CUT,
    DECLINED_ON_PHONE, NAME_LOOKUP_FAILED, NO_ADAPTER, NO_COMMON_ALGORITHM, NO_PASSKEY_FOR_SITE,
    NO_PHONE_HEARD, NOBODY_ANSWERED_IN_TIME, NOT_ALLOWED, OFFLINE, OPTION_NOT_SUPPORTED,
    PHONE_CANNOT_DO_WHAT_SITE_REQUIRES, PHONE_FULL, PHONE_OFFLINE, PHONE_REFUSED_REQUEST,
    PROXY_AUTH_REQUIRED, PROXY_REFUSES, PROXY_UNUSABLE, RELAY_UNREACHABLE, REQUEST_TOO_LARGE,
    SITE_ID_MISMATCH, TLS_FAILED, TLS_INSPECTED, USER_NOT_VERIFIED, WINDOWS_POLICY,
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
    // CTAP.
    says("CredentialExcluded", &[&ALREADY_REGISTERED]),
    says("CREDENTIAL_EXCLUDED", &[&ALREADY_REGISTERED]),
    says("UnsupportedAlgorithm", &[&NO_COMMON_ALGORITHM]),
    says("UNSUPPORTED_ALGORITHM", &[&NO_COMMON_ALGORITHM]),
    says("OperationDenied", &[&DECLINED_ON_PHONE]),
    says("OPERATION_DENIED", &[&DECLINED_ON_PHONE]),
    says("KeyStoreFull", &[&PHONE_FULL]),
    says("KEY_STORE_FULL", &[&PHONE_FULL]),
    says("UnsupportedOption", &[&OPTION_NOT_SUPPORTED]),
    says("UNSUPPORTED_OPTION", &[&OPTION_NOT_SUPPORTED]),
    says("KeepAliveCancel", &[&CANCELLED_ON_PHONE]),
    says("KEEPALIVE_CANCEL", &[&CANCELLED_ON_PHONE]),
    says("ErrNoCredentials", &[&NO_PASSKEY_FOR_SITE]),
    says("ERR_NO_CREDENTIALS", &[&NO_PASSKEY_FOR_SITE]),
    says("UserActionTimeout", &[&NOBODY_ANSWERED_IN_TIME]),
    says("USER_ACTION_TIMEOUT", &[&NOBODY_ANSWERED_IN_TIME]),
    says("kCtap2ErrNotAllowed", &[&NOT_ALLOWED]),
    says("CTAP2_ERR_NOT_ALLOWED", &[&NOT_ALLOWED]),
    says("PinRequired", &[&USER_NOT_VERIFIED]),
    says("RequestTooLarge", &[&REQUEST_TOO_LARGE]),
    says("REQUEST_TOO_LARGE", &[&REQUEST_TOO_LARGE]),
    // Chromium's network.
    says("ERR_NAME_NOT_RESOLVED", &[&NAME_LOOKUP_FAILED]),
    says("ERR_INTERNET_DISCONNECTED", &[&OFFLINE]),
    says("ERR_CONNECTION_REFUSED", &[&RELAY_UNREACHABLE]),
    says("ERR_CONNECTION_TIMED_OUT", &[&RELAY_UNREACHABLE]),
    says("ERR_TIMED_OUT", &[&RELAY_UNREACHABLE]),
    says("ERR_ADDRESS_UNREACHABLE", &[&RELAY_UNREACHABLE]),
    says("ERR_CONNECTION_RESET", &[&CONNECTION_CUT]),
    says("ERR_CONNECTION_CLOSED", &[&CONNECTION_CUT]),
    says("ERR_CERT_AUTHORITY_INVALID", &[&TLS_INSPECTED]),
    says(
        "ERR_CERT_COMMON_NAME_INVALID",
        &[&TLS_FAILED, &CAPTIVE_PORTAL],
    ),
    says("ERR_CERT_DATE_INVALID", &[&TLS_FAILED]),
    says("ERR_SSL_PROTOCOL_ERROR", &[&TLS_FAILED]),
    says("ERR_TUNNEL_CONNECTION_FAILED", &[&PROXY_REFUSES]),
    says("ERR_PROXY_CONNECTION_FAILED", &[&PROXY_UNUSABLE]),
    says("ERR_PROXY_AUTH", &[&PROXY_AUTH_REQUIRED]),
];
