//! What must hold of any policy: restrictions only restrict, order means nothing, and nothing
//! differs from itself.

use crate::scene::{F, PILOT, Scene, groups};
use crate::strategies::{MODELS, OTHERS, any_scene, some};
use hybrid_policy::{Admission, Confidence, Difference, Groups, Judgement, Ruling, diff};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Everything that makes a policy narrower, wherever it can be done.
fn restrictions(scene: &Scene) -> Vec<Scene> {
    let document = &scene.files["methods.json"];
    let fido2 = document.pointer(F).unwrap();
    let mut narrower = vec![
        scene.clone().fido2("/state", json!("disabled")),
        scene
            .clone()
            .fido2("/isSelfServiceRegistrationAllowed", json!(false)),
    ];
    let mut profiles: Vec<(String, Value)> = vec![(String::new(), fido2.clone())];
    for (index, profile) in fido2["passkeyProfiles"]
        .as_array()
        .unwrap()
        .iter()
        .enumerate()
    {
        profiles.push((format!("/passkeyProfiles/{index}"), profile.clone()));
        let at = |member: &str| format!("/passkeyProfiles/{index}/{member}");
        let enforced = json!("registrationOnly");
        narrower.push(scene.clone().fido2(&at("attestationEnforcement"), enforced));
        if profile["passkeyTypes"] == "deviceBound,synced" {
            narrower.push(scene.clone().fido2(&at("passkeyTypes"), json!("synced")));
            narrower.push(
                scene
                    .clone()
                    .fido2(&at("passkeyTypes"), json!("deviceBound")),
            );
        }
    }
    narrower.push(scene.clone().fido2("/isAttestationEnforced", json!(true)));
    for (at, profile) in profiles {
        let list = &profile["keyRestrictions"];
        narrower.push(
            scene
                .clone()
                .fido2(&format!("{at}/keyRestrictions/isEnforced"), json!(true)),
        );
        let aaguids = list["aaGuids"].as_array().unwrap();
        for model in MODELS {
            let mut changed: Vec<Value> = aaguids.clone();
            if list["enforcementType"] == "allow" {
                changed.retain(|listed| listed != model);
            } else {
                changed.push(json!(model));
            }
            let place = format!("{at}/keyRestrictions/aaGuids");
            narrower.push(scene.clone().fido2(&place, json!(changed)));
        }
    }
    let targets = fido2["includeTargets"].as_array().unwrap();
    for (index, target) in targets.iter().enumerate() {
        let mut fewer = targets.clone();
        fewer.remove(index);
        narrower.push(scene.clone().fido2("/includeTargets", json!(fewer)));
        let assigned = target["allowedPasskeyProfiles"].as_array().unwrap();
        for left_out in 0..assigned.len() {
            let mut fewer = assigned.clone();
            fewer.remove(left_out);
            let place = format!("/includeTargets/{index}/allowedPasskeyProfiles");
            narrower.push(scene.clone().fido2(&place, json!(fewer)));
        }
    }
    narrower
}

fn excluding(scene: &Scene, group: &str) -> Scene {
    let mut excluded = scene.files["methods.json"]
        .pointer(&format!("{F}/excludeTargets"))
        .unwrap()
        .as_array()
        .unwrap()
        .clone();
    excluded.push(json!({"targetType": "group", "id": group}));
    scene.clone().fido2("/excludeTargets", json!(excluded))
}

/// The answer without the places, which change with the order of lists.
fn gist(judgement: &Judgement) -> (Admission, Option<Admission>, BTreeSet<(&str, Confidence)>) {
    let rulings = judgement.rulings.iter();
    let rulings = rulings
        .map(|ruling| (ruling.code(), ruling.confidence))
        .collect();
    (judgement.capability, judgement.enforcement, rulings)
}

/// A comparison without places, which change with the order of lists.
fn told(difference: &Difference) -> Value {
    let changes: Vec<String> = difference.changes.iter().map(ToString::to_string).collect();
    let populations: Vec<(&String, &Vec<String>)> = { difference.populations.iter() }
        .map(|change| (&change.who, &change.lines))
        .collect();
    let access: Vec<String> = difference.access.iter().map(ToString::to_string).collect();
    let gist = |rulings: &[Ruling]| -> BTreeSet<(&'static str, String, &'static str)> {
        let rulings = rulings.iter();
        rulings
            .map(|ruling| (ruling.code(), ruling.saw.clone(), ruling.confidence.name()))
            .collect()
    };
    json!([
        changes,
        populations,
        access,
        gist(&difference.rulings),
        gist(&difference.appeared),
        gist(&difference.gone),
    ])
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(sorted).collect();
            items.sort_by_key(Value::to_string);
            items.dedup();
            Value::Array(items)
        }
        Value::Object(members) => { members.iter() }
            .map(|(name, member)| (name.clone(), sorted(member)))
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

fn reversed(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().rev().map(reversed).collect(),
        Value::Object(members) => members
            .iter()
            .rev()
            .map(|(name, member)| (name.clone(), reversed(member)))
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_restriction_never_turns_a_refusal_into_an_acceptance(scene in any_scene()) {
        let before = scene.judgement().capability;
        for narrower in restrictions(&scene) {
            let after = narrower.judgement();
            prop_assert!(
                before == Admission::Accepted || after.capability != Admission::Accepted,
                "{before:?}, then {after}"
            );
        }
    }

    #[test]
    fn excluding_a_group_never_admits(scene in any_scene()) {
        let before = scene.judgement().capability;
        for group in [PILOT, OTHERS, "all_users"] {
            let after = excluding(&scene, group).judgement().capability;
            prop_assert!(before == Admission::Accepted || after != Admission::Accepted);
            prop_assert!(before != Admission::Refused || after == Admission::Refused);
        }
        prop_assert_ne!(excluding(&scene, "all_users").judgement().capability, Admission::Accepted);
    }

    #[test]
    fn knowing_more_groups_never_turns_an_answer_round(scene in any_scene(), ids in some(&[PILOT, OTHERS])) {
        let open = scene.clone().asked(|inquiry| inquiry.holder.groups = Groups::Unknown);
        let known = scene.asked(|inquiry| inquiry.holder.groups = Groups::Exactly(groups(&ids)));
        let (open, known) = (open.judgement(), known.judgement());
        if open.capability != Admission::Undetermined {
            prop_assert_eq!(open.capability, known.capability, "{}{}", open, known);
        }
    }

    #[test]
    fn the_order_of_files_and_lists_changes_nothing(scene in any_scene()) {
        let mut turned = scene.clone();
        for document in turned.files.values_mut() {
            *document = reversed(document);
        }
        let (one, other) = (scene.judgement(), turned.judgement());
        prop_assert_eq!(gist(&one), gist(&other), "{}{}", one, other);
    }

    #[test]
    fn a_policy_does_not_differ_from_itself(scene in any_scene()) {
        let exports = scene.exports();
        let people = [("somebody", scene.inquiry.holder.clone())];
        let difference = diff(&exports, &exports, &people, scene.inquiry.now);
        prop_assert!(difference.is_empty(), "{difference:?}");
    }

    #[test]
    fn the_order_of_files_and_lists_changes_no_comparison(
        old in any_scene(),
        new in any_scene(),
    ) {
        let turned = |scene: &Scene| {
            let mut turned = scene.clone();
            for document in turned.files.values_mut() {
                *document = reversed(document);
            }
            turned.exports()
        };
        let one = diff(&old.exports(), &new.exports(), &[], new.inquiry.now);
        let other = diff(&turned(&old), &turned(&new), &[], new.inquiry.now);
        prop_assert_eq!(told(&one), told(&other), "{}{}", one, other);
    }

    #[test]
    fn what_would_change_a_lockout_is_what_differs(old in any_scene(), new in any_scene()) {
        let difference = diff(&old.exports(), &new.exports(), &[], new.inquiry.now);
        for ruling in &difference.rulings {
            let places = ruling.flip.split(' ').filter_map(|word| word.split_once('#'));
            for (file, place) in places {
                let place = place.trim_end_matches('.');
                let value = |scene: &Scene| scene.files[file].pointer(place).map(sorted);
                // An item has another place where a list has changed.
                let item = place.contains("Targets/") || place.starts_with("/value");
                prop_assert!(
                    item || value(&old) != value(&new), "{}: {}", ruling.flip, difference
                );
            }
        }
    }
}
