//! BT: this computer's Bluetooth.

super::entries! {
    RADIO:
    BT01 "no Bluetooth adapter" {
        means: "Without Bluetooth this computer cannot notice that the phone is near.",
        todo: "Plug in a Bluetooth 4.0 (or newer) adapter; in a virtual machine, pass one through; over remote desktop, sign in at the computer itself.",
    }
    BT02 "the Bluetooth service does not run" {
        means: "Bluetooth is managed by a service (bluetoothd, over the system D-Bus) that does not answer.",
        todo: "Run: systemctl enable --now bluetooth. In a container, run hybridd outside of it.",
    }
    BT03 "Bluetooth is off" {
        means: "Every Bluetooth adapter is switched off, so no phone can be heard.",
        todo: "Switch Bluetooth on in the settings, or run: bluetoothctl power on.",
        depends_on: [BT01, BT02, BT04]
    }
    BT04 "Bluetooth is blocked" {
        means: "Airplane mode, rfkill or a switch on the computer blocks the adapter.",
        todo: "Leave airplane mode, or run: rfkill unblock bluetooth. If it is blocked in hardware, use the computer's wireless key, switch or firmware settings.",
        depends_on: [BT01]
    }
    BT05 "no permission for Bluetooth" {
        means: "The D-Bus policy or a sandbox keeps this program from Bluetooth.",
        todo: "Add your user to the group bluetooth and sign in again; in a Flatpak: flatpak override --system-talk-name=org.bluez APP; in a Snap: snap connect APP:bluez.",
    }
    BT06 "the adapter has no Low Energy" {
        means: "Phones announce themselves by Bluetooth Low Energy, which this adapter lacks or has switched off.",
        todo: "Use a Bluetooth 4.0 (or newer) adapter, or remove ControllerMode=bredr from /etc/bluetooth/main.conf.",
        depends_on: [BT01, BT02, BT03, BT04, BT05]
    }
    BT07 "scanning does not start" {
        means: "Another program holds the adapter, or its driver hangs.",
        todo: "Close other Bluetooth scanners, or run: systemctl restart bluetooth.",
        depends_on: [BT01, BT02, BT03, BT04, BT05, BT06]
    }
    BT08 "the radio hears nothing at all" {
        means: "There is no Bluetooth device near, or this computer's radio does not hear.",
        todo: "Bring the phone within two metres; if nothing is ever heard, try another USB port or adapter, and update its firmware.",
        depends_on: [BT01, BT02, BT03, BT04, BT05, BT06, BT07]
    }
    BT09 "several adapters" {
        means: "This computer has more than one Bluetooth adapter; other programs may listen on one that hears nothing.",
        todo: "hybridd listens on all of them. For other programs, switch the unused adapter off.",
    }
    BT10 "macOS denies Bluetooth" {
        means: "macOS lets a program use Bluetooth only with the user's permission.",
        todo: "Open System Settings, Privacy and Security, Bluetooth, and allow the terminal or browser.",
    }
    BT11 "Windows policy denies Bluetooth" {
        means: "An organisation's policy restricts Bluetooth services on this computer.",
        todo: "Ask the administrator to allow the services FFF9 and FFFD in the Bluetooth policy.",
    }
    BT12 "a passive scan" {
        means: "Some adverts come in the answer to an active scan alone, and this scan was passive.",
        todo: "Scan actively and report duplicates; hybridd always does.",
    }
    BT13 "a weak signal" {
        means: "The phone is barely heard; its adverts come late or not at all.",
        todo: "Bring the phone within two metres, away from metal and docking stations.",
    }
}
