//! Chromium and what is made of it: its dialogs (chrome/app/generated_resources.grd, 2023 to 2026),
//! and what it and others tell a site (`DOMException`).

use super::super::{
    ALREADY_REGISTERED, BLUETOOTH_BLOCKED, BLUETOOTH_OFF, CANCELLED_HERE, CANCELLED_ON_PHONE,
    DECLINED_ON_PHONE, MACOS_DENIES_BLUETOOTH, NO_ADAPTER, NO_ANSWER_ON_PHONE,
    NO_BLUETOOTH_SERVICE, NO_COMMON_ALGORITHM, NO_PASSKEY_FOR_SITE, NO_PHONE_HEARD, NO_SCREEN_LOCK,
    NO_SIGNAL_AT_ALL, NOBODY_ANSWERED_IN_TIME, OFFLINE, OPTION_NOT_SUPPORTED, PHONE_BLUETOOTH,
    PHONE_CANNOT_DO_WHAT_SITE_REQUIRES, PHONE_CANNOT_REACH_RELAY, PHONE_FELL_SILENT, PHONE_FULL,
    PHONE_NOT_UNDERSTOOD, PHONE_OFFERS_NO_PASSKEYS, PHONE_OFFLINE, PHONE_REFUSED_REQUEST,
    PHONE_UNLINKED, PROXY_REQUIRED, RELAY_UNREACHABLE, SCANNED_WITH_WRONG_APP, SITE_ID_MISMATCH,
    SUFFIXED_ADVERT_DROPPED, TLS_INSPECTED, USER_NOT_VERIFIED,
};
use super::message::{Message, says};

pub(super) static MESSAGES: &[Message] = &[
    // The code is shown.
    says(
        "Scan this QR code with the camera on the device",
        &[
            &NO_PHONE_HEARD,
            &SCANNED_WITH_WRONG_APP,
            &PHONE_OFFLINE,
            &PHONE_BLUETOOTH,
            &NO_SIGNAL_AT_ALL,
            &SUFFIXED_ADVERT_DROPPED,
        ],
    ),
    says(
        "To use a passkey on a different device, scan this QR code",
        &[
            &NO_PHONE_HEARD,
            &SCANNED_WITH_WRONG_APP,
            &PHONE_OFFLINE,
            &PHONE_BLUETOOTH,
        ],
    ),
    says(
        "Use your phone or tablet",
        &[&NO_PHONE_HEARD, &SCANNED_WITH_WRONG_APP, &PHONE_OFFLINE],
    ),
    says(
        "Use a phone or tablet",
        &[&NO_ADAPTER, &NO_BLUETOOTH_SERVICE, &BLUETOOTH_OFF],
    ),
    says(
        "Use a phone, tablet, or security key",
        &[&NO_ADAPTER, &NO_BLUETOOTH_SERVICE, &BLUETOOTH_OFF],
    ),
    says(
        "Insert your security key and touch it",
        &[&NO_ADAPTER, &NO_BLUETOOTH_SERVICE],
    ),
    // The phone was heard.
    says(
        "Connecting to your device",
        &[
            &RELAY_UNREACHABLE,
            &PROXY_REQUIRED,
            &TLS_INSPECTED,
            &PHONE_FELL_SILENT,
        ],
    ),
    says(
        "Follow the steps on your device",
        &[
            &NO_ANSWER_ON_PHONE,
            &PHONE_OFFERS_NO_PASSKEYS,
            &PHONE_FELL_SILENT,
        ],
    ),
    says(
        "On both devices, check your internet connection and turn on Bluetooth",
        &[
            &RELAY_UNREACHABLE,
            &PHONE_OFFLINE,
            &PHONE_CANNOT_REACH_RELAY,
            &PHONE_BLUETOOTH,
            &OFFLINE,
        ],
    ),
    // A linked phone.
    says(
        "A notification was sent to",
        &[&PHONE_OFFLINE, &PHONE_BLUETOOTH, &PHONE_UNLINKED],
    ),
    says(
        "Check your phone",
        &[&NO_ANSWER_ON_PHONE, &PHONE_OFFLINE, &PHONE_UNLINKED],
    ),
    // Bluetooth.
    says("Turn on Bluetooth?", &[&BLUETOOTH_OFF]),
    says(
        "Bluetooth must be on to use your passkey on a different device",
        &[&BLUETOOTH_OFF],
    ),
    says(
        "Bluetooth is disabled",
        &[&BLUETOOTH_OFF, &BLUETOOTH_BLOCKED],
    ),
    says(
        "Check your device settings and turn it on to continue",
        &[&BLUETOOTH_OFF, &BLUETOOTH_BLOCKED],
    ),
    says(
        "needs permission to use Bluetooth to connect to your device",
        &[&MACOS_DENIES_BLUETOOTH],
    ),
    // How it ended.
    says(
        "The request timed out",
        &[
            &NO_PHONE_HEARD,
            &NO_ANSWER_ON_PHONE,
            &NOBODY_ANSWERED_IN_TIME,
            &RELAY_UNREACHABLE,
        ],
    ),
    says("Try a different device", &[&ALREADY_REGISTERED]),
    says("You already registered this device", &[&ALREADY_REGISTERED]),
    says(
        "Your identity couldn't be verified",
        &[&USER_NOT_VERIFIED, &NO_SCREEN_LOCK],
    ),
    says("There aren't any passkeys for", &[&NO_PASSKEY_FOR_SITE]),
    says(
        "Your device can't be used with this site",
        &[
            &PHONE_CANNOT_DO_WHAT_SITE_REQUIRES,
            &NO_COMMON_ALGORITHM,
            &OPTION_NOT_SUPPORTED,
            &NO_SCREEN_LOCK,
        ],
    ),
    says(
        "may require a newer or different kind of device",
        &[
            &PHONE_CANNOT_DO_WHAT_SITE_REQUIRES,
            &NO_COMMON_ALGORITHM,
            &OPTION_NOT_SUPPORTED,
            &NO_SCREEN_LOCK,
        ],
    ),
    says(
        "does not have enough space for any more accounts",
        &[&PHONE_FULL],
    ),
    says(
        "Google Password Manager is turned off",
        &[&NO_PASSKEY_FOR_SITE, &PHONE_OFFERS_NO_PASSKEYS],
    ),
    // What the site is told.
    says(
        "The operation either timed out or was not allowed",
        &[
            &CANCELLED_HERE,
            &NO_PHONE_HEARD,
            &NO_ANSWER_ON_PHONE,
            &DECLINED_ON_PHONE,
            &NO_PASSKEY_FOR_SITE,
            &USER_NOT_VERIFIED,
        ],
    ),
    says(
        "NotAllowedError",
        &[
            &CANCELLED_HERE,
            &NO_PHONE_HEARD,
            &NO_ANSWER_ON_PHONE,
            &DECLINED_ON_PHONE,
            &NO_PASSKEY_FOR_SITE,
            &USER_NOT_VERIFIED,
        ],
    ),
    says(
        "The request is not allowed by the user agent or the platform in the current context",
        &[
            &CANCELLED_HERE,
            &NO_PHONE_HEARD,
            &DECLINED_ON_PHONE,
            &NO_PASSKEY_FOR_SITE,
        ],
    ),
    says(
        "This request has been cancelled by the user",
        &[&CANCELLED_HERE, &CANCELLED_ON_PHONE],
    ),
    says("The operation was aborted", &[&CANCELLED_HERE]),
    says("AbortError", &[&CANCELLED_HERE]),
    says("signal is aborted without reason", &[&CANCELLED_HERE]),
    says("A request is already pending", &[&CANCELLED_HERE]),
    says(
        "The user attempted to register an authenticator that contains one of the credentials already registered",
        &[&ALREADY_REGISTERED],
    ),
    says("InvalidStateError", &[&ALREADY_REGISTERED]),
    says(
        "The relying party ID is not a registrable domain suffix of, nor equal to the current domain",
        &[&SITE_ID_MISMATCH],
    ),
    says("This is an invalid domain", &[&SITE_ID_MISMATCH]),
    says("SecurityError", &[&SITE_ID_MISMATCH]),
    says("None of the algorithms specified", &[&NO_COMMON_ALGORITHM]),
    says(
        "NotSupportedError",
        &[
            &NO_COMMON_ALGORITHM,
            &OPTION_NOT_SUPPORTED,
            &PHONE_CANNOT_DO_WHAT_SITE_REQUIRES,
        ],
    ),
    says(
        "The specified `userVerification` requirement cannot be fulfilled",
        &[&NO_SCREEN_LOCK, &USER_NOT_VERIFIED],
    ),
    says(
        "Resident credentials or empty 'allowCredentials' lists are not supported",
        &[&PHONE_CANNOT_DO_WHAT_SITE_REQUIRES],
    ),
    says(
        "ConstraintError",
        &[
            &NO_SCREEN_LOCK,
            &PHONE_CANNOT_DO_WHAT_SITE_REQUIRES,
            &PHONE_FULL,
        ],
    ),
    says(
        "An unknown error occurred while talking to the credential manager",
        &[&PHONE_REFUSED_REQUEST, &PHONE_NOT_UNDERSTOOD],
    ),
    says(
        "The operation failed for an unknown transient reason",
        &[&PHONE_REFUSED_REQUEST, &PHONE_NOT_UNDERSTOOD],
    ),
    says(
        "UnknownError",
        &[&PHONE_REFUSED_REQUEST, &PHONE_NOT_UNDERSTOOD],
    ),
    says(
        "NotReadableError",
        &[&PHONE_REFUSED_REQUEST, &PHONE_NOT_UNDERSTOOD],
    ),
    says(
        "HybridPrerequisitesError",
        &[&BLUETOOTH_OFF, &NO_ADAPTER, &MACOS_DENIES_BLUETOOTH],
    ),
];
