//! The settings files: where they are, whose they must be, and their text. Whatever lies there takes
//! neither memory nor time without end.

use crate::settings::source::SettingsProblem;
use crate::xdg;
use rustix::fs::{Mode, OFlags};
use std::ffi::OsString;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// A file with all settings and a page of comments on each is a tenth of it.
const LONGEST: usize = 64 * 1024;

/// The settings files, the one that is read last winning.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SettingsFiles {
    /// The administrator's, which may lock keys.
    pub system: SettingsFile,
    /// The person's, if there is a home folder.
    pub own: Option<SettingsFile>,
}

/// One settings file, which need not be there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SettingsFile {
    /// Where it is.
    pub path: PathBuf,
    /// How that is told.
    pub told: PathBuf,
}

impl SettingsFiles {
    /// Where they are on this computer.
    pub fn of_system(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let own = xdg::config_home(&variable).map(|home| home.join("hybridd/config.toml"));
        Self {
            system: PathBuf::from("/etc/hybridd/config.toml").into(),
            own: own.map(|path| SettingsFile {
                told: xdg::told(&path, variable),
                path,
            }),
        }
    }
}

impl From<PathBuf> for SettingsFile {
    fn from(path: PathBuf) -> Self {
        Self {
            told: path.clone(),
            path,
        }
    }
}

/// Whose files are read. An administrator's locks are worth nothing in a file that others can
/// write, and a file of settings that somebody else writes decides who hears of a sign-in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Trusted {
    /// Root's alone.
    Root,
    /// The person's own, or root's, which a system that is described as a whole makes for him.
    Own { user: u32, group: u32 },
}

impl Trusted {
    pub(super) fn own() -> Self {
        Self::Own {
            user: rustix::process::geteuid().as_raw(),
            group: rustix::process::getegid().as_raw(),
        }
    }

    /// What is wrong with owner and mode.
    fn objection(self, metadata: &Metadata) -> Option<String> {
        let (owner, group) = (metadata.uid(), metadata.gid());
        let mode = Mode::from_raw_mode(metadata.mode());
        let (is_owner, is_group) = match self {
            Self::Root => (owner == 0, group == 0),
            Self::Own { user, group: own } => (owner == user || owner == 0, group == own),
        };
        if !is_owner {
            let whose = match self {
                Self::Root => "root",
                Self::Own { .. } => "you or root",
            };
            return Some(format!(
                "it belongs to another user (uid {owner}), so hybridd does not use it: change its owner to {whose} (chown)"
            ));
        }
        // A group of one's own is usual, and files are writable by it.
        let others = mode.contains(Mode::WOTH) || (mode.contains(Mode::WGRP) && !is_group);
        others.then(|| {
            "other users can write to it, so hybridd does not use it: remove that permission (chmod go-w)".to_owned()
        })
    }
}

/// The text of a file; nothing when there is none.
pub(super) fn read(
    SettingsFile { path, told }: &SettingsFile,
    whose: Trusted,
) -> Result<Option<String>, SettingsProblem> {
    let wrong = |why: &str| SettingsProblem::new(told.display(), why);
    // Before it is opened: a device may act on that.
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => {}
        Ok(_) => return Err(wrong("expected a file, got a folder, pipe or device")),
        Err(error) if is_absent(&error) && fs::symlink_metadata(path).is_ok() => {
            return Err(wrong("it is a dangling link"));
        }
        Err(error) if is_absent(&error) => return Ok(None),
        Err(error) => return Err(SettingsProblem::unread(told.display(), error)),
    }
    let (file, metadata) =
        open(path).map_err(|error| SettingsProblem::unread(told.display(), error))?;
    if !metadata.is_file() {
        return Err(wrong("expected a file, got a folder, pipe or device"));
    }
    if let Some(objection) = whose.objection(&metadata) {
        return Err(wrong(&objection));
    }
    let mut bytes = Vec::new();
    file.take(LONGEST as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| SettingsProblem::unread(told.display(), error))?;
    text(&bytes).map(Some).map_err(|wrong| match wrong {
        NoText::TooLong => SettingsProblem::new(told.display(), "it is longer than 64 KiB"),
        NoText::Utf16 => {
            SettingsProblem::new(told.display(), "it is UTF-16, not UTF-8: save it as UTF-8")
        }
        NoText::Line(line) => SettingsProblem::new(
            format_args!("{}:{line}", told.display()),
            "this is not UTF-8 text",
        ),
    })
}

fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// Does not wait, whatever took the file's place meanwhile.
fn open(path: &Path) -> io::Result<(File, Metadata)> {
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(i32::try_from(flags.bits()).unwrap_or_default())
        .open(path)?;
    let metadata = file.metadata()?;
    Ok((file, metadata))
}

/// Why bytes are no text of settings.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum NoText {
    TooLong,
    Utf16,
    /// It is not UTF-8 from this line on.
    Line(usize),
}

/// UTF-8, with or without the mark that some editors put before it.
pub(crate) fn text(bytes: &[u8]) -> Result<String, NoText> {
    const MARK: [u8; 3] = [0xef, 0xbb, 0xbf];
    if bytes.len() > LONGEST {
        return Err(NoText::TooLong);
    }
    if let [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [_, 0, _, 0, ..] | [0, _, 0, _, ..] = bytes {
        return Err(NoText::Utf16);
    }
    let bytes = bytes.strip_prefix(&MARK).unwrap_or(bytes);
    std::str::from_utf8(bytes)
        .map(str::to_owned)
        .map_err(|error| {
            let good = bytes.get(..error.valid_up_to()).unwrap_or_default();
            NoText::Line(good.iter().filter(|byte| **byte == b'\n').count() + 1)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::fs::Permissions;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    fn read(path: &Path, whose: Trusted) -> Result<Option<String>, SettingsProblem> {
        super::read(&path.to_owned().into(), whose)
    }

    fn why(path: &Path, whose: Trusted) -> String {
        let why = read(path, whose).unwrap_err().to_string();
        let place = format!("{}: ", path.display());
        why.strip_prefix(&place).unwrap_or(&why).to_owned()
    }

    #[test]
    fn a_file_that_is_not_there_is_no_file_and_a_link_to_nothing_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        assert_eq!(read(&path, Trusted::own()).unwrap(), None);
        let below_a_file = folder.path().join("file/config.toml");
        fs::write(folder.path().join("file"), "").unwrap();
        assert_eq!(read(&below_a_file, Trusted::own()).unwrap(), None);
        symlink("missing", &path).unwrap();
        assert_eq!(why(&path, Trusted::own()), "it is a dangling link");
    }

    #[test]
    fn pipes_folders_and_devices_are_refused_without_waiting() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let kind = rustix::fs::FileType::Fifo;
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, kind, 0o600.into(), 0).unwrap();
        for path in [pipe.as_path(), folder.path(), Path::new("/dev/zero")] {
            assert!(
                why(path, Trusted::own()).starts_with("expected a file"),
                "{path:?}"
            );
        }
    }

    #[test]
    fn a_file_that_others_can_write_is_not_taken() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        fs::write(&path, "qr = \"text\"\n").unwrap();
        let metadata = fs::metadata(&path).unwrap();
        let own = Trusted::Own {
            user: metadata.uid(),
            group: metadata.gid(),
        };
        let of_another_group = Trusted::Own {
            user: metadata.uid(),
            group: metadata.gid() + 1,
        };
        for (mode, whose, taken) in [
            (0o600, own, true),
            (0o644, own, true),
            (0o664, own, true),
            (0o664, of_another_group, false),
            (0o646, own, false),
            (0o444, of_another_group, true),
        ] {
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            let read = read(&path, whose);
            assert_eq!(read.is_ok(), taken, "{mode:o} {whose:?}");
            if let Err(error) = read {
                assert!(error.to_string().contains("chmod go-w"), "{error}");
            }
        }
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        let metadata = fs::metadata(&path).unwrap();
        assert_eq!(
            Trusted::Root.objection(&metadata).is_none(),
            metadata.uid() == 0
        );
        // /proc/version is root's.
        let metadata = fs::metadata("/proc/self/status").unwrap();
        let stranger = Trusted::Own {
            user: metadata.uid() + 1,
            group: 1,
        };
        assert_eq!(stranger.objection(&metadata).is_some(), metadata.uid() != 0);
    }

    #[test]
    fn what_is_no_text_is_told_by_what_it_is() {
        for (bytes, told) in [
            (b"\xef\xbb\xbfqr = 1".to_vec(), Ok("qr = 1".to_owned())),
            (b"".to_vec(), Ok(String::new())),
            (b"\xff\xfeq\0".to_vec(), Err(NoText::Utf16)),
            (b"\xfe\xff\0q".to_vec(), Err(NoText::Utf16)),
            (b"q\0r\0".to_vec(), Err(NoText::Utf16)),
            (b"# a\n\n# gr\xfc\xdf\n".to_vec(), Err(NoText::Line(3))),
            (vec![b'#'; LONGEST], Ok("#".repeat(LONGEST))),
            (vec![b'#'; LONGEST + 1], Err(NoText::TooLong)),
        ] {
            assert_eq!(text(&bytes), told);
        }
    }

    #[test]
    fn the_persons_file_is_where_the_specification_has_it() {
        let of = |set: &'static [(&'static str, &'static str)]| {
            SettingsFiles::of_system(|name| {
                let found = set.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).into())
            })
        };
        let own = |path: &str, told: &str| {
            Some(SettingsFile {
                path: path.into(),
                told: told.into(),
            })
        };
        assert_eq!(of(&[]).own, None);
        assert_eq!(of(&[]).system.told, Path::new("/etc/hybridd/config.toml"));
        assert_eq!(
            of(&[("HOME", "/me"), ("XDG_CONFIG_HOME", "x")]).own,
            own(
                "/me/.config/hybridd/config.toml",
                "~/.config/hybridd/config.toml"
            )
        );
        assert_eq!(
            of(&[("HOME", "/me"), ("XDG_CONFIG_HOME", "/x")]).own,
            own("/x/hybridd/config.toml", "/x/hybridd/config.toml")
        );
    }

    proptest! {
        #[test]
        fn reading_any_bytes_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = text(&bytes);
        }
    }
}
