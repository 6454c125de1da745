//! `tunnel-server pages`: man pages and shell completions, for whoever packages it.

use super::{command, wrong};
use clap::ArgMatches;
use clap_complete::Shell;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

pub(crate) fn run(matches: &ArgMatches) -> ExitCode {
    let folder = matches.get_one::<PathBuf>("folder").cloned().unwrap_or_default();
    match write(&folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => wrong(&format_args!("cannot write into {}: {error}", folder.display())),
    }
}

fn write(folder: &Path) -> io::Result<()> {
    clap_mangen::generate_to(command(), folder)?;
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        clap_complete::generate_to(shell, &mut command(), "tunnel-server", folder)?;
    }
    Ok(())
}
