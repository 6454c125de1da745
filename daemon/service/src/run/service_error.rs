//! Why the service ends by itself.

use crate::uhid::DeviceEnd;
use core::fmt;
use hybrid_key_bus::SERVICE;

/// Why the service ended without being told to.
#[derive(Debug)]
pub enum ServiceError {
    /// The bus.
    Bus(zbus::Error),
    /// Somebody else has the name.
    NameTaken,
    /// The kernel took the device away.
    Device(DeviceEnd),
    /// No randomness.
    Entropy,
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bus(error) => write!(f, "the system bus failed: {error}"),
            Self::NameTaken => write!(f, "another program owns the name {SERVICE} on the bus"),
            Self::Device(DeviceEnd::Stopped) => f.write_str("the kernel removed the device"),
            Self::Device(DeviceEnd::Unreadable(error)) => {
                write!(f, "/dev/uhid cannot be read: {error}")
            }
            Self::Entropy => f.write_str("cannot get random bytes from the operating system"),
        }
    }
}

impl core::error::Error for ServiceError {}

impl From<zbus::Error> for ServiceError {
    fn from(error: zbus::Error) -> Self {
        Self::Bus(error)
    }
}
