//! AD: adverts that were heard, or not.

use super::radio::{
    ADAPTER_NOT_TAKEN_UP, BLUETOOTH_BLOCKED, BLUETOOTH_DENIED, BLUETOOTH_OFF, NO_ADAPTER,
    NO_BLUETOOTH_SERVICE, NO_LOW_ENERGY, NO_SIGNAL_AT_ALL, SCAN_DOES_NOT_START,
};

super::entry::entries! {
    ADVERTS:
    NO_PHONE_HEARD "AD01" "no phone announced itself" {
        means: "The phone has not scanned the code, has no internet connection, or has Bluetooth switched off. This computer's Bluetooth works, and its network is not involved yet.",
        todo: "Scan the code and confirm on the phone. Check that its Bluetooth is on and that it can open a web page. Pause its VPN or ad blocker.",
        depends_on: [NO_ADAPTER, ADAPTER_NOT_TAKEN_UP, NO_BLUETOOTH_SERVICE, BLUETOOTH_OFF, BLUETOOTH_BLOCKED, BLUETOOTH_DENIED, NO_LOW_ENERGY, SCAN_DOES_NOT_START, NO_SIGNAL_AT_ALL, PHONE_SCANNED_ANOTHER_CODE, PHONE_SCANNED_EARLIER_CODE, ADVERT_TOO_SHORT, ADVERT_OF_A_NEWER_KIND]
    }
    PHONE_SCANNED_ANOTHER_CODE "AD02" "a passkey advert for another code" {
        means: "A phone nearby answers another code: that of somebody who is signing in too, or one in another window or program. The advert does not say which.",
        todo: "Scan the code that is on this screen now. If you did, it is somebody else's phone: check that yours has Bluetooth and internet.",
        depends_on: [PHONE_SCANNED_EARLIER_CODE]
    }
    PHONE_SCANNED_EARLIER_CODE "AD03" "the phone scanned an earlier code" {
        means: "Each code works only once, and the phone is answering one that has been replaced.",
        todo: "Scan the code that is on the screen now.",
    }
    ADVERT_TOO_SHORT "AD04" "an advert that is too short" {
        means: "A passkey advert has at least 20 bytes. A shorter one comes from a faulty passkey provider, or from some other device.",
        todo: "Update the phone's passkey provider and try again. If it keeps happening, report it with the timeline (--timeline FILE).",
    }
    ADVERT_OF_ANOTHER_SERVICE "AD05" "data of another Bluetooth service" {
        means: "Data sent under a service such as FCF1 is not a passkey advert, even if it is as long as one.",
        todo: "Ignore it: it has nothing to do with passkeys.",
        lookup: "it looks at the services FFF9 and FDE2 only",
    }
    ADVERT_OF_A_NEWER_KIND "AD06" "an advert of a newer kind" {
        means: "The phone scanned this code, but it uses a relay or a format that this version of hybridd does not know.",
        todo: "Update hybridd. If that does not help, use another passkey provider or another phone.",
    }
    ADVERT_FROM_MEMORY "AD07" "an advert from memory" {
        means: "The Bluetooth service still lists an advert from an earlier attempt, which nobody is sending any more.",
        todo: "Do nothing: such an advert never opens under the key of a new code.",
        lookup: "it recognises such adverts and ignores them",
    }
    GATT_MESSAGES "AD08" "messages about GATT services" {
        means: "Log messages about GATT or unresolved services come from a program that connected to a device. A sign-in does not need such a connection.",
        todo: "Ignore these messages unless nothing else explains the problem.",
        lookup: "it does not read the Bluetooth service's log",
    }
    SUFFIXED_ADVERT_DROPPED "AD09" "an advert that a browser drops" {
        means: "Newer phones send more than 20 bytes in their advert, as the standard allows, and some browsers (Chromium 149 and 150 among them) drop such an advert without a word.",
        todo: "Update the browser. If it is the newest, use another browser, or hybridd: it takes adverts of every length.",
    }
}
