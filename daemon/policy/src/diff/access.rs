//! Conditional Access policies, strengths and other methods that differ.

use crate::capability::{Models, named};
use crate::enforcement::demand;
use crate::exports::Exports;
use crate::model::{AccessPolicy, AccessState, Strength};
use std::collections::BTreeMap;
use std::fmt;

/// A policy, strength or method, before and after.
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
    // An export of passkeys alone does not say that there is no other method.
    let (mut before, mut after) = (methods(old), methods(new));
    before.retain(|id, _| after.contains_key(id));
    after.retain(|id, _| before.contains_key(id));
    changes.extend(compare(&before, &after));
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
            key(policy),
            (name, told(exports, policy), policy.canonical.clone()),
        )
    });
    described.collect()
}

/// Its id; its name where the export leaves ids out.
fn key(policy: &AccessPolicy) -> String {
    match policy.id.is_empty() {
        true => format!("named {}", policy.name),
        false => policy.id.clone(),
    }
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

/// Methods other than passkeys: with them a registration begins.
fn methods(exports: &Exports) -> Described {
    let state = |enabled: Option<bool>| match enabled {
        Some(true) => "on",
        Some(false) => "off",
        None => "in an unknown state",
    };
    let others = exports.others.iter().map(|method| {
        let told = state(method.enabled.value).to_owned();
        let name = format!("the method {}", method.id);
        (method.id.clone(), (name, told.clone(), told))
    });
    let passes = exports.pass().map(|pass| {
        let kinds = match (pass.enabled.value, pass.one_time_only.value) {
            (Some(false), _) | (_, None) => "",
            (_, Some(true)) => ", one-time alone",
            (_, Some(false)) => ", one-time and multi-use",
        };
        let told = format!("{}{kinds}", state(pass.enabled.value));
        let name = "Temporary Access Passes".to_owned();
        (
            "TemporaryAccessPass".to_owned(),
            (name, told, pass.canonical.clone()),
        )
    });
    others.chain(passes).collect()
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
        (true, Some(models)) if models.is_empty() => "passkeys of no model".to_owned(),
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
        let (mut told_before, mut told_after) = (say(before), say(after));
        if told_before == told_after {
            told_before.push_str(", for some users, apps or conditions");
            told_after.push_str(", for others");
        }
        changes.push(AccessChange {
            what: name,
            before: told_before,
            after: told_after,
        });
    }
    changes
}
