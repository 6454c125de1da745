//! UH: the virtual security key between a browser and this program.

super::entries! {
    BROWSER:
    UH01 "no uhid device" {
        means: "The kernel's interface for virtual security keys, /dev/uhid, is missing.",
        todo: "Run: sudo modprobe uhid.",
    }
    UH02 "no permission for uhid" {
        means: "This user may not open /dev/uhid.",
        todo: "Install the udev rule that comes with hybridd and sign in again.",
        depends_on: [UH01]
    }
    UH03 "the browser does not see the key" {
        means: "A sandbox or a missing udev property hides the virtual security key from the browser.",
        todo: "For the Firefox Snap: snap connect firefox:u2f-devices; for a Flatpak: flatpak override --device=all APP.",
        depends_on: [UH01, UH02]
    }
    UH04 "Firefox has CTAP2 switched off" {
        means: "Without CTAP2, Firefox asks security keys for the older U2F alone.",
        todo: "Open about:config and set security.webauthn.ctap2 to true.",
    }
    UH05 "several security keys" {
        means: "With more than one security key, Firefox asks for a touch to choose one.",
        todo: "Choose the virtual key when it asks, or unplug the others.",
    }
    UH06 "the site wants this machine's own passkeys" {
        means: "The site asks for a platform passkey; a phone or security key does not count.",
        todo: "Choose another way to sign in on the site.",
    }
    UH07 "the site believes in a USB key" {
        means: "Behind the virtual key, the site is told that the passkey is on USB, and may not offer the phone next time.",
        todo: "Register directly with: hybridd register.",
    }
    UH08 "nobody sits at this computer" {
        means: "No agent runs in an active session, so no code can be shown to anybody.",
        todo: "Sign in at the computer's own screen and run: hybridd agent.",
    }
    UH09 "the browser gave up" {
        means: "The browser heard nothing from the virtual key for too long.",
        todo: "Try again; if it stays, report it with the timeline.",
    }
}
