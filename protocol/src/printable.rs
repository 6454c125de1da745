//! The one filter for text from outside that a person reads: nothing in it can steer a terminal or
//! hide.

use core::ops::RangeInclusive;

/// Nobody reads more of what others say. In characters; our own sentences are well below.
const LONGEST: usize = 2000;
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
    shortened(text.chars().filter(shown).collect())
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
