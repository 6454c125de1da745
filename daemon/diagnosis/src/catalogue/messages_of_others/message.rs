//! A text of another program, and how two of them are compared.

use super::super::Entry;

/// A text, and what can be behind it.
pub struct Message {
    /// As it is shown; a part of it that no other text has, where it names a site or an account.
    pub shown: &'static str,
    /// The likeliest first.
    pub causes: &'static [&'static Entry],
}

pub(super) const fn says(shown: &'static str, causes: &'static [&'static Entry]) -> Message {
    Message { shown, causes }
}

/// Programs, and those who type off a screen, differ in capitals, spaces, quotes and ends.
pub(super) fn comparable(text: &str) -> String {
    let plain: String = text
        .to_lowercase()
        .chars()
        .map(|char| match char {
            '\u{2018}' | '\u{2019}' | '`' | '\u{b4}' => '\'',
            '\u{201c}' | '\u{201d}' | '\u{ab}' | '\u{bb}' => '"',
            char => char,
        })
        .collect();
    let words: Vec<&str> = plain.split_whitespace().collect();
    let ends = |char: char| !char.is_alphanumeric();
    let text = words.join(" ");
    let text = text.trim_matches(ends);
    // Error numbers are written with the prefix or without.
    text.strip_prefix("0x").unwrap_or(text).to_owned()
}
