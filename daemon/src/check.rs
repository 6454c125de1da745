//! One prerequisite, looked at without a phone: what `hybridd doctor` lists and `explain` takes into account.

use crate::finding::Finding;
use crate::webauthn::printable;
use serde_json::{Value, json};
use std::time::Duration;

/// The answer to one question.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Check {
    /// What was looked at, such as `relay cable.ua5v.com: TLS`.
    pub name: String,
    /// How long it took.
    pub took: Duration,
    /// What was seen.
    pub evidence: String,
    /// What follows from it.
    pub verdict: Verdict,
}

/// What follows from a check.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Nothing is wrong.
    Ok,
    /// It works, but something is odd.
    Warn(Finding),
    /// It keeps sign-ins from working.
    Fail(Finding),
    /// It could not be looked at, and why.
    NotChecked(String),
}

impl Check {
    /// The answer to a question. Evidence and reasons may quote what others say; nothing in them can steer a terminal.
    pub fn new(name: &str, took: Duration, evidence: &str, verdict: Verdict) -> Self {
        Self {
            name: printable(name),
            took,
            evidence: printable(evidence),
            verdict: match verdict {
                Verdict::NotChecked(why) => Verdict::NotChecked(printable(&why)),
                Verdict::Ok | Verdict::Warn(_) | Verdict::Fail(_) => verdict,
            },
        }
    }

    /// What the check belongs to, and its own name there: `relay cable.ua5v.com` and `tls`.
    pub fn place(&self) -> (&str, &str) {
        self.name.split_once(": ").unwrap_or(("", &self.name))
    }

    /// What is wrong, if anything.
    pub const fn finding(&self) -> Option<&Finding> {
        match &self.verdict {
            Verdict::Warn(finding) | Verdict::Fail(finding) => Some(finding),
            Verdict::Ok | Verdict::NotChecked(_) => None,
        }
    }

    /// One step of a report.
    pub fn to_json(&self) -> Value {
        let finding = self.finding().map(Finding::to_json);
        let why = match &self.verdict {
            Verdict::NotChecked(why) => Some(why),
            Verdict::Ok | Verdict::Warn(_) | Verdict::Fail(_) => None,
        };
        json!({
            "ev": "check",
            "name": self.name,
            "ms": u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX),
            "verdict": self.verdict.name(),
            "evidence": self.evidence,
            "not_checked_because": why,
            "finding": finding,
        })
    }
}

impl Verdict {
    /// The word in reports.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn(_) => "warn",
            Self::Fail(_) => "fail",
            Self::NotChecked(_) => "not checked",
        }
    }
}

/// What an examination comes to, in a line above its findings. `ok`: no step failed.
pub const fn headline(findings: &[Finding], ok: bool) -> &'static str {
    match (findings.is_empty(), ok) {
        (true, true) => "Nothing is wrong.",
        (false, true) => "Sign-ins can work. Worth knowing:",
        (_, false) => "Something keeps sign-ins from working:",
    }
}

/// A heading as people read it: with a capital.
pub fn title(heading: &str) -> String {
    let mut chars = heading.chars();
    let first = chars.next().map(|char| char.to_uppercase().to_string());
    format!("{}{}", first.unwrap_or_default(), chars.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_say_of_themselves_cannot_steer_a_terminal() {
        let hostile = "hci0\u{1b}[2J\u{9b}\u{202e}";
        for verdict in [Verdict::Ok, Verdict::NotChecked(hostile.to_owned())] {
            let check = Check::new(hostile, Duration::ZERO, hostile, verdict);
            assert_eq!((check.name.as_str(), check.evidence.as_str()), ("hci0[2J", "hci0[2J"));
            let json = check.to_json().to_string();
            assert!(
                !json.contains(['\u{9b}', '\u{202e}']) && !json.contains("u001b"),
                "{json}"
            );
        }
    }
}
