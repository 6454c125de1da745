//! A region on an emulated terminal, and what it is told.

use super::camera::{Theme, picture};
use crate::screen::caption::Ways;
use crate::screen::panel::Panel;
use crate::screen::region::{Region, Where};
use crate::screen::told::Told;
use crate::terminal::{Ability, Palette, TerminalSize};
use hybrid_protocol::{Desktop, Hint, Linking, QrEntropy, QrText, Secret};
use std::time::{Duration, Instant};
use vt100::Parser;
use zeroize::Zeroizing;

pub(super) const WAYS: Ways = Ways {
    keys: true,
    option: Some("--qr png:FILE"),
};
pub(super) const MODERN: Ability = Ability {
    colours: Palette::Fixed,
    unicode: true,
    moves: true,
    light: false,
};
pub(super) const PLAIN: Ability = Ability {
    colours: Palette::None,
    ..MODERN
};
pub(super) const ASCII: Ability = Ability {
    unicode: false,
    ..MODERN
};
pub(super) const DUMB: Ability = Ability {
    moves: false,
    ..PLAIN
};

/// A region on an emulated terminal.
pub(super) struct Stand {
    pub(super) region: Region,
    pub(super) terminal: Parser,
    pub(super) size: (usize, usize),
    pub(super) text: QrText,
}

impl Stand {
    pub(super) fn new(ability: Ability, columns: usize, rows: usize) -> Self {
        Self {
            region: Region::new(ability),
            terminal: Parser::new(rows as u16, columns as u16, 1000),
            size: (columns, rows),
            text: text(1),
        }
    }

    pub(super) fn showing(ability: Ability, columns: usize, rows: usize) -> Self {
        let mut stand = Self::new(ability, columns, rows);
        stand.write(|region, to| region.print("$ hybridd sign-in", to));
        stand.write(|region, to| region.print("To sign in at example.com:", to));
        stand.show(1);
        stand
    }

    pub(super) fn show(&mut self, number: u8) {
        self.text = text(number);
        let panel = Panel::new(&self.text, WAYS).unwrap();
        self.write(|region, to| region.show(panel, to));
    }

    pub(super) fn write(&mut self, change: impl FnOnce(&mut Region, Where) -> Zeroizing<String>) {
        let to = self.place(true);
        let text = change(&mut self.region, to);
        self.process(&text);
    }

    pub(super) fn place(&self, foreground: bool) -> Where {
        Where {
            size: TerminalSize {
                columns: Some(self.size.0),
                rows: Some(self.size.1),
            },
            foreground,
        }
    }

    /// As a terminal line does it.
    pub(super) fn process(&mut self, text: &str) {
        self.terminal.process(text.replace('\n', "\r\n").as_bytes());
    }

    pub(super) fn tell(&mut self, told: &Told) {
        self.write(|region, to| {
            if let Some(panel) = &mut region.panel {
                panel.hear(told);
            }
            region.print(&told.printed(to.size.columns), to)
        });
    }

    pub(super) fn type_in(&mut self, line: &str) {
        self.process(&format!("{line}\n"));
        let size = self.place(true).size;
        self.region.typed(line, size);
        let panel = self.region.panel.as_mut().unwrap();
        match line {
            "d" => panel.advise(),
            "b" => panel.draw_blocks(),
            _ => drop(panel.turn_back(self.size.0, self.size.1, self.region.ability)),
        }
        self.write(Region::draw);
    }

    pub(super) fn resize(&mut self, columns: usize, rows: usize) {
        self.size = (columns, rows);
        self.terminal
            .screen_mut()
            .set_size(rows as u16, columns as u16);
        self.write(Region::draw);
    }

    pub(super) fn lines(&self) -> Vec<String> {
        let contents = self.terminal.screen().contents();
        contents
            .lines()
            .map(|line| line.trim_end().to_owned())
            .collect()
    }

    pub(super) fn says(&self, words: &str) -> bool {
        self.terminal
            .screen()
            .contents()
            .replace('\n', " ")
            .contains(words)
    }

    /// The code as a camera reads it.
    pub(super) fn read(&self, theme: Theme) -> Option<String> {
        let mut prepared = rqrr::PreparedImage::prepare(picture(&self.terminal, theme));
        let grids = prepared.detect_grids();
        grids
            .iter()
            .find_map(|grid| grid.decode().ok())
            .map(|(_, text)| text)
    }

    pub(super) fn is_read(&self) -> bool {
        [Theme::Dark, Theme::Light]
            .into_iter()
            .all(|theme| self.read(theme).as_deref() == Some(self.text.expose()))
    }

    /// Every row that the drawing has is on the screen, in one piece.
    pub(super) fn is_whole(&self) -> bool {
        let panel = self.region.panel.as_ref().unwrap();
        let rows = panel.rows(self.size.0, self.size.1, self.region.ability);
        let mut alone = Parser::new(self.size.1 as u16, self.size.0 as u16, 0);
        for row in &rows {
            alone.process(row.text.as_bytes());
            alone.process(b"\r\n");
        }
        let rows: usize = rows.iter().map(|row| row.height).sum();
        let (bottom, _) = self.terminal.screen().cursor_position();
        let Some(top) = usize::from(bottom).checked_sub(rows) else {
            return false;
        };
        (0..rows).all(|row| {
            (0..self.size.0).all(|column| {
                let cell = |parser: &Parser, row: usize| {
                    parser.screen().cell(row as u16, column as u16).cloned()
                };
                cell(&alone, row) == cell(&self.terminal, top + row)
            })
        })
    }

    pub(super) fn has_code(&self) -> bool {
        let panel = self.region.panel.as_ref().unwrap();
        let rows = panel.rows(self.size.0, self.size.1, self.region.ability);
        rows.iter()
            .filter(|row| row.text.contains('▀') || row.text.contains("\x1b["))
            .count()
            > 15
    }
}

fn text(number: u8) -> QrText {
    let entropy = QrEntropy {
        static_key: Secret::new([number; 32]),
        secret: Secret::new([9; 16]),
        ephemeral: Secret::new([1; 32]),
    };
    let started = Desktop::by_qr(
        &entropy,
        1_790_000_000,
        Hint::SignIn,
        Linking::NotOffered,
        Instant::now(),
    );
    started.unwrap().1.to_text()
}

pub(super) fn finding(code: &str) -> Told {
    Told {
        at: Some(Duration::from_secs(14)),
        text: format!(
            "{code} (possible): no phone was heard\n  What was seen: {}\n  What it means: {}\n  What to do: {}",
            "Bluetooth listens and has heard nothing. ".repeat(3),
            "The phone has not scanned the code, or has no Bluetooth. ".repeat(3),
            "Switch Bluetooth on, on the phone; then scan the code again. ".repeat(4),
        ),
        finding: ["BT08", "NW15", "AD01"]
            .into_iter()
            .find(|known| *known == code),
    }
}

pub(super) fn step() -> Told {
    Told {
        at: Some(Duration::from_secs(1)),
        text: "this computer can reach the relay cable.ua5v.com".to_owned(),
        finding: None,
    }
}
