//! Where the agent keeps what outlives it, and where it says how it is.

use crate::history::HistoryStore;
use crate::xdg;
use std::ffi::OsString;
use std::io;
use std::path::PathBuf;

/// Folders of one person (XDG Base Directory Specification).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Folders {
    state: PathBuf,
    runtime: PathBuf,
}

impl Folders {
    /// As the variables have it; `None` without a home folder.
    pub fn of_person(variable: impl Fn(&str) -> Option<OsString>) -> Option<Self> {
        let state = xdg::own_state(&variable)?;
        let runtime = xdg::own_runtime(&variable).unwrap_or_else(|| state.clone());
        Some(Self { state, runtime })
    }

    /// Makes them, for their owner alone.
    ///
    /// # Errors
    /// What the file system says.
    pub fn create(&self) -> io::Result<()> {
        xdg::make_private(&self.state)?;
        xdg::make_private(&self.runtime)
    }

    /// Whether the key is wanted.
    pub fn switch(&self) -> PathBuf {
        self.state.join("key.json")
    }

    /// Which credentials were seen.
    pub fn memory(&self) -> PathBuf {
        self.state.join("credentials.jsonl")
    }

    /// One line for each ceremony.
    pub fn history(&self) -> HistoryStore {
        HistoryStore::below(&self.state)
    }

    /// Held by the agent that runs.
    pub fn lock(&self) -> PathBuf {
        self.runtime.join("agent.lock")
    }

    /// How it is.
    pub fn standing(&self) -> PathBuf {
        self.runtime.join("agent.json")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_and_what_ends_with_the_session_lie_apart() {
        let of = |set: &'static [(&str, &str)]| {
            Folders::of_person(|name| {
                let found = set.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).into())
            })
        };
        assert_eq!(of(&[("HOME", "relative")]), None);
        let folders = of(&[("HOME", "/me"), ("XDG_RUNTIME_DIR", "/run/user/7")]).unwrap();
        let state = PathBuf::from("/me/.local/state/hybridd");
        assert_eq!(folders.memory(), state.join("credentials.jsonl"));
        assert_eq!(
            folders.lock(),
            PathBuf::from("/run/user/7/hybridd/agent.lock")
        );
        let folders = of(&[("HOME", "/me"), ("XDG_STATE_HOME", "/s")]).unwrap();
        assert_eq!(folders.standing(), PathBuf::from("/s/hybridd/agent.json"));
    }
}
