//! The one filter for text from outside that a person reads: nothing in it can steer a terminal or
//! hide.

use core::ops::RangeInclusive;

/// Nobody reads more of what others say. In characters; our own sentences are well below.
const LONGEST: usize = 2000;
/// From here on letters of both kinds and digits in a row are taken for base64 of something that is
/// nobody's to read: names have dots or dashes, and hashes small letters alone.
const KEY: usize = 40;
/// Of a line of a key there are fewer letters of either kind in one of a thousand; of a path into a
/// document there are never so many.
const LETTERS: usize = 8;
/// The same of digits.
const DIGITS: usize = 4;
/// What stands in its place.
const HIDDEN_KEY: &str = "(not shown)";
/// So much of the beginning and of the end is left of a text that is longer.
const KEPT: usize = 400;

/// Text from outside, for showing: without control characters, without those that turn the writing
/// direction, without those that nobody sees, and without the middle where it is too long.
pub fn printable(text: &str) -> String {
    const HIDDEN: [RangeInclusive<char>; 9] = [
        '\u{ad}'..='\u{ad}',
        '\u{61c}'..='\u{61c}',
        '\u{180e}'..='\u{180e}',
        '\u{200b}'..='\u{200f}',
        '\u{2028}'..='\u{202e}',
        '\u{2060}'..='\u{206f}',
        '\u{feff}'..='\u{feff}',
        '\u{fff9}'..='\u{fffb}',
        '\u{e0000}'..='\u{e007f}',
    ];
    let shown =
        |char: &char| !char.is_control() && !HIDDEN.iter().any(|range| range.contains(char));
    shortened(without_keys(
        &text.chars().filter(shown).collect::<String>(),
    ))
}

/// A key, whole or a line of it, that somebody gave in place of a name or an address.
fn without_keys(text: &str) -> String {
    let digit = |char: char| char.is_ascii_alphanumeric() || "+/=".contains(char);
    let is_key = |row: &str| {
        let count = |kind: fn(&u8) -> bool| row.bytes().filter(kind).count();
        row.len() >= KEY
            && count(u8::is_ascii_uppercase) >= LETTERS
            && count(u8::is_ascii_lowercase) >= LETTERS
            && count(u8::is_ascii_digit) >= DIGITS
    };
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let (row, after) = rest.split_at(rest.find(|char| !digit(char)).unwrap_or(rest.len()));
        if is_key(row) {
            shown.push_str(HIDDEN_KEY);
        } else {
            shown.push_str(row);
        }
        let (between, next) = after.split_at(after.find(digit).unwrap_or(after.len()));
        shown.push_str(between);
        rest = next;
    }
    shown
}

fn shortened(text: String) -> String {
    let length = text.chars().count();
    let Some(left_out) = length.checked_sub(2 * KEPT).filter(|_| length > LONGEST) else {
        return text;
    };
    let begin: String = text.chars().take(KEPT).collect();
    let end: String = text.chars().skip(KEPT + left_out).collect();
    format!("{begin} … {left_out} characters are left out here … {end}")
}

/// Several lines of text, each of them [`printable`].
pub fn printable_lines(text: &str) -> String {
    text.split('\n')
        .map(printable)
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nothing_that_steers_a_terminal_or_hides_is_left() {
        assert_eq!(
            printable("a\u{1b}[31mb\r\n\u{9b}c\u{202e}d\u{2066}e"),
            "a[31mbcde"
        );
        assert_eq!(
            printable("a\u{200b}b\u{feff}c\u{2060}d\u{ad}e\u{e0041}f"),
            "abcdef"
        );
    }

    #[test]
    fn of_a_text_that_nobody_would_read_the_middle_is_left_out() {
        let text = "ä".repeat(LONGEST);
        assert_eq!(printable(&text), text);
        let shown = printable(&format!("begin{}end", "ä".repeat(100_000)));
        assert!(shown.starts_with("begin") && shown.ends_with("end"));
        assert!(
            shown.contains(" 99208 characters are left out here "),
            "{shown}"
        );
        assert_eq!(printable(&shown), shown);
    }

    #[test]
    fn a_key_that_was_given_for_a_name_is_not_repeated() {
        let line = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgabcdefghij012345";
        assert_eq!(
            printable(&format!("expected an origin, got {line}.")),
            "expected an origin, got (not shown)."
        );
        for name in [
            "cable.ua5v.com",
            "0123456789abcdef0123456789abcdef0123456789abcdef",
            "LinkLocalMulticastNameResolutionOfMyNetwork",
            "https://login.example.com/A-path-1/with_words",
            "/authenticationMethodConfigurations/0/passkeyProfiles/12/keyRestrictions/aaGuids/3",
        ] {
            assert_eq!(printable(name), name);
        }
    }

    #[test]
    fn lines_stay_lines() {
        assert_eq!(printable_lines("a\u{7}\nb\u{202e}"), "a\nb");
    }

    proptest! {
        #[test]
        fn what_was_filtered_once_stays_as_it_is(text in ".{0,40}") {
            let shown = printable(&text);
            prop_assert_eq!(printable(&shown), shown.clone());
            prop_assert!(!shown.chars().any(char::is_control));
        }
    }
}
