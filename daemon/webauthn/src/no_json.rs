//! What a text is that should be JSON and is none: pages of servers, and JSON that went through a
//! word processor, a chat or a page.

use crate::error::OptionsError;

/// Names what stands where reading ended, if people are known to bring it.
pub(crate) fn named(text: &str, error: serde_json::Error) -> OptionsError {
    if text.trim_start().starts_with('<') {
        return OptionsError::Page;
    }
    let (line, column) = (error.line(), error.column());
    match met(text, line, column).and_then(typography) {
        Some(got) => OptionsError::Typography { got, line, column },
        None => OptionsError::Json(error),
    }
}

/// The character at a line and a column of bytes, both from 1.
fn met(text: &str, line: usize, column: usize) -> Option<char> {
    let line = text.split('\n').nth(line.checked_sub(1)?)?;
    line.get(column.checked_sub(1)?..)?.chars().next()
}

const fn typography(char: char) -> Option<&'static str> {
    match char {
        '“' | '”' | '„' | '‟' | '«' | '»' | '‘' | '’' | '‚' | '‛' => {
            Some("a curly quotation mark")
        }
        '\'' => Some("a single quotation mark"),
        '\u{a0}' | '\u{2007}' | '\u{202f}' => Some("a no-break space"),
        '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => Some("an invisible character"),
        _ => None,
    }
}
