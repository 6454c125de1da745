//! One page, in roff: the sections that man-pages(7) names, in its order.

use crate::command_page::CommandPage;
use crate::synopsis::synopsis;
use clap::{Arg, ArgAction, Command};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, italic, roman};
use std::io;

/// What a page is made from.
pub(crate) struct ManPage<'a> {
    /// Built by clap, so that it knows its whole name.
    pub(crate) command: &'a Command,
    pub(crate) page: CommandPage,
    /// Program and version.
    pub(crate) source: &'a str,
    /// The day on which it was made.
    pub(crate) date: &'a str,
    /// Files with what they hold, for the page of the program itself.
    pub(crate) files: &'a [(String, String)],
    /// Variables with what they set.
    pub(crate) variables: &'a [(String, String)],
    /// The page of the command above.
    pub(crate) above: Option<&'a str>,
}

impl ManPage<'_> {
    /// The file's name.
    pub(crate) fn file_name(&self) -> String {
        format!("{}.1", self.name())
    }

    fn name(&self) -> &str {
        { self.command.get_display_name() }.unwrap_or(self.command.get_name())
    }

    /// The page.
    ///
    /// # Errors
    /// None that is known: it is written into memory.
    pub(crate) fn render(&self) -> io::Result<Vec<u8>> {
        let man = Man::new(worded(self.command))
            .source(self.source)
            .date(self.date)
            .manual("hybridd");
        let mut page = Vec::new();
        man.render_title(&mut page)?;
        self.opening().to_writer(&mut page)?;
        man.render_description_section(&mut page)?;
        self.notes().to_writer(&mut page)?;
        man.render_options_section(&mut page)?;
        if self
            .command
            .get_subcommands()
            .any(|command| !command.is_hide_set())
        {
            man.render_subcommands_section(&mut page)?;
        }
        self.closing().to_writer(&mut page)?;
        Ok(page)
    }

    /// NAME and SYNOPSIS.
    fn opening(&self) -> Roff {
        let mut roff = Roff::new();
        roff.control("SH", ["NAME"]);
        roff.text([roman(format!(
            "{} - {}",
            self.name(),
            summary(self.command)
        ))]);
        roff.control("SH", ["SYNOPSIS"]);
        roff.text(synopsis(self.command));
        roff
    }

    /// They continue the description.
    fn notes(&self) -> Roff {
        let mut roff = Roff::new();
        for paragraph in self.page.paragraphs() {
            roff.control("PP", []);
            roff.text([roman(paragraph)]);
        }
        roff
    }

    fn closing(&self) -> Roff {
        let mut roff = Roff::new();
        let mut list = |title: &str, rows: &[(String, String)]| {
            if rows.is_empty() {
                return;
            }
            roff.control("SH", [title]);
            for (name, what) in rows {
                roff.control("TP", []);
                roff.text([bold(name.clone())]);
                roff.text([roman(what.clone())]);
            }
        };
        let exits = self.page.exits.iter();
        let exits: Vec<_> = exits
            .map(|(code, what)| (code.to_string(), (*what).to_owned()))
            .collect();
        list("EXIT STATUS", &exits);
        list("FILES", self.files);
        list("ENVIRONMENT", self.variables);
        if !self.page.examples.is_empty() {
            roff.control("SH", ["EXAMPLES"]);
        }
        for (what, line) in self.page.examples {
            roff.control("PP", []);
            roff.text([roman(*what)]);
            roff.control("PP", []);
            roff.control("RS", ["4"]);
            roff.control("nf", []);
            for part in broken(line) {
                roff.text([bold(part)]);
            }
            roff.control("fi", []);
            roff.control("RE", []);
        }
        let above = self.above.map(|above| format!("{above}(1)"));
        let also = { self.page.also.iter() }.map(|page| (*page).to_owned());
        let mut also: Vec<String> = above.into_iter().chain(also).collect();
        also.dedup();
        if !also.is_empty() {
            roff.control("SH", ["SEE ALSO"]);
            roff.text([italic(also.join(", "))]);
        }
        roff
    }
}

/// Columns of an example: a terminal has 80, and it is set in.
const EXAMPLE: usize = 66;

/// A line as a person would break it for a shell: an option stays with its value.
fn broken(line: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for word in together(line) {
        match parts.last_mut() {
            Some(part) if part.len() + 1 + word.len() <= EXAMPLE => {
                part.push(' ');
                part.push_str(&word);
            }
            Some(part) => {
                part.push_str(" \\");
                parts.push(format!("    {word}"));
            }
            None => parts.push(word),
        }
    }
    parts
}

/// Words, and each option with what follows it.
fn together(line: &str) -> Vec<String> {
    let mut groups: Vec<String> = Vec::new();
    for word in line.split(' ') {
        match groups.last_mut() {
            Some(group) if group.starts_with("--") && !word.starts_with(['-', '>', '<']) => {
                group.push(' ');
                group.push_str(word);
            }
            Some(_) | None => groups.push(word.to_owned()),
        }
    }
    groups
}

/// The first clause of what a command does: one line, which apropos(1) shows.
fn summary(command: &Command) -> String {
    let about = command.get_about().map(ToString::to_string);
    let about = about.unwrap_or_default().replace('\n', " ");
    let ends = |(at, sign): &(usize, char)| {
        let next = about.get(at + sign.len_utf8()..).unwrap_or_default();
        matches!(sign, ':' | '.') && (next.is_empty() || next.starts_with(' '))
    };
    let end = about
        .char_indices()
        .find(ends)
        .map_or(about.len(), |(at, _)| at);
    about.get(..end).unwrap_or(&about).to_owned()
}

/// As a page says it: the option for help speaks of a terminal.
fn worded(command: &Command) -> Command {
    let arguments: Vec<Arg> = command.get_arguments().cloned().collect();
    arguments.iter().fold(command.clone(), |command, argument| {
        let action = argument.get_action();
        let help = matches!(
            action,
            ArgAction::Help | ArgAction::HelpShort | ArgAction::HelpLong
        );
        let words = match (help, matches!(action, ArgAction::Version)) {
            (true, _) => "Prints help",
            (false, true) => "Prints the version",
            (false, false) => return command,
        };
        command.mut_arg(argument.get_id(), |option| {
            option.help(words).long_help(None::<&str>)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_that_is_longer_than_a_terminal_is_broken_as_for_a_shell() {
        assert_eq!(broken("hybridd doctor --json"), ["hybridd doctor --json"]);
        let long = format!("hybridd {}", ["--option value"; 9].join(" "));
        let parts = broken(&long);
        assert!(parts.len() > 1 && parts.iter().all(|part| part.len() <= EXAMPLE + 2));
        let typed = parts.join("\n").replace(" \\\n    ", " ");
        assert_eq!(typed, long);
    }

    #[test]
    fn a_summary_is_the_first_clause() {
        for (about, short) in [
            ("Registers a passkey: reads options.", "Registers a passkey"),
            (
                "Judges by policy (Microsoft Entra). Exits with 0.",
                "Judges by policy (Microsoft Entra)",
            ),
            ("Serves hybridd.org at 10:30", "Serves hybridd.org at 10:30"),
            ("Ends here.", "Ends here"),
        ] {
            assert_eq!(summary(&Command::new("x").about(about)), short);
        }
    }
}
