//! Texts as wide as a terminal.

/// Breaks a text between words; further lines begin below the first, which begins at `indent`. A
/// longer word keeps its line.
pub fn wrap(text: &str, indent: usize, columns: Option<usize>) -> String {
    const NARROWEST: usize = 20;
    let Some(width) = columns.map(|columns| columns.saturating_sub(indent)) else {
        return text.to_owned();
    };
    if width < NARROWEST {
        return text.to_owned();
    }
    let mut wrapped = String::new();
    let mut used = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if used > 0 && used + 1 + length > width {
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
        assert_eq!(wrap(text, 70, Some(80)), text, "too narrow to wrap");
    }

    proptest! {
        #[test]
        fn wrapping_keeps_every_word(text in "[a-z ]{0,200}", indent in 0_usize..40, columns in 0_usize..120) {
            let wrapped = wrap(&text, indent, Some(columns));
            prop_assert!(wrapped.split_whitespace().eq(text.split_whitespace()));
        }
    }
}
