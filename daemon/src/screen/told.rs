//! What a person was told, as it is printed and as it is folded to one line.

use super::wrap::{cells, width, wrap};
use std::time::Duration;

/// The time stands before what happens.
const INDENT: usize = "  12.3 s  ".len();

/// One statement: a line, or several that belong together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Told {
    /// When in the session, if it is about one.
    pub at: Option<Duration>,
    /// What, in lines of any length.
    pub text: String,
    /// The code of a finding, whose advice a person may want to read.
    pub finding: Option<&'static str>,
}

impl Told {
    /// A line that is about no moment of a session.
    pub fn plain(text: &str) -> Self {
        Self {
            at: None,
            text: text.to_owned(),
            finding: None,
        }
    }

    /// As it is printed on a terminal of this width.
    pub fn printed(&self, columns: Option<usize>) -> String {
        let Some(at) = self.at else {
            // It may be a line for a program.
            return self.text.clone();
        };
        let lines = self
            .text
            .lines()
            .map(|line| wrap(line.trim_end(), INDENT, columns));
        let text = lines.collect::<Vec<_>>().join(&format!("\n{:INDENT$}", ""));
        format!("{:6.1} s  {text}", at.as_secs_f64())
    }

    /// Its first line, as much of it as there is room for.
    pub(super) fn folded(&self, columns: usize) -> String {
        fold(self.text.lines().next().unwrap_or_default().trim(), columns)
    }
}

/// As much of a line as there is room for.
pub(super) fn fold(line: &str, columns: usize) -> String {
    const MORE: &str = "...";
    if width(line) <= columns {
        return line.to_owned();
    }
    let mut left = columns.saturating_sub(MORE.len());
    let mut folded: String = line
        .chars()
        .take_while(|char| match left.checked_sub(cells(*char)) {
            Some(rest) => {
                left = rest;
                true
            }
            None => false,
        })
        .collect();
    folded.push_str(MORE.get(..columns.min(MORE.len())).unwrap_or_default());
    folded
}

/// A text in pieces that each fit into one row.
pub(super) fn rows(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let mut rows = Vec::new();
    for line in text.split('\n') {
        let mut row = String::new();
        let mut used = 0;
        for char in line.chars() {
            if used + cells(char) > columns && used > 0 {
                rows.push(std::mem::take(&mut row));
                used = 0;
            }
            used += cells(char);
            row.push(char);
        }
        rows.push(row);
    }
    rows
}

/// How many rows of a terminal a text takes.
pub(super) fn height(text: &str, columns: usize) -> usize {
    let columns = columns.max(1);
    text.split('\n')
        .map(|line| width(line).div_ceil(columns).max(1))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_told_has_its_time_and_goes_on_below_its_beginning() {
        let told = Told {
            at: Some(Duration::from_millis(1500)),
            text: "BT08 (likely): nothing\nWhat was seen: nothing at all".to_owned(),
            finding: Some("BT08"),
        };
        assert_eq!(
            told.printed(Some(32)),
            "   1.5 s  BT08 (likely): nothing\n          What was seen: nothing\n          at all"
        );
        assert_eq!(told.folded(80), "BT08 (likely): nothing");
        assert_eq!(told.folded(14), "BT08 (likel...");
        assert_eq!(told.folded(2), "..");
        let event = Told::plain("{\"ev\":\"done\", \"ok\":false}");
        assert_eq!(event.printed(Some(24)), event.text, "whole, for a program");
    }

    proptest! {
        #[test]
        fn nothing_that_is_folded_or_cut_is_too_wide(text in "[a-z \u{4e00}\u{1f600}\n]{0,80}", columns in 2_usize..40) {
            for line in text.lines() {
                prop_assert!(width(&fold(line, columns)) <= columns);
            }
            let rows = rows(&text, columns);
            prop_assert!(rows.iter().all(|row| width(row) <= columns));
            prop_assert_eq!(rows.concat(), text.replace('\n', ""));
        }
    }
}
