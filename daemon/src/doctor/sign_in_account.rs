//! A sign-in from the command line as its timeline has it.

use hybrid_diagnosis::explain::explain;
use hybrid_diagnosis::finding::Finding;
use hybrid_diagnosis::timeline::{AboutSignIn, EventKind, Timeline};
use hybrid_diagnosis::wording;
use hybrid_protocol::Stage;

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

    /// In which stage it failed, if it did.
    pub fn failed_at(&self) -> Option<Stage> {
        let entries = self.timeline.entries();
        let failed = entries.iter().rev().find_map(|entry| {
            if let EventKind::Answered(status) = entry.what {
                // The phone said no, which is no failure of the session.
                return (status != 0).then_some(Stage::Reply);
            }
            let EventKind::Failed(failed) = &entry.what else {
                return None;
            };
            Some(failed.at)
        });
        // A new code may have helped.
        let done = entries.last().map(|entry| &entry.what);
        failed.filter(|_| done != Some(&EventKind::Done { ok: true }))
    }
}
