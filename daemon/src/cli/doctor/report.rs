//! The doctor's report as it comes about: JSON Lines for scripts; for people one line a step, under
//! a heading for what belongs together.

use crate::cli::stdout;
use crate::screen::wrap::wrap;
use crate::terminal::{self, Ability, Palette};
use hybrid_diagnosis::check::{Check, Conclusion, Verdict, title};
use std::cell::OnceCell;
use std::io::{self, IsTerminal as _};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::UnboundedReceiver;

/// A step that takes no longer is not announced.
const AT_ONCE: Duration = Duration::from_millis(300);
/// Between signs of life.
const LIFE: Duration = Duration::from_millis(500);
/// Wide enough for the longest name of a step.
const NAME: usize = 24;
/// Where a step's text begins.
const INDENT: usize = 2 + 4 + 2 + NAME + 1;

/// Where steps are printed.
pub(in crate::cli) struct Report {
    json: bool,
    silent: bool,
    /// Standard output is a terminal that a waiting line can be taken from.
    live: bool,
    colours: bool,
    /// The width of the terminal; nothing is wrapped without one.
    columns: Option<usize>,
    heading: String,
    /// Why the rest is not printed.
    lost: OnceCell<io::Error>,
}

impl Report {
    pub(in crate::cli) fn new(json: bool) -> Self {
        let ability = Ability::from_environment();
        let terminal = io::stdout().is_terminal() && ability.moves;
        Self {
            json,
            silent: false,
            live: terminal && !json,
            colours: terminal && ability.colours != Palette::None,
            columns: terminal::size(io::stdout()).columns,
            heading: String::new(),
            lost: OnceCell::new(),
        }
    }

    /// One that tells nothing while it comes about.
    pub(in crate::cli) fn silent() -> Self {
        Self {
            silent: true,
            live: false,
            ..Self::new(false)
        }
    }

    pub(super) const fn is_json(&self) -> bool {
        self.json
    }

    /// The next step of a part; on a terminal a line says how long it has been waited for.
    pub(super) async fn next(&self, part: &mut UnboundedReceiver<Check>) -> Option<Check> {
        if !self.live {
            return part.recv().await;
        }
        let began = Instant::now();
        let mut patience = AT_ONCE;
        loop {
            match tokio::time::timeout(patience, part.recv()).await {
                Ok(check) => {
                    self.print("\r\x1b[K");
                    return check;
                }
                Err(_) => {
                    self.print(&format!(
                        "\r\x1b[K  ...   {:.0} s",
                        began.elapsed().as_secs_f64()
                    ));
                    patience = LIFE;
                }
            }
        }
    }

    pub(super) fn check(&mut self, check: &Check) {
        if self.json {
            return self.print(&format!("{}\n", check.to_json()));
        }
        let (heading, name) = check.place();
        if self.heading != heading {
            let space = if self.heading.is_empty() { "" } else { "\n" };
            self.print(&format!("{space}{}\n", self.bold(&title(heading))));
            heading.clone_into(&mut self.heading);
        }
        let detail = match &check.verdict {
            Verdict::Ok | Verdict::Warn(_) | Verdict::Fail(_) => &check.evidence,
            Verdict::NotChecked(why) => why,
        };
        let took = match check.took.as_millis() {
            0 => String::new(),
            ms => format!(" ({ms} ms)"),
        };
        let mark = self.mark(&check.verdict);
        self.print(&step(&mark, name, &format!("{detail}{took}"), self.columns));
    }

    pub(super) fn conclusion(&self, conclusion: &Conclusion) {
        for (line, findings) in conclusion.sections() {
            self.print(&format!("\n{line}\n"));
            for finding in findings {
                let text = finding.to_string();
                let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
                self.print(&format!("\n{}\n", self.bold(&wrap(first, 2, self.columns))));
                for line in rest.lines() {
                    self.print(&format!("  {}\n", wrap(line.trim_start(), 2, self.columns)));
                }
            }
        }
    }

    /// Why it was not printed to its end.
    pub(super) fn lost(&self) -> Option<&io::Error> {
        self.lost.get()
    }

    /// A word of its own for each verdict: colour only repeats it.
    fn mark(&self, verdict: &Verdict) -> String {
        let (word, colour) = match verdict {
            Verdict::Ok => ("ok  ", "32"),
            Verdict::Warn(_) => ("warn", "33"),
            Verdict::Fail(_) => ("FAIL", "1;31"),
            Verdict::NotChecked(_) => ("n/a ", "2"),
        };
        if self.colours {
            format!("\x1b[{colour}m{word}\x1b[0m")
        } else {
            word.to_owned()
        }
    }

    fn bold(&self, text: &str) -> String {
        if self.colours {
            format!("\x1b[1m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }

    /// Whoever reads it may have gone away.
    pub(super) fn print(&self, text: &str) {
        if self.lost.get().is_none()
            && !self.silent
            && let Err(error) = stdout::write(text)
        {
            let _ = self.lost.set(error);
        }
    }
}

/// One step: its verdict, its name and its text beside each other, or the text below the name where
/// the screen is narrow.
fn step(mark: &str, name: &str, text: &str, columns: Option<usize>) -> String {
    /// The least that a text is given beside its name.
    const BESIDE: usize = 28;
    /// Where it begins below.
    const BELOW: usize = 2 + 4 + 2;
    if columns.is_some_and(|columns| columns < INDENT + BESIDE) {
        let text = wrap(text, BELOW, columns);
        return format!("  {mark}  {name}\n{:BELOW$}{text}\n", "");
    }
    let text = wrap(text, INDENT, columns);
    format!("  {mark}  {name:NAME$} {text}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_fits_a_narrow_screen_and_is_one_line_without_one() {
        let text = "the name resolves to 0.0.0.0, which is not a public address";
        let narrow = step("FAIL", "dns", text, Some(40));
        assert!(
            narrow.lines().all(|line| line.chars().count() <= 40),
            "{narrow}"
        );
        assert_eq!(narrow.lines().next(), Some("  FAIL  dns"));
        assert_eq!(step("FAIL", "dns", text, None).lines().count(), 1);
        let wide = step("FAIL", "dns", text, Some(80));
        assert!(
            wide.starts_with("  FAIL  dns                      the name resolves"),
            "{wide}"
        );
    }
}
