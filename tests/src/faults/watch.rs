//! What a program said while a fault was played, and when.

use super::Expected;
use crate::matrix::{NOTHING, Row};
use hybrid_diagnosis::finding::Certainty;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Lines that are kept as evidence.
const EVIDENCE: usize = 30;

/// What was said, as far as it is judged.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Said {
    /// The code, or [`NOTHING`]; several when there should have been one.
    pub code: String,
    /// How sure in the end, by name.
    pub certainty: Option<String>,
    /// From the moment at which the fault could be seen.
    pub seconds: f64,
    /// What was seen, in the program's words.
    pub saw: String,
    /// What to do.
    pub advice: String,
    /// The last lines of all that was said.
    pub evidence: Vec<String>,
}

impl Said {
    /// As a row of the matrix.
    pub fn row(&self, fault: &str, expected: Expected) -> Row {
        Row {
            fault: fault.to_owned(),
            expected: match expected {
                Expected::Works => NOTHING.to_owned(),
                Expected::Code(code, ..) => code.to_owned(),
            },
            got: self.code.clone(),
            certainty: self.certainty.as_deref().and_then(Certainty::from_name),
            seconds: Duration::from_secs_f64(self.seconds),
        }
    }

    /// What is not as expected, in words.
    pub fn complaints(&self, expected: Expected, words: &str) -> Vec<String> {
        let Expected::Code(code, certainty, when) = expected else {
            let works = self.code == NOTHING;
            return if works {
                Vec::new()
            } else {
                vec![format!("{} although it works", self.code)]
            };
        };
        let mut complaints = Vec::new();
        if self.code != code {
            complaints.push(format!("{} in place of {code}", self.code));
        }
        let got = self.certainty.as_deref().unwrap_or("nothing");
        if got != certainty.name() {
            complaints.push(format!("{got} in place of {}", certainty.name()));
        }
        if self.seconds > when.latest() as f64 {
            complaints.push(format!(
                "after {:.1} s in place of {}",
                self.seconds,
                when.words()
            ));
        }
        if self.saw.is_empty() || self.advice.is_empty() {
            complaints.push("no observation or no advice".to_owned());
        }
        if !self.saw.contains(words) {
            complaints.push(format!("not a word of {words}"));
        }
        complaints
    }
}

/// Listens to a program.
pub(super) struct Watch {
    /// Since when the fault can be seen, as far as is known by now.
    since: Instant,
    /// Statements, and how long after that each came.
    told: Vec<(Duration, Value)>,
    evidence: VecDeque<String>,
}

impl Watch {
    pub(super) fn new() -> Self {
        Self {
            since: Instant::now(),
            told: Vec::new(),
            evidence: VecDeque::new(),
        }
    }

    /// From now on, the fault can be seen.
    pub(super) fn begin(&mut self) {
        self.since = Instant::now();
    }

    /// From now on, and nothing that was said before counts.
    pub(super) fn begin_anew(&mut self) {
        self.begin();
        self.told.clear();
    }

    /// Takes a line, and gives it back as an event if it is one.
    pub(super) fn line(&mut self, line: &str) -> Option<Value> {
        let event: Option<Value> = serde_json::from_str(line.trim()).ok();
        // A code is a secret, even one that is over.
        if event.as_ref().and_then(|event| event.get("url")).is_none() {
            if self.evidence.len() >= EVIDENCE {
                self.evidence.pop_front();
            }
            self.evidence.push_back(line.trim_end().to_owned());
        }
        event
    }

    /// A statement.
    pub(super) fn finding(&mut self, finding: &Value) {
        self.told.push((self.since.elapsed(), finding.clone()));
    }

    pub(super) fn evidence(&self) -> &VecDeque<String> {
        &self.evidence
    }

    pub(super) fn has_finding(&self) -> bool {
        !self.told.is_empty()
    }

    /// Sums up a sign-in. `last` are the findings at the end, the surest first: that one has to be
    /// what was told first, perhaps less surely.
    pub(super) fn sign_in(self, last: &[Value]) -> Said {
        let told = self.told.first().map(|(_, finding)| finding);
        let last = last.first().or(told).cloned();
        let codes = codes(told.into_iter().chain(&last));
        self.conclude(codes, last)
    }

    /// Sums up an examination. `last` are all findings at the end: there has to be one.
    pub(super) fn doctor(self, last: &[Value]) -> Said {
        self.conclude(codes(last), last.first().cloned())
    }

    fn conclude(self, codes: Vec<String>, last: Option<Value>) -> Said {
        let of = |finding: &Value| codes.first() == Some(&text(finding, "code"));
        let took = self.told.iter().find(|(_, finding)| of(finding));
        let last = |name| last.as_ref().map(|finding| text(finding, name));
        Said {
            code: if codes.is_empty() {
                NOTHING.to_owned()
            } else {
                codes.join(", ")
            },
            certainty: last("certainty"),
            seconds: took
                .map_or_else(|| self.since.elapsed(), |(took, _)| *took)
                .as_secs_f64(),
            saw: last("saw").unwrap_or_default(),
            advice: last("advice").unwrap_or_default(),
            evidence: self.evidence.into(),
        }
    }
}

fn codes<'f>(findings: impl IntoIterator<Item = &'f Value>) -> Vec<String> {
    let mut codes: Vec<String> = Vec::new();
    for code in findings.into_iter().map(|finding| text(finding, "code")) {
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    codes
}

fn text(finding: &Value, name: &str) -> String {
    finding
        .get(name)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}
