//! Hearing phones: every service-data advert under the FIDO UUIDs, and what is wrong with the
//! radio.
//!
//! | file | what |
//! | --- | --- |
//! | `event` | what is heard, and the trait of everything that hears |
//! | [`bluez`] | the radio of Linux desktops, and what its bluetoothd says |
//! | [`beacon`] | the test advert that a second computer sends |
//! | [`rfkill`], `sandbox` | the kernel's radio switches; what keeps a program from D-Bus services |
//! | `recent_adverts` | what was handed over already |

pub mod beacon;
pub mod bluez;
mod event;
mod recent_adverts;
pub mod rfkill;
mod sandbox;

pub use event::{Advert, Radio, RadioEvent};
pub use hybrid_diagnosis::observation::radio::Trouble;
pub use sandbox::Sandbox;
