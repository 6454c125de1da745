//! The fault matrix: which fault was played, what the desktop was to say, what it said, how sure it
//! was, and after how many seconds.

use hybrid_diagnosis::finding::Certainty;
use std::fmt;
use std::time::Duration;

/// One fault, played for real.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// What was broken, in a few words.
    pub fault: String,
    /// The code that the desktop was to show; [`NOTHING`] when it was to succeed without a word.
    pub expected: String,
    /// The code that it showed first.
    pub got: String,
    /// How sure it was; nothing when it showed no code.
    pub certainty: Option<Certainty>,
    /// From the moment at which the fault began to matter until the code was shown.
    pub seconds: Duration,
}

/// In place of a code, for what does no harm.
pub const NOTHING: &str = "none";

impl Row {
    /// Whether the desktop said exactly what it was to say.
    pub fn holds(&self) -> bool {
        self.expected == self.got
    }
}

/// The rows as a Markdown table, in their order.
pub fn table(rows: &[Row]) -> String {
    let head =
        "| fault | expected | got | certainty | seconds |\n| --- | --- | --- | --- | ---: |\n";
    let lines: String = rows.iter().map(|row| format!("{row}\n")).collect();
    format!("{head}{lines}")
}

/// The published matrix.
const PUBLISHED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/faults.md");

/// Holds a part of `docs/faults.md` against what was seen; with the variable `UPDATE` it is written
/// anew.
///
/// # Errors
/// A sentence when the document has no such part or is not the same.
pub fn publish(part: &str, text: &str) -> Result<(), String> {
    let document =
        std::fs::read_to_string(PUBLISHED).map_err(|error| format!("docs/faults.md: {error}"))?;
    let new = replace(&document, part, text)
        .ok_or_else(|| format!("docs/faults.md has no part {part}"))?;
    if std::env::var_os("UPDATE").is_some() {
        return std::fs::write(PUBLISHED, new).map_err(|error| format!("docs/faults.md: {error}"));
    }
    if new == document {
        Ok(())
    } else {
        Err(format!(
            "docs/faults.md, part {part}, does not match the results; UPDATE=1 rewrites it"
        ))
    }
}

/// The document with this text between the marks of a part.
fn replace(document: &str, part: &str, text: &str) -> Option<String> {
    let (before, rest) = document.split_once(&format!("<!-- {part} -->\n"))?;
    let (_, after) = rest.split_once(&format!("<!-- end of {part} -->"))?;
    Some(format!(
        "{before}<!-- {part} -->\n{text}<!-- end of {part} -->{after}"
    ))
}

/// One line of the table.
impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            fault,
            expected,
            got,
            certainty,
            seconds,
        } = self;
        let certainty = certainty.map_or("", Certainty::name);
        let fault = fault.replace('|', "\\|");
        write!(
            f,
            "| {fault} | {expected} | {got} | {certainty} | {:.1} |",
            seconds.as_secs_f64()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_part_of_a_document_is_replaced_and_no_other() {
        let document = "a\n<!-- x -->\nold\n<!-- end of x -->\nb\n";
        assert_eq!(
            replace(document, "x", "new\n").unwrap(),
            "a\n<!-- x -->\nnew\n<!-- end of x -->\nb\n"
        );
        assert_eq!(replace(document, "y", "new"), None);
    }

    #[test]
    fn a_table_has_a_line_for_each_row_and_a_bar_does_not_break_it() {
        let row = Row {
            fault: "a|b".to_owned(),
            expected: "NW15".to_owned(),
            got: "NW15".to_owned(),
            certainty: Some(Certainty::Likely),
            seconds: Duration::from_millis(140),
        };
        let silent = Row {
            got: NOTHING.to_owned(),
            certainty: None,
            ..row.clone()
        };
        assert!(row.holds() && !silent.holds());
        let table = table(&[row, silent]);
        let lines: Vec<_> = table.lines().skip(2).collect();
        assert_eq!(
            lines,
            [
                "| a\\|b | NW15 | NW15 | likely | 0.1 |",
                "| a\\|b | NW15 | none |  | 0.1 |"
            ]
        );
    }
}
