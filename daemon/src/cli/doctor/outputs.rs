//! The files that a report is written to: two, when there are two.

use std::fmt;
use std::path::{Path, PathBuf};

/// Checks that the page and the bundle go to files, and not to the same one, whatever it is called.
///
/// # Errors
/// [`UnusableOutput`], before anything is examined.
pub(in crate::cli) fn check_outputs(
    html: Option<&Path>,
    bundle: Option<&Path>,
) -> Result<(), UnusableOutput> {
    if { [html, bundle].into_iter().flatten() }.any(|path| path == Path::new("-")) {
        return Err(UnusableOutput::NoFile);
    }
    match html.zip(bundle) {
        Some((html, bundle)) if resolved(html) == resolved(bundle) => {
            Err(UnusableOutput::Same(html.to_owned()))
        }
        Some(_) | None => Ok(()),
    }
}

/// Where a path leads; the file itself need not be there yet.
fn resolved(path: &Path) -> PathBuf {
    let whole = path.canonicalize().ok();
    let below = || {
        let folder = path.parent()?;
        let here = Path::new(".");
        let folder = if folder.as_os_str().is_empty() {
            here
        } else {
            folder
        };
        Some(folder.canonicalize().ok()?.join(path.file_name()?))
    };
    whole.or_else(below).unwrap_or_else(|| path.to_owned())
}

/// Why a report cannot be written as it was asked for.
#[derive(Debug)]
pub(in crate::cli) enum UnusableOutput {
    /// The page and the bundle would be one file.
    Same(PathBuf),
    /// `-`, which elsewhere is standard input or a terminal.
    NoFile,
}

impl fmt::Display for UnusableOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Same(path) => write!(
                f,
                "--html and --bundle name the same file ({}), and the bundle would replace the page: name two files",
                path.display()
            ),
            Self::NoFile => f.write_str(
                "--html and --bundle write files, and - is none: name a file (./- is one of that name)",
            ),
        }
    }
}

impl std::error::Error for UnusableOutput {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    #[test]
    fn one_file_under_two_names_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("there"), "").unwrap();
        symlink("there", at("link")).unwrap();
        for (html, bundle, refused) in [
            ("a", "a", true),
            ("a", "./a", true),
            ("there", "link", true),
            ("a", "b", false),
            ("there", "b", false),
        ] {
            let checked = check_outputs(Some(&at(html)), Some(&at(bundle)));
            assert_eq!(checked.is_err(), refused, "{html} {bundle}");
        }
        assert!(check_outputs(Some(&at("a")), None).is_ok());
    }

    #[test]
    fn a_dash_is_no_file() {
        let dash = Some(Path::new("-"));
        assert!(check_outputs(dash, None).is_err());
        assert!(check_outputs(Some(Path::new("a")), dash).is_err());
        assert!(check_outputs(Some(Path::new("./-")), None).is_ok());
    }
}
