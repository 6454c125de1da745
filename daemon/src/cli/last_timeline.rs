//! The timeline of the last sign-in, kept so that a report made after a hang can tell of it.

use super::progress::Sink;
use std::env;
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::PathBuf;

/// Where it is: in the state folder of the person (XDG Base Directory Specification), if there is
/// one.
pub(super) fn path() -> Option<PathBuf> {
    let absolute = |name: &str| {
        env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let state = absolute("XDG_STATE_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".local/state")))?;
    Some(state.join("hybridd/last-timeline.jsonl"))
}

/// Opens it anew for a session. A sign-in does not depend on it: where it cannot be written it is
/// not.
pub(super) fn begin() -> Option<Sink> {
    let path = path()?;
    let folder = path.parent()?;
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .ok()?;
    Sink::open(&path, "").ok()
}
