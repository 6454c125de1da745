//! What a command's page says beyond what its options say of themselves.

/// One command's: its exit codes, what else there is to know, and how it is used.
#[derive(Clone, Copy, Debug, Default)]
pub struct CommandPage {
    /// Each exit code with its meaning, without a full stop.
    pub exits: &'static [(u8, &'static str)],
    /// Paragraphs, with an empty line between them. Lines in a paragraph are joined.
    pub notes: &'static str,
    /// What a line does, and the line as it is typed.
    pub examples: &'static [(&'static str, &'static str)],
    /// Other pages that help, such as `ssh-keygen(1)`, and documents.
    pub also: &'static [&'static str],
}

impl CommandPage {
    /// What `--help` says below the options: exit codes and notes, a line for each paragraph. clap
    /// breaks them where the terminal ends.
    #[must_use]
    pub fn help(&self) -> String {
        let exits = self.exits.iter();
        let exits: Vec<_> = exits.map(|(code, what)| format!("{code} {what}")).collect();
        let exits = match exits.is_empty() {
            true => None,
            false => Some(format!("Exit codes: {}.", exits.join("; "))),
        };
        let paragraphs = exits.into_iter().chain(self.paragraphs());
        paragraphs.collect::<Vec<_>>().join("\n\n")
    }

    /// The notes, a line each.
    pub(crate) fn paragraphs(&self) -> impl Iterator<Item = String> {
        let paragraphs = self.notes.split("\n\n").map(|paragraph| {
            let words: Vec<&str> = paragraph.split_whitespace().collect();
            words.join(" ")
        });
        paragraphs.filter(|paragraph| !paragraph.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_has_the_codes_and_the_notes() {
        let page = CommandPage {
            exits: &[(0, "done"), (2, "wrong usage or input")],
            notes: "One line\nand its other half.\n\nAnother paragraph.",
            ..CommandPage::default()
        };
        assert_eq!(
            page.help(),
            "Exit codes: 0 done; 2 wrong usage or input.\n\nOne line and its other half.\n\nAnother paragraph."
        );
        assert_eq!(CommandPage::default().help(), "");
    }
}
