//! What an error of D-Bus says about the radio.

use super::bus::Bus;
use crate::adapter_name::AdapterChoice;
use crate::rfkill::Rfkill;
use crate::sandbox::Sandbox;
use hybrid_diagnosis::observation::radio::Trouble;
use hybrid_key_bus::system_bus_words;
use std::io;
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
        zbus::Error::InputOutput(error) if error.kind() == io::ErrorKind::TimedOut => {
            return Trouble::Silent("no response in time".to_owned());
        }
        zbus::Error::InputOutput(_) => return Trouble::NoDbus(system_bus_words(error)),
        other => return Trouble::Busy(system_bus_words(other)),
    };
    match name.as_str() {
        "org.freedesktop.DBus.Error.AccessDenied"
        | "org.bluez.Error.NotAuthorized"
        | "org.bluez.Error.NotPermitted" => Trouble::Denied(name),
        // It answered a moment ago; whoever looks again asks the kernel, too.
        "org.freedesktop.DBus.Error.ServiceUnknown"
        | "org.freedesktop.DBus.Error.NameHasNoOwner" => unseen(Trouble::NoBluetoothd),
        "org.freedesktop.DBus.Error.NoReply"
        | "org.freedesktop.DBus.Error.Timeout"
        | "org.freedesktop.DBus.Error.TimedOut" => Trouble::Silent(name),
        "org.freedesktop.DBus.Error.Disconnected" => Trouble::NoDbus(name),
        "org.bluez.Error.Blocked" => Trouble::Blocked { hard: false },
        _ => Trouble::Busy(error.to_string()),
    }
}

/// The same of what the bus itself was asked.
pub fn trouble_of_bus(error: &zbus::Error) -> Trouble {
    let mut trouble = trouble_of(error);
    if let Trouble::Silent(why) | Trouble::Busy(why) = trouble {
        trouble = Trouble::NoDbus(why);
    }
    trouble
}

/// The same of the request to discover. Whoever answered until then is not silent: the adapter is
/// stuck.
pub(super) fn trouble_of_discovery(error: &zbus::Error) -> Trouble {
    let mut trouble = trouble_of(error);
    if let Trouble::Silent(why) = trouble {
        trouble = Trouble::Busy(why);
    }
    trouble
}

/// Why bluetoothd is not to be seen on this bus.
pub fn absent(bus: &Bus) -> Trouble {
    unseen(match bus.has_no_controller() {
        true => without_controller(&Rfkill::look()),
        false => Trouble::NoBluetoothd,
    })
}

/// Why there is no bluetoothd where the kernel has no controller.
pub fn without_controller(rfkill: &Rfkill) -> Trouble {
    let switches = rfkill.of(&AdapterChoice::Any);
    switches.or_missing(Trouble::NoController)
}

fn unseen(outside: Trouble) -> Trouble {
    match Sandbox::look().filter(Sandbox::hides_services) {
        Some(sandbox) => Trouble::Hidden(sandbox.to_string()),
        None => outside,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rfkill::RfkillBlock;
    use zbus::fdo;

    #[test]
    fn without_a_controller_nobody_is_told_to_start_the_service() {
        let free = Rfkill::from_iter([]);
        assert_eq!(without_controller(&free), Trouble::NoController);
        let switch = [("laptop_bluetooth_sw", Some(RfkillBlock::Hard))];
        let blocked = Trouble::Blocked { hard: true };
        assert_eq!(without_controller(&Rfkill::from_iter(switch)), blocked);
        let elsewhere = Bus::At("unix:path=/nowhere".to_owned());
        assert_eq!(
            absent(&elsewhere),
            Trouble::NoBluetoothd,
            "its kernel is not ours"
        );
    }

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
        assert!(matches!(trouble_of(&silent), Trouble::Silent(_)));
        assert!(matches!(trouble_of_bus(&silent), Trouble::NoDbus(_)));
        assert!(matches!(trouble_of_discovery(&silent), Trouble::Busy(_)));
    }
}
