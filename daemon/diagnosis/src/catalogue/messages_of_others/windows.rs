//! Windows' own dialogs.

use super::super::{
    BLUETOOTH_OFF, NO_ADAPTER, NO_ANSWER_ON_PHONE, NO_PASSKEY_FOR_SITE, NO_PHONE_HEARD,
    PHONE_BLUETOOTH, PHONE_CANNOT_DO_WHAT_SITE_REQUIRES, PHONE_FELL_SILENT, PHONE_OFFLINE,
    RELAY_UNREACHABLE, SCANNED_WITH_WRONG_APP, USER_NOT_VERIFIED, WINDOWS_POLICY,
};
use super::message::{Message, says};

pub(super) static MESSAGES: &[Message] = &[
    says(
        "iPhone, iPad, or Android device",
        &[&NO_ADAPTER, &BLUETOOTH_OFF, &WINDOWS_POLICY],
    ),
    says(
        "Scan this QR code",
        &[
            &NO_PHONE_HEARD,
            &SCANNED_WITH_WRONG_APP,
            &PHONE_OFFLINE,
            &PHONE_BLUETOOTH,
        ],
    ),
    says(
        "Device connected",
        &[&NO_ANSWER_ON_PHONE, &PHONE_FELL_SILENT],
    ),
    says(
        "Continue on your device",
        &[&NO_ANSWER_ON_PHONE, &PHONE_FELL_SILENT],
    ),
    says(
        "This security key doesn't look familiar",
        &[&NO_PASSKEY_FOR_SITE],
    ),
    says(
        "This security key can't be used",
        &[&PHONE_CANNOT_DO_WHAT_SITE_REQUIRES, &USER_NOT_VERIFIED],
    ),
    says(
        "Couldn't connect to your device",
        &[
            &RELAY_UNREACHABLE,
            &PHONE_OFFLINE,
            &PHONE_BLUETOOTH,
            &WINDOWS_POLICY,
        ],
    ),
    says("Turn on Windows Hello", &[&USER_NOT_VERIFIED]),
];
