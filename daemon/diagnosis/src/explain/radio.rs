//! What is wrong with this computer's radio. Most of it is observed, and therefore certain.

use crate::catalogue::{
    ADAPTER_NOT_TAKEN_UP, BLUETOOTH_BLOCKED, BLUETOOTH_DENIED, BLUETOOTH_OFF, NO_ADAPTER,
    NO_BLUETOOTH_SERVICE, NO_LOW_ENERGY, NO_SIGNAL_AT_ALL, SCAN_DOES_NOT_START,
};
use crate::finding::{Certainty, Finding};
use crate::observation::radio::Trouble;
use std::time::Duration;

/// Where Bluetooth is used at all, something is heard within seconds. Who has listened for less than
/// this and heard nothing knows little.
const SILENCE_TELLS: Duration = Duration::from_millis(13_500);

/// Without the bus nothing is known of any service on it, and no service can be helped.
const BUS_FIRST: &str = "Start the system D-Bus first: sudo systemctl start dbus. If Bluetooth does not work then, run: sudo systemctl enable --now bluetooth. In a container, run hybridd on the host instead.";

/// What is wrong with the radio.
pub fn radio(trouble: &Trouble) -> Finding {
    let entry = match trouble {
        Trouble::NoAdapter
        | Trouble::NoController
        | Trouble::NoSuchAdapter(_)
        | Trouble::AdapterGone(_) => &NO_ADAPTER,
        Trouble::Unlisted(_) => &ADAPTER_NOT_TAKEN_UP,
        Trouble::NoDbus(_)
        | Trouble::NoBluetoothd
        | Trouble::Silent(_)
        | Trouble::BluetoothdGone => &NO_BLUETOOTH_SERVICE,
        Trouble::Off | Trouble::AdapterOff(_) => &BLUETOOTH_OFF,
        Trouble::Blocked { .. } => &BLUETOOTH_BLOCKED,
        Trouble::Denied(_) | Trouble::Hidden(_) => &BLUETOOTH_DENIED,
        Trouble::NoLowEnergy => &NO_LOW_ENERGY,
        Trouble::Busy(_) => &SCAN_DOES_NOT_START,
    };
    let certainty = match trouble {
        // Within a sandbox a service that is hidden and one that does not run look the same.
        Trouble::Hidden(_)
        // A container sees the adapters of a host whose bluetoothd it does not ask.
        | Trouble::Unlisted(_)
        // It may be slow on a busy computer.
        | Trouble::Silent(_) => Certainty::Likely,
        Trouble::NoAdapter
        | Trouble::NoController
        | Trouble::NoSuchAdapter(_)
        | Trouble::AdapterGone(_)
        | Trouble::NoDbus(_)
        | Trouble::NoBluetoothd
        | Trouble::BluetoothdGone
        | Trouble::Off
        | Trouble::AdapterOff(_)
        | Trouble::Blocked { .. }
        | Trouble::Denied(_)
        | Trouble::NoLowEnergy
        // That it does not start was seen; the text names the possible reasons.
        | Trouble::Busy(_) => Certainty::Certain,
    };
    let mut finding = Finding::new(entry, certainty, &trouble.to_string());
    if let Trouble::NoDbus(_) = trouble {
        finding.advice = BUS_FIRST;
    }
    finding
}

/// Nothing at all was heard in this time of listening. What is likely after a while stays so.
pub fn silence(listened: Duration, saw: &str) -> Finding {
    let certainty = if listened >= SILENCE_TELLS {
        Certainty::Likely
    } else {
        Certainty::Possible
    };
    Finding::new(&NO_SIGNAL_AT_ALL, certainty, saw)
}
