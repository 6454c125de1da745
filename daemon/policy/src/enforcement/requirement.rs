//! Where a policy asks for what a passkey gives, and how that ends for this one.

use super::applying::Applying;
use crate::admission::Admission;
use crate::model::AppScope;
use serde_json::{Value, json};

/// A policy that matters for the passkey.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Requirement {
    /// Whether the passkey is enough there.
    pub outcome: Admission,
    /// As the tenant calls the policy.
    pub policy: String,
    /// The apps that it is about.
    pub apps: String,
}

impl Requirement {
    /// Of a policy that refuses the passkey, may refuse it, or asks for what only passkeys give.
    pub(super) fn of(one: &Applying<'_>) -> Option<Self> {
        let satisfied = &one.demand.satisfied;
        let outcome = match (one.applies.yes(), satisfied.yes()) {
            (_, true) if one.demand.passkey_like => Admission::Accepted,
            (_, true) => return None,
            (true, false) if satisfied.no() => Admission::Refused,
            (_, false) => Admission::Undetermined,
        };
        Some(Self {
            outcome,
            policy: one.policy.name.clone(),
            apps: words(&one.policy.apps),
        })
    }

    /// For programs.
    pub(crate) fn to_json(&self) -> Value {
        json!({"policy": self.policy, "apps": self.apps, "outcome": self.outcome.name()})
    }
}

/// Requirements of one outcome, each with its apps.
pub(crate) fn listed(requirements: &[Requirement], outcome: Admission) -> Option<String> {
    const SHOWN: usize = 3;
    let such = requirements.iter().filter(|one| one.outcome == outcome);
    let mut words: Vec<String> = { such.clone().take(SHOWN) }
        .map(|one| format!("\"{}\" ({})", one.policy, one.apps))
        .collect();
    match such.count().saturating_sub(SHOWN) {
        0 => {}
        more => words.push(format!("{more} more")),
    }
    (!words.is_empty()).then(|| words.join(", "))
}

fn words(apps: &AppScope) -> String {
    const SHOWN: usize = 3;
    let names: Vec<&String> = apps.include.known().collect();
    let shown: Vec<String> = names
        .iter()
        .take(SHOWN)
        .map(|name| (*name).clone())
        .collect();
    match names.as_slice() {
        [] => "apps that the export does not name".to_owned(),
        names if names.iter().any(|name| *name == "all") => "all resources".to_owned(),
        [one] => format!("app {one}"),
        many if many.len() <= SHOWN => format!("apps {}", shown.join(", ")),
        many => format!("apps {} and {} more", shown.join(", "), many.len() - SHOWN),
    }
}
