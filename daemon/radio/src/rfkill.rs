//! The kernel's radio switches, read from /sys/class/rfkill.

use crate::adapter_name::AdapterChoice;
use std::fs;
use std::path::Path;

/// How Bluetooth is blocked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RfkillBlock {
    /// By software: airplane mode, `rfkill block`.
    Soft,
    /// By a switch or the firmware.
    Hard,
}

/// What the switches of the adapters in question say together.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub enum Switches {
    /// The system does not show them; containers often hide them.
    #[default]
    Hidden,
    /// No Bluetooth radio is blocked.
    Free,
    /// These are, and an adapter's own is not.
    Partly(String),
    /// All of them are, or the computer's own switch is and no adapter is free of it.
    Blocked(RfkillBlock),
}

/// What the kernel's switches say of these adapters.
pub fn bluetooth(choice: &AdapterChoice) -> Switches {
    read(Path::new("/sys/class/rfkill"), choice)
}

/// The same, from another folder. Unreadable entries count as not blocked.
pub fn read(folder: &Path, choice: &AdapterChoice) -> Switches {
    let Ok(entries) = fs::read_dir(folder) else {
        return Switches::Hidden;
    };
    let mut blocked = Vec::new();
    let (mut hard, mut free) = (false, false);
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = text(&path, "name");
        let is_adapter = name.starts_with("hci");
        if text(&path, "type") != "bluetooth" || (is_adapter && !choice.admits(&name)) {
            continue;
        }
        let is_hard = text(&path, "hard") == "1";
        if is_hard || text(&path, "soft") == "1" {
            hard |= is_hard;
            blocked.push(if name.is_empty() {
                "a switch".to_owned()
            } else {
                name
            });
        } else {
            // The computer's own switch says nothing about an adapter that has one itself.
            free |= is_adapter;
        }
    }
    blocked.sort();
    match (blocked.is_empty(), free) {
        (true, _) => Switches::Free,
        (false, true) => Switches::Partly(blocked.join(", ")),
        (false, false) if hard => Switches::Blocked(RfkillBlock::Hard),
        (false, false) => Switches::Blocked(RfkillBlock::Soft),
    }
}

fn text(switch: &Path, name: &str) -> String {
    fs::read_to_string(switch.join(name))
        .unwrap_or_default()
        .trim()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Rfkill(tempfile::TempDir);

    impl Rfkill {
        fn switch(&self, number: u32, kind: &str, name: &str, soft: &str, hard: &str) {
            let path = self.0.path().join(format!("rfkill{number}"));
            fs::create_dir_all(&path).unwrap();
            for (file, content) in [
                ("type", kind),
                ("name", name),
                ("soft", soft),
                ("hard", hard),
            ] {
                fs::write(path.join(file), format!("{content}\n")).unwrap();
            }
        }

        fn any(&self) -> Switches {
            read(self.0.path(), &AdapterChoice::Any)
        }
    }

    #[test]
    fn only_bluetooth_switches_count_and_hardware_comes_first() {
        let rfkill = Rfkill(tempfile::tempdir().unwrap());
        rfkill.switch(0, "wlan", "phy0", "1", "1");
        assert_eq!(rfkill.any(), Switches::Free);
        rfkill.switch(1, "bluetooth", "laptop_bluetooth_sw", "1", "0");
        assert_eq!(rfkill.any(), Switches::Blocked(RfkillBlock::Soft));
        rfkill.switch(2, "bluetooth", "hci0", "1", "1");
        assert_eq!(rfkill.any(), Switches::Blocked(RfkillBlock::Hard));
        let nowhere = rfkill.0.path().join("nowhere");
        assert_eq!(read(&nowhere, &AdapterChoice::Any), Switches::Hidden);
    }

    #[test]
    fn an_adapter_that_is_blocked_does_not_block_the_one_that_is_used() {
        let rfkill = Rfkill(tempfile::tempdir().unwrap());
        rfkill.switch(1, "bluetooth", "laptop_bluetooth_sw", "1", "0");
        rfkill.switch(2, "bluetooth", "hci0", "1", "0");
        rfkill.switch(3, "bluetooth", "hci1", "0", "0");
        let some = Switches::Partly("hci0, laptop_bluetooth_sw".to_owned());
        assert_eq!(rfkill.any(), some);
        let only = |name: &str| -> AdapterChoice { name.parse().into_iter().collect() };
        let of = |name| read(rfkill.0.path(), &only(name));
        assert_eq!(of("hci0"), Switches::Blocked(RfkillBlock::Soft));
        assert_eq!(
            of("hci1"),
            Switches::Partly("laptop_bluetooth_sw".to_owned())
        );
    }
}
