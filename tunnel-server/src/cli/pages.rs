//! `tunnel-server pages`: man pages, shell completions and the default configuration, for whoever
//! packages or installs it.

use super::answer::wrong;
use super::command::command;
use clap::{ArgMatches, Command};
use clap_complete::{Generator as _, Shell};
use clap_mangen::Man;
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
    fs::create_dir_all(folder)?;
    let mut whole = command().disable_help_subcommand(true);
    whole.build();
    page(folder, &whole)?;
    whole
        .get_subcommands()
        .try_for_each(|command| page(folder, command))?;
    put(folder, "tunnel-server.toml", configuration().as_bytes())?;
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        // Into memory first: the library takes a full disk for a defect of its own, and panics.
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut command(), "tunnel-server", &mut script);
        if shell == Shell::Bash {
            // The library writes the hyphen of the program's name in two ways, and what it made of
            // the words so far then matches none of its cases.
            script = String::from_utf8_lossy(&script)
                .replace("tunnel__subcmd__server", "tunnel__server")
                .into_bytes();
        }
        put(folder, &shell.file_name("tunnel-server"), &script)?;
    }
    Ok(())
}

fn page(folder: &Path, command: &Command) -> io::Result<()> {
    let man = Man::new(command.clone())
        .source(concat!("tunnel-server ", env!("CARGO_PKG_VERSION")))
        .manual("hybridd");
    let mut text = Vec::new();
    man.render(&mut text)?;
    put(folder, &man.get_filename(), &text)
}

/// Puts a file there whole, or leaves what was there.
fn put(folder: &Path, name: &str, text: &[u8]) -> io::Result<()> {
    let new = folder.join(format!(".{name}.new"));
    let put = fs::write(&new, text).and_then(|()| fs::rename(&new, folder.join(name)));
    put.inspect_err(|_| {
        let _ = fs::remove_file(&new);
    })
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
