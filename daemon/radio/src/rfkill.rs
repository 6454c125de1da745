//! The kernel's radio switches, read from /sys/class/rfkill.

use crate::adapter_name::AdapterChoice;
use hybrid_diagnosis::observation::radio::Trouble;
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

impl Switches {
    /// What is wrong where there is no adapter: the switches block it, or else this. A laptop's own
    /// switch takes the adapter off its bus, so that neither the kernel nor bluetoothd has one.
    pub fn or_missing(&self, missing: Trouble) -> Trouble {
        match self {
            Self::Blocked(block) => (*block).into(),
            Self::Hidden | Self::Free | Self::Partly(_) => missing,
        }
    }
}

impl From<RfkillBlock> for Trouble {
    fn from(block: RfkillBlock) -> Self {
        Self::Blocked {
            hard: block == RfkillBlock::Hard,
        }
    }
}

/// All of the kernel's switches for Bluetooth, as they stood at one moment. `None` when the system
/// does not show them.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Rfkill(Option<Vec<RadioSwitch>>);

#[derive(Clone, PartialEq, Eq, Debug)]
struct RadioSwitch {
    name: String,
    block: Option<RfkillBlock>,
}

impl Rfkill {
    /// As they stand now.
    pub fn look() -> Self {
        Self::read(Path::new("/sys/class/rfkill"))
    }

    /// From another folder. Unreadable entries count as not blocked.
    pub fn read(folder: &Path) -> Self {
        let entries = fs::read_dir(folder).ok().map(|entries| {
            let paths = entries.flatten().map(|entry| entry.path());
            let bluetooth = paths.filter(|path| text(path, "type") == "bluetooth");
            bluetooth.map(|path| RadioSwitch::read(&path)).collect()
        });
        Self(entries)
    }

    /// What they say of these adapters. Whoever knows which adapters bluetoothd has asks for those
    /// alone: a switch cannot block one that a program holds for itself (the kernel's EBUSY), and
    /// such a one is free for nobody else.
    pub fn of(&self, choice: &AdapterChoice) -> Switches {
        let Some(switches) = &self.0 else {
            return Switches::Hidden;
        };
        let (mut names, mut hard, mut free) = (Vec::new(), false, false);
        for switch in switches {
            let is_adapter = switch.name.starts_with("hci");
            if is_adapter && !choice.admits(&switch.name) {
                continue;
            }
            match switch.block {
                Some(block) => {
                    hard |= block == RfkillBlock::Hard;
                    names.push(match switch.name.as_str() {
                        "" => "a switch",
                        name => name,
                    });
                }
                // The computer's own switch says nothing about an adapter that has one itself.
                None => free |= is_adapter,
            }
        }
        names.sort_unstable();
        match (names.is_empty(), free) {
            (true, _) => Switches::Free,
            (false, true) => Switches::Partly(names.join(", ")),
            (false, false) if hard => Switches::Blocked(RfkillBlock::Hard),
            (false, false) => Switches::Blocked(RfkillBlock::Soft),
        }
    }
}

/// Switches by name, as a test says they stand.
impl<'a> FromIterator<(&'a str, Option<RfkillBlock>)> for Rfkill {
    fn from_iter<I: IntoIterator<Item = (&'a str, Option<RfkillBlock>)>>(switches: I) -> Self {
        let switches = switches.into_iter().map(|(name, block)| RadioSwitch {
            name: name.to_owned(),
            block,
        });
        Self(Some(switches.collect()))
    }
}

impl RadioSwitch {
    fn read(path: &Path) -> Self {
        let block = match (text(path, "hard").as_str(), text(path, "soft").as_str()) {
            ("1", _) => Some(RfkillBlock::Hard),
            (_, "1") => Some(RfkillBlock::Soft),
            (_, _) => None,
        };
        Self {
            name: text(path, "name"),
            block,
        }
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

    struct Folder(tempfile::TempDir);

    impl Folder {
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
            Rfkill::read(self.0.path()).of(&AdapterChoice::Any)
        }
    }

    #[test]
    fn only_bluetooth_switches_count_and_hardware_comes_first() {
        let rfkill = Folder(tempfile::tempdir().unwrap());
        rfkill.switch(0, "wlan", "phy0", "1", "1");
        assert_eq!(rfkill.any(), Switches::Free);
        rfkill.switch(1, "bluetooth", "laptop_bluetooth_sw", "1", "0");
        assert_eq!(rfkill.any(), Switches::Blocked(RfkillBlock::Soft));
        rfkill.switch(2, "bluetooth", "hci0", "1", "1");
        assert_eq!(rfkill.any(), Switches::Blocked(RfkillBlock::Hard));
        let nowhere = rfkill.0.path().join("nowhere");
        assert_eq!(
            Rfkill::read(&nowhere).of(&AdapterChoice::Any),
            Switches::Hidden
        );
    }

    #[test]
    fn an_adapter_that_is_blocked_does_not_block_the_one_that_is_used() {
        let rfkill = Folder(tempfile::tempdir().unwrap());
        rfkill.switch(1, "bluetooth", "laptop_bluetooth_sw", "1", "0");
        rfkill.switch(2, "bluetooth", "hci0", "1", "0");
        rfkill.switch(3, "bluetooth", "hci1", "0", "0");
        let some = Switches::Partly("hci0, laptop_bluetooth_sw".to_owned());
        assert_eq!(rfkill.any(), some);
        let only = |name: &str| -> AdapterChoice { name.parse().into_iter().collect() };
        let of = |name| Rfkill::read(rfkill.0.path()).of(&only(name));
        assert_eq!(of("hci0"), Switches::Blocked(RfkillBlock::Soft));
        assert_eq!(
            of("hci1"),
            Switches::Partly("laptop_bluetooth_sw".to_owned())
        );
    }
}
