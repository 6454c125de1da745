//! AD: adverts that were heard, or not.

use super::radio::{
    ADAPTER_NOT_TAKEN_UP, BLUETOOTH_BLOCKED, BLUETOOTH_DENIED, BLUETOOTH_OFF, NO_ADAPTER,
    NO_BLUETOOTH_SERVICE, NO_LOW_ENERGY, NO_SIGNAL_AT_ALL, SCAN_DOES_NOT_START,
};

super::entry::entries! {
    ADVERTS:
    NO_PHONE_HEARD "AD01" "no phone detected" {
        means: "The phone has not scanned the code, has no internet connection, or has Bluetooth switched off. This computer's Bluetooth works, and its network is not involved yet.",
        todo: "Scan the code and confirm on the phone. Check that Bluetooth is on and that the phone can open a web page. Pause its VPN or ad blocker.",
        depends_on: [NO_ADAPTER, ADAPTER_NOT_TAKEN_UP, NO_BLUETOOTH_SERVICE, BLUETOOTH_OFF, BLUETOOTH_BLOCKED, BLUETOOTH_DENIED, NO_LOW_ENERGY, SCAN_DOES_NOT_START, NO_SIGNAL_AT_ALL, PHONE_SCANNED_ANOTHER_CODE, PHONE_SCANNED_EARLIER_CODE, ADVERT_TOO_SHORT, ADVERT_OF_A_NEWER_KIND]
    }
    PHONE_SCANNED_ANOTHER_CODE "AD02" "a passkey advert for another code" {
        means: "A phone nearby is responding to another code: one of another person's sign-in, or one in another window or program. The advert does not say which.",
        todo: "Scan the code that this screen shows now. If you have done that, the advert comes from another person's phone: check that yours has Bluetooth and internet.",
        depends_on: [PHONE_SCANNED_EARLIER_CODE]
    }
    PHONE_SCANNED_EARLIER_CODE "AD03" "the phone scanned an earlier code" {
        means: "Each code works only once, and the phone is responding to one that has been replaced.",
        todo: "Scan the code that the screen shows now.",
    }
    ADVERT_TOO_SHORT "AD04" "a passkey advert that is too short" {
        means: "A passkey advert has at least 20 bytes. A shorter one comes from a faulty passkey provider or from an unrelated device.",
        todo: "Update the phone's passkey provider and try again. If it keeps happening, report it with the timeline (--timeline FILE).",
    }
    ADVERT_OF_ANOTHER_SERVICE "AD05" "data of another Bluetooth service" {
        means: "Data of a service such as FCF1 is not a passkey advert, even if it has the same length.",
        todo: "Ignore it: it has nothing to do with passkeys.",
        lookup: "it reads only the services FFF9 and FDE2",
    }
    ADVERT_OF_A_NEWER_KIND "AD06" "a newer type of advert" {
        means: "The phone scanned this code, but it uses a relay or a format that this version of hybridd does not know.",
        todo: "Update hybridd. If that does not help, use another passkey provider or another phone.",
    }
    ADVERT_FROM_MEMORY "AD07" "a cached advert" {
        means: "The Bluetooth service still lists an advert from an earlier attempt that no phone sends any more.",
        todo: "No action is needed: such an advert cannot be decrypted with the key of a new code.",
        lookup: "it recognises such adverts and ignores them",
    }
    GATT_MESSAGES "AD08" "messages about GATT services" {
        means: "Log messages about GATT or unresolved services come from a program that connected to a device. A sign-in needs no such connection.",
        todo: "Ignore these messages unless nothing else explains the problem.",
        lookup: "it does not read the Bluetooth service's log",
    }
    SUFFIXED_ADVERT_DROPPED "AD09" "an advert that a browser drops" {
        means: "Newer phones send more than 20 bytes in their advert, as the standard allows, and some browsers (Chromium 149 and 150 among them) silently drop such an advert.",
        todo: "Update the browser. If it is up to date, use another browser, or hybridd, which accepts adverts of any length.",
    }
}
