//! What fish's script lacks: the library writes options alone, and no words, and offers the commands
//! of `help` before it has seen `help`, which is never. Tests drive it with fish.

use clap::Command;

/// The script, with the words that are known, and without files in their place.
pub(crate) fn mended(script: &str, program: &Command) -> String {
    let name = program.get_name();
    // As the library calls it.
    let using = format!("__fish_{}_using_subcommand", name.replace('-', "_"));
    let mut mended = with_commands_of_help(script, &using);
    for command in program.get_subcommands() {
        let when = format!("{using} {}", command.get_name());
        mended.push_str(&words(name, &when, command));
        for below in command.get_subcommands() {
            let name_below = below.get_name();
            let when = format!("{when}; and __fish_seen_subcommand_from {name_below}");
            mended.push_str(&words(name, &when, below));
        }
    }
    mended
}

/// The script, in which `help` itself is none of the commands after which `help` offers no other.
fn with_commands_of_help(script: &str, using: &str) -> String {
    let offers = format!("\"{using} help; and not __fish_seen_subcommand_from ");
    let lines = script.lines().map(|line| match line.contains(&offers) {
        true => line.replacen(" help\" ", "\" ", 1) + "\n",
        false => format!("{line}\n"),
    });
    lines.collect()
}

/// The line that offers a command's own words, if they are known.
fn words(program: &str, when: &str, command: &Command) -> String {
    let values = { command.get_positionals() }.flat_map(|argument| argument.get_possible_values());
    let shown = values.filter(|value| !value.is_hide_set());
    let words: Vec<_> = shown.map(|value| value.get_name().to_owned()).collect();
    if words.is_empty() {
        return String::new();
    }
    let words = words.join(" ");
    format!("complete -c {program} -n \"{when}\" -f -a \"{words}\"\n")
}
