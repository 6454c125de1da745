//! Everything that a report tells: `doctor --html` and `--bundle` have a part of it, `report` all.
//! What it is written as is another matter (`page`, `bundle`).

use super::first_stage::{FirstStage, of_key_alone};
use super::last_sign_in::LastSignIn;
use super::sign_in_account::SignInAccount;
use super::surroundings::Surroundings;
use crate::history::{CeremonyRecord, WeekSummary};
use hybrid_attestation::Inspection;
use hybrid_diagnosis::check::{Check, Conclusion};
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
    /// The last sign-in with the security key, unless one of the command line failed after it.
    pub last_of_key: Option<&'a CeremonyRecord>,
    /// What a response, options or a record says.
    pub inspection: Option<&'a Inspection>,
    /// What an organisation's policy says of it.
    pub policy: Option<&'a Judgement>,
    /// Results by week.
    pub weeks: &'a [WeekSummary],
    /// What of the history could not be read for that, and why.
    pub history_unread: Option<&'a str>,
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
        FirstStage::find(self.conclusion, self.last())
    }

    /// What keeps programs from the security key, where [`Self::first_stage`] is not about it.
    pub fn key_kept_away(&self) -> Option<String> {
        match self.last() {
            LastSignIn::SecurityKey(_) => None,
            LastSignIn::Unknown | LastSignIn::Command(_) => of_key_alone(self.conclusion),
        }
    }

    fn last(&self) -> LastSignIn<'_> {
        LastSignIn::of(self.sign_in, self.last_of_key)
    }
}
