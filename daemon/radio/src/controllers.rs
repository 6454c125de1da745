//! The Bluetooth controllers that the kernel drives, read from /sys/class/bluetooth.

use std::fs;
use std::path::Path;

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

#[cfg(test)]
mod tests {
    use super::*;

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
