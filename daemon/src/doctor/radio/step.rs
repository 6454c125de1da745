//! The steps of the radio's examination, in their order, and what each comes to.

use hybrid_diagnosis::check::{Check, Verdict};
use hybrid_diagnosis::explain;
use hybrid_radio::Trouble;
use std::fmt;
use std::time::Instant;

/// The steps, in order.
const STEPS: [&str; 9] = [
    "radio: sandbox",
    "radio: switches",
    "radio: system D-Bus",
    "radio: Bluetooth service",
    "radio: adapters",
    "radio: power and Low Energy",
    "radio: scan",
    "radio: devices near",
    "radio: test beacon",
];

/// What a step saw, and what follows.
pub(super) struct StepResult(pub(super) String, pub(super) Verdict);

/// Something keeps the radio from hearing.
pub(super) fn failed(trouble: &Trouble) -> StepResult {
    StepResult(trouble.to_string(), Verdict::Fail(explain::radio(trouble)))
}

/// Tells one step after the other, and how long each took.
pub(super) struct RadioSteps<'t, T> {
    tell: &'t mut T,
    done: usize,
    since: Instant,
}

impl<'t, T: FnMut(Check)> RadioSteps<'t, T> {
    pub(super) fn new(tell: &'t mut T) -> Self {
        Self {
            tell,
            done: 0,
            since: Instant::now(),
        }
    }

    pub(super) fn done(&mut self, StepResult(evidence, verdict): StepResult) {
        let name = STEPS.get(self.done).copied().unwrap_or("radio");
        (self.tell)(Check::new(name, self.since.elapsed(), &evidence, verdict));
        self.done += 1;
        self.since = Instant::now();
    }

    /// A step without which there is no next one.
    pub(super) fn must(&mut self, seen: StepResult) -> Result<(), Stopped> {
        let stopped = match &seen.1 {
            Verdict::Fail(finding) => Some(Stopped { code: finding.code }),
            Verdict::Ok | Verdict::Warn(_) | Verdict::NotChecked(_) => None,
        };
        self.done(seen);
        stopped.map_or(Ok(()), Err)
    }

    pub(super) fn skip_rest(&mut self, why: Stopped) {
        while self.done < STEPS.len() {
            self.done(StepResult(
                String::new(),
                Verdict::NotChecked(why.to_string()),
            ));
        }
    }
}

/// A step failed without which there is no next one.
#[derive(Clone, Copy)]
pub(super) struct Stopped {
    code: &'static str,
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an earlier step failed ({})", self.code)
    }
}

#[cfg(test)]
impl StepResult {
    /// The code of what is wrong, if anything is.
    pub(super) fn code(&self) -> Option<&'static str> {
        match &self.1 {
            Verdict::Warn(finding) | Verdict::Fail(finding) => Some(finding.code),
            Verdict::Ok | Verdict::NotChecked(_) => None,
        }
    }
}
