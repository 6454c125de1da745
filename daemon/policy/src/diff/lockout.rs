//! Whom a change of a Conditional Access policy locks out, and what to leave out of it.

use super::scope;
use super::told::Told;
use crate::catalogue::LOCKED_OUT;
use crate::confidence::Confidence;
use crate::exports::Exports;
use crate::model::AccessState;
use crate::pointer::Pointer;
use crate::ruling::{Effect, Ruling};
use crate::truth::Lack;

/// Whom a policy keeps out that did not before.
pub(super) fn lockout(
    old: Option<&Told<'_>>,
    new: &Told<'_>,
    [before, after]: [&Exports; 2],
) -> Option<Ruling> {
    let policy = new.policy;
    let acts = matches!(policy.state.value, Some(AccessState::Enabled) | None);
    if !acts || policy.legacy_clients.is_some() {
        return None;
    }
    let was_on = old.filter(|old| old.is_on() && old.policy.legacy_clients.is_none());
    let wider = was_on.is_some_and(|old| new.scope.is_wider_than(&old.scope));
    let harder = match was_on {
        Some(old) => new.asks.harder_than(&old.asks),
        None => new.asks.hard(),
    };
    let kept_out: Vec<String> = {
        if wider {
            new.asks.hard()
        } else {
            harder.clone()
        }
    }
    .iter()
    .map(|clause| clause.whom())
    .collect();
    if kept_out.is_empty() {
        return None;
    }
    let states = [Some(new), old].into_iter().flatten();
    let known = { states }.all(|told| told.policy.state.value.is_some());
    let readable = new.asks.lack.is_none();
    let confidence = match known && readable && new.scope.is_decided() {
        true => Confidence::Likely,
        false => Confidence::Possible,
    };
    let saw = format!(
        "\"{}\" {}: {} is locked out",
        policy.name,
        new.scope.words(),
        kept_out.join(", and "),
    );
    let (places, flip) = changed(old, was_on, new, wider, !harder.is_empty());
    let mut ruling = Ruling::new(&LOCKED_OUT, Effect::Notes, confidence, &saw).turned_by(&flip);
    for place in &places {
        ruling = ruling.on(place);
    }
    ruling.lacks.extend(new.asks.lack.clone());
    for place in &policy.circumstances {
        ruling = ruling.lacking(Lack::Circumstance(place.clone()));
    }
    ruling.cap(after.doubts());
    ruling.cap(before.doubts());
    Some(ruling)
}

/// The places that changed and matter, and what to leave out.
fn changed(
    old: Option<&Told<'_>>,
    was_on: Option<&Told<'_>>,
    new: &Told<'_>,
    wider: bool,
    harder: bool,
) -> (Vec<Pointer>, String) {
    let policy = new.policy;
    if old.is_none() {
        let place = &policy.place;
        return (
            vec![place.clone()],
            format!("Leave out the policy at {place}."),
        );
    }
    let mut places = Vec::new();
    let Some(old) = was_on else {
        let place = &policy.state.place;
        let flip = format!("Leave out the change at {place}.");
        return (vec![place.clone()], flip);
    };
    if wider {
        places.extend(scope::places(old.policy, policy));
    }
    if harder {
        let same = old.strengths.keys().eq(new.strengths.keys()) && !new.strengths.is_empty();
        let others = new.strengths.iter().filter(|(id, (taken, _))| {
            let before = old.strengths.get(*id);
            before.is_none_or(|(before, _)| before != taken)
        });
        match same {
            true => places.extend(others.flat_map(|(_, (_, places))| places.iter().cloned())),
            false => places.push(policy.grant.place.clone()),
        }
    }
    let named: Vec<String> = places.iter().map(ToString::to_string).collect();
    let flip = format!("Leave out the change at {}.", named.join(" and "));
    (places, flip)
}
