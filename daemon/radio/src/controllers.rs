//! The Bluetooth controllers that the kernel drives, read from /sys/class/bluetooth.

use crate::sandbox::Sandbox;
use std::fs;
use std::io;
use std::path::Path;

const CLASSES: &str = "/sys/class";
const FOLDER: &str = "/sys/class/bluetooth";

/// Their names, such as `hci0`. A kernel without Bluetooth, or a sandbox that hides them, has none.
pub fn controllers() -> Vec<String> {
    read(Path::new(FOLDER))
}

/// The same, from another folder.
pub fn read(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        // hci0:11 is a connection of hci0.
        .filter(|name| name.starts_with("hci") && !name.contains(':'))
        .collect();
    names.sort();
    names
}

/// Whether there is certainly none: the kernel shows its devices to this program, and no controller
/// among them. Within a sandbox or a container that says nothing.
pub fn has_none() -> bool {
    has_none_in(Path::new(CLASSES), Sandbox::look().as_ref())
}

/// The same, with another folder of the kernel's classes of devices.
pub fn has_none_in(classes: &Path, sandbox: Option<&Sandbox>) -> bool {
    // Every kernel has some classes; without the module for Bluetooth, it has no class of that name.
    let shows = fs::read_dir(classes).is_ok_and(|mut entries| entries.next().is_some());
    let folder = classes.join("bluetooth");
    let readable = match fs::read_dir(&folder) {
        Ok(_) => true,
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    };
    sandbox.is_none() && shows && readable && read(&folder).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_certainly_none_only_where_the_kernel_shows_its_other_devices() {
        let classes = tempfile::tempdir().unwrap();
        let has_none = |sandbox: Option<&Sandbox>| has_none_in(classes.path(), sandbox);
        assert!(!has_none(None), "it shows nothing");
        assert!(!has_none_in(&classes.path().join("nowhere"), None));
        let make = |name: &str| fs::create_dir(classes.path().join(name)).unwrap();
        make("tty");
        assert!(has_none(None), "the module for Bluetooth is not loaded");
        assert!(!has_none(Some(&Sandbox::Container)));
        assert!(!has_none(Some(&Sandbox::Snap("x".to_owned()))));
        make("bluetooth");
        assert!(has_none(None), "the module is loaded");
        make("bluetooth/hci0");
        assert!(!has_none(None));
    }

    #[test]
    fn a_folder_that_cannot_be_read_says_nothing() {
        let classes = tempfile::tempdir().unwrap();
        fs::write(classes.path().join("bluetooth"), "").unwrap();
        assert!(!has_none_in(classes.path(), None));
    }

    #[test]
    fn controllers_are_counted_without_their_connections() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["hci1", "hci0", "hci0:11", "other"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        assert_eq!(read(folder.path()), ["hci0", "hci1"]);
        assert!(read(&folder.path().join("none")).is_empty());
    }
}
