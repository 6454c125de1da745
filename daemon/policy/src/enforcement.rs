//! Where Conditional Access asks for something, and whether this passkey is enough there.

mod applying;
mod conjunction;
mod grant;
mod requirement;
mod scope;

use applying::Applying;
pub(crate) use conjunction::disjoint;
pub(crate) use grant::demand;
pub use requirement::Requirement;
pub(crate) use requirement::listed;
pub(crate) use scope::{applies_to_registration, includes};

use crate::capability::Models;
use crate::catalogue::{
    CONJUNCTION, NOT_REQUIRED, OPEN_CONDITIONS, REPORT_ONLY, SATISFIED, STRENGTH_MODEL,
    STRENGTH_WITHOUT_PASSKEY,
};
use crate::confidence::Confidence;
use crate::exports::Exports;
use crate::inquiry::Inquiry;
use crate::model::{AccessPolicy, AccessState};
use crate::ruling::{Effect, Ruling};
use crate::truth::{Held, Truth};
use std::collections::BTreeSet;

/// What Conditional Access says of a passkey.
#[derive(Default)]
pub(crate) struct Enforcement {
    pub(crate) rulings: Vec<Ruling>,
    pub(crate) requirements: Vec<Requirement>,
}

/// The rulings about Conditional Access; none without an export of it.
pub(crate) fn judge(exports: &Exports, inquiry: &Inquiry) -> Enforcement {
    let Some(policies) = exports.access() else {
        return Enforcement::default();
    };
    let models = Models::at_site(inquiry);
    let mut rulings = Vec::new();
    let mut applying = Vec::new();
    for policy in policies {
        let applies = scope::applies(policy, inquiry);
        if applies.no() {
            continue;
        }
        match policy.state.value {
            Some(AccessState::Disabled) => {}
            Some(AccessState::ReportOnly) => {
                let would = if applies.yes() { "would" } else { "may" };
                let saw = format!(
                    "\"{}\" {would} apply, but is in report-only mode",
                    policy.name
                );
                let ruling = Ruling::notes(&REPORT_ONLY, &saw).on(&policy.state.place);
                rulings.push(ruling);
            }
            Some(AccessState::Enabled) | None => applying.push(Applying {
                policy,
                applies: applies.and(policy.state.held(|state| *state == AccessState::Enabled)),
                demand: demand(exports, policy, &models),
            }),
        }
    }
    for one in &applying {
        rulings.extend(against(one));
    }
    rulings.extend(conjunctions(exports, &applying));
    rulings.extend(open(&applying));
    rulings.extend(summary(exports, &applying));
    let requirements = applying.iter().filter_map(Requirement::of);
    Enforcement {
        rulings,
        requirements: requirements.collect(),
    }
}

/// Enabled policies that apply or may, and that nothing weaker than a passkey satisfies; `None`
/// without an export of Conditional Access.
pub(crate) fn requiring_passkeys<'a>(
    exports: &'a Exports,
    inquiry: &Inquiry,
) -> Option<Vec<(&'a AccessPolicy, Held)>> {
    let models = Models::any();
    let enabled = exports.access()?.iter().filter(|policy| {
        policy
            .state
            .value
            .is_none_or(|state| state == AccessState::Enabled)
            && demand(exports, policy, &models).passkey_like
    });
    let applying = enabled.map(|policy| (policy, scope::applies(policy, inquiry)));
    Some(applying.filter(|(_, applies)| !applies.no()).collect())
}

/// Why a policy that applies is not satisfied.
fn against(one: &Applying<'_>) -> Option<Ruling> {
    if !one.applies.yes() || !one.demand.satisfied.no() {
        return None;
    }
    let name = &one.policy.name;
    let ruling = match one.demand.lists_others {
        Some(strength) => {
            let place = &strength.place;
            let saw = format!(
                "\"{name}\" requires \"{}\", which lists other models",
                strength.name
            );
            let change = format!("Add the AAGUID to allowedAAGUIDs of the strength at {place}.");
            Ruling::refuses(&STRENGTH_MODEL, &saw)
                .at_most(Confidence::Likely)
                .turned_by(&change)
        }
        None if one.demand.words == "block" => {
            let saw = format!("\"{name}\" blocks access");
            let place = &one.policy.place;
            let change = format!("Exclude the user from the policy at {place}.");
            Ruling::refuses(&STRENGTH_WITHOUT_PASSKEY, &saw).turned_by(&change)
        }
        None => {
            let saw = format!(
                "\"{name}\" requires {}, which no passkey satisfies",
                one.demand.words
            );
            let ruling = Ruling::refuses(&STRENGTH_WITHOUT_PASSKEY, &saw);
            match one.demand.strengths.as_slice() {
                [] => {
                    let place = &one.policy.place;
                    let change = format!("Exclude the user or the app from the policy at {place}.");
                    ruling.turned_by(&change).advising(
                        "No method satisfies this policy: ask whoever keeps it whether it is meant for this user and app.",
                    )
                }
                [strength, ..] => {
                    let place = &strength.combinations.place;
                    ruling.turned_by(&format!("Add fido2 to allowedCombinations at {place}."))
                }
            }
        }
    };
    Some(ruling.because(&one.demand.satisfied).because(&one.applies))
}

/// Pairs of strengths that no single method satisfies.
fn conjunctions(exports: &Exports, applying: &[Applying<'_>]) -> Vec<Ruling> {
    let applying = applying.iter().filter(|one| one.applies.yes());
    let asked = applying.flat_map(|one| {
        let strengths = one.demand.strengths.iter();
        strengths.map(|strength| (one.policy.name.as_str(), exports.whole(strength)))
    });
    let pairs = disjoint(asked).into_iter();
    let rulings = pairs.map(|((name, one), (other_name, other))| {
        let saw = format!(
            "\"{name}\" requires \"{}\", and \"{other_name}\" requires \"{}\"",
            one.name, other.name
        );
        Ruling::refuses(&CONJUNCTION, &saw)
            .on(&one.combinations.place)
            .on(&other.combinations.place)
    });
    rulings.collect()
}

/// All policies of which it is open whether they apply or are satisfied, in one ruling: only those
/// that would matter.
fn open(applying: &[Applying<'_>]) -> Option<Ruling> {
    let matters = |one: &&Applying<'_>| {
        let open = one.applies.open() || one.demand.satisfied.open();
        open && !one.demand.satisfied.yes()
    };
    let open: Vec<&Applying<'_>> = applying.iter().filter(matters).collect();
    if open.is_empty() {
        return None;
    }
    const SHOWN: usize = 5;
    let names: Vec<String> = open
        .iter()
        .take(SHOWN)
        .map(|one| format!("\"{}\"", one.policy.name))
        .collect();
    let more = match open.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let saw = format!("not visible for: {}{more}", names.join(", "));
    let mut ruling = Ruling::withholds(&OPEN_CONDITIONS, &saw);
    for one in open {
        let both = [&one.applies, &one.demand.satisfied];
        for held in both.into_iter().filter(|held| held.truth == Truth::Unknown) {
            ruling = ruling.because(held);
        }
        ruling = ruling.on(&one.policy.place);
    }
    Some(ruling)
}

/// What nothing speaks against: no policy requires a passkey, or all that do take this one.
fn summary(exports: &Exports, applying: &[Applying<'_>]) -> Option<Ruling> {
    let refused = |one: &Applying<'_>| one.applies.yes() && !one.demand.satisfied.yes();
    if applying.iter().any(refused) {
        return None;
    }
    let demanding: Vec<&Applying<'_>> = applying
        .iter()
        .filter(|one| one.demand.passkey_like)
        .collect();
    if demanding.is_empty() {
        let saw = "no enabled policy for the user requires what only passkeys satisfy";
        let ruling = Ruling::new(&NOT_REQUIRED, Effect::Admits, Confidence::Likely, saw);
        return Some(exports.access_places.iter().fold(ruling, Ruling::on));
    }
    let satisfied: Vec<&&Applying<'_>> = demanding
        .iter()
        .filter(|one| one.demand.satisfied.yes())
        .collect();
    let names: BTreeSet<String> = satisfied
        .iter()
        .map(|one| format!("\"{}\"", one.policy.name))
        .collect();
    let names: Vec<String> = names.into_iter().collect();
    let saw = format!("accepted by {}", names.join(", "));
    let ruling = Ruling::new(&SATISFIED, Effect::Admits, Confidence::Likely, &saw);
    let mut ruling = exports.access_places.iter().fold(ruling, Ruling::on);
    for one in &satisfied {
        ruling = ruling.because(&one.demand.satisfied).on(&one.policy.place);
    }
    (!satisfied.is_empty()).then_some(ruling)
}
