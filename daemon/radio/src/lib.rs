//! Hearing phones: every service-data advert under the FIDO UUIDs, and what is wrong with the
//! radio.
//!
//! | file | what |
//! | --- | --- |
//! | `adapter_name`, `device_address` | which adapters may be used; who was heard |
//! | `event` | what is heard, and the trait of everything that hears |
//! | [`bluez`] | the radio of Linux desktops, and what its bluetoothd says |
//! | [`beacon`] | the test advert that a second computer sends |
//! | [`controllers`] | the adapters that the kernel has |
//! | [`rfkill`], `sandbox` | the kernel's radio switches; what keeps a program from D-Bus services |
//! | `recent_adverts` | what was handed over already |

mod adapter_name;
pub mod beacon;
pub mod bluez;
pub mod controllers;
mod device_address;
mod event;
mod recent_adverts;
pub mod rfkill;
mod sandbox;

pub use adapter_name::{AdapterChoice, AdapterName, NoAdapterName};
pub use device_address::{AddressKind, DeviceAddress};
pub use event::{Advert, Radio, RadioEvent};
pub use hybrid_diagnosis::observation::radio::Trouble;
pub use sandbox::Sandbox;
