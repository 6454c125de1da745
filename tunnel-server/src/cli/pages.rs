//! `tunnel-server pages`: man pages, shell completions and the default configuration, for whoever
//! packages or installs it.

use super::{command, wrong};
use clap::ArgMatches;
use clap_complete::Shell;
use hybrid_tunnel_server::Limits;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{fs, io};

pub(crate) fn run(matches: &ArgMatches) -> ExitCode {
    let folder = matches
        .get_one::<PathBuf>("folder")
        .cloned()
        .unwrap_or_default();
    match write(&folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => wrong(&format_args!(
            "cannot write into {}: {error}",
            folder.display()
        )),
    }
}

fn write(folder: &Path) -> io::Result<()> {
    clap_mangen::generate_to(command(), folder)?;
    fs::write(folder.join("tunnel-server.toml"), configuration())?;
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        clap_complete::generate_to(shell, &mut command(), "tunnel-server", folder)?;
    }
    Ok(())
}

/// The default configuration: what a person wrote, and every limit from the table, commented with
/// its default.
fn configuration() -> String {
    let mut text = include_str!("../../dist/tunnel-server.toml").to_owned();
    for limit in Limits::TABLE {
        let default = (limit.show)(&Limits::default());
        let number = default.bytes().all(|byte| byte.is_ascii_digit());
        let value = if number {
            default
        } else {
            format!("\"{default}\"")
        };
        let _ = write!(
            text,
            "\n# {}\n# {} = {value}\n",
            limit.what.trim(),
            limit.key
        );
    }
    text
}
