//! What a shell offers: commands and options that are shown, the values that are known, and file
//! names where a file is wanted.

use crate::{bash, fish};
use clap::builder::ValueHint;
use clap::{Arg, Command};
use clap_complete::{Generator as _, Shell};

/// The scripts, with the names of their files.
pub(crate) fn completions(program: &Command) -> Vec<(String, Vec<u8>)> {
    let name = program.get_name();
    let shown = shown(program);
    let scripts = [Shell::Bash, Shell::Zsh, Shell::Fish].map(|shell| {
        // Into memory first: the library takes a full disk for a defect of its own, and panics.
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut shown.clone(), name, &mut script);
        if shell == Shell::Bash {
            script = bash::mended(&String::from_utf8_lossy(&script), &shown).into_bytes();
        } else if shell == Shell::Fish {
            script = fish::mended(&String::from_utf8_lossy(&script), &shown).into_bytes();
        }
        (shell.file_name(name), script)
    });
    scripts.into()
}

/// The same command line without what is hidden, which the library would offer.
fn shown(command: &Command) -> Command {
    let arguments = { command.get_arguments() }
        .filter(|argument| !argument.is_hide_set())
        .cloned()
        .map(hinted);
    let below = { command.get_subcommands() }.filter(|below| !below.is_hide_set());
    let mut copy = Command::new(command.get_name().to_owned())
        .args(arguments)
        .subcommands(below.map(shown));
    if let Some(about) = command.get_about() {
        copy = copy.about(about.clone());
    }
    if let Some(version) = command.get_version() {
        copy = copy.version(version.to_owned());
    }
    copy
}

/// With what its value is, by its name: a value that is no file is not completed with files.
fn hinted(argument: Arg) -> Arg {
    if argument.get_value_hint() != ValueHint::Unknown {
        return argument;
    }
    let names = argument.get_value_names().unwrap_or_default();
    let hint = match names.first().map(AsRef::<str>::as_ref) {
        Some("FILE" | "PEM") => ValueHint::FilePath,
        Some("DIR") => ValueHint::DirPath,
        _ if argument.get_action().takes_values() => ValueHint::Other,
        _ => return argument,
    };
    argument.value_hint(hint)
}
