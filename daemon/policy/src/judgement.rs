//! The answer to an inquiry: an outcome for capability and one for enforcement, never mixed, and
//! the rulings that made them.

use crate::admission::Admission;
use crate::catalogue::Layer;
use crate::confidence::Confidence;
use crate::enforcement::{Requirement, listed};
use crate::import::ImportError;
use crate::inquiry::{Inquiry, Occasion};
use crate::ruling::{Effect, Ruling};
use crate::truth::Lack;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt;

/// An answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Judgement {
    /// Whether the passkey may be registered, or used at all.
    pub capability: Admission,
    /// Whether it is enough where something is asked for. `None` without an export of Conditional
    /// Access policies.
    pub enforcement: Option<Admission>,
    /// By layer and code.
    pub rulings: Vec<Ruling>,
    /// Policies of Conditional Access that matter for the passkey, the refusing ones first.
    pub requirements: Vec<Requirement>,
    /// Files that could not be used.
    pub errors: Vec<ImportError>,
    occasion: Occasion,
    /// Something was said of the passkey.
    described: bool,
}

impl Judgement {
    pub(crate) fn new(mut rulings: Vec<Ruling>, with_access: bool, inquiry: &Inquiry) -> Self {
        rulings.sort();
        rulings.dedup();
        let enforced = |ruling: &&Ruling| ruling.layer() == Layer::Enforcement;
        let (enforcement, capability): (Vec<&Ruling>, Vec<&Ruling>) =
            rulings.iter().partition(enforced);
        Self {
            capability: admission(&capability),
            enforcement: with_access.then(|| admission(&enforcement)),
            rulings,
            requirements: Vec::new(),
            errors: Vec::new(),
            occasion: inquiry.occasion,
            described: inquiry.passkey.is_described(),
        }
    }

    pub(crate) fn requiring(mut self, mut requirements: Vec<Requirement>) -> Self {
        const ORDER: [Admission; 3] = [
            Admission::Refused,
            Admission::Undetermined,
            Admission::Accepted,
        ];
        let place = |one: &Requirement| ORDER.iter().position(|outcome| *outcome == one.outcome);
        requirements.sort_by_cached_key(|one| (place(one), one.clone()));
        self.requirements = requirements;
        self
    }

    pub(crate) fn unreadable(errors: Vec<ImportError>, occasion: Occasion) -> Self {
        Self {
            capability: Admission::Input,
            enforcement: None,
            rulings: Vec::new(),
            requirements: Vec::new(),
            errors,
            occasion,
            described: true,
        }
    }

    /// One word for scripts: that of capability, and at sign-in, when that accepts, that of
    /// enforcement.
    pub fn outcome(&self) -> Admission {
        match (self.capability, self.enforcement) {
            (Admission::Accepted, Some(enforcement)) if self.occasion == Occasion::SignIn => {
                enforcement
            }
            (capability, _) => capability,
        }
    }

    /// What would have to be known for an answer.
    pub fn missing(&self) -> BTreeSet<&Lack> {
        let open = self.rulings.iter().filter(|ruling| match ruling.effect {
            Effect::Withholds => true,
            Effect::Refuses | Effect::Admits => ruling.confidence < Confidence::Likely,
            Effect::Notes => false,
        });
        open.flat_map(|ruling| &ruling.lacks).collect()
    }

    /// Refusals that have no other reading: whatever comes after them is in vain. Conditional Access
    /// is not among them, because nobody says yet which app is meant.
    pub fn obstacles(&self) -> impl Iterator<Item = &Ruling> {
        let certain = |ruling: &&Ruling| ruling.confidence == Confidence::Certain;
        self.refusals().filter(certain)
    }

    /// What speaks against it and has another reading. A missing input does not.
    pub fn hints(&self) -> impl Iterator<Item = &Ruling> {
        let withholds = |ruling: &&Ruling| {
            ruling.effect == Effect::Withholds
                && ![Layer::Input, Layer::Enforcement].contains(&ruling.layer())
        };
        let uncertain = |ruling: &&Ruling| ruling.confidence < Confidence::Certain;
        let open = self.rulings.iter().filter(withholds);
        self.refusals().filter(uncertain).chain(open)
    }

    fn refusals(&self) -> impl Iterator<Item = &Ruling> {
        self.rulings.iter().filter(|ruling| {
            ruling.effect == Effect::Refuses && ruling.layer() != Layer::Enforcement
        })
    }

    /// A ruling by its code.
    pub fn find(&self, code: &str) -> Option<&Ruling> {
        self.rulings.iter().find(|ruling| ruling.code() == code)
    }

    /// The two outcomes, a line for each.
    pub fn summary(&self) -> [String; 2] {
        let verb = match self.occasion {
            Occasion::BeforeRegistration | Occasion::Registration => "Registration",
            Occasion::SignIn => "Sign-in",
        };
        let enforcement = match self.enforcement {
            Some(enforcement) => self.where_required(enforcement),
            None => "no export was given".to_owned(),
        };
        let capability = self.capability.name();
        // Nobody is to take it for an answer about a passkey at hand.
        let of_any = match self.capability == Admission::Accepted && !self.described {
            true => " (no passkey was described: this holds for any)",
            false => "",
        };
        [
            format!("{verb} by the authentication methods policy: {capability}{of_any}"),
            format!("Where Conditional Access requires it: {enforcement}"),
        ]
    }

    /// By which policies, and at which apps.
    fn where_required(&self, enforcement: Admission) -> String {
        let word = enforcement.name();
        let listed = |outcome| listed(&self.requirements, outcome);
        let all = self.requirements.len();
        let such = { self.requirements.iter() }
            .filter(|one| one.outcome == enforcement)
            .count();
        let (by, accepted) = (listed(enforcement), listed(Admission::Accepted));
        match (enforcement, by, accepted) {
            (Admission::Accepted, None, _) => format!("{word} (no policy requires a passkey)"),
            (Admission::Accepted, Some(by), _) => format!("{word} by {by}"),
            (_, Some(by), None) => format!("{word} by {such} of {all}: {by}"),
            (_, Some(by), Some(accepted)) => {
                format!("{word} by {such} of {all}: {by}; accepted by {accepted}")
            }
            (_, None, _) => word.to_owned(),
        }
    }

    /// For reports.
    pub fn to_json(&self) -> Value {
        let errors: Vec<String> = self.errors.iter().map(ToString::to_string).collect();
        let missing: Vec<String> = self
            .missing()
            .into_iter()
            .map(ToString::to_string)
            .collect();
        json!({
            "capability": self.capability.name(),
            "enforcement": self.enforcement.map(Admission::name),
            "required_by": self.requirements.iter().map(Requirement::to_json).collect::<Vec<_>>(),
            "missing": missing,
            "rulings": self.rulings.iter().map(Ruling::to_json).collect::<Vec<_>>(),
            "errors": errors,
        })
    }
}

/// A refusal that is at least likely decides; then whatever is open; then a reason to accept.
fn admission(rulings: &[&Ruling]) -> Admission {
    let mut refused = false;
    let mut open = false;
    let mut accepted = false;
    for ruling in rulings {
        let sure = ruling.confidence >= Confidence::Likely;
        match ruling.effect {
            Effect::Refuses => {
                refused |= sure;
                open |= !sure;
            }
            Effect::Withholds => open = true,
            Effect::Admits => accepted |= sure,
            Effect::Notes => {}
        }
    }
    match (refused, open, accepted) {
        (true, _, _) => Admission::Refused,
        (false, false, true) => Admission::Accepted,
        (false, _, _) => Admission::Undetermined,
    }
}

impl fmt::Display for Judgement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in self.summary() {
            writeln!(f, "{line}")?;
        }
        for error in &self.errors {
            writeln!(f, "\n{error}")?;
        }
        for ruling in &self.rulings {
            writeln!(f, "\n{ruling}")?;
        }
        Ok(())
    }
}
