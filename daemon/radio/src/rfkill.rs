//! The kernel's radio switches, read from /sys/class/rfkill.

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

/// Whether any Bluetooth radio is blocked. Unreadable entries count as not blocked: containers
/// often hide them.
pub fn bluetooth() -> Option<RfkillBlock> {
    read(Path::new("/sys/class/rfkill"))
}

/// The same, from another folder.
pub fn read(folder: &Path) -> Option<RfkillBlock> {
    let switches: Vec<_> = fs::read_dir(folder)
        .ok()?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| text(path, "type") == "bluetooth")
        .collect();
    let any = |name: &str| switches.iter().any(|path| text(path, name) == "1");
    if any("hard") {
        Some(RfkillBlock::Hard)
    } else if any("soft") {
        Some(RfkillBlock::Soft)
    } else {
        None
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

    #[test]
    fn only_bluetooth_switches_count_and_hardware_comes_first() {
        let folder = tempfile::tempdir().unwrap();
        let switch = |name: &str, kind: &str, soft: &str, hard: &str| {
            let path = folder.path().join(name);
            fs::create_dir(&path).unwrap();
            for (file, content) in [("type", kind), ("soft", soft), ("hard", hard)] {
                fs::write(path.join(file), format!("{content}\n")).unwrap();
            }
        };
        switch("rfkill0", "wlan", "1", "1");
        assert_eq!(read(folder.path()), None);
        switch("rfkill1", "bluetooth", "1", "0");
        assert_eq!(read(folder.path()), Some(RfkillBlock::Soft));
        switch("rfkill2", "bluetooth", "1", "1");
        assert_eq!(read(folder.path()), Some(RfkillBlock::Hard));
    }
}
