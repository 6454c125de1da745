//! What a page is told beyond the names of its errors: by Chromium and WebKit (their sources, 2018
//! to 2026), by Firefox, and by the library that most sites use in between (SimpleWebAuthn).

use super::super::{
    ALREADY_REGISTERED, CANCELLED_HERE, CANCELLED_ON_PHONE, NO_ANSWER_ON_PHONE,
    NO_COMMON_ALGORITHM, NO_PASSKEY_FOR_SITE, NO_PHONE_HEARD, NO_SCREEN_LOCK,
    NOBODY_ANSWERED_IN_TIME, OPTION_NOT_SUPPORTED, PAGE_MAY_NOT_ASK,
    PHONE_CANNOT_DO_WHAT_SITE_REQUIRES, PHONE_NOT_UNDERSTOOD, PHONE_REFUSED_REQUEST,
    SITE_ID_MISMATCH, TLS_INSPECTED, USER_NOT_VERIFIED,
};
use super::message::{Message, says};

pub(super) static MESSAGES: &[Message] = &[
    // Chromium.
    says("the page does not have focus", &[&PAGE_MAY_NOT_ASK]),
    says(
        "feature is not enabled in this document",
        &[&PAGE_MAY_NOT_ASK],
    ),
    says(
        "A user activation is required to create a credential",
        &[&PAGE_MAY_NOT_ASK],
    ),
    says(
        "The current origin is an opaque origin",
        &[&PAGE_MAY_NOT_ASK],
    ),
    says(
        "Public-key credentials are only available to HTTPS origins",
        &[&PAGE_MAY_NOT_ASK],
    ),
    says(
        "WebAuthn is not supported on sites with TLS certificate errors",
        &[&PAGE_MAY_NOT_ASK, &TLS_INSPECTED],
    ),
    says(
        "the .well-known/webauthn resource of the claimed RP ID",
        &[&SITE_ID_MISMATCH],
    ),
    says(
        "Use of an empty `allowCredentials` list is not supported on this device",
        &[&PHONE_CANNOT_DO_WHAT_SITE_REQUIRES],
    ),
    says(
        "Either the device has received unexpected request parameters, or the device cannot support this request",
        &[&PHONE_CANNOT_DO_WHAT_SITE_REQUIRES, &OPTION_NOT_SUPPORTED],
    ),
    says(
        "Requested protection policy is inconsistent or incongruent with other requested parameters",
        &[&OPTION_NOT_SUPPORTED],
    ),
    says("Request has been aborted", &[&CANCELLED_HERE]),
    says(
        "recognized none of the provided credentials",
        &[&NO_PASSKEY_FOR_SITE],
    ),
    says(
        "No immediate discoverable credentials are found",
        &[&NO_PASSKEY_FOR_SITE],
    ),
    says(
        "The authenticator responded with an invalid message",
        &[&PHONE_NOT_UNDERSTOOD],
    ),
    says("An operation is already pending", &[&CANCELLED_HERE]),
    // WebKit.
    says(
        "No credentials from the allowCredentials list is found in the authenticator",
        &[&NO_PASSKEY_FOR_SITE],
    ),
    says(
        "At least one credential matches an entry of the excludeCredentials list",
        &[&ALREADY_REGISTERED],
    ),
    says(
        "is not a registrable domain suffix of",
        &[&SITE_ID_MISMATCH],
    ),
    says(
        "The effective domain of the document is not a valid domain",
        &[&SITE_ID_MISMATCH],
    ),
    says("The document is not focused", &[&PAGE_MAY_NOT_ASK]),
    says(
        "The origin of the document is not the same as its ancestors",
        &[&PAGE_MAY_NOT_ASK],
    ),
    says(
        "The platform attached authenticator doesn't support any provided PublicKeyCredentialParameters",
        &[&NO_COMMON_ALGORITHM],
    ),
    says("Aborted by AbortSignal", &[&CANCELLED_HERE]),
    says(
        "Operation timed out",
        &[
            &NOBODY_ANSWERED_IN_TIME,
            &NO_PHONE_HEARD,
            &NO_ANSWER_ON_PHONE,
        ],
    ),
    says(
        "Unknown internal error",
        &[&PHONE_REFUSED_REQUEST, &PHONE_NOT_UNDERSTOOD],
    ),
    // Firefox.
    says(
        "The operation is insecure",
        &[&SITE_ID_MISMATCH, &PAGE_MAY_NOT_ASK],
    ),
    says(
        "An attempt was made to use an object that is not, or is no longer, usable",
        &[&ALREADY_REGISTERED],
    ),
    says("The object is in an invalid state", &[&ALREADY_REGISTERED]),
    // SimpleWebAuthn.
    says(
        "No available authenticator recognized any of the allowed credentials",
        &[&NO_PASSKEY_FOR_SITE],
    ),
    says(
        "No available authenticator supported any of the specified pubKeyCredParams algorithms",
        &[&NO_COMMON_ALGORITHM],
    ),
    says(
        "ERROR_AUTHENTICATOR_NO_SUPPORTED_PUBKEYCREDPARAMS_ALG",
        &[&NO_COMMON_ALGORITHM],
    ),
    says(
        "User clicked cancel, or the registration ceremony timed out",
        &[
            &CANCELLED_HERE,
            &CANCELLED_ON_PHONE,
            &NO_PHONE_HEARD,
            &NO_ANSWER_ON_PHONE,
        ],
    ),
    says(
        "User clicked cancel, or the authentication ceremony timed out",
        &[
            &CANCELLED_HERE,
            &CANCELLED_ON_PHONE,
            &NO_PHONE_HEARD,
            &NO_ANSWER_ON_PHONE,
        ],
    ),
    says("ceremony was sent an abort signal", &[&CANCELLED_HERE]),
    says("ERROR_CEREMONY_ABORTED", &[&CANCELLED_HERE]),
    says(
        "The authenticator was previously registered",
        &[&ALREADY_REGISTERED],
    ),
    says(
        "ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED",
        &[&ALREADY_REGISTERED],
    ),
    says(
        "Discoverable credentials were required but no available authenticator supported it",
        &[&PHONE_CANNOT_DO_WHAT_SITE_REQUIRES],
    ),
    says(
        "ERROR_AUTHENTICATOR_MISSING_DISCOVERABLE_CREDENTIAL_SUPPORT",
        &[&PHONE_CANNOT_DO_WHAT_SITE_REQUIRES],
    ),
    says(
        "User verification was required but no available authenticator supported it",
        &[&NO_SCREEN_LOCK, &USER_NOT_VERIFIED],
    ),
    says(
        "ERROR_AUTHENTICATOR_MISSING_USER_VERIFICATION_SUPPORT",
        &[&NO_SCREEN_LOCK, &USER_NOT_VERIFIED],
    ),
    says(
        "was unable to process the specified options, or could not create a new",
        &[&PHONE_REFUSED_REQUEST, &PHONE_NOT_UNDERSTOOD],
    ),
    says(
        "ERROR_AUTHENTICATOR_GENERAL_ERROR",
        &[&PHONE_REFUSED_REQUEST, &PHONE_NOT_UNDERSTOOD],
    ),
    says("is an invalid domain", &[&SITE_ID_MISMATCH]),
    says("is invalid for this domain", &[&SITE_ID_MISMATCH]),
    says("ERROR_INVALID_DOMAIN", &[&SITE_ID_MISMATCH]),
    says("ERROR_INVALID_RP_ID", &[&SITE_ID_MISMATCH]),
];
