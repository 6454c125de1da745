//! The part of the terminal that shows a code: taken away, with the lines below it kept, once the
//! code is used or replaced.

use crate::qr::{Drawing, TerminalSize};
use std::io::Write;

/// Lines that are printed, and the code above them.
pub(super) struct Screen<W> {
    to: W,
    shown: Option<Shown>,
}

/// A code that stands on the terminal, and what was printed below it.
struct Shown {
    drawing: Drawing,
    caption: &'static str,
    below: Vec<String>,
}

impl<W: Write> Screen<W> {
    pub(super) const fn new(to: W) -> Self {
        Self { to, shown: None }
    }

    /// Draws a code and a line below it, which belongs to it.
    pub(super) fn draw(&mut self, drawing: Drawing, caption: &'static str) {
        // A terminal that is gone must not end a sign-in; the same holds for every line.
        let drawn = self.write(&format!("{}{caption}\n", drawing.text()));
        self.shown = drawn.then_some(Shown {
            drawing,
            caption,
            below: Vec::new(),
        });
    }

    pub(super) fn say(&mut self, line: &str) {
        if !self.write(&format!("{line}\n")) {
            // What stands on the screen is not known any more: the code stays there.
            self.shown = None;
        }
        if let Some(shown) = &mut self.shown {
            shown.below.push(line.to_owned());
        }
    }

    /// At once, so that no part of it is lost alone.
    fn write(&mut self, text: &str) -> bool {
        self.to.write_all(text.as_bytes()).is_ok()
    }

    /// Takes the code away; `typed` lines were entered by the person since it was drawn. A code
    /// that has scrolled out of the screen in part, or that a narrower screen has broken, stays
    /// where it is.
    pub(super) fn erase(&mut self, size: TerminalSize, typed: usize) {
        let (Some(shown), Some(columns), Some(rows)) = (self.shown.take(), size.columns, size.rows)
        else {
            return;
        };
        let kept = shown
            .below
            .iter()
            .map(|line| height(line, columns))
            .sum::<usize>();
        let below = height(shown.caption, columns) + kept + typed;
        if shown.drawing.lines() + below >= rows || shown.drawing.columns() > columns {
            return;
        }
        self.write(&shown.drawing.erase(below));
        for line in shown.below {
            self.say(&line);
        }
    }
}

/// How many rows of the terminal a text takes.
fn height(text: &str, columns: usize) -> usize {
    let columns = columns.max(1);
    text.split('\n')
        .map(|line| line.chars().count().div_ceil(columns).max(1))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::qr::{Colours, Symbol, terminal};
    use hybrid_protocol::Hint;
    use hybrid_protocol::{Desktop, Secret};
    use hybrid_protocol::{Linking, QrEntropy};
    use std::time::Instant;

    const ROWS: usize = 40;
    const COLUMNS: usize = 60;
    const SIZE: TerminalSize = TerminalSize {
        columns: Some(COLUMNS),
        rows: Some(ROWS),
    };

    #[test]
    fn a_used_code_is_gone_and_the_lines_around_it_stay() {
        let mut screen = Screen::new(Vec::new());
        screen.say("before");
        screen.draw(drawing(), "scan it");
        screen.say(&"wraps ".repeat(30));
        assert!(seen(&screen.to).len() > 23);
        screen.erase(SIZE, 0);
        screen.say("after");
        let wrapped = "wraps ".repeat(10);
        let wrapped = wrapped.trim_end();
        assert_eq!(
            seen(&screen.to),
            ["before", wrapped, wrapped, wrapped, "after"]
        );
    }

    #[test]
    fn the_line_that_a_person_entered_is_taken_away_with_it() {
        let mut screen = Screen::new(Vec::new());
        screen.draw(drawing(), "scan it");
        screen.say("waiting");
        // The terminal echoes Enter.
        screen.to.push(b'\n');
        screen.erase(SIZE, 1);
        assert_eq!(seen(&screen.to), ["waiting"]);
    }

    #[test]
    fn a_code_is_erased_once_and_only_when_it_is_whole_on_the_screen() {
        let mut screen = Screen::new(Vec::new());
        screen.draw(drawing(), "scan it");
        screen.erase(SIZE, 0);
        let written = screen.to.len();
        screen.erase(SIZE, 0);
        assert_eq!(screen.to.len(), written);

        for size in [
            TerminalSize {
                rows: Some(23),
                ..SIZE
            },
            TerminalSize {
                columns: Some(44),
                ..SIZE
            },
            TerminalSize::default(),
        ] {
            let mut screen = Screen::new(Vec::new());
            screen.draw(drawing(), "scan it");
            let written = screen.to.len();
            screen.erase(size, 0);
            assert_eq!(screen.to.len(), written);
        }
    }

    fn drawing() -> Drawing {
        let entropy = QrEntropy {
            static_key: Secret::new([7; 32]),
            secret: Secret::new([9; 16]),
            ephemeral: Secret::new([1; 32]),
        };
        let (_, code) = Desktop::by_qr(
            &entropy,
            0,
            Hint::SignIn,
            Linking::NotOffered,
            Instant::now(),
        )
        .unwrap();
        terminal(&Symbol::new(&code.to_text()).unwrap(), Colours::Ansi, SIZE).unwrap()
    }

    /// What stands on a terminal that was written to: text, line feeds, cursor up, erase below;
    /// colours are ignored.
    fn seen(written: &[u8]) -> Vec<String> {
        let text = String::from_utf8(written.to_vec()).unwrap();
        let mut rows = vec![String::new()];
        let mut at = 0;
        let mut chars = text.chars();
        while let Some(char) = chars.next() {
            match char {
                '\n' => at += 1,
                '\r' => {}
                '\x1b' => {
                    let sequence: String = chars
                        .by_ref()
                        .skip(1)
                        .take_while(|char| !char.is_alphabetic())
                        .collect();
                    // The final letter was taken: a number alone is cursor up, nothing is erase
                    // below, colours hold a semicolon or 0.
                    match sequence.as_str() {
                        "" => rows.truncate(at),
                        "0" => {}
                        colours if colours.contains(';') => {}
                        up => at -= up.parse::<usize>().unwrap(),
                    }
                }
                shown => {
                    if rows
                        .get(at)
                        .is_some_and(|row| row.chars().count() == COLUMNS)
                    {
                        at += 1;
                    }
                    while rows.len() <= at {
                        rows.push(String::new());
                    }
                    rows[at].push(shown);
                }
            }
            while rows.len() <= at {
                rows.push(String::new());
            }
        }
        let rows = rows.iter().map(|row| row.trim_end().to_owned());
        rows.filter(|row| !row.is_empty()).collect()
    }
}
