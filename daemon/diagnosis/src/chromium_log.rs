//! Chromium's own log of a cross-device sign-in (chrome://device-log, or stderr with
//! --enable-logging), explained with our codes.
//!
//! Chromium shows the same spinner for most causes, but its log names many of them. Lines hold keys
//! of adverts and tunnel ids; nothing of a line is passed on but the relay's host and numbers.

mod causes;
mod entries;
mod net_errors;
mod order;
mod phrases;

use crate::bounded_lines::{BoundedLine, BoundedLines};
use crate::catalogue::{
    NO_ANSWER_ON_PHONE, NO_COMMON_ALGORITHM, NO_PHONE_HEARD, NO_SCREEN_LOCK,
    PHONE_CANNOT_DO_WHAT_SITE_REQUIRES, PHONE_FELL_SILENT, PHONE_SCANNED_ANOTHER_CODE,
    RELAY_UNREACHABLE, SUFFIXED_ADVERT_DROPPED, TUNNEL_GONE,
};
use crate::finding::{Finding, without_consequences};
use entries::{LogForm, SoftLines};
use net_errors::INSECURE_RESPONSE;
use order::LineOrder;
use phrases::{PhoneAbilities, Phrase};
use std::collections::VecDeque;
use std::error::Error;
use std::fmt;
use std::io::{self, BufRead};

/// Chromium remembers 4000 entries, and a page or a paste may have them all on one line.
const LONGEST_LINE: usize = 8 << 20;
const MOST_BYTES: u64 = 256 << 20;
/// As many lines of a log as that holds, and not of something else.
const MOST_LINES: usize = 4_000_000;
/// Chromium itself remembers 4000 lines; a log of standard error can be longer.
const MOST_PHRASES: usize = 100_000;
/// The last ones are of interest.
const MOST_ATTEMPTS: usize = 20;
const MOST_STEPS: usize = 200;

/// One sign-in that Chromium attempted, as far as it is logged.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct SignInAttempt {
    /// What was logged of it.
    pub steps: Vec<LogStep>,
    /// Why it did not advance; the first is the one to act on. None means that nothing in the log
    /// says so.
    pub findings: Vec<Finding>,
}

/// A line that means something.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogStep {
    /// Its number in the file, from 1.
    pub line: usize,
    /// What it says, in our words.
    pub saw: String,
}

/// Reads a log.
///
/// # Errors
/// [`LogError`] when it cannot be read, or when no line is about a cross-device sign-in.
pub fn read(from: impl BufRead) -> Result<Vec<SignInAttempt>, LogError> {
    let mut lines = BoundedLines::new(entries::in_utf8(from)?, LONGEST_LINE, MOST_BYTES);
    let mut phrases = VecDeque::new();
    let mut order = LineOrder::default();
    let mut form = None;
    let mut soft = SoftLines::default();
    let mut number = 0;
    while number < MOST_LINES
        && let Some(line) = lines.next()?
    {
        number += 1;
        let BoundedLine::Whole(line) = line else {
            continue;
        };
        let mut line = String::from_utf8_lossy(line);
        match *form.get_or_insert_with(|| LogForm::of(&line)) {
            LogForm::Plain => {}
            LogForm::Page => line = entries::seen_of_page(&line).into(),
            LogForm::Archive => {
                let Some(whole) = soft.add(&line, LONGEST_LINE) else {
                    continue;
                };
                line = entries::seen_of_page(&whole).into();
            }
        }
        for entry in line.split('\n').flat_map(entries::entries) {
            order.note(entry);
            let Some(phrase) = Phrase::find(entry) else {
                continue;
            };
            order.note_phrase(&phrase);
            if phrases.len() == MOST_PHRASES {
                phrases.pop_front();
            }
            phrases.push_back((number, phrase));
        }
    }
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
    for (line, phrase) in phrases {
        let reached = attempts.back().map(|attempt| attempt.reached);
        // Chromium logs commands to security keys and connections to other hosts in the same words.
        let foreign = phrase.is_of_any_device()
            && reached.is_none_or(|reached| reached < Reached::Channel)
            || phrase.is_of_any_connection() && reached != Some(Reached::Connecting);
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

/// What was told of one attempt.
#[derive(Default)]
struct AttemptSoFar {
    steps: Vec<LogStep>,
    causes: Vec<Finding>,
    no_match: u32,
    /// Why the last TLS handshake failed.
    tls: Option<i32>,
    able: Option<PhoneAbilities>,
    /// The last command asked for a touch alone.
    touch: bool,
    /// The tunnel is one to a linked phone.
    linked: bool,
    /// It is told whether there is an adapter.
    adapter: bool,
    code_shown: bool,
    /// More was told than that it began.
    goes_on: bool,
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

impl AttemptSoFar {
    /// Whether this phrase is of the next attempt.
    fn is_over_by(&self, phrase: &Phrase) -> bool {
        let listens = self.reached == Reached::Listening;
        if phrase.is_of_the_adapter() {
            self.adapter || self.goes_on
        } else if *phrase == Phrase::CodeShown {
            self.code_shown || !listens
        } else {
            phrase.is_of_permission() && (self.adapter || !listens)
        }
    }

    fn add(&mut self, line: usize, mut phrase: Phrase) {
        self.adapter |= phrase.is_of_the_adapter();
        self.code_shown |= phrase == Phrase::CodeShown;
        self.goes_on |= phrase != Phrase::CodeShown && !phrase.is_of_permission();
        if let Phrase::ConnectionFailed { net_error, .. } = &mut phrase
            && *net_error == INSECURE_RESPONSE
        {
            *net_error = self.tls.unwrap_or(INSECURE_RESPONSE);
        }
        if matches!(phrase, Phrase::Touch | Phrase::Asked) {
            self.touch = phrase == Phrase::Touch;
        }
        let reached = match &phrase {
            Phrase::TlsFailed(net_error) => {
                self.tls = Some(*net_error);
                self.reached
            }
            Phrase::Adapter => {
                // Permission that was missing is given.
                self.causes.clear();
                self.reached
            }
            Phrase::CodeShown
            | Phrase::TimedOut
            | Phrase::NoMatch
            | Phrase::Cause(_)
            | Phrase::ConnectionFailed { .. }
            | Phrase::NoReply => self.reached,
            Phrase::Matched => {
                // What kept Chromium from listening is overcome.
                self.causes.clear();
                Reached::Heard
            }
            Phrase::Connecting { linked, .. } => {
                self.linked = *linked;
                Reached::Connecting
            }
            Phrase::Failed => Reached::Failed,
            Phrase::Established => Reached::Channel,
            Phrase::Asked => Reached::Asked,
            Phrase::GetInfo(able) => {
                self.able = Some(*able);
                self.reached
            }
            Phrase::Touch => self.reached,
            // It is about nothing that the site asked for.
            Phrase::Replied | Phrase::Answered(_)
                if self.reached < Reached::Asked || self.touch =>
            {
                return;
            }
            Phrase::AnsweredByPhone(_) if self.touch => return,
            Phrase::Replied | Phrase::Refused | Phrase::AnsweredByPhone(_) => Reached::Ended,
            Phrase::Answered(_) => self.reached,
            // Elsewhere it is told by a line before it.
            Phrase::TunnelEnded
                if self.reached != Reached::Connecting || !self.causes.is_empty() =>
            {
                return;
            }
            Phrase::TunnelEnded => Reached::Failed,
        };
        self.causes.extend(self.finding(&phrase));
        self.reached = self.reached.max(reached);
        if phrase == Phrase::NoMatch {
            self.no_match = self.no_match.saturating_add(1);
        }
        if self.steps.len() < MOST_STEPS && (phrase != Phrase::NoMatch || self.no_match == 1) {
            let saw = phrase.to_string();
            self.steps.push(LogStep { line, saw });
        }
    }

    /// What a line means here.
    fn finding(&self, phrase: &Phrase) -> Option<Finding> {
        let saw = phrase.to_string();
        let told = !self.causes.is_empty();
        let repeats = matches!(phrase, Phrase::NoReply | Phrase::AnsweredByPhone(_));
        if told && (phrase.is_general() || repeats) {
            return None;
        }
        if *phrase == Phrase::Touch {
            return Some(unable(self.able));
        }
        // Only a linked phone can be gone for good; a tunnel of a code merely ended.
        if phrase.is_gone() && !self.linked {
            return Some(Finding::likely(&TUNNEL_GONE, &saw));
        }
        phrase.finding()
    }

    fn conclude(self) -> SignInAttempt {
        let findings = if self.causes.is_empty() {
            self.silence()
        } else {
            self.causes
        };
        SignInAttempt {
            steps: self.steps,
            findings: without_consequences(findings),
        }
    }

    /// What it can mean that Chromium logged nothing wrong and came no further.
    fn silence(&self) -> Vec<Finding> {
        match self.reached {
            Reached::Listening if self.no_match > 0 => {
                let no_match = self.no_match;
                let saw =
                    format!("Chromium received {no_match} passkey adverts, but none for its code");
                vec![Finding::likely(&PHONE_SCANNED_ANOTHER_CODE, &saw)]
            }
            Reached::Listening => {
                let saw = if self.adapter {
                    "Chromium has a Bluetooth adapter, but logged no passkey advert"
                } else {
                    "Chromium shows the code, but logged no passkey advert"
                };
                let dropped = "Chromium does not log adverts that it drops because of their length";
                vec![
                    Finding::possible(&NO_PHONE_HEARD, saw),
                    Finding::possible(&SUFFIXED_ADVERT_DROPPED, dropped),
                ]
            }
            // Chromium does not log that the tunnel is open.
            Reached::Heard | Reached::Connecting => {
                let saw = "Chromium detected the phone, started to connect to the relay, and logged nothing after that";
                vec![
                    Finding::possible(&PHONE_FELL_SILENT, saw),
                    Finding::possible(&RELAY_UNREACHABLE, saw),
                ]
            }
            Reached::Failed => vec![Finding::possible(
                &RELAY_UNREACHABLE,
                "Chromium's tunnel failed; Chromium writes the reason only to standard error, with --enable-logging=stderr",
            )],
            Reached::Channel | Reached::Asked => vec![Finding::possible(
                &NO_ANSWER_ON_PHONE,
                "Chromium and the phone are connected, but Chromium logged no answer to the request",
            )],
            Reached::Ended => Vec::new(),
        }
    }
}

/// Why Chromium asks a phone for a touch alone.
fn unable(able: Option<PhoneAbilities>) -> Finding {
    match able {
        Some(PhoneAbilities { uv: false, .. }) => Finding::likely(
            &NO_SCREEN_LOCK,
            "the phone reports that it does not verify its user, and Chromium asked it only for a touch",
        ),
        Some(PhoneAbilities { rk: false, .. }) => Finding::likely(
            &PHONE_CANNOT_DO_WHAT_SITE_REQUIRES,
            "the phone reports that it does not store discoverable passkeys, and Chromium asked it only for a touch",
        ),
        Some(_) | None => Finding::possible(
            &NO_COMMON_ALGORITHM,
            "Chromium asked the phone only for a touch, and not for what the site requests",
        ),
    }
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
            Self::NothingFound { lines } => write!(
                f,
                "expected Chromium's log of a cross-device sign-in (chrome://device-log with type FIDO and level Debug), got {lines} \
                 lines that do not mention one; lines about a security key do not count"
            ),
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
