//! What is wrong with this computer's radio. Nearly all of it is observed, and therefore certain.

use crate::catalogue::{BT01, BT02, BT03, BT04, BT05, BT06, BT07};
use crate::finding::{Certainty, Finding};
use crate::observation::radio::Trouble;

/// What is wrong with the radio.
pub fn radio(trouble: &Trouble) -> Finding {
    let entry = match trouble {
        Trouble::NoAdapter | Trouble::AdapterGone(_) => &BT01,
        Trouble::NoDbus(_) | Trouble::NoBluetoothd | Trouble::BluetoothdGone => &BT02,
        Trouble::Off => &BT03,
        Trouble::Blocked { .. } => &BT04,
        Trouble::Denied(_) | Trouble::Hidden(_) => &BT05,
        Trouble::NoLowEnergy => &BT06,
        Trouble::Busy(_) => &BT07,
    };
    // Within a sandbox a service that is hidden and one that does not run look the same.
    let certainty = match trouble {
        Trouble::Hidden(_) => Certainty::Likely,
        Trouble::NoAdapter
        | Trouble::AdapterGone(_)
        | Trouble::NoDbus(_)
        | Trouble::NoBluetoothd
        | Trouble::BluetoothdGone
        | Trouble::Off
        | Trouble::Blocked { .. }
        | Trouble::Denied(_)
        | Trouble::NoLowEnergy
        | Trouble::Busy(_) => Certainty::Certain,
    };
    Finding::new(entry, certainty, &trouble.to_string())
}
