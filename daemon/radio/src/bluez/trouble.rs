//! What an error of D-Bus says about the radio.

use crate::sandbox::Sandbox;
use hybrid_diagnosis::observation::radio::Trouble;
use zbus::DBusError as _;

/// Tells D-Bus errors apart by name, never by text.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "zbus has many errors; only replies have a name"
)]
pub fn trouble_of(error: &zbus::Error) -> Trouble {
    // zbus has variants of its own for the bus's errors, and one for all others.
    let name = match error {
        zbus::Error::MethodError(name, _, _) => name.to_string(),
        zbus::Error::FDO(error) => error.name().to_string(),
        other => return Trouble::Busy(other.to_string()),
    };
    match name.as_str() {
        "org.freedesktop.DBus.Error.AccessDenied"
        | "org.bluez.Error.NotAuthorized"
        | "org.bluez.Error.NotPermitted" => Trouble::Denied(name),
        "org.freedesktop.DBus.Error.ServiceUnknown"
        | "org.freedesktop.DBus.Error.NameHasNoOwner" => absent(),
        "org.bluez.Error.Blocked" => Trouble::Blocked { hard: false },
        _ => Trouble::Busy(error.to_string()),
    }
}

/// bluetoothd is not to be seen on the bus.
pub(super) fn absent() -> Trouble {
    match Sandbox::look().filter(Sandbox::hides_services) {
        Some(sandbox) => Trouble::Hidden(sandbox.to_string()),
        None => Trouble::NoBluetoothd,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zbus::fdo;

    #[test]
    fn a_refusal_by_the_buss_own_policy_is_told_apart_from_a_busy_adapter() {
        let refused = zbus::Error::FDO(Box::new(fdo::Error::AccessDenied(
            "rejected by policy".to_owned(),
        )));
        assert_eq!(
            trouble_of(&refused),
            Trouble::Denied("org.freedesktop.DBus.Error.AccessDenied".to_owned())
        );
        let absent = zbus::Error::FDO(Box::new(fdo::Error::ServiceUnknown(
            "no such name".to_owned(),
        )));
        assert_eq!(trouble_of(&absent), Trouble::NoBluetoothd);
        let silent = zbus::Error::FDO(Box::new(fdo::Error::NoReply("nothing came".to_owned())));
        assert!(matches!(trouble_of(&silent), Trouble::Busy(_)));
    }
}
