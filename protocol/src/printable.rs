//! The one filter for text from outside that a person reads: nothing in it can steer a terminal or
//! hide.

use core::ops::RangeInclusive;

/// Text from outside, for showing: without control characters, without those that turn the writing
/// direction, and without those that nobody sees.
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
    text.chars().filter(shown).collect()
}

/// Several lines of text, each of them [`printable`].
pub fn printable_lines(text: &str) -> String {
    text.split('\n')
        .map(printable)
        .collect::<Vec<_>>()
        .join("\n")
}
