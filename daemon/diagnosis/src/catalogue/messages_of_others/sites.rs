//! What sites and their sign-in pages show: Microsoft's most of all, whose help desks ask first for
//! the scanner, the work profile and attestation.

use super::super::{
    ALREADY_REGISTERED, ANOTHER_PHONE_PROFILE, ATTESTATION_ENFORCED, CANCELLED_ON_PHONE,
    DECLINED_ON_PHONE, NO_ANSWER_ON_PHONE, NO_COMMON_ALGORITHM, NO_PASSKEY_FOR_SITE,
    NO_PHONE_HEARD, PHONE_OFFERS_NO_PASSKEYS, PHONE_SYSTEM_TOO_OLD, RELAY_UNREACHABLE,
    SCANNED_WITH_WRONG_APP, WINDOWS_POLICY,
};
use super::message::{Message, says};

pub(super) static MESSAGES: &[Message] = &[
    says(
        "Something went wrong",
        &[
            &RELAY_UNREACHABLE,
            &NO_PHONE_HEARD,
            &NO_PASSKEY_FOR_SITE,
            &SCANNED_WITH_WRONG_APP,
            &ANOTHER_PHONE_PROFILE,
            &ATTESTATION_ENFORCED,
        ],
    ),
    // Signing in.
    says(
        "We couldn't sign you in",
        &[
            &ANOTHER_PHONE_PROFILE,
            &SCANNED_WITH_WRONG_APP,
            &NO_PASSKEY_FOR_SITE,
        ],
    ),
    says(
        "We couldn't use your device to verify your identity",
        &[&NO_PASSKEY_FOR_SITE],
    ),
    says(
        "Sign in another way",
        &[&NO_PASSKEY_FOR_SITE, &ANOTHER_PHONE_PROFILE],
    ),
    says(
        "This passkey can no longer be used",
        &[&NO_PASSKEY_FOR_SITE],
    ),
    says("passkey is no longer valid", &[&NO_PASSKEY_FOR_SITE]),
    says(
        "passkey is not found",
        &[&NO_PASSKEY_FOR_SITE, &ANOTHER_PHONE_PROFILE],
    ),
    says("passkey wasn't recognized", &[&NO_PASSKEY_FOR_SITE]),
    says("passkey not recognized", &[&NO_PASSKEY_FOR_SITE]),
    says(
        "passkey couldn't be verified",
        &[&NO_PASSKEY_FOR_SITE, &DECLINED_ON_PHONE],
    ),
    says(
        "Passkey authentication failed",
        &[&NO_PASSKEY_FOR_SITE, &DECLINED_ON_PHONE, &NO_PHONE_HEARD],
    ),
    says(
        "Use your passkey to confirm it's really you",
        &[&NO_ANSWER_ON_PHONE, &NO_PHONE_HEARD],
    ),
    says(
        "Complete sign-in using your passkey",
        &[&NO_ANSWER_ON_PHONE, &NO_PHONE_HEARD],
    ),
    says(
        "Face, fingerprint, PIN, or security key",
        &[&NO_PHONE_HEARD, &NO_PASSKEY_FOR_SITE],
    ),
    says("You cancelled the passkey prompt", &[&CANCELLED_ON_PHONE]),
    // Registering.
    says(
        "Passkey registration failed",
        &[
            &ATTESTATION_ENFORCED,
            &SCANNED_WITH_WRONG_APP,
            &ANOTHER_PHONE_PROFILE,
            &NO_COMMON_ALGORITHM,
            &ALREADY_REGISTERED,
        ],
    ),
    says(
        "Passkey creation failed",
        &[
            &ATTESTATION_ENFORCED,
            &SCANNED_WITH_WRONG_APP,
            &ANOTHER_PHONE_PROFILE,
            &NO_COMMON_ALGORITHM,
            &ALREADY_REGISTERED,
        ],
    ),
    says(
        "We couldn't create your passkey",
        &[
            &ATTESTATION_ENFORCED,
            &SCANNED_WITH_WRONG_APP,
            &ANOTHER_PHONE_PROFILE,
            &NO_COMMON_ALGORITHM,
            &ALREADY_REGISTERED,
        ],
    ),
    says(
        "passkey couldn't be created",
        &[
            &ATTESTATION_ENFORCED,
            &SCANNED_WITH_WRONG_APP,
            &ANOTHER_PHONE_PROFILE,
            &NO_COMMON_ALGORITHM,
            &ALREADY_REGISTERED,
        ],
    ),
    says(
        "passkey couldn't be saved",
        &[
            &ATTESTATION_ENFORCED,
            &ANOTHER_PHONE_PROFILE,
            &PHONE_OFFERS_NO_PASSKEYS,
            &ALREADY_REGISTERED,
        ],
    ),
    says(
        "Unable to create passkey",
        &[
            &ATTESTATION_ENFORCED,
            &ANOTHER_PHONE_PROFILE,
            &PHONE_OFFERS_NO_PASSKEYS,
            &ALREADY_REGISTERED,
        ],
    ),
    says("This security key is not allowed", &[&ATTESTATION_ENFORCED]),
    says(
        "restricted by your organization",
        &[&ATTESTATION_ENFORCED, &WINDOWS_POLICY],
    ),
    says(
        "not allowed by your organization",
        &[&ATTESTATION_ENFORCED, &WINDOWS_POLICY],
    ),
    says(
        "isn't allowed by your organization",
        &[&ATTESTATION_ENFORCED, &WINDOWS_POLICY],
    ),
    says("attestation is enforced", &[&ATTESTATION_ENFORCED]),
    says("already registered", &[&ALREADY_REGISTERED]),
    says(
        "Your device doesn't support passkeys",
        &[&PHONE_SYSTEM_TOO_OLD, &PHONE_OFFERS_NO_PASSKEYS],
    ),
];
