//! Faults of this computer's Bluetooth.

use crate::faults::Fault;
use crate::faults::When::{AtOnce, Within};
use crate::faults::scene::{GOOD, Phone, Radio, Scene};
use crate::namespace::CONTROLLER;
use hybrid_diagnosis::finding::Certainty::{Certain, Likely, Possible};

/// The kernel's switches, as airplane mode sets them.
macro_rules! switches {
    ($soft:literal, $hard:literal) => {
        concat!(
            "mount -t tmpfs switches /sys/class\nmkdir -p /sys/class/rfkill/rfkill0 /sys/class/bluetooth/hci0\n",
            "echo bluetooth > /sys/class/rfkill/rfkill0/type\n",
            "echo ",
            $soft,
            " > /sys/class/rfkill/rfkill0/soft\necho ",
            $hard,
            " > /sys/class/rfkill/rfkill0/hard\n"
        )
    };
}

/// A root without the marks of a container that the tests may run in, and then these lines.
macro_rules! outside_of_containers {
    ($then:literal) => {
        concat!(
            "here=$PWD\nroot=$(mktemp -d)\nmount -t tmpfs root $root\n",
            "for at in /*; do\n",
            "  if [ -L $at ]; then cp -P $at $root\n",
            "  elif [ -d $at ]; then mkdir $root$at; mount --rbind $at $root$at\n",
            "  fi\n",
            "done\n",
            "if [ -e /run/.containerenv ] || [ -e /run/systemd/container ]; then\n",
            "  mount -t tmpfs run $root/run\n",
            "fi\n",
            "mkdir $root/old\npivot_root $root $root/old\numount -l /old\ncd $here\n",
            $then
        )
    };
}

const fn scene(radio: Radio) -> Scene {
    Scene {
        radio,
        phone: Phone::None,
        seconds: 3,
        ..GOOD
    }
}

pub(super) fn faults() -> Vec<Fault> {
    vec![
        Fault::new("no Bluetooth adapter", scene(Radio::NoAdapter)).both("BT01", Certain, AtOnce),
        Fault::new(
            "the kernel has an adapter that bluetoothd does not report",
            Scene {
                network: switches!("0", "0"),
                ..scene(Radio::NoAdapter)
            },
        )
        .both("BT14", Likely, Within(3)),
        Fault::new(
            "the adapter is unplugged while waiting",
            scene(Radio::Pulled),
        )
        .sign_in("BT01", Certain, Within(2)),
        Fault::new("no system D-Bus", scene(Radio::NoBus)).both("BT02", Certain, AtOnce),
        Fault::new(
            "no Bluetooth adapter, and therefore no bluetoothd",
            Scene {
                network: outside_of_containers!(""),
                ..scene(Radio::NoService)
            },
        )
        .both("BT01", Certain, AtOnce),
        Fault::new(
            "no bluetoothd in a container, which may hide the adapter",
            Scene {
                network: outside_of_containers!("touch /.dockerenv\n"),
                ..scene(Radio::NoService)
            },
        )
        .both("BT02", Certain, AtOnce),
        Fault::new(
            "bluetoothd is not running",
            Scene {
                network: CONTROLLER,
                ..scene(Radio::NoService)
            },
        )
        .both("BT02", Certain, AtOnce),
        // It is given a moment to come back.
        Fault::new(
            "bluetoothd stops while waiting",
            Scene {
                network: CONTROLLER,
                seconds: 8,
                ..scene(Radio::ServiceEnds)
            },
        )
        .sign_in("BT02", Certain, Within(2)),
        Fault::new("Bluetooth is switched off", scene(Radio::Off)).both("BT03", Certain, AtOnce),
        Fault::new(
            "Bluetooth is switched off while waiting",
            scene(Radio::SwitchedOff),
        )
        .sign_in("BT03", Certain, Within(2)),
        Fault::new(
            "airplane mode",
            Scene {
                network: switches!("1", "0"),
                ..scene(Radio::Off)
            },
        )
        .both("BT04", Certain, AtOnce),
        Fault::new(
            "airplane mode, whose switch takes the adapter away from the kernel",
            Scene {
                network: outside_of_containers!(
                    "mount -t tmpfs switches /sys/class\nmkdir -p /sys/class/rfkill/rfkill0\n\
                     cd /sys/class/rfkill/rfkill0\n\
                     echo bluetooth > type\necho laptop_bluetooth_sw > name\necho 1 > soft\necho 0 > hard\n\
                     cd $here\n"
                ),
                ..scene(Radio::NoService)
            },
        )
        .both("BT04", Certain, AtOnce),
        Fault::new(
            "a switch on the computer blocks Bluetooth",
            Scene {
                network: switches!("0", "1"),
                ..scene(Radio::Off)
            },
        )
        .both("BT04", Certain, AtOnce),
        Fault::new(
            "BlueZ reports that the adapter is blocked",
            scene(Radio::Blocked),
        )
        .both("BT04", Certain, AtOnce),
        Fault::new("airplane mode while waiting", scene(Radio::BlockedLater)).sign_in(
            "BT04",
            Certain,
            Within(2),
        ),
        Fault::new("no permission to use Bluetooth", scene(Radio::Denied))
            .both("BT05", Certain, AtOnce),
        Fault::new(
            "bluetoothd is hidden from a Snap",
            Scene {
                env: &[("SNAP_NAME", "browser")],
                ..scene(Radio::NoService)
            },
        )
        .doctor("BT05", Likely, AtOnce),
        Fault::new(
            "the D-Bus policy denies access to bluetoothd",
            scene(Radio::Forbidden),
        )
        .both("BT05", Certain, AtOnce),
        Fault::new("an adapter without Low Energy", scene(Radio::Classic))
            .both("BT06", Certain, AtOnce),
        Fault::new("scanning does not start", scene(Radio::Busy)).both("BT07", Certain, AtOnce),
        Fault::new(
            "no Bluetooth signal at all",
            Scene {
                seconds: 17,
                ..scene(Radio::Quiet)
            },
        )
        .sign_in("BT08", Likely, Within(15))
        .doctor("BT08", Possible, Within(2)),
        Fault::new(
            "two adapters",
            Scene {
                radio: Radio::Two,
                ..GOOD
            },
        )
        .sign_in_works()
        .doctor("BT09", Possible, AtOnce),
        Fault::new(
            "another device's entry breaks BlueZ's list of devices",
            Scene {
                radio: Radio::BrokenNeighbour,
                ..GOOD
            },
        )
        .sign_in_works(),
        Fault::new(
            "all signals are weak",
            Scene {
                radio: Radio::Weak,
                ..GOOD
            },
        )
        .sign_in_works()
        .doctor("BT13", Likely, Within(2))
        .in_words("-92 dBm"),
    ]
}
