//! BT: this computer's Bluetooth.

super::entry::entries! {
    RADIO:
    NO_ADAPTER "BT01" "no Bluetooth adapter" {
        means: "The phone has to prove over Bluetooth that it is nearby, but this computer has no Bluetooth adapter that its kernel knows, or not the one that you named.",
        todo: "Plug in an adapter with Bluetooth 4.0 or newer; if one is built in, enable it in the firmware settings (BIOS). If you named one (--adapter, or the setting adapters), use a name that hybridd doctor lists. In a virtual machine, pass a USB adapter of the host through. If the adapter is there and still not found, run: sudo modprobe btusb. If there is no such module, the kernel has no Bluetooth, as many kernels for virtual machines: install the distribution's usual kernel. In a remote desktop session, sign in at the computer itself.",
    }
    NO_BLUETOOTH_SERVICE "BT02" "the Bluetooth service is not available" {
        means: "Programs on Linux access Bluetooth through a service (bluetoothd, on the system D-Bus), and it does not respond.",
        todo: "Run: sudo systemctl enable --now bluetooth. If the service is running but does not respond, run: sudo systemctl restart bluetooth. If there is no such service, install BlueZ (package bluez). If the system D-Bus itself is unreachable, start it first (sudo systemctl start dbus). In a container, run hybridd on the host instead.",
    }
    BLUETOOTH_OFF "BT03" "Bluetooth is off" {
        means: "Every Bluetooth adapter that may be used is off, so no phone can be detected.",
        todo: "Switch on Bluetooth in the settings, or run: bluetoothctl power on.",
        depends_on: [NO_ADAPTER, ADAPTER_NOT_TAKEN_UP, NO_BLUETOOTH_SERVICE, BLUETOOTH_BLOCKED]
    }
    BLUETOOTH_BLOCKED "BT04" "Bluetooth is blocked" {
        means: "Airplane mode, rfkill or a hardware switch disables Bluetooth.",
        todo: "Turn off airplane mode, or run: rfkill unblock bluetooth. If a hardware switch blocks Bluetooth, use the computer's wireless key or switch, or its firmware settings (BIOS).",
        depends_on: [NO_ADAPTER]
    }
    BLUETOOTH_DENIED "BT05" "no permission to use Bluetooth" {
        means: "The system's D-Bus policy, or the sandbox in which this program runs, denies access to Bluetooth.",
        todo: "Add your user to the group bluetooth, then log out and back in. In a Flatpak: flatpak override --user --system-talk-name=org.bluez APP. In a Snap: snap connect APP:bluez.",
    }
    NO_LOW_ENERGY "BT06" "no Bluetooth Low Energy" {
        means: "Phones announce themselves over Bluetooth Low Energy, which this computer's adapter does not support or has disabled.",
        todo: "Use an adapter with Bluetooth 4.0 or newer. If /etc/bluetooth/main.conf says ControllerMode=bredr, remove that line and run: sudo systemctl restart bluetooth.",
        depends_on: [NO_ADAPTER, ADAPTER_NOT_TAKEN_UP, NO_BLUETOOTH_SERVICE, BLUETOOTH_OFF, BLUETOOTH_BLOCKED, BLUETOOTH_DENIED]
    }
    SCAN_DOES_NOT_START "BT07" "scanning does not start" {
        means: "Another program is using the Bluetooth adapter, its driver is stuck, or the adapter is still busy with a Bluetooth service that was killed (for up to ten seconds).",
        todo: "Wait ten seconds, and close other programs that scan for Bluetooth devices. If that does not help, run: sudo systemctl restart bluetooth.",
        depends_on: [NO_ADAPTER, ADAPTER_NOT_TAKEN_UP, NO_BLUETOOTH_SERVICE, BLUETOOTH_OFF, BLUETOOTH_BLOCKED, BLUETOOTH_DENIED, NO_LOW_ENERGY]
    }
    NO_SIGNAL_AT_ALL "BT08" "no Bluetooth signal at all" {
        means: "Either no Bluetooth device is nearby, or this computer's radio does not receive anything.",
        todo: "Bring the phone within two metres. If no device is ever detected, restart the Bluetooth service (sudo systemctl restart bluetooth), or switch the adapter off and on (bluetoothctl power off, then bluetoothctl power on). If that does not help, try another USB port or adapter, and update the adapter's firmware.",
        depends_on: [NO_ADAPTER, ADAPTER_NOT_TAKEN_UP, NO_BLUETOOTH_SERVICE, BLUETOOTH_OFF, BLUETOOTH_BLOCKED, BLUETOOTH_DENIED, NO_LOW_ENERGY, SCAN_DOES_NOT_START]
    }
    SEVERAL_ADAPTERS "BT09" "several adapters" {
        means: "This computer has more than one Bluetooth adapter that is switched on. hybridd listens on all of them; other programs may choose one that receives nothing.",
        todo: "hybridd needs no change; to use only one of them, name it: --adapter hci0. If another program does not detect the phone, switch off the adapter that you do not need.",
    }
    MACOS_DENIES_BLUETOOTH "BT10" "macOS does not allow Bluetooth" {
        means: "On macOS, a program needs the user's permission to use Bluetooth.",
        todo: "Open System Settings, Privacy & Security, Bluetooth, and allow the browser or the terminal.",
    }
    WINDOWS_POLICY "BT11" "a Windows policy restricts Bluetooth" {
        means: "An organisation's policy allows only certain Bluetooth services on this computer, and passkeys are not among them.",
        todo: "Ask the administrator to add the services FFF9 and FFFD to the list of allowed Bluetooth services (ServicesAllowedList).",
        lookup: "hybridd runs on Linux",
    }
    PASSIVE_SCAN "BT12" "passive scanning" {
        means: "Some devices send part of their advert only in response to an active scan, and a program that scans passively misses it.",
        todo: "Configure the program to scan actively and to report duplicates.",
        lookup: "its own scans are always active",
    }
    WEAK_SIGNAL "BT13" "a weak signal" {
        means: "Bluetooth signals are so weak that a phone may be detected late or not at all.",
        todo: "Bring the phone within two metres, away from metal and docking stations. If only the test advert of hybridd beacon was weak, first move the computer that sends it closer.",
    }
    ADAPTER_NOT_TAKEN_UP "BT14" "the Bluetooth service does not use the adapter" {
        means: "The kernel has a Bluetooth adapter that the Bluetooth service does not report: the service is stuck, the adapter was plugged in only a moment ago, or its firmware did not load.",
        todo: "Run: sudo systemctl restart bluetooth. If that does not help, unplug the adapter and plug it in again (if it is built in, switch the computer off and on), and check the kernel log for firmware errors: sudo dmesg | grep -i bluetooth.",
    }
}
