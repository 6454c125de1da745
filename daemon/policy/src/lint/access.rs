//! Conditional Access by itself: loops, reports without effect, and what covers everyone.

use super::passes::{takes_passes, to_take_passes};
use crate::capability::Models;
use crate::catalogue::{
    CONJUNCTION, LOOP_OF_APP_PROTECTION, LOOP_OF_STRENGTH, NO_EMERGENCY_ACCOUNT, NOT_REQUIRED,
    OPEN_CONDITIONS, REPORT_ONLY, STRENGTH_WITHOUT_PASSKEY,
};
use crate::confidence::Confidence;
use crate::enforcement::{demand, disjoint, includes};
use crate::exports::Exports;
use crate::holder::Holder;
use crate::model::{AccessPolicy, AccessState, Control, REGISTER_SECURITY_INFO, Strength};
use crate::ruling::Ruling;
use crate::truth::{Held, Lack};

/// The app that must be left out, as Microsoft names it.
const CREDENTIAL_REGISTRATION: &str = "6aa00308-ea33-4caa-90d6-ae905d8cb51b";

pub(super) fn lint(exports: &Exports) -> Vec<Ruling> {
    let Some(policies) = exports.access() else {
        return Vec::new();
    };
    let mut rulings = Vec::new();
    let in_state = |wanted: AccessState| {
        let policies = policies.iter();
        policies.filter(move |policy| policy.state.value == Some(wanted))
    };
    for policy in in_state(AccessState::ReportOnly) {
        let saw = format!("\"{}\" is in report-only mode", policy.name);
        rulings.push(Ruling::notes(&REPORT_ONLY, &saw).on(&policy.state.place));
    }
    let enabled: Vec<&AccessPolicy> = in_state(AccessState::Enabled).collect();
    let has_a_way = registration_has_a_way(exports, &enabled);
    for policy in &enabled {
        rulings.extend(loop_of_strength(exports, policy, has_a_way));
        rulings.extend(loop_of_app_protection(policy));
        rulings.extend(emergency(policy));
        rulings.extend(without_passkey(exports, policy));
    }
    rulings.extend(conjunctions(exports, &enabled));
    rulings.extend(summary(exports, &enabled));
    rulings
}

fn everyone(policy: &AccessPolicy) -> bool {
    let [people, ..] = &policy.users.include;
    people.contains(&"all".to_owned()).yes()
}

/// It is about the action of registering.
fn registers(policy: &AccessPolicy) -> Held {
    let actions = &policy.apps.actions;
    actions.contains(&REGISTER_SECURITY_INFO.to_owned())
}

fn all_resources(policy: &AccessPolicy) -> bool {
    policy.apps.include.contains(&"all".to_owned()).yes() && policy.apps.filter.is_none()
}

/// A strength on the action of registering is preferred to that on all resources: whether one leads
/// in.
fn registration_has_a_way(exports: &Exports, enabled: &[&AccessPolicy]) -> bool {
    enabled.iter().any(|policy| {
        let strengths = exports.strengths_of(policy);
        let leads_in = |strength: &&Strength| {
            !strength.is_phishing_resistant() || !takes_passes(exports, strength).no()
        };
        !registers(policy).no() && !strengths.is_empty() && strengths.iter().all(leads_in)
    })
}

/// The loops that keep this person from registering, who has no passkey yet.
pub(crate) fn loops(exports: &Exports, holder: &Holder) -> Vec<Ruling> {
    let policies = exports.access().unwrap_or_default().iter();
    let enabled: Vec<&AccessPolicy> = policies
        .filter(|policy| policy.state.value == Some(AccessState::Enabled))
        .collect();
    let user = exports.user();
    if user.is_some_and(|user| !user.passkeys.is_empty()) {
        return Vec::new();
    }
    let has_a_way = registration_has_a_way(exports, &enabled);
    let mut rulings = Vec::new();
    for policy in enabled {
        let concerns = includes(&policy.users, holder);
        let closed = loop_of_strength(exports, policy, has_a_way).filter(|_| !concerns.no());
        rulings.extend(closed.map(|ruling| match concerns.open() {
            true => ruling.at_most(Confidence::Possible).because(&concerns),
            false => ruling.because(&concerns),
        }));
    }
    rulings
}

fn loop_of_strength(exports: &Exports, policy: &AccessPolicy, has_a_way: bool) -> Option<Ruling> {
    let on_action = registers(policy).yes();
    if !on_action && (has_a_way || !all_resources(policy)) {
        return None;
    }
    if !demand(exports, policy, &Models::any()).passkey_like {
        return None;
    }
    let strengths = exports.strengths_of(policy).into_iter();
    let mut closed = strengths.filter(|strength| takes_passes(exports, strength).no());
    let strength = closed.next()?;
    let (place, scope) = match on_action {
        true => (&policy.apps.actions.place, "registering security info"),
        false => (&policy.apps.include.place, "all resources"),
    };
    let saw = format!(
        "\"{}\" requires \"{}\" on {scope}, and no pass satisfies it",
        policy.name, strength.name
    );
    let change = to_take_passes(exports, strength);
    let ruling = Ruling::notes(&LOOP_OF_STRENGTH, &saw)
        .because(&takes_passes(exports, strength))
        .on(place)
        .on(&policy.state.place)
        .turned_by(&change)
        .advising(&change);
    Some(match on_action {
        true => ruling.meaning(
            "Registering security info requires a strength that no pass satisfies, so users who have nothing that \
             satisfies it yet cannot register their first passkey.",
        ),
        false => ruling,
    })
}

fn loop_of_app_protection(policy: &AccessPolicy) -> Option<Ruling> {
    const APPS: [&str; 2] = ["approvedapplication", "compliantapplication"];
    let grant = policy.grant.value.as_ref()?.as_ref()?;
    let of_apps = |control: &Control| match control {
        Control::BuiltIn(word) => {
            let word = word.value.as_deref();
            word.is_some_and(|word| APPS.contains(&word))
        }
        Control::Strength(_) | Control::Foreign(_) => false,
    };
    let required = match grant.all.value {
        Some(false) => grant.controls.iter().all(of_apps),
        Some(true) | None => grant.controls.iter().any(of_apps),
    };
    let left_out = policy
        .apps
        .exclude
        .contains(&CREDENTIAL_REGISTRATION.to_owned());
    let saw = format!(
        "\"{}\" requires an approved or protected app on all resources",
        policy.name
    );
    (all_resources(policy) && required && !grant.controls.is_empty() && left_out.no()).then(|| {
        Ruling::notes(&LOOP_OF_APP_PROTECTION, &saw)
            .because(&left_out)
            .on(&grant.place)
    })
}

fn emergency(policy: &AccessPolicy) -> Option<Ruling> {
    let asks = policy.grant.value.as_ref()?.is_some();
    let nobody = policy
        .users
        .exclude
        .iter()
        .all(|list| list.value.as_ref().is_some_and(Vec::is_empty))
        && policy.users.exclude_guests.is_none();
    let saw = format!(
        "\"{}\" applies to all users and excludes nobody",
        policy.name
    );
    let mut ruling = Ruling::notes(&NO_EMERGENCY_ACCOUNT, &saw);
    for list in &policy.users.exclude {
        ruling = ruling.on(&list.place);
    }
    (asks && everyone(policy) && nobody).then_some(ruling)
}

fn without_passkey(exports: &Exports, policy: &AccessPolicy) -> Vec<Ruling> {
    let strengths = exports.strengths_of(policy).into_iter();
    let lacking = strengths.filter_map(|strength| {
        let takes = strength.allows("fido2");
        let saw = format!(
            "\"{}\" requires \"{}\", which lacks fido2",
            policy.name, strength.name
        );
        takes
            .no()
            .then(|| Ruling::notes(&STRENGTH_WITHOUT_PASSKEY, &saw).because(&takes))
    });
    lacking.collect()
}

/// Policies for everyone on all resources whose strengths exclude each other.
fn conjunctions(exports: &Exports, enabled: &[&AccessPolicy]) -> Vec<Ruling> {
    let for_all = enabled.iter().filter(|policy| {
        everyone(policy) && all_resources(policy) && policy.circumstances.is_empty()
    });
    let asked = for_all.flat_map(|policy| {
        let strengths = exports.strengths_of(policy).into_iter();
        strengths.map(|strength| (policy.name.as_str(), strength))
    });
    let pairs = disjoint(asked).into_iter();
    let rulings = pairs.map(|((policy, strength), (other_policy, other))| {
        let saw = format!("\"{policy}\" and \"{other_policy}\" both apply");
        Ruling::notes(&CONJUNCTION, &saw)
            .on(&strength.combinations.place)
            .on(&other.combinations.place)
    });
    rulings.collect()
}

fn summary(exports: &Exports, enabled: &[&AccessPolicy]) -> Vec<Ruling> {
    let models = Models::any();
    let demanding: Vec<&&AccessPolicy> = enabled
        .iter()
        .filter(|policy| demand(exports, policy, &models).passkey_like)
        .collect();
    if demanding.is_empty() {
        let saw = "no enabled policy requires what only passkeys satisfy";
        let ruling = Ruling::notes(&NOT_REQUIRED, saw);
        return vec![exports.access_places.iter().fold(ruling, Ruling::on)];
    }
    let open = demanding
        .iter()
        .filter(|policy| !policy.circumstances.is_empty());
    let open = open.map(|policy| {
        let saw = format!("\"{}\" depends on conditions", policy.name);
        let mut ruling = Ruling::notes(&OPEN_CONDITIONS, &saw);
        for place in &policy.circumstances {
            ruling = ruling.on(place).lacking(Lack::Circumstance(place.clone()));
        }
        ruling
    });
    open.collect()
}
