//! What the phone shows: its camera, its scanners, and the passkey provider.

use super::super::{
    ALREADY_REGISTERED, NO_ANSWER_ON_PHONE, NO_PASSKEY_FOR_SITE, NO_PHONE_HEARD, NO_SCREEN_LOCK,
    NO_SIGNAL_AT_ALL, PHONE_BLUETOOTH, PHONE_CANNOT_REACH_RELAY, PHONE_OFFERS_NO_PASSKEYS,
    PHONE_OFFLINE, PHONE_SYSTEM_TOO_OLD, RELAY_UNREACHABLE, SCANNED_WITH_WRONG_APP,
    SUFFIXED_ADVERT_DROPPED, USER_NOT_VERIFIED,
};
use super::message::{Message, says};

pub(super) static MESSAGES: &[Message] = &[
    // The scanner.
    says(
        "No usable data found",
        &[&SCANNED_WITH_WRONG_APP, &PHONE_SYSTEM_TOO_OLD],
    ),
    says(
        "FIDO:/",
        &[
            &SCANNED_WITH_WRONG_APP,
            &PHONE_SYSTEM_TOO_OLD,
            &PHONE_OFFERS_NO_PASSKEYS,
        ],
    ),
    says(
        "QR code is not valid",
        &[&SCANNED_WITH_WRONG_APP, &PHONE_SYSTEM_TOO_OLD],
    ),
    says(
        "Invalid QR code",
        &[&SCANNED_WITH_WRONG_APP, &PHONE_SYSTEM_TOO_OLD],
    ),
    says(
        "QR code not supported",
        &[&SCANNED_WITH_WRONG_APP, &PHONE_SYSTEM_TOO_OLD],
    ),
    says(
        "Unsupported QR code",
        &[&SCANNED_WITH_WRONG_APP, &PHONE_SYSTEM_TOO_OLD],
    ),
    says(
        "QR code not recognized",
        &[&SCANNED_WITH_WRONG_APP, &PHONE_SYSTEM_TOO_OLD],
    ),
    // The other device.
    says(
        "Devices cannot connect",
        &[
            &PHONE_OFFLINE,
            &PHONE_CANNOT_REACH_RELAY,
            &RELAY_UNREACHABLE,
            &NO_SIGNAL_AT_ALL,
            &SUFFIXED_ADVERT_DROPPED,
        ],
    ),
    says(
        "Devices couldn't connect",
        &[
            &PHONE_OFFLINE,
            &PHONE_CANNOT_REACH_RELAY,
            &RELAY_UNREACHABLE,
            &NO_SIGNAL_AT_ALL,
            &SUFFIXED_ADVERT_DROPPED,
        ],
    ),
    says(
        "Connecting with another device",
        &[
            &NO_SIGNAL_AT_ALL,
            &RELAY_UNREACHABLE,
            &PHONE_BLUETOOTH,
            &SUFFIXED_ADVERT_DROPPED,
        ],
    ),
    says(
        "Connecting with your device",
        &[
            &NO_SIGNAL_AT_ALL,
            &RELAY_UNREACHABLE,
            &PHONE_BLUETOOTH,
            &SUFFIXED_ADVERT_DROPPED,
        ],
    ),
    says(
        "Check your network and Bluetooth",
        &[
            &NO_PHONE_HEARD,
            &PHONE_OFFLINE,
            &PHONE_BLUETOOTH,
            &RELAY_UNREACHABLE,
        ],
    ),
    says("Turn on Bluetooth to allow", &[&PHONE_BLUETOOTH]),
    says("Nearby devices", &[&PHONE_BLUETOOTH]),
    // The provider.
    says(
        "No passkeys available",
        &[&NO_PASSKEY_FOR_SITE, &NO_ANSWER_ON_PHONE],
    ),
    says(
        "No credentials available",
        &[&NO_PASSKEY_FOR_SITE, &NO_ANSWER_ON_PHONE],
    ),
    says(
        "No passkeys found",
        &[&NO_PASSKEY_FOR_SITE, &NO_ANSWER_ON_PHONE],
    ),
    says("There are no matching passkeys", &[&NO_PASSKEY_FOR_SITE]),
    says("You don't have any passkeys", &[&NO_PASSKEY_FOR_SITE]),
    says(
        "To save a passkey, you need to enable iCloud Keychain",
        &[&PHONE_OFFERS_NO_PASSKEYS, &NO_PASSKEY_FOR_SITE],
    ),
    says("Set up a screen lock", &[&NO_SCREEN_LOCK]),
    says("Set up screen lock", &[&NO_SCREEN_LOCK]),
    says("Face ID not recognized", &[&USER_NOT_VERIFIED]),
    says("A passkey already exists", &[&ALREADY_REGISTERED]),
    says("You already have a passkey", &[&ALREADY_REGISTERED]),
];
