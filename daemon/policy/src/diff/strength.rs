//! Authentication strengths that differ.

use super::access_change::AccessChange;
use super::models;
use crate::exports::Exports;
use crate::guid::Guid;
use crate::model::Strength;
use hybrid_protocol::ctap::Aaguid;
use std::collections::{BTreeMap, BTreeSet};

/// By id, where both sides have the list of them; otherwise a policy tells what its own takes.
pub(super) fn changes(old: &Exports, new: &Exports) -> Vec<(Guid, AccessChange)> {
    if !old.has_strengths() || !new.has_strengths() {
        return Vec::new();
    }
    let (before, after) = (by_id(old), by_id(new));
    let ids: BTreeSet<&Guid> = before.keys().chain(after.keys()).collect();
    let changes = ids.into_iter().filter_map(|id| {
        let (one, other) = (before.get(id).copied(), after.get(id).copied());
        let strength = other.or(one)?;
        let taking = |strength: Option<&Strength>| match strength {
            Some(strength) => format!("taking {}", listed(&taken(strength))),
            None => "not there".to_owned(),
        };
        let change = AccessChange {
            what: format!("the strength \"{}\"", strength.name),
            before: taking(one),
            after: taking(other),
            said: match (one, other) {
                (Some(one), Some(other)) => said(one, other)?,
                (None, _) => format!("new; it takes {}", listed(&taken(strength))),
                (_, None) => format!("no longer there; it took {}", listed(&taken(strength))),
            },
            lockout: None,
        };
        Some((*id, change))
    });
    changes.collect()
}

fn by_id(exports: &Exports) -> BTreeMap<Guid, &Strength> {
    let strengths = exports.strengths().into_iter();
    let with_id = strengths.filter_map(|strength| Some((strength.id.value?, strength)));
    with_id.collect()
}

/// Every way that satisfies it, each in words that name nothing else.
pub(super) fn taken(strength: &Strength) -> BTreeSet<String> {
    let mut taken = strength.other_combinations();
    if strength.allows("fido2").yes() {
        match strength.models() {
            None => drop(taken.insert("passkeys of all models".to_owned())),
            Some(models) => {
                let one = |model: &Aaguid| format!("passkeys of {}", models::whole(model));
                taken.extend(models.iter().map(one));
            }
        }
    }
    taken
}

/// What it takes in addition, and no longer; `None` when that is nothing.
fn said(old: &Strength, new: &Strength) -> Option<String> {
    let (before, after) = (taken(old), taken(new));
    let mut parts = Vec::new();
    if old.name != new.name {
        parts.push(format!("called \"{}\" before", old.name));
    }
    let gone: BTreeSet<String> = before.difference(&after).cloned().collect();
    let added: BTreeSet<String> = after.difference(&before).cloned().collect();
    if !gone.is_empty() {
        parts.push(format!("no longer takes {}", listed(&gone)));
    }
    if !added.is_empty() {
        parts.push(format!("takes {}, and did not before", listed(&added)));
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

fn listed(ways: &BTreeSet<String>) -> String {
    match ways.is_empty() {
        true => "nothing".to_owned(),
        false => ways.iter().cloned().collect::<Vec<_>>().join(", "),
    }
}
