//! One attempt, as its lines are read one after the other, and what they mean together.

use super::net_errors::INSECURE_RESPONSE;
use super::phrases::{PhoneAbilities, Phrase};
use super::ui_steps::{Counts, UiStep};
use crate::catalogue::{
    NO_ANSWER_ON_PHONE, NO_COMMON_ALGORITHM, NO_PHONE_HEARD, NO_SCREEN_LOCK,
    PHONE_CANNOT_DO_WHAT_SITE_REQUIRES, PHONE_FELL_SILENT, PHONE_OFFLINE,
    PHONE_SCANNED_ANOTHER_CODE, RELAY_UNREACHABLE, SUFFIXED_ADVERT_DROPPED, TUNNEL_CLOSED,
    TUNNEL_GONE,
};
use crate::finding::{Finding, without_consequences};

pub(super) const MOST_STEPS: usize = 200;
const CODE: Phrase = Phrase::Step(UiStep::Code);

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

/// What was told of one attempt.
#[derive(Default)]
pub(super) struct AttemptSoFar {
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
    /// The tunnel failed after it was open.
    cut: bool,
    /// More was told than that it began.
    goes_on: bool,
    pub(super) reached: Reached,
}

/// How far an attempt came.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Debug)]
pub(super) enum Reached {
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
    pub(super) fn is_over_by(&self, phrase: &Phrase) -> bool {
        let listens = self.reached == Reached::Listening;
        if phrase.is_of_the_adapter() {
            self.adapter || self.goes_on
        } else if *phrase == CODE {
            self.code_shown || !listens
        } else {
            phrase.is_of_permission() && (self.adapter || !listens)
        }
    }

    pub(super) fn add(&mut self, line: usize, mut phrase: Phrase) {
        self.adapter |= phrase.is_of_the_adapter();
        self.code_shown |= phrase == CODE;
        self.goes_on |= phrase != CODE && !phrase.is_of_permission();
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
            Phrase::Step(UiStep::LinkedPhone) => {
                self.linked = true;
                self.reached
            }
            Phrase::Step(UiStep::Last(step)) if !self.is_cause(step.counts) => return,
            Phrase::Step(
                UiStep::Code | UiStep::SecurityKey | UiStep::TimedOut | UiStep::Last(_),
            )
            | Phrase::NoMatch
            | Phrase::Cause(_)
            | Phrase::ConnectionFailed { .. }
            | Phrase::NoReply => self.reached,
            Phrase::Matched | Phrase::Step(UiStep::Connecting) => {
                // What kept Chromium from listening is overcome.
                self.causes.clear();
                Reached::Heard
            }
            Phrase::Connecting { linked, .. } => {
                self.linked = *linked;
                Reached::Connecting
            }
            Phrase::Failed | Phrase::Step(UiStep::Failed) => {
                self.cut |= self.reached >= Reached::Channel;
                Reached::Failed
            }
            Phrase::Established | Phrase::Step(UiStep::Connected) => Reached::Channel,
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

    fn is_cause(&self, counts: Counts) -> bool {
        match counts {
            Counts::Always => true,
            Counts::WhenPhoneWasHeard => self.reached >= Reached::Heard,
            Counts::WithoutAdapter => !self.adapter && self.reached < Reached::Heard,
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

    pub(super) fn conclude(self) -> SignInAttempt {
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
            Reached::Listening if self.linked => vec![Finding::possible(
                &PHONE_OFFLINE,
                "Chromium asked a linked phone and logged no answer of it",
            )],
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
            Reached::Channel | Reached::Asked if self.cut => vec![Finding::possible(
                &TUNNEL_CLOSED,
                "Chromium and the phone were connected, and the tunnel failed before an answer was logged",
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
