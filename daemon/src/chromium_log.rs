//! Chromium's own log of a cross-device sign-in (chrome://device-log, or stderr with --enable-logging), explained with our codes.
//!
//! Chromium shows the same spinner for most causes, but its log names many of them. Lines hold keys of adverts and tunnel ids; nothing of
//! a line is passed on but the relay's host and numbers.

mod errors;
mod phrases;

use crate::catalogue::{AD01, AD02, HS01, HS05, NW03, PH07};
use crate::finding::{Finding, without_consequences};
use crate::lines::{Line, Lines};
use phrases::Phrase;
use std::fmt;
use std::io::{self, BufRead};

/// Longer than any line of interest.
const LONGEST_LINE: usize = 16 * 1024;
const MOST_BYTES: u64 = 256 << 20;
/// The last ones are of interest.
const MOST_ATTEMPTS: usize = 20;
const MOST_STEPS: usize = 200;

/// One sign-in that Chromium attempted, as far as it is logged.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Attempt {
    /// What was logged of it.
    pub steps: Vec<Step>,
    /// Why it did not advance; the first is the one to act on. None means that nothing in the log says so.
    pub findings: Vec<Finding>,
}

/// A line that means something.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// Its number in the file, from 1.
    pub line: usize,
    /// What it says, in our words.
    pub saw: String,
}

/// Reads a log.
///
/// # Errors
/// [`LogError`] when it cannot be read, or when no line is about a cross-device sign-in.
pub fn read(from: impl BufRead) -> Result<Vec<Attempt>, LogError> {
    let mut lines = Lines::new(from, LONGEST_LINE, MOST_BYTES);
    let mut attempts: Vec<Told> = Vec::new();
    let mut number = 0;
    while let Some(line) = lines.next()? {
        number += 1;
        let Line::Whole(line) = line else {
            continue;
        };
        let Some(phrase) = Phrase::find(&String::from_utf8_lossy(line)) else {
            continue;
        };
        // Chromium logs commands to security keys in the same words.
        if phrase.is_of_any_device() && attempts.last().is_none_or(|attempt| attempt.reached < Reached::Channel) {
            continue;
        }
        if phrase.begins_an_attempt() || attempts.is_empty() {
            if attempts.len() == MOST_ATTEMPTS {
                attempts.remove(0);
            }
            attempts.push(Told::default());
        }
        if let Some(attempt) = attempts.last_mut() {
            attempt.add(number, phrase);
        }
    }
    if attempts.is_empty() {
        return Err(LogError::NothingFound { lines: number });
    }
    Ok(attempts.into_iter().map(Told::conclude).collect())
}

/// What was told of one attempt.
#[derive(Default)]
struct Told {
    steps: Vec<Step>,
    causes: Vec<Finding>,
    no_match: u32,
    reached: Reached,
}

/// How far an attempt came.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Debug)]
enum Reached {
    #[default]
    Listening,
    Heard,
    Connecting,
    Failed,
    Channel,
    Asked,
    Ended,
}

impl Told {
    fn add(&mut self, line: usize, phrase: Phrase) {
        let reached = match &phrase {
            Phrase::Adapter | Phrase::NoMatch | Phrase::Cause(_) | Phrase::ConnectionFailed { .. } => self.reached,
            Phrase::Matched => Reached::Heard,
            Phrase::Connecting { .. } => Reached::Connecting,
            Phrase::Failed => Reached::Failed,
            Phrase::Established => Reached::Channel,
            Phrase::Asked => Reached::Asked,
            // Before the request it is the phone's getInfo.
            Phrase::Replied if self.reached < Reached::Asked => return,
            Phrase::Replied => Reached::Ended,
            Phrase::Answered(_) => self.reached,
            Phrase::NoReply => {
                let saw = "the phone ended the session without an answer";
                self.causes.push(Finding::likely(&HS05, saw));
                self.reached
            }
        };
        self.reached = self.reached.max(reached);
        if phrase == Phrase::NoMatch {
            self.no_match = self.no_match.saturating_add(1);
        }
        self.causes.extend(phrase.finding());
        if self.steps.len() < MOST_STEPS && (phrase != Phrase::NoMatch || self.no_match == 1) {
            let saw = phrase.to_string();
            self.steps.push(Step { line, saw });
        }
    }

    fn conclude(self) -> Attempt {
        let mut findings = self.causes;
        if findings.is_empty() {
            findings.extend(silence(self.reached, self.no_match));
        }
        Attempt {
            steps: self.steps,
            findings: without_consequences(findings),
        }
    }
}

/// What it means that Chromium logged nothing wrong and came no further.
fn silence(reached: Reached, no_match: u32) -> Option<Finding> {
    match reached {
        Reached::Listening if no_match > 0 => {
            let saw = format!("Chromium heard {no_match} passkey adverts, none for its code");
            Some(Finding::likely(&AD02, &saw))
        }
        Reached::Listening => Some(Finding::possible(
            &AD01,
            "Chromium has Bluetooth and logged no passkey advert",
        )),
        Reached::Heard | Reached::Connecting => Some(Finding::possible(
            &HS01,
            "Chromium heard the phone, began to connect to the relay, and logged nothing after it",
        )),
        Reached::Failed => Some(Finding::possible(
            &NW03,
            "Chromium's tunnel failed; the line that says why is written with --enable-logging alone",
        )),
        Reached::Channel | Reached::Asked => Some(Finding::possible(
            &PH07,
            "Chromium and the phone are connected; no answer to the request was logged",
        )),
        Reached::Ended => None,
    }
}

/// Why there is nothing to explain.
#[derive(Debug)]
pub enum LogError {
    /// It cannot be read.
    Io(io::Error),
    /// No line is about a cross-device sign-in.
    NothingFound {
        /// So many lines were read.
        lines: usize,
    },
}

impl From<io::Error> for LogError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl fmt::Display for LogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "the log cannot be read: {error}"),
            Self::NothingFound { lines } => write!(
                f,
                "expected Chromium's log of a cross-device sign-in (chrome://device-log with type FIDO and level Debug), got {lines} \
                 lines without a word about one"
            ),
        }
    }
}

impl std::error::Error for LogError {}

#[cfg(test)]
mod tests;
