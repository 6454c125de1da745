//! From files and folders to exports.

use super::input::{FileRead, Input, NoInput, now};
use hybrid_policy::limits::MAX_FILE;
use hybrid_policy::{ExportFile, Exports};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// As the person named it.
pub(super) fn whole(path: &Path) -> String {
    match path == Path::new("-") {
        true => "standard input".to_owned(),
        false => path.display().to_string(),
    }
}

/// Reads exports, called by these names; a folder stands for the files in it that end in `.json`.
///
/// # Errors
/// [`NoInput`] says which file, where in it, and why.
pub(super) fn read(
    input: &mut Input,
    paths: &[PathBuf],
    named: fn(&Path) -> String,
) -> Result<Exports, NoInput> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            let inside = inside(path).map_err(|error| NoInput::Io {
                name: path.display().to_string(),
                error,
            })?;
            if inside.is_empty() {
                return Err(NoInput::EmptyFolder(path.clone()));
            }
            for path in inside {
                files.push(file(input, &path, named)?);
            }
        } else {
            files.push(file(input, path, named)?);
        }
    }
    let files: Vec<ExportFile<'_>> = { files.iter() }
        .map(|file| ExportFile {
            name: &file.name,
            bytes: &file.bytes,
            written: file.written,
        })
        .collect();
    hybrid_policy::read(&files, now()).map_err(NoInput::Exports)
}

fn file(input: &mut Input, path: &Path, named: fn(&Path) -> String) -> Result<FileRead, NoInput> {
    // One byte more than is understood, so that its reader can say so.
    let read = input.read(path, MAX_FILE as u64 + 1)?;
    Ok(FileRead {
        name: named(path),
        ..read
    })
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
