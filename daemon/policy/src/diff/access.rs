//! Conditional Access policies and strengths that differ.

use crate::capability::{Models, named};
use crate::enforcement::demand;
use crate::exports::Exports;
use crate::model::{AccessPolicy, AccessState, Strength};
use std::collections::BTreeMap;
use std::fmt;

/// A policy or strength, before and after.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct AccessChange {
    /// Which.
    pub what: String,
    /// What it asked for, or that it was not there.
    pub before: String,
    /// What it asks for, or that it is not there.
    pub after: String,
}

impl fmt::Display for AccessChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {} before, {} after",
            self.what, self.before, self.after
        )
    }
}

/// What differs, when both sides have the export.
pub(super) fn changes(old: &Exports, new: &Exports) -> Vec<AccessChange> {
    let mut changes = Vec::new();
    if old.access().is_some() && new.access().is_some() {
        changes.extend(compare(&policies(old), &policies(new)));
    }
    if old.strengths.is_some() && new.strengths.is_some() {
        changes.extend(compare(&strengths(old), &strengths(new)));
    }
    changes.sort();
    changes
}

/// By id: the name, what to tell of it, and all of it.
type Described = BTreeMap<String, (String, String, String)>;

fn policies(exports: &Exports) -> Described {
    let policies = exports.access().unwrap_or_default().iter();
    let described = policies.map(|policy| {
        let name = format!("the policy \"{}\"", policy.name);
        (
            policy.id.clone(),
            (name, told(exports, policy), policy.canonical.clone()),
        )
    });
    described.collect()
}

fn told(exports: &Exports, policy: &AccessPolicy) -> String {
    let state = match policy.state.value {
        Some(AccessState::Enabled) => "on",
        Some(AccessState::Disabled) => "off",
        Some(AccessState::ReportOnly) => "reporting",
        None => "in an unknown state",
    };
    let words = demand(exports, policy, &Models::any()).words;
    let asks = if words.is_empty() { "nothing" } else { &words };
    format!("{state} and asking for {asks}")
}

fn strengths(exports: &Exports) -> Described {
    let strengths = exports.strengths.iter().flatten();
    let described = strengths.filter_map(|strength| {
        let id = strength.id.value?.to_string();
        let name = format!("the strength \"{}\"", strength.name);
        Some((
            id,
            (name, taken(strength), format!("{:?}", strength.meaning())),
        ))
    });
    described.collect()
}

fn taken(strength: &Strength) -> String {
    let passkeys = match (strength.allows("fido2").yes(), strength.models()) {
        (false, _) => "no passkeys".to_owned(),
        (true, None) => "passkeys of all models".to_owned(),
        (true, Some(models)) => {
            let names: Vec<String> = models.iter().map(named).collect();
            format!("passkeys of {}", names.join(", "))
        }
    };
    let others = strength.other_combinations();
    format!("taking {passkeys} and {} other combinations", others.len())
}

fn compare(old: &Described, new: &Described) -> Vec<AccessChange> {
    let mut changes = Vec::new();
    let ids = old
        .keys()
        .chain(new.keys().filter(|id| !old.contains_key(*id)));
    for id in ids {
        let (before, after) = (old.get(id), new.get(id));
        if before.map(|(.., all)| all) == after.map(|(.., all)| all) {
            continue;
        }
        let (name, ..) = after.or(before).cloned().unwrap_or_default();
        let say = |side: Option<&(String, String, String)>| match side {
            Some((_, told, _)) => told.clone(),
            None => "not there".to_owned(),
        };
        let (mut told_before, told_after) = (say(before), say(after));
        if told_before == told_after {
            told_before =
                "for other users, apps or conditions, and".to_owned() + " " + &told_before;
        }
        changes.push(AccessChange {
            what: name,
            before: told_before,
            after: told_after,
        });
    }
    changes
}
