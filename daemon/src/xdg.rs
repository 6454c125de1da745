//! The folders of a person (XDG Base Directory Specification).

use std::ffi::OsString;
use std::path::PathBuf;

/// Where settings are, if it can be told.
pub fn config_home(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    home(variable, "XDG_CONFIG_HOME", ".config")
}

/// Where programs keep what they remember, if it can be told.
pub fn state_home(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    home(variable, "XDG_STATE_HOME", ".local/state")
}

/// A path that is not absolute is to be ignored.
fn home(
    variable: impl Fn(&str) -> Option<OsString>,
    name: &str,
    below_home: &str,
) -> Option<PathBuf> {
    let absolute = |name| {
        let path = variable(name).map(PathBuf::from);
        path.filter(|path| path.is_absolute())
    };
    absolute(name).or_else(|| absolute("HOME").map(|home| home.join(below_home)))
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
        let state = state_home(|name| (name == "HOME").then(|| "/me".into()));
        assert_eq!(state, Some("/me/.local/state".into()));
    }
}
