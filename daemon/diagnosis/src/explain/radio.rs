//! What is wrong with this computer's radio. Nearly all of it is observed, and therefore certain.

use crate::catalogue::{
    BLUETOOTH_BLOCKED, BLUETOOTH_DENIED, BLUETOOTH_OFF, NO_ADAPTER, NO_BLUETOOTH_SERVICE,
    NO_LOW_ENERGY, SCAN_DOES_NOT_START,
};
use crate::finding::{Certainty, Finding};
use crate::observation::radio::Trouble;

/// What is wrong with the radio.
pub fn radio(trouble: &Trouble) -> Finding {
    let entry = match trouble {
        Trouble::NoAdapter | Trouble::NoSuchAdapter(_) | Trouble::AdapterGone(_) => &NO_ADAPTER,
        Trouble::NoDbus(_) | Trouble::NoBluetoothd | Trouble::BluetoothdGone => {
            &NO_BLUETOOTH_SERVICE
        }
        Trouble::Off | Trouble::AdapterOff(_) => &BLUETOOTH_OFF,
        Trouble::Blocked { .. } => &BLUETOOTH_BLOCKED,
        Trouble::Denied(_) | Trouble::Hidden(_) => &BLUETOOTH_DENIED,
        Trouble::NoLowEnergy => &NO_LOW_ENERGY,
        Trouble::Busy(_) => &SCAN_DOES_NOT_START,
    };
    // Within a sandbox a service that is hidden and one that does not run look the same.
    let certainty = match trouble {
        Trouble::Hidden(_) => Certainty::Likely,
        Trouble::NoAdapter
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
        | Trouble::Busy(_) => Certainty::Certain,
    };
    Finding::new(entry, certainty, &trouble.to_string())
}
