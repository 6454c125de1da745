//! A text of another program, and how two of them are compared.

use super::super::Entry;
use crate::plain_text::plain;

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

/// Programs, and those who type off a screen, differ in capitals, spaces, quotes and punctuation. A
/// space stands before and after each word.
pub(super) fn comparable(text: &str) -> String {
    /// Stands for what makes a link of a code as text.
    const LINK: &str = " link ";
    let text = plain(text).to_lowercase();
    let text = text.replace('\'', "").replace(":/", LINK);
    let mut comparable = String::from(" ");
    for word in text.split(|char: char| !char.is_alphanumeric()) {
        // Error numbers are written with the prefix or without.
        let word = word.strip_prefix("0x").unwrap_or(word);
        if !word.is_empty() {
            comparable.push_str(word);
            comparable.push(' ');
        }
    }
    comparable
}
