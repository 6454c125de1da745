//! The folders of a person (XDG Base Directory Specification).

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Where settings are, if it can be told.
pub fn config_home(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    home(variable, "XDG_CONFIG_HOME", ".config")
}

/// Where programs keep what they remember, if it can be told.
pub fn state_home(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    home(variable, "XDG_STATE_HOME", ".local/state")
}

/// Where programs of a session keep what ends with it, if there is such a place.
pub fn runtime_dir(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    absolute(&variable, "XDG_RUNTIME_DIR")
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
        let state = state_home(|name| (name == "HOME").then(|| "/me".into()));
        assert_eq!(state, Some("/me/.local/state".into()));
    }
}
