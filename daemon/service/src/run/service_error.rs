//! Why the service ends by itself.

use crate::uhid::DeviceEnd;
use core::fmt;
use hybrid_key_bus::SERVICE;

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
            Self::Bus(error) => write!(f, "the system bus failed: {}", bus_words(error)),
            Self::NameTaken => write!(f, "another program owns the name {SERVICE} on the bus"),
            Self::Device(DeviceEnd::Stopped) => f.write_str("the kernel removed the device"),
            Self::Device(DeviceEnd::Unreadable(error)) => {
                write!(f, "/dev/uhid cannot be read: {error}")
            }
            Self::Entropy => f.write_str("cannot get random bytes from the operating system"),
        }
    }
}

/// What went wrong on the bus; the library's words are about its own parts.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "zbus has many errors; the others are about the form of what came"
)]
fn bus_words(error: &zbus::Error) -> String {
    use zbus::Error as Bus;
    let words = match error {
        Bus::Address(_) => {
            "DBUS_SYSTEM_BUS_ADDRESS is not an address such as unix:path=/run/dbus/system_bus_socket"
        }
        Bus::Handshake(_) | Bus::InvalidGUID => {
            "what responds at its address is not a D-Bus daemon, or rejects this user"
        }
        Bus::InputOutput(error) if error.raw_os_error().is_some() => return error.to_string(),
        Bus::InputOutput(_) => "the connection was closed",
        Bus::Failure(_) | Bus::Connection(..) | Bus::MethodError(..) | Bus::FDO(_) => {
            return error.to_string();
        }
        _ => "the response is malformed",
    };
    words.to_owned()
}

impl core::error::Error for ServiceError {}

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
