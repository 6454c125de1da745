//! Which words of a command are names of files.

use clap::builder::ValueHint;
use clap::{Arg, Command};

/// Whether the command's own words are names of files.
pub(crate) fn begins_with_files(command: &Command) -> bool {
    command.get_positionals().any(is_file)
}

/// Whether a file's name may follow another word than an option.
pub(crate) fn goes_on_with_files(command: &Command) -> bool {
    let several =
        |option: &Arg| { option.get_num_args() }.is_some_and(|range| range.max_values() > 1);
    let mut options = command.get_opts();
    begins_with_files(command) || options.any(|option| is_file(option) && several(option))
}

fn is_file(argument: &Arg) -> bool {
    matches!(
        argument.get_value_hint(),
        ValueHint::AnyPath | ValueHint::FilePath | ValueHint::DirPath
    )
}
