//! A path as it is told. Reports go to others, and folders are named after people.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Folders whose members are people's.
const OF_PEOPLE: [&str; 5] = ["/home", "/var/home", "/Users", "/media", "/run/media"];

/// The path with `~` for the home folder, and without the names of its owner and of other people.
pub fn told(path: &Path, home: Option<&OsStr>) -> PathBuf {
    let home = { home.map(Path::new) }.filter(|home| home.parent().is_some());
    if let Some(below) = home.and_then(|home| path.strip_prefix(home).ok()) {
        return Path::new("~").join(below);
    }
    let owner = home.and_then(Path::file_name);
    let mut folders = OF_PEOPLE.iter().map(Path::new);
    let of_people = folders.find(|folder| path.starts_with(folder));
    // The part that follows.
    let person = of_people.map(|folder| folder.components().count());
    let parts = path.components().enumerate().map(|(place, part)| {
        let part = part.as_os_str();
        if Some(place) == person || Some(part) == owner {
            OsStr::new("…")
        } else {
            part
        }
    });
    parts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_told_without_the_name_of_its_owner_or_of_another_person() {
        let of_bob = Some(OsStr::new("/home/bob"));
        for (home, path, as_told) in [
            (of_bob, "/home/bob/x/ca.pem", "~/x/ca.pem"),
            (of_bob, "/home/alice/ca.pem", "/home/…/ca.pem"),
            (of_bob, "/home/bobby/ca.pem", "/home/…/ca.pem"),
            (of_bob, "/var/home/bob/ca.pem", "/var/home/…/ca.pem"),
            (
                of_bob,
                "/run/media/alice/stick/ca.pem",
                "/run/media/…/stick/ca.pem",
            ),
            (of_bob, "/srv/users/bob/ca.pem", "/srv/users/…/ca.pem"),
            (of_bob, "/etc/ssl/ca.pem", "/etc/ssl/ca.pem"),
            (of_bob, "relative/ca.pem", "relative/ca.pem"),
            (None, "/home/alice/ca.pem", "/home/…/ca.pem"),
            (None, "/x", "/x"),
            (Some(OsStr::new("/")), "/etc/x", "/etc/x"),
            (Some(OsStr::new("")), "/etc/x", "/etc/x"),
        ] {
            assert_eq!(told(Path::new(path), home), Path::new(as_told), "{path}");
        }
    }
}
