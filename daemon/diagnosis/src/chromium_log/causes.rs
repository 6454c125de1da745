//! The texts of Chromium that have one meaning wherever they stand.

use crate::catalogue::{
    BLUETOOTH_DENIED, BLUETOOTH_OFF, CONNECTION_CUT, Entry, KEYS_DO_NOT_MATCH,
    MACOS_DENIES_BLUETOOTH, MESSAGE_DAMAGED, NO_ADAPTER, NOT_A_RELAY, PHONE_ENDED_SESSION,
    PHONE_NOT_UNDERSTOOD, PHONE_OFFERS_NO_PASSKEYS, PHONE_UNLINKED, RELAY_BREAKS_RULES,
    SCAN_DOES_NOT_START, TUNNEL_GONE, UPGRADE_LOST,
};
use crate::finding::Finding;

/// A text with one meaning.
#[derive(PartialEq, Eq, Debug)]
pub(super) struct KnownMessage {
    text: &'static str,
    pub(super) entry: &'static Entry,
    pub(super) saw: &'static str,
    certain: bool,
    /// Another line can tell more; this one counts when none did.
    pub(super) general: bool,
}

/// Longer texts stand before texts that they contain.
static CAUSES: [KnownMessage; 32] = [
    cause(
        "No BLE adapter present",
        &NO_ADAPTER,
        "Chromium found no Bluetooth adapter; it reports the same when bluetoothd is not running (BT02) or when it has no access to bluetoothd (BT05)",
    ),
    cause(
        "UI step: kBlePowerOn",
        &BLUETOOTH_OFF,
        "Chromium asked the user to switch on Bluetooth",
    ),
    cause(
        "Failed to start discovery: org.bluez.Error.NotPermitted",
        &BLUETOOTH_DENIED,
        "bluetoothd does not allow Chromium to scan",
    ),
    cause(
        "Failed to start discovery: org.freedesktop.DBus.Error.AccessDenied",
        &BLUETOOTH_DENIED,
        "the system does not allow Chromium to scan",
    ),
    cause(
        "Failed to start discovery: org.bluez.Error.NotReady",
        &BLUETOOTH_OFF,
        "the adapter is not ready to scan",
    ),
    cause(
        "Failed to start caBLE discovery",
        &SCAN_DOES_NOT_START,
        "Chromium could not start scanning",
    )
    .general(),
    // 0 is that nobody was asked yet, 2 is yes.
    cause(
        "Bluetooth authorized: 0",
        &MACOS_DENIES_BLUETOOTH,
        "the system has not yet allowed Chromium to use Bluetooth",
    ),
    cause(
        "UI step: kBlePermissionMac",
        &MACOS_DENIES_BLUETOOTH,
        "Chromium asked for permission to use Bluetooth",
    ),
    cause(
        "Bluetooth authorized: 1",
        &MACOS_DENIES_BLUETOOTH,
        "the system does not allow Chromium to use Bluetooth",
    ),
    cause(
        "Failed to start caBLE LE scan session",
        &SCAN_DOES_NOT_START,
        "Chromium could not start scanning",
    ),
    cause(
        "Failed to start LE scanning",
        &SCAN_DOES_NOT_START,
        "Chromium could not start scanning",
    ),
    cause(
        "Tunnel server didn't select cable protocol",
        &NOT_A_RELAY,
        "the server did not select the protocol fido.cable",
    ),
    cause(
        "Invalid routing ID from tunnel server",
        &RELAY_BREAKS_RULES,
        "the relay sent an invalid routing id",
    ),
    cause(
        "reports that contact ID is invalid",
        &PHONE_UNLINKED,
        "the relay reports that the linked phone is gone",
    )
    .certain(),
    cause(
        "reported an invalid contact ID for an unpaired connection",
        &TUNNEL_GONE,
        "the relay answered 410 for the tunnel of a QR code",
    ),
    cause(
        "caBLEv2 handshake failed",
        &KEYS_DO_NOT_MATCH,
        "the phone's handshake message did not match",
    ),
    cause(
        "parse error from GetInfo response",
        &PHONE_NOT_UNDERSTOOD,
        "Chromium could not parse the list of the phone's features",
    ),
    cause(
        "decryption failed for caBLE post-handshake message",
        &MESSAGE_DAMAGED,
        "the phone's greeting could not be decrypted",
    ),
    cause(
        "post-handshake message",
        &PHONE_NOT_UNDERSTOOD,
        "Chromium could not parse the phone's greeting",
    ),
    cause(
        "decryption failed for caBLE",
        &MESSAGE_DAMAGED,
        "a message from the phone could not be decrypted",
    ),
    cause(
        "caBLE device doesn't support CTAP",
        &PHONE_OFFERS_NO_PASSKEYS,
        "the phone offers only digital credentials",
    ),
    cause(
        "invalid empty message",
        &PHONE_NOT_UNDERSTOOD,
        "the phone sent an empty message",
    ),
    cause(
        "invalid message type",
        &PHONE_NOT_UNDERSTOOD,
        "the phone sent a message of an unknown type",
    ),
    cause(
        "invalid update frame",
        &PHONE_NOT_UNDERSTOOD,
        "the phone sent an update that Chromium could not parse",
    ),
    cause(
        "incorrect message type in reply",
        &PHONE_NOT_UNDERSTOOD,
        "the phone answered with a message of the wrong type",
    ),
    cause(
        "unsolicited CTAP message from caBLE device",
        &PHONE_NOT_UNDERSTOOD,
        "the phone sent an unsolicited answer",
    ),
    cause(
        "invalid shutdown frame",
        &PHONE_ENDED_SESSION,
        "the phone ended the session",
    ),
    cause(
        "bad connection signal",
        &RELAY_BREAKS_RULES,
        "the relay announced a connection signal and sent something else",
    ),
    cause(
        "invalid WebSocket frame",
        &RELAY_BREAKS_RULES,
        "the relay sent an invalid WebSocket frame",
    ),
    cause(
        "reading WebSocket frame failed",
        &CONNECTION_CUT,
        "the connection failed while Chromium was reading",
    ),
    cause(
        "'Sec-WebSocket-Protocol' header",
        &NOT_A_RELAY,
        "the server did not select the protocol fido.cable",
    ),
    cause(
        "Error during WebSocket handshake: ",
        &UPGRADE_LOST,
        "the server did not answer like a WebSocket server",
    ),
];

const fn cause(text: &'static str, entry: &'static Entry, saw: &'static str) -> KnownMessage {
    KnownMessage {
        text,
        entry,
        saw,
        certain: false,
        general: false,
    }
}

impl KnownMessage {
    pub(super) fn find(text: &str) -> Option<&'static Self> {
        CAUSES.iter().find(|cause| text.contains(cause.text))
    }

    pub(super) fn finding(&self) -> Finding {
        if self.certain {
            Finding::certain(self.entry, self.saw)
        } else {
            Finding::likely(self.entry, self.saw)
        }
    }

    const fn certain(mut self) -> Self {
        self.certain = true;
        self
    }

    const fn general(mut self) -> Self {
        self.general = true;
        self
    }
}
