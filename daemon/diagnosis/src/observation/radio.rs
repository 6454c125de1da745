//! What keeps the radio from hearing phones.

use std::fmt;

/// Weaker than this, in dBm, adverts get lost.
pub const WEAK: i16 = -85;

/// Why nothing can be heard. Codes of the diagnosis stand beside each.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Trouble {
    /// No system D-Bus (BT02).
    NoDbus(String),
    /// bluetoothd is not running (BT02).
    NoBluetoothd,
    /// bluetoothd is not running, and the kernel has no controller: systemd starts it only where there
    /// is one (BT01).
    NoController,
    /// bluetoothd is not to be seen from within this sandbox (BT05, or BT02).
    Hidden(String),
    /// No adapter (BT01).
    NoAdapter,
    /// The kernel has these adapters, and bluetoothd reports none of them (BT14).
    Unlisted(String),
    /// bluetoothd is there and does not answer (BT02).
    Silent(String),
    /// The adapters that were named are not there (BT01).
    NoSuchAdapter(String),
    /// Every adapter is switched off (BT03).
    Off,
    /// The adapters that were named are switched off (BT03).
    AdapterOff(String),
    /// Switched off by rfkill (BT04); `hard` is a switch or the firmware.
    Blocked {
        /// A physical switch, not software.
        hard: bool,
    },
    /// Access denied, with the D-Bus error's name (BT05).
    Denied(String),
    /// No adapter that is on has Low Energy (BT06).
    NoLowEnergy,
    /// Discovery does not start (BT07), with the D-Bus error.
    Busy(String),
    /// bluetoothd went away while listening.
    BluetoothdGone,
    /// The adapter that listened went away.
    AdapterGone(String),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoDbus(why) => write!(f, "the system D-Bus is unreachable ({why})"),
            Self::NoBluetoothd => f.write_str("the Bluetooth service (bluetoothd) is not running"),
            Self::NoController => f.write_str(
                "the kernel has no Bluetooth adapter, and the Bluetooth service (bluetoothd), which systemd does not start without one, is not running",
            ),
            Self::Hidden(sandbox) => write!(
                f,
                "the Bluetooth service (bluetoothd) is not visible, and {sandbox}"
            ),
            Self::NoAdapter => f.write_str("there is no Bluetooth adapter"),
            Self::Unlisted(names) => write!(
                f,
                "the kernel has {names}, which the Bluetooth service (bluetoothd) does not report"
            ),
            Self::Silent(why) => write!(
                f,
                "the Bluetooth service (bluetoothd) is running but does not respond ({why})"
            ),
            Self::NoSuchAdapter(names) => {
                write!(
                    f,
                    "this computer does not have the Bluetooth adapter {names}"
                )
            }
            Self::Off => f.write_str("Bluetooth is switched off"),
            Self::AdapterOff(names) => write!(f, "Bluetooth is switched off on {names}"),
            Self::Blocked { hard: true } => {
                f.write_str("Bluetooth is blocked by a hardware switch")
            }
            Self::Blocked { hard: false } => {
                f.write_str("Bluetooth is blocked by software (airplane mode)")
            }
            Self::Denied(name) => write!(
                f,
                "this program has no permission to use Bluetooth ({name})"
            ),
            Self::NoLowEnergy => f.write_str("the Bluetooth adapter does not support Low Energy"),
            Self::Busy(why) => write!(f, "scanning does not start ({why})"),
            Self::BluetoothdGone => f.write_str("the Bluetooth service (bluetoothd) stopped"),
            Self::AdapterGone(name) => write!(f, "the Bluetooth adapter {name} was removed"),
        }
    }
}
