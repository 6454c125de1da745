//! A code in half blocks: one character is two modules high, so that it is square and fits 24 lines.

use super::Symbol;

/// Whether colours may be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Colours {
    /// Black on white is said explicitly, which is right on dark and on light terminals.
    Ansi,
    /// Light modules are drawn as blocks: right on a dark terminal, and most cameras read the inverse, too.
    None,
}

/// Draws the code, one line of text for two rows of modules. `None` when `columns` are too few.
pub fn terminal(symbol: &Symbol, colours: Colours, columns: Option<usize>) -> Option<String> {
    if columns.is_some_and(|columns| columns < symbol.side()) {
        return None;
    }
    let mut text = String::new();
    for row in (0..symbol.side()).step_by(2) {
        if colours == Colours::Ansi {
            text.push_str("\x1b[30;107m");
        }
        for column in 0..symbol.side() {
            // Below the last row is quiet zone.
            let (top, bottom) = (
                symbol.is_dark(row, column),
                row + 1 < symbol.side() && symbol.is_dark(row + 1, column),
            );
            let (top, bottom) = if colours == Colours::Ansi {
                (top, bottom)
            } else {
                (!top, !bottom)
            };
            text.push(match (top, bottom) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            });
        }
        if colours == Colours::Ansi {
            text.push_str("\x1b[0m");
        }
        text.push('\n');
    }
    Some(text)
}
