//! A settings file that is not TOML, in words for whoever wrote it: the library's are about its
//! grammar, and expect `inf` of `log = info`.

use std::fmt;

/// Where a settings file is not TOML, and what was expected there. Nothing of the file is repeated:
/// it may be a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotToml {
    /// The line, from 1.
    pub line: usize,
    why: Expected,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Expected {
    NoPage,
    NoJson,
    StraightQuotes,
    PlainSpaces,
    Once,
    End,
    NoBackslash,
    List,
    Value,
    Line,
}

impl NotToml {
    /// What is wrong with this text, of which a reader of TOML understood what comes before this
    /// byte.
    pub fn at(text: &str, offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text).matches('\n').count();
        Self {
            line: before + 1,
            why: Expected::of(text, before),
        }
    }
}

impl Expected {
    fn of(text: &str, number: usize) -> Self {
        match text
            .trim_start_matches('\u{feff}')
            .trim_start()
            .chars()
            .next()
        {
            Some('<') => return Self::NoPage,
            Some('{') => return Self::NoJson,
            _ => {}
        }
        let line = text.lines().nth(number).unwrap_or_default();
        let bare = unquoted(line);
        if bare.contains(|c| matches!(c, '\u{2018}'..='\u{201f}' | '«' | '»')) {
            return Self::StraightQuotes;
        }
        if bare.contains(['\u{a0}', '\u{2007}', '\u{202f}', '\u{200b}', '\u{feff}']) {
            return Self::PlainSpaces;
        }
        if is_in_list(text, number) {
            return Self::List;
        }
        let Some((name, value)) = line.split_once('=') else {
            return Self::Line;
        };
        let same = |other: &str| {
            { other.split_once('=') }.is_some_and(|(other, _)| other.trim() == name.trim())
        };
        if text.lines().take(number).any(same) {
            return Self::Once;
        }
        match value.trim().split_at_checked(1) {
            Some(("\"", rest)) if rest.contains('\\') => Self::NoBackslash,
            Some((quote @ ("\"" | "'"), rest)) if !rest.contains(quote) => Self::End,
            _ if name.trim().is_empty() => Self::Line,
            _ => Self::Value,
        }
    }
}

/// Whether a list began in this line, or before it and has not ended: it may go on for lines.
fn is_in_list(text: &str, number: usize) -> bool {
    let mut open = false;
    for (at, line) in text.lines().enumerate().take(number + 1) {
        let bare = unquoted(line);
        let begins = { bare.split_once('=') }.is_some_and(|(_, value)| value.contains('['));
        open = begins || open;
        if at < number && bare.contains(']') {
            open = false;
        }
    }
    open
}

/// A line without its texts in straight quotation marks and without its comment.
fn unquoted(line: &str) -> String {
    let mut quote = None;
    let mut bare = String::new();
    for c in line.chars() {
        match (quote, c) {
            (Some(open), c) if open == c => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '#') => break,
            (None, c) => bare.push(c),
        }
    }
    bare
}

impl fmt::Display for NotToml {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.why {
            Expected::NoPage => "expected settings (TOML), got a page or XML",
            Expected::NoJson => "expected settings (TOML), a line NAME = VALUE for each, got JSON",
            Expected::StraightQuotes => {
                "expected straight quotation marks (\"), got the curly ones of a word processor"
            }
            Expected::PlainSpaces => {
                "expected plain spaces, got a no-break space or an invisible character, as from a page"
            }
            Expected::Once => "expected this setting once, got it twice",
            Expected::End => "expected a quotation mark at the end of the text, too",
            Expected::NoBackslash => {
                "expected each backslash in a text twice (\\\\), or the text in single quotation marks"
            }
            Expected::List => {
                "expected a list such as [\"a\", \"b\"]: texts in quotation marks, commas between them, and ] at its end"
            }
            Expected::Value => {
                "expected a value: text in quotation marks (\"), a whole number, true or false, or a list such as [\"a\", \"b\"]; \
                 only a comment (#) may follow"
            }
            Expected::Line => "expected a line NAME = VALUE, or a comment that begins with #",
        })
    }
}

impl std::error::Error for NotToml {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_mistake_of_a_file_is_told_by_what_was_expected() {
        for (text, expected) in [
            ("<html>", "got a page"),
            (" {\"log\": 1}", "got JSON"),
            ("log = “info”", "straight quotation marks"),
            ("log = ‘info’ # “”", "straight quotation marks"),
            ("log =\u{a0}\"info\"", "plain spaces"),
            ("log = info # “”", "expected a value"),
            ("log = \"info\";", "expected a value"),
            ("log = ['a' 'b']", "expected a list"),
            ("log = [", "expected a list"),
            ("log = ['[', a]", "expected a list"),
            ("log =", "expected a value"),
            ("log = True", "expected a value"),
            ("log = \"info", "at the end"),
            ("log = 'info", "at the end"),
            ("log = \"C:\\x\"", "each backslash"),
            ("= 5", "NAME = VALUE"),
            ("log info", "NAME = VALUE"),
            ("log: info", "NAME = VALUE"),
        ] {
            let not = NotToml::at(&format!("rooms = 1\n{text}\n"), 10);
            // A page, or JSON, is one from its first line on.
            let not = if expected.starts_with("got") {
                NotToml::at(text, 0)
            } else {
                not
            };
            assert!(not.to_string().contains(expected), "{text}: {not}");
        }
        let list = "a = [ \"b\",\n\"c\"\n\nd = 1";
        assert!(
            NotToml::at(list, 16)
                .to_string()
                .contains("expected a list")
        );
        let after = NotToml::at("a = [ \"b\",\n\"c\" ]\nd 1", 18);
        assert!(after.to_string().contains("NAME = VALUE"));
        let twice = NotToml::at("a = 1\nb=2\n\na=3", 11);
        assert_eq!(twice.line, 4);
        assert!(twice.to_string().contains("twice"));
    }

    proptest! {
        #[test]
        fn whatever_the_text_it_is_a_sentence_that_repeats_nothing(text in ".*", kinds in "[\\[\\]{}=\"'#a-z0-9\n“”]{0,60}", offset in 0_usize..80) {
            for text in [text, kinds] {
                let not = NotToml::at(&text, offset);
                prop_assert!(not.line <= text.matches('\n').count() + 1);
                prop_assert!(not.to_string().starts_with("expected "));
            }
        }
    }
}
