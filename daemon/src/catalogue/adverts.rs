//! AD: adverts that were heard, or not.

super::entries! {
    ADVERTS:
    AD01 "no phone announced itself" {
        means: "The phone has not scanned the code, has no internet connection or has Bluetooth off. This computer's radio works, and its network was not needed yet.",
        todo: "Scan the code and confirm on the phone; switch on its Bluetooth; open a web page on it; pause its VPN or ad blocker.",
        depends_on: [BT01, BT02, BT03, BT04, BT05, BT06, BT07, BT08, AD02, AD03, AD04, AD06]
    }
    AD02 "phones that scanned another code" {
        means: "Somebody else signs in nearby, or a code in another window was scanned.",
        todo: "Scan the code that is on this screen now.",
        depends_on: [AD03]
    }
    AD03 "the phone scanned an earlier code" {
        means: "Each code works once, and the phone answers one that is no longer valid.",
        todo: "Scan the code that is on the screen now.",
    }
    AD04 "an advert of unusual length" {
        means: "The advert is too short to be one, or carries an addition that older programs ignore.",
        todo: "Update the phone's passkey provider and this program; if it stays, report it with the timeline.",
    }
    AD05 "data under another service" {
        means: "What was heard is not a passkey advert; it most likely has nothing to do with this.",
        todo: "Nothing has to be done about it.",
    }
    AD06 "an advert from the future" {
        means: "The phone uses a relay or a format that this version does not know.",
        todo: "Update hybridd; on the phone, try another passkey provider.",
    }
    AD07 "an advert from the cache" {
        means: "The system repeated an advert that was heard in an earlier attempt.",
        todo: "Nothing has to be done about it: hybridd recognises and ignores it.",
    }
    AD08 "noise about GATT services" {
        means: "Messages of the Bluetooth service about GATT are a by-product of a connection and harmless.",
        todo: "Ignore them unless nothing else is found.",
    }
}
