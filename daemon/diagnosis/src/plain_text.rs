//! Text as people paste it: what mail, chats, pages and terminals add to it is taken away, and what
//! they replace is put back.

use std::borrow::Cow;

/// Longer than any character reference.
const LONGEST_REFERENCE: usize = 10;
/// A text that was escaped twice is read; more often does nobody.
const MOST_ESCAPED: usize = 2;

/// The same text with simple quotes, dashes and spaces, without invisible characters, escape
/// sequences and character references.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    let simple = |byte: u8| byte.is_ascii() && !matches!(byte, b'&' | b'\x1b' | 0);
    if text.bytes().all(simple) {
        return Cow::Borrowed(text);
    }
    let mut text = Cow::Borrowed(text);
    for _ in 0..MOST_ESCAPED {
        if text.contains('&') {
            let mut seen = String::new();
            push_unescaped(&mut seen, &text);
            text = Cow::Owned(seen);
        }
    }
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            // ECMA-48 section 5.4: a control sequence ends with a byte from @ to ~.
            '\x1b' if chars.next_if_eq(&'[').is_some() => {
                let _ = chars.by_ref().find(|char| ('@'..='~').contains(char));
            }
            '\x1b' | '\0' => {}
            '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{2032}' | '`' | '\u{b4}' => plain.push('\''),
            '\u{201c}'..='\u{201f}' | '\u{2033}' | '\u{ab}' | '\u{bb}' => plain.push('"'),
            '\u{2010}'..='\u{2015}' | '\u{2212}' => plain.push('-'),
            '\u{2192}' => plain.push_str("->"),
            '\u{2190}' => plain.push_str("<-"),
            '\u{2026}' => plain.push_str("..."),
            char if is_invisible(char) => {}
            '\n' | '\r' => plain.push(char),
            char if char.is_whitespace() => plain.push(' '),
            char => plain.push(char),
        }
    }
    Cow::Owned(plain)
}

/// Takes no room: of no width, or it says in which direction or where to break.
const fn is_invisible(char: char) -> bool {
    matches!(
        char,
        '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
    )
}

/// Without any space: a text that was folded, or spaced otherwise, is the same.
pub(crate) fn squeezed(text: &str) -> String {
    text.chars().filter(|char| !char.is_whitespace()).collect()
}

/// A text of a page, with its character references replaced.
pub(crate) fn push_unescaped(seen: &mut String, text: &str) {
    let mut rest = text;
    while let Some((before, reference)) = rest.split_once('&') {
        seen.push_str(before);
        let end = reference
            .bytes()
            .take(LONGEST_REFERENCE + 1)
            .position(|byte| byte == b';');
        let known = end.and_then(|end| {
            let char = character(reference.get(..end)?)?;
            Some((char, reference.get(end + 1..)?))
        });
        rest = match known {
            Some((char, after)) => {
                seen.push(char);
                after
            }
            None => {
                seen.push('&');
                reference
            }
        };
    }
    seen.push_str(rest);
}

fn character(reference: &str) -> Option<char> {
    Some(match reference {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" | "ldquo" | "rdquo" => '"',
        "apos" | "lsquo" | "rsquo" => '\'',
        "nbsp" | "ensp" | "emsp" | "thinsp" => ' ',
        "shy" | "zwnj" | "zwj" => '\u{200b}',
        "hellip" => '\u{2026}',
        "ndash" | "mdash" => '-',
        _ => {
            let number = reference.strip_prefix('#')?;
            let number = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(number)?
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_pasting_adds_is_taken_away() {
        for (pasted, text) in [
            ("a b", "a b"),
            ("a\u{a0}b\u{202f}c\u{3000}d", "a b c d"),
            ("a&nbsp;b &#160;&amp;nbsp;c &lt;- &x", "a b   c <- &x"),
            ("sta\u{200b}tus\u{feff}\u{ad}", "status"),
            ("\x1b[01;31m\x1b[KFIDO\x1b[m", "FIDO"),
            (
                "\u{2018}a\u{2019} \u{201c}b\u{201d} \u{2192} \u{2013}",
                "'a' \"b\" -> -",
            ),
        ] {
            assert_eq!(plain(pasted), text, "{pasted:?}");
        }
        assert_eq!(squeezed(" a\n b\t"), "ab");
    }

    proptest! {
        #[test]
        fn nothing_that_is_not_seen_is_left_of_any_text(text in "(&|amp;|nbsp;|#x;|\x1b|\\[|m|é|’|\u{200b}| ){0,30}") {
            let once = plain(&text).into_owned();
            let left = once.contains(['\x1b', '\u{a0}', '\u{200b}']);
            prop_assert!(!left, "{:?}", once);
            prop_assert!(squeezed(&once).chars().all(|char| !char.is_whitespace()));
        }
    }
}
