//! The bus that bluetoothd is on.

use crate::controllers::{self, controllers};
use std::time::Duration;
use zbus::{Connection, connection};

/// bluetoothd's name on the bus.
pub const BLUEZ: &str = "org.bluez";

/// For any single D-Bus call.
const CALL: Duration = Duration::from_secs(5);
/// For the bus to greet: several messages there and back, on a computer that may have just been
/// switched on.
const GREETING: Duration = Duration::from_secs(10);

/// Which bus to ask. The tests have one of their own.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub enum Bus {
    /// The system's (`DBUS_SYSTEM_BUS_ADDRESS` is honoured).
    #[default]
    System,
    /// At this D-Bus address.
    At(String),
}

impl Bus {
    /// The adapters that the kernel has, as far as they are the concern of this bus's bluetoothd:
    /// that of another bus need not be this kernel's.
    pub(crate) fn controllers(&self) -> Vec<String> {
        match self {
            Self::System => controllers(),
            Self::At(_) => Vec::new(),
        }
    }

    /// Whether the kernel certainly has no adapter for this bus's bluetoothd.
    pub(crate) fn has_no_controller(&self) -> bool {
        match self {
            Self::System => controllers::has_none(),
            Self::At(_) => false,
        }
    }

    /// Connects; every call on the connection has a deadline.
    ///
    /// # Errors
    /// What D-Bus says.
    pub async fn connect(&self) -> zbus::Result<Connection> {
        let builder = match self {
            Self::System => connection::Builder::system(),
            Self::At(address) => connection::Builder::address(address.as_str()),
        };
        // A socket that accepts and then says nothing must not hold us either.
        match tokio::time::timeout(GREETING, builder.method_timeout(CALL).build()).await {
            Ok(connection) => connection,
            Err(_) => Err(zbus::Error::Failure(format!(
                "the bus accepted the connection, but did not respond within {} s",
                GREETING.as_secs()
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hybrid_key_bus::system_bus_words;

    #[tokio::test]
    async fn an_address_that_is_none_is_told_as_one() {
        for wrong in ["x", "", "unix:", "foo:bar=1", "tcp:host=a,port=99999"] {
            let error = Bus::At(wrong.to_owned()).connect().await.unwrap_err();
            let told = system_bus_words(&error);
            assert!(told.contains("is not an address of a bus"), "{told}");
        }
    }
}
