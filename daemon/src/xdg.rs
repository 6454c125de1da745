//! The folders of a person (XDG Base Directory Specification).

use std::ffi::OsString;
use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

/// The folder of this program, in those of all programs.
const OURS: &str = "hybridd";
/// A folder that only its owner may look into.
const PRIVATE: u32 = 0o700;

/// Where settings are, if it can be told.
pub fn config_home(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    home(variable, "XDG_CONFIG_HOME", ".config")
}

/// Where this program keeps what it remembers, if it can be told.
pub fn own_state(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    Some(home(variable, "XDG_STATE_HOME", ".local/state")?.join(OURS))
}

/// Where this program keeps what ends with the session, if there is such a place.
pub fn own_runtime(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    Some(runtime_dir(variable)?.join(OURS))
}

/// Where programs of a session keep what ends with it, if there is such a place.
pub fn runtime_dir(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    absolute(&variable, "XDG_RUNTIME_DIR")
}

/// Makes a folder, and those above it that are missing, for their owner alone. One that is there
/// stays as it is: whose the files in it are is looked at when they are opened.
///
/// # Errors
/// What the file system says.
pub fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true).mode(PRIVATE).create(folder)
}

/// A path as it is told, also in reports that go to others.
pub fn told(path: &Path, variable: impl Fn(&str) -> Option<OsString>) -> PathBuf {
    hybrid_process::told(path, variable("HOME").as_deref())
}

fn home(
    variable: impl Fn(&str) -> Option<OsString>,
    name: &str,
    below_home: &str,
) -> Option<PathBuf> {
    absolute(&variable, name).or_else(|| Some(absolute(&variable, "HOME")?.join(below_home)))
}

/// A path that is not absolute is to be ignored.
fn absolute(variable: &impl Fn(&str) -> Option<OsString>, name: &str) -> Option<PathBuf> {
    let path = variable(name).map(PathBuf::from);
    path.filter(|path| path.is_absolute())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

    #[test]
    fn a_folder_is_the_variables_or_the_usual_one_below_home() {
        let with = |set: &'static [(&'static str, &'static str)]| {
            config_home(|name| {
                let found = set.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).into())
            })
        };
        assert_eq!(with(&[]), None);
        assert_eq!(with(&[("HOME", "me")]), None, "not absolute");
        for set in [
            &[("HOME", "/me")] as &'static [_],
            &[("HOME", "/me"), ("XDG_CONFIG_HOME", "")],
            &[("HOME", "/me"), ("XDG_CONFIG_HOME", "relative")],
            &[("XDG_CONFIG_HOME", "/me/.config")],
        ] {
            assert_eq!(with(set), Some("/me/.config".into()), "{set:?}");
        }
        for (path, as_told) in [
            ("/me/.config/x", "~/.config/x"),
            ("/meet/x", "/meet/x"),
            ("/etc/x", "/etc/x"),
        ] {
            let home = |name: &str| (name == "HOME").then(|| "/me".into());
            assert_eq!(told(Path::new(path), home), Path::new(as_told));
        }
        let state = own_state(|name| (name == "HOME").then(|| "/me".into()));
        assert_eq!(state, Some("/me/.local/state/hybridd".into()));
    }

    #[test]
    fn a_folder_and_those_above_it_are_made_for_their_owner_alone_and_one_that_is_there_stays() {
        let home = tempfile::tempdir().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
        let (state, ours) = (home.path().join("state"), home.path().join("state/hybridd"));
        make_private(&ours).unwrap();
        assert_eq!((mode(&state), mode(&ours)), (0o700, 0o700));
        fs::set_permissions(&ours, Permissions::from_mode(0o750)).unwrap();
        make_private(&ours).unwrap();
        assert_eq!(mode(&ours), 0o750);

        fs::write(home.path().join("file"), "").unwrap();
        let error = make_private(&home.path().join("file/hybridd")).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotADirectory);
    }
}
