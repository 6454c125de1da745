//! The exports that a person names.

use super::input::{Input, NoInput};
use crate::export_files::{self, FileRead};
use hybrid_policy::Exports;
use hybrid_policy::limits::MAX_FILE;
use std::path::{Path, PathBuf};

/// As the person named it.
pub(super) fn whole(path: &Path) -> String {
    match path == Path::new("-") {
        true => "standard input".to_owned(),
        false => path.display().to_string(),
    }
}

/// Reads exports; a folder stands for the files in it that end in `.json`.
///
/// # Errors
/// [`NoInput`] says which file, where in it, and why.
pub(super) fn read(input: &mut Input, paths: &[PathBuf]) -> Result<Exports, NoInput> {
    let mut files = Vec::new();
    for path in paths {
        for path in export_files::expanded(path).map_err(NoInput::Files)? {
            files.push(FileRead {
                name: whole(&path),
                // One byte more than is understood, so that its reader can say so.
                ..input.read(&path, MAX_FILE as u64 + 1)?
            });
        }
    }
    export_files::understood(&files).map_err(NoInput::Files)
}
