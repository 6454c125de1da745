//! A code in half blocks: one character is two modules high, so that it is square and fits 24
//! lines.

use super::Symbol;
use std::env;
use std::fmt;
use zeroize::Zeroizing;

/// Black on bright white, said explicitly.
const INK: &str = "\x1b[30;107m";
const RESET: &str = "\x1b[0m";

/// Whether colours may be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Colours {
    /// Black on white is said explicitly, which is right on dark and on light terminals.
    Ansi,
    /// Light modules are drawn as blocks: right on a dark terminal, and on a light one the inverse,
    /// which most cameras read, too.
    Plain,
}

impl Colours {
    /// What the person asked for by `NO_COLOR` or a terminal that has none.
    pub fn from_environment() -> Self {
        let no_colour = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = env::var_os("TERM").is_some_and(|value| value == "dumb");
        if no_colour || dumb {
            Self::Plain
        } else {
            Self::Ansi
        }
    }
}

/// The size of a terminal, in characters; `None` when it does not say.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct TerminalSize {
    /// Characters in a line.
    pub columns: Option<usize>,
    /// Lines.
    pub rows: Option<usize>,
}

/// A code as lines of text. Each line ends with a line feed; there is never a link in it.
pub struct Drawing {
    text: Zeroizing<String>,
    lines: usize,
    columns: usize,
}

impl Drawing {
    /// What to print.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How many lines it takes.
    pub const fn lines(&self) -> usize {
        self.lines
    }

    /// How wide its lines are.
    pub const fn columns(&self) -> usize {
        self.columns
    }

    /// What to print on an ANSI terminal to take the drawing away, with the `lines_since` lines
    /// that were printed below it. A code that was used or replaced must not be scanned again.
    pub fn erase(&self, lines_since: usize) -> String {
        format!("\r\x1b[{}A\x1b[J", self.lines + lines_since)
    }
}

/// Draws the code.
///
/// # Errors
/// [`TooSmall`] when the code would not be whole on the screen.
pub fn terminal(
    symbol: &Symbol,
    colours: Colours,
    size: TerminalSize,
) -> Result<Drawing, TooSmall> {
    let (columns, lines) = (symbol.side(), symbol.side().div_ceil(2));
    let fits = |has: Option<usize>, needs| has.is_none_or(|has| has >= needs);
    if !fits(size.columns, columns) || !fits(size.rows, lines) {
        return Err(TooSmall {
            columns,
            lines,
            size,
        });
    }
    let mut text = Zeroizing::new(String::with_capacity(
        lines * (columns * '█'.len_utf8() + INK.len() + RESET.len() + 1),
    ));
    for row in (0..symbol.side()).step_by(2) {
        text.push_str(match colours {
            Colours::Ansi => INK,
            Colours::Plain => "",
        });
        text.extend((0..symbol.side()).map(|column| {
            let halves = [symbol.is_dark(row, column), symbol.is_dark(row + 1, column)];
            half_block(match colours {
                Colours::Ansi => halves,
                Colours::Plain => halves.map(|dark| !dark),
            })
        }));
        text.push_str(match colours {
            Colours::Ansi => RESET,
            Colours::Plain => "",
        });
        text.push('\n');
    }
    Ok(Drawing {
        text,
        lines,
        columns,
    })
}

const fn half_block(filled: [bool; 2]) -> char {
    match filled {
        [true, true] => '█',
        [true, false] => '▀',
        [false, true] => '▄',
        [false, false] => ' ',
    }
}

/// The code would be broken or cut off on this terminal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TooSmall {
    columns: usize,
    lines: usize,
    size: TerminalSize,
}

impl fmt::Display for TooSmall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            columns,
            lines,
            size,
        } = self;
        let has = |length: Option<usize>| {
            length.map_or_else(|| "?".to_owned(), |length| length.to_string())
        };
        write!(
            f,
            "the code needs {columns} columns and {lines} lines, and the terminal has {} and {}: enlarge it, or use --qr svg:FILE",
            has(size.columns),
            has(size.rows)
        )
    }
}

impl std::error::Error for TooSmall {}
