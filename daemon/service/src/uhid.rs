//! The kernel's side: events of `/dev/uhid`, and a device made of them.

mod device;
mod event;

pub use device::{Device, DeviceEnd};
pub use event::{EVENT_SIZE, FromKernel, ToKernel};
