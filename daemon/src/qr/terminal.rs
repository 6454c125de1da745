//! A code on a terminal: in half blocks, where one character is two modules high, so that it is
//! square and fits 24 lines; or in blanks, two for each module, where there are no such characters.

use super::Symbol;
use crate::terminal::{Ability, Palette};
use zeroize::Zeroizing;

const RESET: &str = "\x1b[0m";

/// What a code is made of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Form {
    /// Which characters.
    pub cells: Cells,
    /// In which colours.
    pub ink: Ink,
}

/// The characters of a drawing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cells {
    /// Half blocks: a character is one module wide and two high.
    Halves,
    /// Blanks in two colours: a module is two characters wide and one high.
    Blanks,
}

/// The colours of a drawing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ink {
    /// Black on white that no theme changes.
    Fixed,
    /// The theme's black on its bright white.
    Bright,
    /// The theme's black on its white, which is what eight colours have.
    Eight,
    /// Light modules are in the colour of text: right on a dark terminal, and on a light one the
    /// inverse, which not every camera reads.
    Light,
    /// Dark modules are in the colour of text: right on a light terminal.
    Dark,
}

impl Form {
    /// The form for a terminal; `None` when it has neither characters nor attributes for one.
    pub const fn of(ability: Ability) -> Option<Self> {
        let ink = match ability.colours {
            Palette::Fixed => Ink::Fixed,
            Palette::Sixteen => Ink::Bright,
            Palette::Eight => Ink::Eight,
            Palette::None if ability.light => Ink::Dark,
            Palette::None => Ink::Light,
        };
        let cells = match (ability.unicode, ability.moves) {
            (true, _) => Cells::Halves,
            (false, true) => Cells::Blanks,
            (false, false) => return None,
        };
        Some(Self { cells, ink })
    }

    /// How many columns and lines a symbol of this side takes.
    pub const fn size(self, side: usize) -> (usize, usize) {
        Self::size_of(self.cells, side)
    }

    /// The same for characters alone.
    pub const fn size_of(cells: Cells, side: usize) -> (usize, usize) {
        match cells {
            Cells::Halves => (side, side.div_ceil(2)),
            Cells::Blanks => (side * 2, side),
        }
    }

    /// Draws a symbol.
    pub fn draw(self, symbol: &Symbol) -> Drawing {
        let (columns, lines) = self.size(symbol.side());
        let mut text = Zeroizing::new(String::with_capacity(lines * (columns * 12 + 40)));
        for line in 0..lines {
            match self.cells {
                Cells::Halves => self.halves(symbol, line * 2, &mut text),
                Cells::Blanks => self.blanks(symbol, line, &mut text),
            }
            text.push('\n');
        }
        Drawing {
            text,
            lines,
            columns,
        }
    }

    fn halves(self, symbol: &Symbol, row: usize, text: &mut String) {
        let colours = self.ink.colours();
        if let Some([ink, paper]) = colours {
            text.push_str(&format!("\x1b[{ink};{paper}m"));
        }
        // Below the last row of an odd number the paper goes on, which does no harm.
        text.extend((0..symbol.side()).map(|column| {
            let dark = [symbol.is_dark(row, column), symbol.is_dark(row + 1, column)];
            half_block(match self.ink {
                Ink::Fixed | Ink::Bright | Ink::Eight | Ink::Dark => dark,
                Ink::Light => dark.map(|dark| !dark),
            })
        }));
        if colours.is_some() {
            text.push_str(RESET);
        }
    }

    fn blanks(self, symbol: &Symbol, row: usize, text: &mut String) {
        let mut before = None;
        for column in 0..symbol.side() {
            let dark = symbol.is_dark(row, column);
            if before != Some(dark) {
                text.push_str(&self.ink.ground(dark));
                before = Some(dark);
            }
            text.push_str("  ");
        }
        text.push_str(RESET);
    }
}

impl Ink {
    /// What follows the theme can be wrong on the screen.
    pub const fn is_fixed(self) -> bool {
        matches!(self, Self::Fixed)
    }

    /// Ink and paper, as SGR has them.
    const fn colours(self) -> Option<[&'static str; 2]> {
        match self {
            // The greys and the cube's last corner: some themes set the cube's first ones.
            Self::Fixed => Some(["38;5;232", "48;5;231"]),
            Self::Bright => Some(["30", "107"]),
            // In eight colours there is no bright one, and asking for it would give the default.
            Self::Eight => Some(["30", "47"]),
            Self::Light | Self::Dark => None,
        }
    }

    /// The background of a module. Reverse video is no colour.
    fn ground(self, dark: bool) -> String {
        let ground = match (self, dark) {
            (Self::Fixed, true) => "48;5;232",
            (Self::Fixed, false) => "48;5;231",
            (Self::Bright | Self::Eight, true) => "40",
            (Self::Bright, false) => "107",
            (Self::Eight, false) => "47",
            (Self::Light, false) | (Self::Dark, true) => "0;7",
            (Self::Light, true) | (Self::Dark, false) => "0",
        };
        format!("\x1b[{ground}m")
    }
}

const fn half_block(filled: [bool; 2]) -> char {
    match filled {
        [true, true] => '█',
        [true, false] => '▀',
        [false, true] => '▄',
        [false, false] => ' ',
    }
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
}
