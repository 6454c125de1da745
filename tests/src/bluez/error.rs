//! What bluetoothd refuses with.

use zbus::DBusError;

/// BlueZ's errors.
#[derive(DBusError, Debug)]
#[zbus(prefix = "org.bluez.Error")]
pub(crate) enum BluezError {
    #[zbus(error)]
    ZBus(zbus::Error),
    NotReady(String),
    InProgress(String),
    Busy(String),
    DoesNotExist(String),
    NotPermitted(String),
    InvalidArguments(String),
    Failed(String),
}
