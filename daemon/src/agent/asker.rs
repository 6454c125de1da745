//! Which program seems to ask: the one that has the key's device open. A hint for the person, and
//! nothing else is decided by it: programs of other users and sandboxes that hide are not seen, and
//! several may have it open.

use hybrid_ctaphid::device::{PRODUCT, VENDOR};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The name of the only program of this user's that has the key open.
pub(super) fn guess() -> Option<String> {
    guess_below(Path::new("/"))
}

fn guess_below(root: &Path) -> Option<String> {
    let nodes = nodes(root);
    if nodes.is_empty() {
        return None;
    }
    let mut names = BTreeSet::new();
    for process in fs::read_dir(root.join("proc")).ok()?.flatten() {
        let name = process.file_name();
        let is_process = name
            .to_str()
            .is_some_and(|name| name.parse::<u32>().is_ok());
        if is_process
            && has_open(&process.path(), &nodes)
            // One that just ended has none.
            && let Ok(name) = fs::read(process.path().join("comm"))
        {
            names.insert(String::from_utf8_lossy(&name).trim().to_owned());
        }
    }
    let name = names.pop_first()?;
    names.is_empty().then_some(name)
}

/// The device files of our key.
fn nodes(root: &Path) -> BTreeSet<PathBuf> {
    let id = format!("HID_ID=0003:{VENDOR:08X}:{PRODUCT:08X}");
    let devices = fs::read_dir(root.join("sys/class/hidraw"));
    let ours = devices.into_iter().flatten().flatten().filter(|device| {
        let about = fs::read_to_string(device.path().join("device/uevent"));
        about.is_ok_and(|about| about.lines().any(|line| line == id))
    });
    ours.map(|device| Path::new("/dev").join(device.file_name()))
        .collect()
}

/// Files of processes that may not be looked at are not seen.
fn has_open(process: &Path, nodes: &BTreeSet<PathBuf>) -> bool {
    let files = fs::read_dir(process.join("fd"));
    files
        .into_iter()
        .flatten()
        .flatten()
        .any(|file| fs::read_link(file.path()).is_ok_and(|target| nodes.contains(&target)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    /// A key and a mouse, and these programs with what they have open.
    fn world(programs: &[(&str, &str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (name, id) in [
            ("hidraw0", "0003:0000046D:0000C077"),
            ("hidraw1", "0003:00001209:0000F1D0"),
        ] {
            let device = root
                .path()
                .join("sys/class/hidraw")
                .join(name)
                .join("device");
            fs::create_dir_all(&device).unwrap();
            fs::write(device.join("uevent"), format!("DRIVER=x\nHID_ID={id}\n")).unwrap();
        }
        for (pid, name, open) in programs {
            let process = root.path().join("proc").join(pid);
            fs::create_dir_all(process.join("fd")).unwrap();
            fs::write(process.join("comm"), format!("{name}\n")).unwrap();
            symlink(open, process.join("fd/7")).unwrap();
        }
        root
    }

    fn guessed(programs: &[(&str, &str, &str)]) -> Option<String> {
        guess_below(world(programs).path())
    }

    #[test]
    fn the_only_program_that_has_the_key_open_is_named() {
        let mouse = ("12", "Xorg", "/dev/hidraw0");
        assert_eq!(guessed(&[mouse]), None);
        let firefox = ("34", "firefox-esr", "/dev/hidraw1");
        assert_eq!(guessed(&[mouse, firefox]).as_deref(), Some("firefox-esr"));
        let twice = ("35", "firefox-esr", "/dev/hidraw1");
        assert_eq!(guessed(&[firefox, twice]).as_deref(), Some("firefox-esr"));
        let other = ("36", "chromium", "/dev/hidraw1");
        assert_eq!(guessed(&[firefox, other]), None, "it may be either");
        assert_eq!(guess_below(Path::new("/nowhere")), None);
    }
}
