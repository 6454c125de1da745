//! The exports that a person names.

use super::input::{Input, NoInput};
use crate::export_files::{self, FileRead};
use hybrid_policy::Exports;
use hybrid_policy::limits::MAX_FILE;
use std::path::{Path, PathBuf};

/// Which files: with `--policy`, as `register` and `report` name them, or without.
#[derive(clap::Args)]
#[group(required = true, multiple = true)]
pub(super) struct ExportArgs {
    /// Exports of the policy, of one user's methods or of the user's groups; a folder stands for its
    /// .json files, and - for standard input.
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The same, as register and report name them.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    policy: Vec<PathBuf>,
}

impl ExportArgs {
    pub(super) fn read(&self, input: &mut Input) -> Result<Exports, NoInput> {
        read(input, &[&self.files[..], &self.policy].concat())
    }
}

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
                ..input.read(&path, MAX_FILE as u64)?
            });
        }
    }
    export_files::understood(&files).map_err(NoInput::Files)
}
