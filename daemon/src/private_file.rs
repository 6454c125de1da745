//! Where private things are written: a file that is its owner's alone and appears whole, or a pipe,
//! terminal or device of one's own.
//!
//! A code that somebody else reads is somebody else's sign-in. What a path leads to is looked at
//! before it is opened, and nothing is opened that could make the program wait.

use rustix::fs::{FileType, Mode, OFlags, Stat};
use std::ffi::OsString;
use std::fmt;
use std::fs::{self, File, Metadata, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::fd::{AsFd as _, AsRawFd as _, OwnedFd};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// Where something private goes.
pub enum Place {
    /// A regular file, made anew under this path.
    File(PathBuf),
    /// A pipe, a terminal or a device, or whatever the caller has opened for us.
    Open(File),
}

impl Place {
    /// Looks at what is under a path; there may be nothing yet.
    ///
    /// # Errors
    /// [`NotPrivate`] says why nothing private is written there.
    pub fn find(path: &Path) -> Result<Self, NotPrivate> {
        if let Some(given) = given(path) {
            return given.map(Self::Open);
        }
        let link = match look(path, OFlags::NOFOLLOW) {
            Ok((_, stat)) => {
                FileType::from_raw_mode(stat.st_mode) == FileType::Symlink && {
                    follow(path, &stat)?;
                    true
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Self::File(path.to_owned()));
            }
            Err(error) => return Err(error.into()),
        };
        let (handle, stat) = look(path, OFlags::empty())?;
        match FileType::from_raw_mode(stat.st_mode) {
            // The file that a link leads to is replaced, and not the link.
            FileType::RegularFile if link => Ok(Self::File(fs::canonicalize(path)?)),
            FileType::RegularFile => Ok(Self::File(path.to_owned())),
            FileType::Fifo if stat.st_uid == own() => {
                let file = open(&handle)?;
                // As a file's: nobody else opens it from here on.
                file.set_permissions(Permissions::from_mode(0o600))?;
                Ok(Self::Open(file))
            }
            FileType::CharacterDevice if is_own_device(&stat) => Ok(Self::Open(open(&handle)?)),
            FileType::Fifo | FileType::CharacterDevice => {
                Err(NotPrivate::SomebodyElses(stat.st_uid))
            }
            FileType::Directory => Err(io::Error::from(io::ErrorKind::IsADirectory).into()),
            FileType::Symlink | FileType::Socket | FileType::BlockDevice | FileType::Unknown => {
                Err(NotPrivate::OtherKind)
            }
        }
    }

    /// Opens it for lines that are written one by one. A file is new and empty; who had opened the
    /// one before keeps that.
    ///
    /// # Errors
    /// What the file system says.
    pub fn stream(self) -> io::Result<File> {
        match self {
            Self::Open(file) => Ok(file),
            Self::File(path) => {
                let draft = Draft::new(&path)?;
                let file = draft.file.try_clone()?;
                draft.publish(&path)?;
                Ok(file)
            }
        }
    }

    /// Writes it whole or not at all; it is on the disk when this is over. Says which file it is,
    /// of those that keep it.
    ///
    /// # Errors
    /// What the file system says.
    pub fn write(self, content: &[u8]) -> io::Result<Option<Metadata>> {
        match self {
            Self::Open(mut file) => file.write_all(content).map(|()| None),
            Self::File(path) => {
                let mut draft = Draft::new(&path)?;
                draft.file.write_all(content)?;
                draft.file.sync_all()?;
                let written = draft.file.metadata()?;
                draft.publish(&path)?;
                Ok(Some(written))
            }
        }
    }

    /// Whether a file can be made here, before there is anything to write.
    ///
    /// # Errors
    /// What the file system says.
    pub fn try_out(&self) -> io::Result<()> {
        match self {
            Self::Open(_) => Ok(()),
            Self::File(path) => Draft::new(path).map(drop),
        }
    }
}

/// Writes something private as [`Place`] has it.
///
/// # Errors
/// [`NotPrivate`].
pub fn write_private(path: &Path, content: &[u8]) -> Result<(), NotPrivate> {
    Place::find(path)?.write(content)?;
    Ok(())
}

/// Why nothing private is written somewhere.
#[derive(Debug)]
#[non_exhaustive]
pub enum NotPrivate {
    /// What the system says.
    Io(io::Error),
    /// Nobody has opened the pipe for reading.
    NobodyReads,
    /// The pipe, terminal or device belongs to this user.
    SomebodyElses(u32),
    /// A link in a folder where everybody may write, made by somebody else.
    ForeignLink(u32),
    /// A socket or a disk.
    OtherKind,
}

impl fmt::Display for NotPrivate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::NobodyReads => f.write_str("no process reads this pipe: start the reader first"),
            Self::SomebodyElses(uid) => write!(
                f,
                "it belongs to another user (uid {uid}), who could read what is written: use a file, or a pipe or device that belongs to you"
            ),
            Self::ForeignLink(uid) => write!(
                f,
                "it is a link that another user (uid {uid}) created in a shared folder: use the path that it points to"
            ),
            Self::OtherKind => {
                f.write_str("expected a file, a pipe, a terminal or a device such as /dev/null")
            }
        }
    }
}

impl std::error::Error for NotPrivate {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            Self::NobodyReads | Self::SomebodyElses(_) | Self::ForeignLink(_) | Self::OtherKind => {
                None
            }
        }
    }
}

impl From<io::Error> for NotPrivate {
    fn from(error: io::Error) -> Self {
        // What the kernel says of a pipe without reader that is not waited for, and of a socket.
        if error.raw_os_error() == Some(rustix::io::Errno::NXIO.raw_os_error()) {
            Self::NobodyReads
        } else {
            Self::Io(error)
        }
    }
}

/// What the caller has opened for us (`/dev/stderr`, `/dev/fd/63` of `>(…)`), whoever made it. It
/// is neither emptied nor replaced.
fn given(path: &Path) -> Option<Result<File, NotPrivate>> {
    let standard = |fd: io::Result<OwnedFd>| Some(fd.map(File::from).map_err(NotPrivate::from));
    let text = path.to_str()?;
    let number = ["/dev/fd/", "/proc/self/fd/", "/proc/thread-self/fd/"]
        .iter()
        .find_map(|folder| text.strip_prefix(folder));
    match (text, number) {
        ("/dev/stdout", _) | (_, Some("1")) => standard(io::stdout().as_fd().try_clone_to_owned()),
        ("/dev/stderr", _) | (_, Some("2")) => standard(io::stderr().as_fd().try_clone_to_owned()),
        (_, Some(number)) if number.bytes().all(|digit| digit.is_ascii_digit()) => {
            let flags = OFlags::WRONLY
                | OFlags::APPEND
                | OFlags::NONBLOCK
                | OFlags::NOCTTY
                | OFlags::CLOEXEC;
            let opened = rustix::fs::open(path, flags, Mode::empty()).map_err(io::Error::from);
            Some(opened.and_then(wait_for_it).map_err(NotPrivate::from))
        }
        _ => None,
    }
}

/// What a path leads to, without opening it: a device may act on being opened.
fn look(path: &Path, more: OFlags) -> io::Result<(OwnedFd, Stat)> {
    let handle = rustix::fs::open(path, OFlags::PATH | OFlags::CLOEXEC | more, Mode::empty())?;
    let stat = rustix::fs::fstat(&handle)?;
    Ok((handle, stat))
}

/// Opens for writing what was looked at, whatever the path leads to by now. It does not wait for a
/// reader.
fn open(handle: &OwnedFd) -> Result<File, NotPrivate> {
    let path = format!("/proc/self/fd/{}", handle.as_raw_fd());
    let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let opened = rustix::fs::open(path, flags, Mode::empty()).map_err(io::Error::from)?;
    Ok(wait_for_it(opened)?)
}

/// Opening did not wait; a writer that has a thread of its own may.
fn wait_for_it(opened: OwnedFd) -> io::Result<File> {
    let flags = rustix::fs::fcntl_getfl(&opened)?;
    rustix::fs::fcntl_setfl(&opened, flags - OFlags::NONBLOCK)?;
    Ok(File::from(opened))
}

/// As the kernel's `protected_symlinks` has it, which may be switched off.
fn follow(path: &Path, link: &Stat) -> Result<(), NotPrivate> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => Path::new("."),
    };
    let (_, folder) = look(folder, OFlags::empty())?;
    let shared = Mode::from_raw_mode(folder.st_mode).contains(Mode::WOTH);
    if shared && link.st_uid != own() && link.st_uid != folder.st_uid {
        return Err(NotPrivate::ForeignLink(link.st_uid));
    }
    Ok(())
}

/// Devices that anybody may write to, and nobody reads what was written: null, zero, full. A
/// container may show them as nobody's.
fn is_own_device(stat: &Stat) -> bool {
    const MEMORY: u32 = 1;
    const HARMLESS: [u32; 3] = [3, 5, 7];
    let (major, minor) = (
        rustix::fs::major(stat.st_rdev),
        rustix::fs::minor(stat.st_rdev),
    );
    // /dev/tty is the terminal that the program was started from.
    let own_terminal = (major, minor) == (5, 0);
    stat.st_uid == own() || own_terminal || (major == MEMORY && HARMLESS.contains(&minor))
}

pub(crate) fn own() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// A file beside the one to write; it is gone when it does not take its place.
struct Draft {
    file: File,
    path: Option<PathBuf>,
}

impl Draft {
    fn new(beside: &Path) -> io::Result<Self> {
        let name = beside.file_name().ok_or(io::ErrorKind::InvalidFilename)?;
        // Not to be guessed: in a shared folder the name could be taken.
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(io::Error::other)?;
        let mut hidden = OsString::from(".");
        hidden.push(name);
        hidden.push(format!(".{}", hex::encode(random)));
        let path = beside.with_file_name(hidden);
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)?;
        Ok(Self {
            file,
            path: Some(path),
        })
    }

    fn publish(mut self, path: &Path) -> io::Result<()> {
        if let Some(draft) = &self.path {
            fs::rename(draft, path)?;
        }
        self.path = None;
        // Not every file system can; the file itself is there.
        if let Some(folder) = path.parent().and_then(|folder| File::open(folder).ok()) {
            let _ = folder.sync_all();
        }
        Ok(())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            let _ = fs::remove_file(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;
    use std::os::unix::fs::{MetadataExt as _, symlink};

    #[test]
    fn a_picture_is_its_owners_alone_even_over_an_old_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("qr.svg");
        fs::write(&path, "old, and longer").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        write_private(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(
            fs::read_dir(folder.path()).unwrap().count(),
            1,
            "no draft is left"
        );
    }

    #[test]
    fn what_cannot_be_written_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        assert!(write_private(&folder.path().join("missing/qr.svg"), b"x").is_err());
        let taken = folder.path().join("taken");
        fs::create_dir(&taken).unwrap();
        assert!(write_private(&taken, b"x").is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_device_is_written_to_and_stays_a_device() {
        for device in ["/dev/null", "/dev/fd/2", "/proc/self/fd/2"] {
            write_private(Path::new(device), b"").unwrap();
        }
        write_private(Path::new("/dev/null"), b"x").unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
        assert!(matches!(
            write_private(Path::new("/dev/full"), b"x"),
            Err(NotPrivate::Io(_))
        ));
    }

    #[test]
    fn who_has_another_name_for_the_old_file_does_not_see_the_new_content() {
        let folder = tempfile::tempdir().unwrap();
        let (path, other) = (folder.path().join("code.svg"), folder.path().join("other"));
        for stream in [false, true] {
            fs::write(&path, "old").unwrap();
            fs::hard_link(&path, &other).unwrap();
            let place = Place::find(&path).unwrap();
            if stream {
                place.stream().unwrap().write_all(b"code").unwrap();
            } else {
                place.write(b"code").unwrap();
            }
            assert_eq!(fs::read(&other).unwrap(), b"old");
            assert_eq!(fs::read(&path).unwrap(), b"code");
            assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
            fs::remove_file(&other).unwrap();
        }
    }

    #[test]
    fn a_link_of_ones_own_stays_and_what_it_leads_to_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "old").unwrap();
        symlink(&file, &link).unwrap();
        write_private(&link, b"new").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }

    #[test]
    fn a_pipe_is_not_waited_for_and_is_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pipe");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &path,
            FileType::Fifo,
            Mode::from_raw_mode(0o644),
            0,
        )
        .unwrap();
        assert!(matches!(Place::find(&path), Err(NotPrivate::NobodyReads)));
        let mut reader = OpenOptions::new()
            .read(true)
            .custom_flags(OFlags::NONBLOCK.bits() as i32)
            .open(&path)
            .unwrap();
        write_private(&path, b"code").unwrap();
        let mut got = String::new();
        reader.read_to_string(&mut got).unwrap();
        assert_eq!(got, "code");
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_socket_is_no_place_for_a_code() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
        assert!(matches!(
            write_private(&path, b"code"),
            Err(NotPrivate::OtherKind)
        ));
    }
}
