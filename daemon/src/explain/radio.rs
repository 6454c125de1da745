//! What is wrong with this computer's radio. All of it is observed, so all of it is certain.

use crate::catalogue::{BT01, BT02, BT03, BT04, BT05, BT06, BT07};
use crate::finding::Finding;
use crate::radio::Trouble;

/// What is wrong with the radio.
pub fn radio(trouble: &Trouble) -> Finding {
    let entry = match trouble {
        Trouble::NoAdapter | Trouble::AdapterGone(_) => &BT01,
        Trouble::NoDbus(_) | Trouble::NoBluetoothd | Trouble::BluetoothdGone => &BT02,
        Trouble::Off => &BT03,
        Trouble::Blocked { .. } => &BT04,
        Trouble::Denied(_) => &BT05,
        Trouble::NoLowEnergy => &BT06,
        Trouble::Busy(_) => &BT07,
    };
    Finding::certain(entry, &trouble.to_string())
}
