//! Conditional Access policies, strengths and other methods that differ, and whom the change locks out.

use super::access_change::AccessChange;
use super::lockout::lockout;
use super::methods;
use super::strength;
use super::told::Told;
use crate::enforcement::includes;
use crate::exports::Exports;
use crate::guid::Guid;
use crate::holder::Holder;
use crate::model::AccessPolicy;
use std::collections::{BTreeMap, BTreeSet};

/// What differs, when both sides have the export; of policies those that concern these people, if
/// any are named.
pub(super) fn changes(
    old: &Exports,
    new: &Exports,
    people: &[(String, Holder)],
) -> Vec<AccessChange> {
    let mut changes = strength::changes(old, new);
    let differing: BTreeSet<Guid> = changes.iter().map(|(id, _)| *id).collect();
    let mut changes: Vec<AccessChange> = changes.drain(..).map(|(_, change)| change).collect();
    if let (Some(before), Some(after)) = (old.access(), new.access()) {
        let (before, after) = (by_id(before), by_id(after));
        let ids: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        for id in ids {
            let one = before.get(id).map(|policy| Told::of(old, policy));
            let other = after.get(id).map(|policy| Told::of(new, policy));
            let concerned = [&one, &other].into_iter().flatten().any(|told| {
                let mut people = people.iter();
                people.len() == 0
                    || people.any(|(_, holder)| !includes(&told.policy.users, holder).no())
            });
            if concerned {
                changes.extend(change(one.as_ref(), other.as_ref(), [old, new], &differing));
            }
        }
    }
    changes.extend(methods::changes(old, new));
    changes.sort();
    changes
}

/// By id, and by name where the export leaves ids out.
fn by_id(policies: &[AccessPolicy]) -> BTreeMap<String, &AccessPolicy> {
    let key = |policy: &AccessPolicy| match policy.id.is_empty() {
        true => format!("named {}", policy.name),
        false => policy.id.clone(),
    };
    policies
        .iter()
        .map(|policy| (key(policy), policy))
        .collect()
}

fn change(
    old: Option<&Told<'_>>,
    new: Option<&Told<'_>>,
    exports: [&Exports; 2],
    differing: &BTreeSet<Guid>,
) -> Option<AccessChange> {
    let name = &new.or(old)?.policy.name;
    let whole = |told: Option<&Told<'_>>| match told {
        Some(told) => told.whole(),
        None => "not there".to_owned(),
    };
    let said = match (old, new) {
        (Some(old), Some(new)) => said(old, new, differing)?,
        (None, Some(new)) => format!("new; {}", new.whole()),
        (Some(old), None) => format!("no longer there; it was {}", old.whole()),
        (None, None) => return None,
    };
    Some(AccessChange {
        what: format!("the policy \"{name}\""),
        before: whole(old),
        after: whole(new),
        said,
        lockout: new.and_then(|new| lockout(old, new, exports)),
    })
}

/// What has changed; `None` when nothing has.
fn said(old: &Told<'_>, new: &Told<'_>, differing: &BTreeSet<Guid>) -> Option<String> {
    let same_strengths = old
        .strengths
        .iter()
        .zip(&new.strengths)
        .all(|((one, (before, _)), (other, (after, _)))| one == other && before == after)
        && old.strengths.len() == new.strengths.len();
    if old.policy.canonical == new.policy.canonical && same_strengths {
        return None;
    }
    let mut parts = Vec::new();
    if old.policy.name != new.policy.name {
        parts.push(format!("called \"{}\" before", old.policy.name));
    }
    if old.state() != new.state() {
        let (before, after) = (old.state(), new.state());
        if new.is_on() {
            // What has an effect from here on is told whole.
            parts.push(format!("{before} before, {after} after: {}", new.whole()));
            return Some(parts.join("; "));
        }
        parts.push(format!("{before} before, {after} after"));
    }
    parts.extend(new.scope.words_beside(&old.scope));
    if old.policy.legacy_clients.is_some() != new.policy.legacy_clients.is_some() {
        parts.push("for other kinds of clients than before".to_owned());
    }
    if old.asks != new.asks || !same_strengths {
        let ids = |told: &Told<'_>| -> BTreeSet<Option<Guid>> {
            told.strengths.keys().copied().collect()
        };
        let told_there = |id: &Option<Guid>| id.is_some_and(|id| differing.contains(&id));
        let there = ids(old) == ids(new) && ids(new).iter().any(told_there);
        parts.push(match there {
            true => "its strength takes something else, as told below".to_owned(),
            false => format!("asking for {} (before: {})", new.asks.words, old.asks.words),
        });
    }
    if parts.is_empty() {
        parts.push(
            "only in what decides nothing here, such as dates or session controls".to_owned(),
        );
    }
    Some(parts.join("; "))
}
