//! What a person is told when something does not advance: what we saw, what it means, what to do,
//! and a stable code.

use crate::catalogue::{self, Entry};
use hybrid_protocol::printable;
use serde_json::{Value, json};
use std::fmt;

/// One statement of the diagnosis.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// Stable; `hybridd explain CODE` says more.
    pub code: &'static str,
    /// How sure it is.
    pub certainty: Certainty,
    /// What was observed.
    pub saw: String,
    /// What it means.
    pub means: &'static str,
    /// What to do.
    pub advice: &'static str,
    /// Causes of which this is a mere consequence.
    pub depends_on: &'static [&'static str],
}

/// How sure a finding is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Certainty {
    /// One cause among several.
    Possible,
    /// The likeliest cause.
    Likely,
    /// What was seen has no other cause.
    Certain,
}

impl Certainty {
    /// The word in events and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Possible => "possible",
            Self::Likely => "likely",
            Self::Certain => "certain",
        }
    }

    /// Reads the word back.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Possible, Self::Likely, Self::Certain]
            .into_iter()
            .find(|certainty| certainty.name() == name)
    }
}

impl Finding {
    /// A finding of this cause. `saw` becomes a sentence, without control characters, for it may
    /// quote what a peer sent.
    pub fn new(entry: &'static Entry, certainty: Certainty, saw: &str) -> Self {
        Self {
            code: entry.code,
            certainty,
            saw: sentence(saw),
            means: entry.means,
            advice: entry.todo,
            depends_on: entry.depends_on,
        }
    }

    /// What was seen has no other cause.
    pub fn certain(entry: &'static Entry, saw: &str) -> Self {
        Self::new(entry, Certainty::Certain, saw)
    }

    /// The likeliest cause.
    pub fn likely(entry: &'static Entry, saw: &str) -> Self {
        Self::new(entry, Certainty::Likely, saw)
    }

    /// One cause among several.
    pub fn possible(entry: &'static Entry, saw: &str) -> Self {
        Self::new(entry, Certainty::Possible, saw)
    }

    /// The members of a finding, for events and reports.
    pub fn to_json(&self) -> Value {
        json!({
            "code": self.code,
            "certainty": self.certainty.name(),
            "saw": self.saw,
            "means": self.means,
            "advice": self.advice,
        })
    }

    /// Reads a finding back; its texts are those of this version's catalogue. `None` for a code
    /// that it does not know.
    pub fn from_json(value: &Value) -> Option<Self> {
        let text = |name| value.get(name).and_then(Value::as_str);
        let certainty = Certainty::from_name(text("certainty")?)?;
        Some(Self::new(
            catalogue::find(text("code")?)?,
            certainty,
            text("saw")?,
        ))
    }
}

/// Hides each finding that is a mere consequence of another one, and doubles.
pub fn without_consequences(findings: Vec<Finding>) -> Vec<Finding> {
    let codes: Vec<&str> = findings.iter().map(|finding| finding.code).collect();
    let mut told: Vec<Finding> = Vec::new();
    for finding in findings {
        let explained = finding.depends_on.iter().any(|cause| codes.contains(cause));
        if !explained && told.iter().all(|other| other.code != finding.code) {
            told.push(finding);
        }
    }
    told
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = catalogue::find(self.code).map_or("", |entry| entry.name);
        let (code, certainty) = (self.code, self.certainty.name());
        writeln!(f, "{code} ({certainty}): {name}")?;
        writeln!(f, "  What was seen: {}", self.saw)?;
        writeln!(f, "  What it means: {}", self.means)?;
        write!(f, "  What to do: {}", self.advice)
    }
}

/// With a capital (unless a host or a command begins it) and a full stop, and no longer than a
/// person reads.
fn sentence(fragment: &str) -> String {
    const LONGEST: usize = 600;
    let clean: String = printable(fragment).trim().chars().take(LONGEST).collect();
    let is_word = |char: char| char.is_alphabetic() || "-',;:.".contains(char);
    let first_word = clean
        .split(' ')
        .next()
        .unwrap_or_default()
        .trim_end_matches(['.', ':', ',', ';']);
    let is_word = first_word.chars().all(is_word) && !first_word.contains('.');
    let mut chars = clean.chars();
    let first: String = match chars.next() {
        Some(char) if is_word => char.to_uppercase().collect(),
        Some(char) => char.to_string(),
        None => String::new(),
    };
    let stop = if clean.ends_with(['.', '!', '?']) || clean.is_empty() {
        ""
    } else {
        "."
    };
    format!("{first}{}{stop}", chars.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{BLUETOOTH_BLOCKED, BLUETOOTH_OFF, NO_ANSWER_ON_PHONE, NO_PHONE_HEARD};

    #[test]
    fn a_consequence_is_hidden_behind_its_cause() {
        let findings = vec![
            Finding::likely(&NO_PHONE_HEARD, "nothing heard"),
            Finding::certain(&BLUETOOTH_OFF, "off"),
            Finding::certain(&BLUETOOTH_BLOCKED, "blocked"),
            Finding::possible(&NO_ANSWER_ON_PHONE, "waiting"),
            Finding::possible(&NO_ANSWER_ON_PHONE, "waiting still"),
        ];
        let told = without_consequences(findings);
        assert_eq!(
            told.iter().map(|finding| finding.code).collect::<Vec<_>>(),
            ["BT04", "PH07"]
        );
    }

    #[test]
    fn what_was_seen_is_a_sentence_that_cannot_steer_a_terminal() {
        assert_eq!(
            Finding::certain(&BLUETOOTH_OFF, "all \x1b[2Jadapters are off").saw,
            "All [2Jadapters are off."
        );
        assert_eq!(Finding::certain(&BLUETOOTH_OFF, "Off.").saw, "Off.");
        assert_eq!(
            Finding::certain(&BLUETOOTH_OFF, "cable.ua5v.com: broken").saw,
            "cable.ua5v.com: broken."
        );
        assert!(
            Finding::certain(&BLUETOOTH_OFF, &"x".repeat(100_000))
                .saw
                .len()
                < 1000
        );
    }

    #[test]
    fn a_person_is_told_what_was_seen_what_it_means_and_what_to_do() {
        let told = Finding::certain(&BLUETOOTH_OFF, "every adapter is switched off").to_string();
        let lines: Vec<&str> = told.lines().collect();
        assert_eq!(lines[0], "BT03 (certain): Bluetooth is off");
        assert_eq!(lines[1], "  What was seen: Every adapter is switched off.");
        assert!(
            lines[2].starts_with("  What it means: ") && lines[3].starts_with("  What to do: ")
        );
    }

    #[test]
    fn a_finding_is_read_back_from_its_json() {
        for entry in catalogue::all() {
            let finding = Finding::likely(entry, "something was seen");
            assert_eq!(Finding::from_json(&finding.to_json()), Some(finding));
        }
        assert_eq!(
            Finding::from_json(&json!({"code": "XX99", "certainty": "likely", "saw": "x"})),
            None
        );
    }
}
