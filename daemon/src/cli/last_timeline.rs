//! The timeline of the last sign-in, kept so that a report made after a hang can tell of it.
//!
//! It begins with its version. What a newer hybridd has written, or what is no timeline at all, is
//! left as it is.

use super::progress::Sink;
use super::say::say;
use crate::xdg;
use hybrid_diagnosis::check::{Check, Verdict};
use hybrid_diagnosis::timeline::{AboutSignIn, LoadError, Loaded, Timeline, VERSION};
use hybrid_process::{READING, open, within};
use std::env;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The first line of any version is shorter.
const LONGEST_LINE: u64 = 16 * 1024;

/// What is remembered of the last sign-in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Remembered {
    /// There is none.
    Nothing,
    /// It is of this version, or an older one.
    Ours,
    /// It is of a newer version, this one.
    Newer(u64),
    /// It is no timeline.
    Foreign,
    /// It cannot be read, and this is what the system says.
    Unreadable(String),
}

/// Where it is: in the state folder of the person, if there is one.
pub(super) fn path() -> Option<PathBuf> {
    let state = xdg::own_state(|name| env::var_os(name))?;
    Some(state.join("last-timeline.jsonl"))
}

/// Where it is, or would be, as it ends a sentence about it.
pub(super) fn place() -> String {
    let Some(path) = path() else {
        return "is not kept, as there is no home folder".to_owned();
    };
    match look(&path) {
        Remembered::Nothing => format!("would be in {}, but none is kept", told(&path)),
        Remembered::Ours
        | Remembered::Newer(_)
        | Remembered::Foreign
        | Remembered::Unreadable(_) => format!("is in {}", told(&path)),
    }
}

fn told(path: &Path) -> impl fmt::Display {
    xdg::told(path, |name| env::var_os(name))
        .display()
        .to_string()
}

/// Looks at what is there, without waiting for anybody.
pub(super) fn look(path: &Path) -> Remembered {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() && metadata.len() > 0 => {}
        // Whoever put a device or a pipe of his own there wants it to be written to.
        Ok(_) => return Remembered::Nothing,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Remembered::Nothing,
        Err(error) => return Remembered::Unreadable(error.to_string()),
    }
    let mut line = Vec::new();
    let read = File::open(path).and_then(|file| {
        let mut file = BufReader::new(file.take(LONGEST_LINE));
        file.read_until(b'\n', &mut line)
    });
    // A full disk, or whoever ended us, left the beginning of our own first line.
    let header = format!("{}\n", Timeline::header());
    if read.is_ok() && !line.ends_with(b"\n") && header.as_bytes().starts_with(&line) {
        return Remembered::Nothing;
    }
    match read.map(|_| Timeline::version(&line)) {
        Ok(Some(version)) if version > VERSION => Remembered::Newer(version),
        Ok(Some(_)) => Remembered::Ours,
        Ok(None) => Remembered::Foreign,
        Err(error) => Remembered::Unreadable(error.to_string()),
    }
}

/// Opens it anew for a session. A sign-in does not depend on it: where it cannot be written it is
/// not.
pub(super) fn begin(about: &AboutSignIn) -> Option<Sink> {
    let path = path()?;
    match look(&path) {
        Remembered::Nothing | Remembered::Ours => {}
        other @ (Remembered::Newer(_) | Remembered::Foreign | Remembered::Unreadable(_)) => {
            say(&format!(
                "hybridd: {}: {other}; it is left unchanged, and the timeline of this sign-in is not kept.",
                told(&path)
            ));
            return None;
        }
    }
    xdg::make_private(path.parent()?).ok()?;
    let mut sink = Sink::open(&path, "").ok()?;
    sink.write(&Timeline::header());
    sink.write(&about.to_json());
    Some(sink)
}

/// How nothing is kept.
pub(super) const TURNED_OFF: &str =
    "to keep none, use keep_timeline = false in the settings or --keep-timeline false";

/// Reads a timeline, and waits no longer for it than for a file.
///
/// # Errors
/// [`LoadError`], when it is none.
pub(super) fn load(path: &Path) -> Result<Loaded, LoadError> {
    let file = BufReader::new(open(path)?);
    within(READING, || Timeline::load(file))?
}

/// What is kept and may go into a report, with its place as it is told.
pub(super) fn kept() -> Option<(Loaded, String)> {
    let path = path().filter(|path| look(path) == Remembered::Ours)?;
    Some((load(&path).ok()?, told(&path).to_string()))
}

/// A step of the doctor's. `keep` is whether a sign-in keeps its timeline.
pub(super) fn check(keep: bool) -> Option<Check> {
    let path = path()?;
    let found = look(&path);
    let place = told(&path);
    let verdict = match found {
        Remembered::Nothing | Remembered::Ours => Verdict::Ok,
        Remembered::Newer(_) | Remembered::Foreign | Remembered::Unreadable(_) => {
            Verdict::NotChecked(format!("{place}: {found}; it is left unchanged"))
        }
    };
    let about = (found == Remembered::Ours)
        .then(|| load(&path).ok()?.about)
        .flatten();
    let about = about.map_or_else(String::new, |about| format!(" ({about})"));
    let evidence = if keep {
        format!("{place}: {found}{about}; {TURNED_OFF}")
    } else if found == Remembered::Ours {
        format!(
            "{place}: no more timelines are kept (keep_timeline = false); an earlier one still exists{about}, but bundles do not include it"
        )
    } else {
        format!("{place}: no timeline is kept (keep_timeline = false)")
    };
    Some(Check::new(
        "settings: last sign-in",
        Duration::ZERO,
        &evidence,
        verdict,
    ))
}

impl fmt::Display for Remembered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("no timeline has been kept yet"),
            Self::Ours => f.write_str("its timeline is kept"),
            Self::Newer(version) => write!(
                f,
                "a newer version of hybridd wrote it (timeline version {version}; this one supports up to {VERSION})"
            ),
            Self::Foreign => {
                f.write_str("it is not a timeline that this version of hybridd understands")
            }
            Self::Unreadable(why) => write!(f, "it cannot be read: {why}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_told_apart_by_its_first_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("last-timeline.jsonl");
        assert_eq!(look(&path), Remembered::Nothing);
        let ours = format!("{}\n", Timeline::header());
        let before = "{\"ev\":\"stage\",\"stage\":\"advert\",\"ms\":0}\n";
        let newer = "{\"ev\":\"timeline\",\"version\":2}\n{}\n";
        for (content, found) in [
            ("", Remembered::Nothing),
            (&ours, Remembered::Ours),
            (before, Remembered::Ours),
            (newer, Remembered::Newer(2)),
            ("{\"ev\":\"timel", Remembered::Nothing),
            ("{\"ev\":\"time!", Remembered::Foreign),
            ("my notes\n", Remembered::Foreign),
            (&"x".repeat(100_000), Remembered::Foreign),
        ] {
            fs::write(&path, content).unwrap();
            assert_eq!(look(&path), found, "{content:.40}");
        }
        let missing = folder.path().join("last-timeline.jsonl/below");
        assert!(matches!(look(&missing), Remembered::Unreadable(_)));
        assert_eq!(look(folder.path()), Remembered::Nothing);
    }
}
