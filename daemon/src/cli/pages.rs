//! `hybridd pages`: man pages and shell completions, for whoever packages or installs it.

use super::exit::Exit;
use super::say::say;
use clap::Command;
use clap_complete::{Generator as _, Shell};
use clap_mangen::Man;
use std::path::{Path, PathBuf};
use std::{fs, io};

#[derive(clap::Args)]
pub(super) struct PagesArgs {
    /// The folder to write to; it is created if it does not exist.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

pub(super) fn run(args: &PagesArgs, program: &Command) -> Exit {
    match write(&args.folder, program) {
        Ok(()) => Exit::Done,
        Err(error) => {
            let folder = args.folder.display();
            say(&format!("hybridd: cannot write to {folder}: {error}"));
            Exit::Usage
        }
    }
}

fn write(folder: &Path, program: &Command) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut whole = program.clone().disable_help_subcommand(true);
    whole.build();
    pages(folder, &whole)?;
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        // Into memory first: the library takes a full disk for a defect of its own, and panics.
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut program.clone(), "hybridd", &mut script);
        put(folder, &shell.file_name("hybridd"), &script)?;
    }
    Ok(())
}

/// A page for a command, and one for each below it.
fn pages(folder: &Path, command: &Command) -> io::Result<()> {
    let man = Man::new(command.clone())
        .source(concat!("hybridd ", env!("CARGO_PKG_VERSION")))
        .manual("hybridd");
    let mut text = Vec::new();
    man.render(&mut text)?;
    put(folder, &man.get_filename(), &text)?;
    let shown = |command: &&Command| !command.is_hide_set();
    { command.get_subcommands() }
        .filter(shown)
        .try_for_each(|command| pages(folder, command))
}

/// Puts a file there whole, or leaves what was there.
fn put(folder: &Path, name: &str, text: &[u8]) -> io::Result<()> {
    let new = folder.join(format!(".{name}.new"));
    let put = fs::write(&new, text).and_then(|()| fs::rename(&new, folder.join(name)));
    put.inspect_err(|_| {
        let _ = fs::remove_file(&new);
    })
}
