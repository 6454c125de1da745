//! What is written to a terminal so that lines stay in order above, and a panel stays whole below
//! them: texts and a size in, what to write out, all at once.
//!
//! The panel is erased, the lines are printed, and it is drawn again. Rows are erased one by one: a
//! terminal that is asked to clear all of itself moves the code to its scrollback (tmux, VTE).

use super::panel::{Panel, Row};
use super::told::{Told, height};
use crate::terminal::{Ability, Palette, TerminalSize};
use std::collections::VecDeque;
use zeroize::Zeroizing;

/// What a taller terminal than any would show.
const KEPT: usize = 120;
/// A terminal that knows it (most with fixed colours do) shows nothing in between.
const SYNCHRONISED: [&str; 2] = ["\x1b[?2026h", "\x1b[?2026l"];
/// For a panel, the usual one, without growing: what grows leaves copies behind.
const ROOM: usize = 24 << 10;

/// A terminal that is written to.
pub(super) struct Region {
    pub(super) ability: Ability,
    pub(super) panel: Option<Panel>,
    /// Findings that were told and pushed out by the code that was wanted then.
    pub(super) unseen: Vec<Told>,
    /// The last lines, to paint them again when the terminal has moved them.
    kept: VecDeque<String>,
    drawn: Option<Drawn>,
    /// Rows that others have written below the panel: what a person typed.
    stray: usize,
    /// Where the cursor cannot be moved: the rows since the panel was written.
    since: usize,
    /// The panel that was written is not the one to be seen.
    changed: bool,
}

/// A panel on the terminal.
#[derive(Clone, Copy)]
struct Drawn {
    rows: usize,
    size: (usize, usize),
}

impl Region {
    pub(super) const fn new(ability: Ability) -> Self {
        Self {
            ability,
            panel: None,
            unseen: Vec::new(),
            kept: VecDeque::new(),
            drawn: None,
            stray: 0,
            since: 0,
            changed: false,
        }
    }

    /// Shows a panel in the place of the one before.
    pub(super) fn show(&mut self, panel: Panel, to: Where) -> Zeroizing<String> {
        self.panel = Some(panel);
        self.changed = true;
        self.write(None, to)
    }

    /// Takes the panel away.
    pub(super) fn end(&mut self, to: Where) -> Zeroizing<String> {
        if let (Some(panel), Some(columns), Some(rows)) =
            (self.panel.take(), to.size.columns, to.size.rows)
        {
            self.unseen = panel.unseen(columns, rows, self.ability);
        }
        self.write(None, to)
    }

    /// Prints a line, or several.
    pub(super) fn print(&mut self, line: &str, to: Where) -> Zeroizing<String> {
        self.write(Some(line), to)
    }

    /// Draws the panel as it is by now.
    pub(super) fn draw(&mut self, to: Where) -> Zeroizing<String> {
        self.changed = true;
        self.write(None, to)
    }

    /// Somebody typed a line, which the terminal has shown below.
    pub(super) fn typed(&mut self, line: &str, size: TerminalSize) {
        self.stray += size.columns.map_or(1, |columns| height(line, columns));
    }

    /// The cursor is somewhere below all that was written: another program had the terminal, or what
    /// was written last has not arrived.
    pub(super) const fn left(&mut self) {
        self.drawn = None;
        self.changed = true;
    }

    fn write(&mut self, line: Option<&str>, to: Where) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(ROOM));
        if let Some(line) = line {
            self.keep(line);
        }
        match (to.size.columns, to.size.rows) {
            (Some(columns), Some(rows)) if self.ability.moves && to.foreground => {
                self.redraw(line, (columns, rows), &mut text);
            }
            (Some(_), _) | (None, _) => self.append(line, to.size, &mut text),
        }
        text
    }

    fn keep(&mut self, line: &str) {
        if self.kept.len() >= KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back(line.to_owned());
    }

    fn redraw(&mut self, line: Option<&str>, size: (usize, usize), text: &mut String) {
        let panel = self.rows(size);
        let (before, stray) = (self.drawn.take(), std::mem::take(&mut self.stray));
        let touches = before.is_some() || panel.is_some();
        let synchronised = touches && self.ability.colours == Palette::Fixed;
        let [begin, end] = SYNCHRONISED;
        if synchronised {
            text.push_str(begin);
        }
        let moved = before.is_some_and(|before| before.size != size);
        if moved {
            self.repaint(panel.as_deref(), size, text);
        } else {
            if let Some(before) = before {
                text.push_str("\r\x1b[2K");
                text.extend(std::iter::repeat_n("\x1b[A\x1b[2K", before.rows + stray));
            }
            if let Some(line) = line {
                text.push_str(line);
                text.push('\n');
            }
        }
        if let Some(panel) = panel {
            self.drawn = Some(Drawn {
                rows: draw(&panel, text),
                size,
            });
        }
        self.changed = false;
        if synchronised {
            text.push_str(end);
        }
    }

    fn rows(&self, (columns, rows): (usize, usize)) -> Option<Vec<Row>> {
        let panel = self.panel.as_ref()?;
        Some(panel.rows(columns, rows, self.ability))
    }

    /// Where rows are after a terminal's size has changed is not known: some break long lines anew,
    /// some cut them, some scroll. So all that is seen is painted again, from its first row.
    fn repaint(&self, panel: Option<&[Row]>, (columns, rows): (usize, usize), text: &mut String) {
        text.push_str("\x1b[H\x1b[2K");
        text.extend(std::iter::repeat_n("\x1b[B\x1b[2K", rows.saturating_sub(1)));
        text.push_str("\x1b[H");
        let below: usize = panel.into_iter().flatten().map(|row| row.height).sum();
        let mut room = rows.saturating_sub(below + 1);
        let fitting = self.kept.iter().rev().take_while(|line| {
            let left = room.checked_sub(height(line, columns));
            room = left.unwrap_or_default();
            left.is_some()
        });
        let lines: Vec<_> = fitting.collect();
        for line in lines.into_iter().rev() {
            text.push_str(line);
            text.push('\n');
        }
    }

    /// Where nothing can be erased the panel is written once more when it has been pushed out.
    fn append(&mut self, line: Option<&str>, size: TerminalSize, text: &mut String) {
        self.drawn = None;
        self.since += std::mem::take(&mut self.stray);
        if let Some(line) = line {
            text.push_str(line);
            text.push('\n');
            self.since += height(line, size.columns.unwrap_or(usize::MAX));
        }
        let high = size.rows.unwrap_or(usize::MAX);
        let panel = self.rows((size.columns.unwrap_or(usize::MAX), high));
        let below: usize = panel.iter().flatten().map(|row| row.height).sum();
        if let Some(panel) = panel
            && (self.changed || self.since + below >= high)
        {
            draw(&panel, text);
            self.since = 0;
        }
        self.changed = false;
    }
}

/// What is known of the terminal at this moment.
#[derive(Clone, Copy)]
pub(super) struct Where {
    pub(super) size: TerminalSize,
    /// It is this program's turn; in the background another one has the last line.
    pub(super) foreground: bool,
}

fn draw(panel: &[Row], text: &mut String) -> usize {
    for row in panel {
        text.push_str(&row.text);
        text.push('\n');
    }
    panel.iter().map(|row| row.height).sum()
}

#[cfg(test)]
mod tests;
