//! PH: what can be wrong on the phone. This computer can only infer it.

super::entry::entries! {
    PHONE:
    PHONE_OFFLINE "PH01" "the phone is offline" {
        means: "A phone announces itself only after it has connected to its relay on the internet. Without internet access it stays silent.",
        todo: "Open a web page on the phone. Switch between Wi-Fi and mobile data.",
    }
    PHONE_CANNOT_REACH_RELAY "PH02" "the phone cannot reach its relay" {
        means: "This computer can reach the relay, but a VPN, iCloud Private Relay, a DNS filter or device management may block it on the phone.",
        todo: "Pause the VPN and the ad blocker on the phone, or allow cable.ua5v.com and cable.auth.com in them.",
    }
    PHONE_BLUETOOTH "PH03" "the phone's Bluetooth is off or not permitted" {
        means: "Bluetooth is off on the phone, or the app that scanned the code has no permission to use it.",
        todo: "Switch on Bluetooth on the phone. On Android, allow \"Nearby devices\" for Google Play services and for the passkey provider.",
    }
    PHONE_SYSTEM_TOO_OLD "PH04" "the phone's system is too old" {
        means: "Passkeys need iOS 16 or Android 9. Passkey providers of other companies need iOS 17 or Android 14.",
        todo: "Update the phone, or use another one.",
        lookup: "a phone does not report which system it runs",
    }
    SCANNED_WITH_WRONG_APP "PH05" "scanned with the wrong app" {
        means: "Some apps cannot read passkey codes, for example the scanner of Microsoft Authenticator on iOS.",
        todo: "Scan the code with the phone's camera app.",
        lookup: "it cannot see which app scanned the code",
    }
    ANOTHER_PHONE_PROFILE "PH06" "another profile on the phone" {
        means: "On an Android phone with a work profile, the camera of one profile does not find the passkeys of the other.",
        todo: "Scan the code with the camera of the profile that holds the passkey.",
        lookup: "it cannot see the profiles of a phone",
    }
    NO_ANSWER_ON_PHONE "PH07" "no answer on the phone" {
        means: "The phone is waiting for its user, or its passkey provider has no passkey to offer for this site.",
        todo: "Unlock the phone and respond to its prompt. If there is no prompt, check that the passkey provider is switched on.",
    }
    PHONE_OFFERS_NO_PASSKEYS "PH08" "the phone offers no passkeys to other devices" {
        means: "Some passkey providers, and many phones without Google Play services, support passkeys only on the phone itself.",
        todo: "Use another passkey provider or another phone.",
    }
    NO_SCREEN_LOCK "PH09" "no screen lock" {
        means: "The site requires user verification, but the phone has no screen lock.",
        todo: "Set up a screen lock on the phone (PIN, fingerprint or face) and try again.",
    }
    ATTESTATION_ENFORCED "PH10" "attestation is enforced" {
        means: "The organisation accepts only passkeys that prove which authenticator created them. A passkey that is registered by scanning a code cannot prove this.",
        todo: "Register the passkey in the authenticator app on the phone instead.",
        lookup: "the site decides this after the phone has answered",
    }
    CLOCKS_DIFFER "PH11" "the clocks differ" {
        means: "This computer's clock and the relay's clock differ so much that valid certificates may appear expired or not yet valid.",
        todo: "Set date and time automatically on this computer, and on the phone.",
    }
    PHONE_CANNOT_DO_WHAT_SITE_REQUIRES "PH12" "the phone lacks a feature that the site requires" {
        means: "The site requires a feature that the phone does not offer: a discoverable passkey, credential protection, or stored data (largeBlob).",
        todo: "Use another phone or another passkey provider.",
    }
}
