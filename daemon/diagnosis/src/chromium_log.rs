//! Chromium's own log of a cross-device sign-in (chrome://device-log, or stderr with
//! --enable-logging), explained with our codes.
//!
//! Chromium shows the same spinner for most causes, but its log names many of them. Lines hold keys
//! of adverts and tunnel ids; nothing of a line is passed on but the relay's host and numbers.

mod attempt;
mod causes;
mod connection_end;
mod entries;
mod net_errors;
mod order;
mod phrases;
mod records;
mod ui_steps;

pub use attempt::{LogStep, SignInAttempt};
pub(crate) use net_errors::net_error_in;
pub use net_errors::net_error_names;

use crate::bounded_lines::{BoundedLine, BoundedLines};
use crate::plain_text::plain;
use attempt::{AttemptSoFar, Reached};
use entries::{LogForm, SoftLines};
use order::LineOrder;
use phrases::Phrase;
use records::Records;
use std::collections::VecDeque;
use std::error::Error;
use std::fmt;
use std::io::{self, BufRead};
use ui_steps::UiStep;

/// Chromium remembers 4000 entries, and a page or a paste may have them all on one line.
const LONGEST_LINE: usize = 8 << 20;
const MOST_BYTES: u64 = 256 << 20;
/// As many lines of a log as that holds, and not of something else.
const MOST_LINES: usize = 4_000_000;
/// Chromium itself remembers 4000 lines; a log of standard error can be longer.
const MOST_PHRASES: usize = 100_000;
/// The last ones are of interest.
const MOST_ATTEMPTS: usize = 20;

/// Reads a log.
///
/// # Errors
/// [`LogError`] when it cannot be read, or when no line is about a cross-device sign-in.
pub fn read(from: impl BufRead) -> Result<Vec<SignInAttempt>, LogError> {
    let mut lines = BoundedLines::new(entries::in_utf8(from)?, LONGEST_LINE, MOST_BYTES);
    let mut phrases = VecDeque::new();
    let mut order = LineOrder::default();
    let mut records = Records::default();
    let mut form = None;
    let mut soft = SoftLines::default();
    let mut number = 0;
    let mut note = |number, record: &str| {
        order.note(record);
        let Some(phrase) = Phrase::find(record) else {
            return;
        };
        order.note_phrase(&phrase);
        if phrases.len() == MOST_PHRASES {
            phrases.pop_front();
        }
        phrases.push_back((number, phrase));
    };
    while number < MOST_LINES
        && let Some(line) = lines.next()?
    {
        number += 1;
        let BoundedLine::Whole(line) = line else {
            continue;
        };
        let mut line = String::from_utf8_lossy(line);
        let form = *form.get_or_insert_with(|| LogForm::of(&line));
        let page = match form {
            LogForm::Plain => entries::has_tags(&line),
            LogForm::Page => true,
            LogForm::Archive => {
                let Some(whole) = soft.add(&line, LONGEST_LINE) else {
                    continue;
                };
                line = whole.into();
                true
            }
        };
        if page {
            line = entries::seen_of_page(&line).into();
        }
        for line in line.trim_end_matches('\r').split(['\n', '\r']) {
            records.add(number, &plain(line), &mut note);
        }
    }
    records.end(&mut note);
    if order.is_newest_first() {
        phrases.make_contiguous().reverse();
    }
    let attempts = split(phrases);
    if attempts.is_empty() {
        return Err(LogError::NothingFound { lines: number });
    }
    Ok(attempts.into_iter().map(AttemptSoFar::conclude).collect())
}

/// Lines of one attempt after the other, in the order of time.
fn split(phrases: VecDeque<(usize, Phrase)>) -> VecDeque<AttemptSoFar> {
    let mut attempts: VecDeque<AttemptSoFar> = VecDeque::new();
    let mut security_key = false;
    for (line, phrase) in phrases {
        let step = phrase.step();
        security_key |= step == Some(UiStep::SecurityKey);
        security_key &= phrase != Phrase::Matched && !step.is_some_and(UiStep::is_of_phones_alone);
        let reached = attempts.back().map(|attempt| attempt.reached);
        // Chromium logs commands to security keys and connections to other hosts in the same words.
        let foreign = phrase.is_of_any_device()
            && reached.is_none_or(|reached| reached < Reached::Channel)
            || phrase.is_of_any_connection() && reached != Some(Reached::Connecting)
            || security_key && step.is_some_and(UiStep::is_of_any_device);
        if foreign {
            continue;
        }
        if attempts
            .back()
            .is_none_or(|attempt| attempt.is_over_by(&phrase))
        {
            if attempts.len() == MOST_ATTEMPTS {
                attempts.pop_front();
            }
            attempts.push_back(AttemptSoFar::default());
        }
        if let Some(attempt) = attempts.back_mut() {
            attempt.add(line, phrase);
        }
    }
    attempts
}

/// Why there is nothing to explain.
#[derive(Debug)]
#[non_exhaustive]
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
            Self::NothingFound { lines } => {
                f.write_str(
                    "expected Chromium's log of a cross-device sign-in (chrome://device-log with type FIDO and level Debug), got ",
                )?;
                match lines {
                    0 => return f.write_str("nothing"),
                    1 => f.write_str("one line that does not mention one"),
                    lines => write!(f, "{lines} lines that do not mention one"),
                }?;
                f.write_str("; lines about a security key do not count")
            }
        }
    }
}

impl Error for LogError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            Self::NothingFound { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests;
