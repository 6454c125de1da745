//! Texts as wide as a terminal.

/// Breaks a text between words; further lines begin below the first, which begins at `indent`. A
/// longer word keeps its line.
pub fn wrap(text: &str, indent: usize, columns: Option<usize>) -> String {
    // The least beside the widest indentation, a sign-in's, on the narrowest terminal that people use.
    const NARROWEST: usize = 10;
    let Some(room) = columns.map(|columns| columns.saturating_sub(indent)) else {
        return text.to_owned();
    };
    if room < NARROWEST {
        return text.to_owned();
    }
    let mut wrapped = String::new();
    let mut used = 0;
    for word in text.split(' ') {
        let length = width(word);
        if used > 0 && used + 1 + length > room {
            wrapped.push('\n');
            wrapped.extend(std::iter::repeat_n(' ', indent));
            used = 0;
        } else if used > 0 {
            wrapped.push(' ');
            used += 1;
        }
        wrapped.push_str(word);
        used += length;
    }
    wrapped
}

/// Breaks each line of a text; what goes on begins below the line's own first word.
pub fn wrap_lines(text: &str, columns: Option<usize>) -> String {
    let lines = text.split('\n').map(|line| {
        let words = line.trim_start_matches(' ');
        let indent = line.len() - words.len();
        format!("{:indent$}{}", "", wrap(words, indent, columns))
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// How many columns a line takes, or one too many here and there: a row that ends early does no
/// harm.
pub(super) fn width(line: &str) -> usize {
    line.chars().map(cells).sum()
}

/// Ideographs and pictures are two columns wide.
pub(super) const fn cells(char: char) -> usize {
    match char {
        '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{ffdc}' | '\u{1f000}'.. => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_long_text_goes_on_below_its_beginning() {
        let text = "one two three four five six seven";
        assert_eq!(
            wrap(text, 4, Some(24)),
            "one two three four\n    five six seven"
        );
        assert_eq!(wrap(text, 4, None), text);
        assert_eq!(wrap(text, 71, Some(80)), text, "too narrow to wrap");
    }

    #[test]
    fn each_line_is_wrapped_on_a_terminal_of_twenty_columns() {
        let text = "BT03: Bluetooth is off\n  one two three four five six\n";
        assert_eq!(
            wrap_lines(text, Some(20)),
            "BT03: Bluetooth is\noff\n  one two three four\n  five six\n"
        );
        // Below the doctor's marks, and beside the time of what is told.
        assert_eq!(wrap("one two three", 8, Some(20)), "one two\n        three");
        assert_eq!(
            wrap("one two three", 10, Some(20)),
            "one two\n          three"
        );
    }

    #[test]
    fn wide_characters_count_twice() {
        let text = "\u{7535}\u{8111}\u{7535}\u{8111} ".repeat(4);
        let wrapped = wrap(text.trim_end(), 0, Some(20));
        assert_eq!(wrapped.lines().count(), 2, "{wrapped}");
        assert!(wrapped.lines().all(|line| width(line) <= 20), "{wrapped}");
    }

    #[test]
    fn each_line_goes_on_below_its_own_beginning() {
        let text = "BT03: Bluetooth is off\n  one two three four five six\n\nlast\n";
        assert_eq!(
            wrap_lines(text, Some(24)),
            "BT03: Bluetooth is off\n  one two three four\n  five six\n\nlast\n"
        );
        assert_eq!(wrap_lines(text, None), text);
    }

    proptest! {
        #[test]
        fn wrapping_keeps_every_word(text in "[a-z ]{0,200}", indent in 0_usize..40, columns in 0_usize..120) {
            let wrapped = wrap(&text, indent, Some(columns));
            prop_assert!(wrapped.split_whitespace().eq(text.split_whitespace()));
        }
    }
}
