//! Why the service ends by itself.

use crate::uhid::DeviceEnd;
use core::fmt;
use hybrid_key_bus::{SERVICE, system_bus_words};

/// Why the service ended without being told to.
#[derive(Debug)]
pub enum ServiceError {
    /// What the system has to give at start.
    Start(std::io::Error),
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
            Self::Start(error) => write!(f, "cannot start: {error}"),
            Self::Bus(error) => write!(f, "the system bus failed: {}", system_bus_words(error)),
            Self::NameTaken => write!(f, "another program owns the name {SERVICE} on the bus"),
            Self::Device(DeviceEnd::Stopped) => f.write_str("the kernel removed the device"),
            Self::Device(DeviceEnd::Unreadable(error)) => {
                write!(f, "/dev/uhid cannot be read: {error}")
            }
            Self::Entropy => f.write_str("cannot get random bytes from the operating system"),
        }
    }
}

impl core::error::Error for ServiceError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Start(error) => Some(error),
            Self::Bus(error) => Some(error),
            Self::Device(DeviceEnd::Unreadable(error)) => Some(error),
            Self::NameTaken | Self::Device(DeviceEnd::Stopped) | Self::Entropy => None,
        }
    }
}

impl From<zbus::Error> for ServiceError {
    fn from(error: zbus::Error) -> Self {
        Self::Bus(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bus_is_named_and_what_happened_is_told_without_a_librarys_words() {
        let closed =
            std::io::Error::new(std::io::ErrorKind::BrokenPipe, "failed to read from socket");
        for (error, told) in [
            (
                zbus::Error::InputOutput(closed.into()),
                "the system bus failed: the connection was closed",
            ),
            (
                zbus::Error::Handshake("Unknown command: x".to_owned()),
                "the system bus failed: what responds at its address is not a D-Bus daemon, or rejects this user",
            ),
            (
                zbus::Error::Failure("the connection was closed".to_owned()),
                "the system bus failed: the connection was closed",
            ),
        ] {
            assert_eq!(ServiceError::from(error).to_string(), told);
        }
    }
}
