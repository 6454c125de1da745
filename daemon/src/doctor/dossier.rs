//! Everything that a report tells: `doctor --html` and `--bundle` have a part of it, `report` all.
//! What it is written as is another matter (`page`, `bundle`).

use super::first_stage::FirstStage;
use super::surroundings::Surroundings;
use crate::history::WeekSummary;
use hybrid_attestation::Inspection;
use hybrid_diagnosis::check::{Check, Conclusion};
use hybrid_diagnosis::explain::explain;
use hybrid_diagnosis::finding::Finding;
use hybrid_diagnosis::timeline::{AboutSignIn, EventKind, Timeline};
use hybrid_diagnosis::wording;
use hybrid_policy::Judgement;

/// Everything that a report tells.
pub struct Dossier<'a> {
    /// What it is called.
    pub title: &'static str,
    /// Every step of the examination.
    pub checks: &'a [Check],
    /// What the examination comes to.
    pub conclusion: &'a Conclusion,
    /// Where and when.
    pub surroundings: &'a Surroundings,
    /// A sign-in.
    pub sign_in: Option<&'a SignInAccount>,
    /// What a response, options or a record says.
    pub inspection: Option<&'a Inspection>,
    /// What an organisation's policy says of it.
    pub policy: Option<&'a Judgement>,
    /// Results by week.
    pub weeks: &'a [WeekSummary],
    /// What of the history could not be read for that, and why.
    pub history_unread: Option<&'a str>,
}

/// What happened in a sign-in, and what follows from it.
pub struct SignInAccount {
    /// Which one, where that is written.
    pub about: Option<AboutSignIn>,
    /// What happened.
    pub timeline: Timeline,
    /// What that says.
    pub findings: Vec<Finding>,
}

impl SignInAccount {
    /// Of a timeline, explained by itself: what is wrong today need not have been wrong then.
    pub fn new(about: Option<AboutSignIn>, timeline: Timeline) -> Self {
        let findings = explain(&timeline, &[]);
        Self {
            about,
            timeline,
            findings,
        }
    }

    /// Each event with its time in seconds, in words. What was found at the time is found again.
    pub fn lines(&self) -> impl Iterator<Item = (f64, String)> {
        let happened = { self.timeline.entries().iter() }
            .filter(|entry| !matches!(entry.what, EventKind::Finding(_)));
        happened.filter_map(|entry| Some((entry.at.as_secs_f64(), wording::line(&entry.what)?)))
    }
}

impl Dossier<'_> {
    /// What the organisation's policy refuses for certain, whatever becomes of the stages.
    pub fn refusal(&self) -> Option<String> {
        let codes: Vec<String> = { self.policy?.obstacles() }
            .map(|ruling| format!("{}, {}", ruling.code(), ruling.name()))
            .collect();
        let codes = codes.join("; ");
        (!codes.is_empty()).then(|| {
            format!("The organisation's policy refuses it for certain, even if every stage works: {codes}.")
        })
    }

    /// Where a sign-in fails first.
    pub fn first_stage(&self) -> Option<FirstStage> {
        let last = self.sign_in;
        let last = last.map(|account| (&account.timeline, account.findings.as_slice()));
        FirstStage::find(self.conclusion, last)
    }
}
