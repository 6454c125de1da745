//! The pages of a program, and its completions, written to a folder.

use crate::command_page::CommandPage;
use crate::completions::completions;
use crate::man::ManPage;
use clap::Command;
use std::env;
use std::fs;
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A program's.
pub struct Manual<'a> {
    /// Its command line.
    pub program: &'a Command,
    /// The day on which the pages are made, as people write it.
    pub date: String,
    /// What a page says beyond the options, by the page's name, such as `hybridd-key-on`.
    pub page: fn(&str) -> CommandPage,
    /// Files with what they hold.
    pub files: Vec<(String, String)>,
    /// Environment variables with what they set.
    pub variables: Vec<(String, String)>,
}

impl Manual<'_> {
    /// Writes a man page for each command that is shown, and what bash, zsh and fish complete. Makes
    /// the folder if it is not there.
    ///
    /// # Errors
    /// What the file system says. Files are whole, or as they were.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        let mut whole = self.program.clone().disable_help_subcommand(true);
        whole.build();
        self.write_pages(folder, &whole, None)?;
        let scripts = completions(self.program);
        scripts
            .iter()
            .try_for_each(|(name, script)| put(folder, name, script))
    }

    /// A page for a command, and one for each below it.
    fn write_pages(&self, folder: &Path, command: &Command, above: Option<&str>) -> io::Result<()> {
        let name = command.get_display_name().unwrap_or(command.get_name());
        let program = self.program.get_name();
        let version = self.program.get_version().unwrap_or_default();
        let page = ManPage {
            command,
            page: (self.page)(name),
            source: &format!("{program} {version}"),
            date: &self.date,
            files: if above.is_none() { &self.files } else { &[] },
            variables: if above.is_none() {
                &self.variables
            } else {
                &[]
            },
            above,
        };
        put(folder, &page.file_name(), &page.render()?)?;
        let shown = { command.get_subcommands() }.filter(|command| !command.is_hide_set());
        { shown }.try_for_each(|below| self.write_pages(folder, below, Some(name)))
    }
}

/// When the pages are made: now, or when who builds a package says (`SOURCE_DATE_EPOCH`, seconds
/// since 1970), so that the same sources make the same pages.
pub fn made_at() -> SystemTime {
    let seconds = env::var("SOURCE_DATE_EPOCH").ok();
    let seconds = seconds.and_then(|text| text.parse().ok());
    let at = seconds.and_then(|seconds| UNIX_EPOCH.checked_add(Duration::from_secs(seconds)));
    at.unwrap_or_else(SystemTime::now)
}

/// Puts a file there whole, or leaves what was there.
///
/// # Errors
/// What the file system says.
pub fn put(folder: &Path, name: &str, text: &[u8]) -> io::Result<()> {
    let new = folder.join(format!(".{name}.new"));
    let put = fs::write(&new, text).and_then(|()| fs::rename(&new, folder.join(name)));
    put.inspect_err(|_| {
        let _ = fs::remove_file(&new);
    })
}
