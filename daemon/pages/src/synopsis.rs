//! How a command is called: every option with its value, as a line of a page.

use clap::{Arg, ArgAction, Command};
use clap_mangen::roff::{Inline, bold, italic, roman};

/// The line; what may be left out is in brackets.
pub(crate) fn synopsis(command: &Command) -> Vec<Inline> {
    let name = command.get_bin_name().unwrap_or(command.get_name());
    let mut line = vec![bold(name)];
    let shown = { command.get_arguments() }.filter(|argument| !argument.is_hide_set());
    let (options, values): (Vec<&Arg>, Vec<&Arg>) =
        shown.partition(|argument| !argument.is_positional());
    for option in options.into_iter().filter(|option| !is_usual(option)) {
        let mut words = Vec::new();
        if let Some(long) = option.get_long() {
            words.push(bold(format!("--{long}")));
        }
        if takes_value(option) {
            words.push(roman(" "));
            words.push(italic(value(option)));
        }
        line.extend(bracketed(option, words));
    }
    for argument in values {
        line.extend(bracketed(argument, vec![italic(value(argument))]));
    }
    if command.has_subcommands() {
        line.extend([roman(" "), italic("COMMAND"), roman(" ...")]);
    }
    line
}

/// Every command has them.
fn is_usual(option: &Arg) -> bool {
    matches!(
        option.get_action(),
        ArgAction::Help | ArgAction::HelpShort | ArgAction::HelpLong | ArgAction::Version
    )
}

fn takes_value(option: &Arg) -> bool {
    option.get_action().takes_values()
}

fn value(argument: &Arg) -> String {
    match argument.get_value_names() {
        Some(names) => {
            let names: Vec<_> = names.iter().map(AsRef::<str>::as_ref).collect();
            names.join(" ")
        }
        None => argument.get_id().as_str().to_uppercase(),
    }
}

fn bracketed(argument: &Arg, words: Vec<Inline>) -> Vec<Inline> {
    let many = matches!(argument.get_action(), ArgAction::Append) || { argument.get_num_args() }
        .is_some_and(|range| range.max_values() > 1);
    let (open, close) = match (argument.is_required_set(), many) {
        (true, false) => (" ", ""),
        (true, true) => (" ", " ..."),
        (false, false) => (" [", "]"),
        (false, true) => (" [", "] ..."),
    };
    let mut line = vec![roman(open)];
    line.extend(words);
    line.push(roman(close));
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap_mangen::roff::Roff;

    #[test]
    fn a_synopsis_has_every_option_with_its_value() {
        let mut command = Command::new("try")
            .arg(Arg::new("plain").long("plain").action(ArgAction::SetTrue))
            .arg(
                Arg::new("file")
                    .long("file")
                    .value_name("FILE")
                    .required(true),
            )
            .arg(
                Arg::new("host")
                    .long("host")
                    .value_name("NAME")
                    .action(ArgAction::Append),
            )
            .arg(Arg::new("secret").long("secret").hide(true))
            .arg(Arg::new("text").value_name("TEXT").num_args(0..));
        command.build();
        let mut roff = Roff::new();
        roff.text(synopsis(&command));
        let text = roff.render().replace("\\-", "-");
        for part in [
            "[\\fB--plain\\fR]",
            " \\fB--file\\fR \\fIFILE\\fR",
            "[\\fB--host\\fR \\fINAME\\fR] ...",
            "[\\fITEXT\\fR] ...",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(!text.contains("secret") && !text.contains("help"), "{text}");
    }
}
