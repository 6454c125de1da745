//! PH: what can be wrong on the phone. This computer can only infer it.

super::entries! {
    PHONE:
    PH01 "the phone is offline" {
        means: "The phone reaches its relay before it announces itself; without internet it stays silent.",
        todo: "Open a web page on the phone; switch between Wi-Fi and mobile data.",
    }
    PH02 "something blocks the relay for the phone" {
        means: "This computer reaches the relay, but a VPN, private relay, DNS filter or management profile on the phone may keep the phone from it.",
        todo: "Pause VPN and ad blocker on the phone, or allow cable.ua5v.com and cable.auth.com in them.",
    }
    PH03 "the phone's Bluetooth" {
        means: "Bluetooth is off on the phone, or its camera app or passkey provider may not use it.",
        todo: "Switch Bluetooth on and allow \"Nearby devices\" for the passkey provider and Google Play services.",
    }
    PH04 "the phone's system is too old" {
        means: "Passkeys need iOS 16 or Android 9; other providers than the system's own need iOS 17 or Android 14.",
        todo: "Update the phone, or use another one.",
    }
    PH05 "scanned with the wrong app" {
        means: "Some apps cannot read passkey codes: on iOS, Microsoft Authenticator's own scanner cannot.",
        todo: "Scan with the phone's camera app.",
    }
    PH06 "the other profile of the phone" {
        means: "On an Android phone with a work profile, passkeys of one profile are not seen by the camera of the other.",
        todo: "Scan with the camera inside the profile that holds the passkey.",
    }
    PH07 "nobody has answered on the phone" {
        means: "The phone waits for its user, or its passkey provider shows no passkey for this site.",
        todo: "Unlock the phone, look for its prompt and answer it; check that the passkey provider is switched on.",
    }
    PH08 "the provider does not take part" {
        means: "On phones without Google Play services, and with some providers, passkeys are not offered to other devices.",
        todo: "Use another passkey provider or another phone.",
    }
    PH09 "no screen lock" {
        means: "The site requires that the phone verifies its user, and the phone has no screen lock or biometrics set up.",
        todo: "Set a screen lock (PIN, fingerprint or face) on the phone and try again.",
    }
    PH10 "attestation is enforced" {
        means: "The organisation accepts only passkeys that prove their maker, which cross-device registration does not by design.",
        todo: "Register inside the authenticator app on the phone instead.",
    }
    PH11 "the clocks differ" {
        means: "The clock of the phone or of this computer is wrong; certificates look expired or not yet valid.",
        todo: "Set date and time automatically on both.",
    }
    PH12 "the phone cannot do what the site requires" {
        means: "The site insists on something (a discoverable passkey, credential protection, stored data) that the phone says it does not offer.",
        todo: "Use another phone or passkey provider.",
    }
}
