//! A policy's exports as files: a folder stands for the files in it that end in `.json`.

use hybrid_policy::limits::MAX_FILE;
use hybrid_policy::{ExportFile, ExportKind, Exports, ImportError, Moment};
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// A file that was read.
#[derive(Debug)]
pub struct FileRead {
    /// As findings call it.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
    /// When it was written, if that is known.
    pub written: Option<Moment>,
}

/// Reads the exports of a tenant. Files are named without their folders, which may name a person.
///
/// # Errors
/// [`NoExports`] says which file, where in it, and why.
pub fn read(paths: &[PathBuf]) -> Result<Exports, NoExports> {
    read_named(paths, short_name)
}

/// The same for whoever typed the paths, which name the files then.
///
/// # Errors
/// As [`read`].
pub fn read_as_typed(paths: &[PathBuf]) -> Result<Exports, NoExports> {
    read_named(paths, |path| path.display().to_string())
}

fn read_named(paths: &[PathBuf], name: impl Fn(&Path) -> String) -> Result<Exports, NoExports> {
    let mut files = Vec::new();
    for path in paths {
        for path in expanded(path)? {
            files.push(FileRead {
                name: name(&path),
                ..read_file(&path, MAX_FILE as u64)?
            });
        }
    }
    understood(&files)
}

/// The exports that the setting `policies` names for a site.
#[derive(Debug)]
pub struct SiteExports {
    /// What they say of anybody.
    pub exports: Exports,
    /// What was left out, because it speaks of one user.
    pub ignored: Vec<ExportKind>,
}

/// Reads what the setting names for a site, as agent, commands and doctor do alike.
///
/// # Errors
/// As [`read`].
pub fn read_for_site(paths: &[PathBuf]) -> Result<SiteExports, NoExports> {
    let exports = read(paths)?;
    Ok(SiteExports {
        ignored: exports.personal(),
        exports: exports.for_everybody(),
    })
}

/// The files that a path stands for.
///
/// # Errors
/// When a folder cannot be listed, or holds no export.
pub fn expanded(path: &Path) -> Result<Vec<PathBuf>, NoExports> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let inside = inside(path).map_err(|error| NoExports::Io {
        name: path.display().to_string(),
        error,
    })?;
    if inside.is_empty() {
        return Err(NoExports::EmptyFolder(path.to_owned()));
    }
    Ok(inside)
}

/// Reads a file whole.
///
/// # Errors
/// What the system says.
pub fn read_file(path: &Path, most: u64) -> Result<FileRead, NoExports> {
    let name = path.display().to_string();
    match hybrid_process::read(path, most) {
        Ok(bytes) => Ok(FileRead {
            name,
            bytes,
            written: written(path),
        }),
        Err(error) => Err(NoExports::Io { name, error }),
    }
}

/// Makes exports of files.
///
/// # Errors
/// [`NoExports::Unusable`] says which file, where in it, and why.
pub fn understood(files: &[FileRead]) -> Result<Exports, NoExports> {
    let files: Vec<ExportFile<'_>> = { files.iter() }
        .map(|file| ExportFile {
            name: &file.name,
            bytes: &file.bytes,
            written: file.written,
        })
        .collect();
    hybrid_policy::read(&files, now()).map_err(NoExports::Unusable)
}

/// Its last part.
pub fn short_name(path: &Path) -> String {
    path.file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

/// The clock.
pub fn now() -> Moment {
    moment(SystemTime::now()).unwrap_or(Moment(0))
}

fn inside(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let is_json =
            { path.extension() }.is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
        if is_json && path.is_file() {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn written(path: &Path) -> Option<Moment> {
    moment(fs::metadata(path).ok()?.modified().ok()?)
}

fn moment(time: SystemTime) -> Option<Moment> {
    let since = time.duration_since(UNIX_EPOCH).ok()?;
    Some(Moment(i64::try_from(since.as_secs()).ok()?))
}

/// Why there are no exports.
#[derive(Debug)]
pub enum NoExports {
    /// A file or folder that cannot be read.
    Io {
        /// Its name.
        name: String,
        /// What the system says.
        error: io::Error,
    },
    /// A folder without any export.
    EmptyFolder(PathBuf),
    /// Files that are no exports.
    Unusable(Vec<ImportError>),
}

impl fmt::Display for NoExports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { name, error } => write!(f, "cannot read {name}: {error}"),
            Self::EmptyFolder(path) => write!(
                f,
                "{}: no file in this folder ends in .json",
                path.display()
            ),
            Self::Unusable(errors) => {
                for (place, error) in errors.iter().enumerate() {
                    let separator = if place == 0 { "" } else { "\n  " };
                    write!(f, "{separator}{error}")?;
                }
                Ok(())
            }
        }
    }
}

impl std::error::Error for NoExports {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { error, .. } => Some(error),
            Self::EmptyFolder(_) => None,
            Self::Unusable(errors) => errors.first().map(|error| error as _),
        }
    }
}
