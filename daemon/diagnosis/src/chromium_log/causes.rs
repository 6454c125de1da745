//! The texts of Chromium that have one meaning wherever they stand.

use crate::catalogue::{
    BT01, BT03, BT05, BT07, BT10, Entry, HS02, HS03, HS04, HS05, HS06, NW12, NW13, NW15, NW16, NW21, PH08,
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
static CAUSES: [KnownMessage; 30] = [
    cause(
        "No BLE adapter present",
        &BT01,
        "Chromium found no Bluetooth adapter; it says the same when bluetoothd does not run (BT02) or is denied to it (BT05)",
    ),
    cause(
        "UI step: kBlePowerOn",
        &BT03,
        "Chromium asked to have Bluetooth switched on",
    ),
    cause(
        "Failed to start discovery: org.bluez.Error.NotPermitted",
        &BT05,
        "bluetoothd does not permit Chromium to scan",
    ),
    cause(
        "Failed to start discovery: org.freedesktop.DBus.Error.AccessDenied",
        &BT05,
        "the system does not permit Chromium to scan",
    ),
    cause(
        "Failed to start discovery: org.bluez.Error.NotReady",
        &BT03,
        "the adapter is not ready to scan",
    ),
    cause(
        "Failed to start caBLE discovery",
        &BT07,
        "Chromium could not start scanning",
    )
    .general(),
    cause(
        "Bluetooth authorized: 1",
        &BT10,
        "the system denies Bluetooth to Chromium",
    ),
    cause(
        "Failed to start caBLE LE scan session",
        &BT07,
        "Chromium could not start scanning",
    ),
    cause(
        "Failed to start LE scanning",
        &BT07,
        "Chromium could not start scanning",
    ),
    cause(
        "Tunnel server didn't select cable protocol",
        &NW13,
        "the server did not select the protocol fido.cable",
    ),
    cause(
        "Invalid routing ID from tunnel server",
        &HS06,
        "the relay sent a routing id that is none",
    ),
    cause(
        "reports that contact ID is invalid",
        &NW16,
        "the relay says that the linked phone is gone",
    )
    .certain(),
    cause(
        "reported an invalid contact ID for an unpaired connection",
        &NW15,
        "the relay answered 410 to a tunnel of a QR code",
    ),
    cause("caBLEv2 handshake failed", &HS02, "the phone's handshake did not fit"),
    cause(
        "parse error from GetInfo response",
        &HS03,
        "Chromium did not understand what the phone says it can do",
    ),
    cause(
        "decryption failed for caBLE post-handshake message",
        &HS04,
        "the phone's greeting could not be decrypted",
    ),
    cause(
        "post-handshake message",
        &HS03,
        "Chromium did not understand the phone's greeting",
    ),
    cause(
        "decryption failed for caBLE",
        &HS04,
        "a message of the phone could not be decrypted",
    ),
    cause(
        "caBLE device doesn't support CTAP",
        &PH08,
        "the phone offers digital credentials alone",
    ),
    cause("invalid empty message", &HS03, "the phone sent an empty message"),
    cause(
        "invalid message type",
        &HS03,
        "the phone sent a message of an unknown type",
    ),
    cause(
        "invalid update frame",
        &HS03,
        "the phone sent an update that Chromium does not understand",
    ),
    cause(
        "incorrect message type in reply",
        &HS03,
        "the phone answered with another type than was asked",
    ),
    cause(
        "unsolicited CTAP message from caBLE device",
        &HS03,
        "the phone sent an answer that nobody asked for",
    ),
    cause("invalid shutdown frame", &HS05, "the phone ended the session"),
    cause(
        "bad connection signal",
        &HS06,
        "the relay promised a signal and sent something else",
    ),
    cause(
        "invalid WebSocket frame",
        &HS06,
        "the relay sent a frame that is not allowed",
    ),
    cause(
        "reading WebSocket frame failed",
        &NW21,
        "the connection broke while Chromium was reading",
    ),
    cause(
        "'Sec-WebSocket-Protocol' header",
        &NW13,
        "the server did not select the protocol fido.cable",
    ),
    cause(
        "Error during WebSocket handshake: ",
        &NW12,
        "the server's answer is not that of a WebSocket server",
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
