//! What must hold of any policy: restrictions only restrict, order means nothing, and what is
//! missing makes nothing sure.

use crate::codes::cases;
use crate::scene::{
    AUTHENTICATOR, Asks, DEFAULT, F, GPM, KEY, PILOT, STRICT, Scene, aaguid, access, groups, keys,
    modern, profile, strength, target,
};
use hybrid_policy::{
    Admission, AttestationFacts, Client, Confidence, Conveyance, Difference, Groups, Judgement,
    Occasion, Ruling, Way, diff,
};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const OTHERS: &str = "22222222-2222-2222-2222-222222222222";
const ZERO: &str = "00000000-0000-0000-0000-000000000000";
const MODELS: [&str; 4] = [GPM, AUTHENTICATOR, KEY, ZERO];

/// Every place of a document.
pub fn places(document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    collect(document, String::new(), &mut found);
    found
}

fn collect(value: &Value, at: String, found: &mut Vec<String>) {
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        collect(item, format!("{at}/{index}"), found);
    }
    for (name, member) in value.as_object().into_iter().flatten() {
        let name = name.replace('~', "~0").replace('/', "~1");
        collect(member, format!("{at}/{name}"), found);
    }
    found.push(at);
}

fn some(words: &'static [&'static str]) -> impl Strategy<Value = Vec<&'static str>> {
    subsequence(words, 0..=words.len())
}

fn any_profile(id: &'static str) -> impl Strategy<Value = Value> {
    let kinds = select(vec!["deviceBound", "synced", "deviceBound,synced"]);
    let attestation = select(vec!["disabled", "registrationOnly"]);
    let list = (any::<bool>(), select(vec!["allow", "block"]), some(&MODELS));
    (kinds, attestation, list).prop_map(move |(kinds, attestation, (enforced, kind, models))| {
        profile(id, kinds, attestation, &keys(enforced, kind, &models))
    })
}

fn any_target() -> impl Strategy<Value = Value> {
    let id = select(vec!["all_users", PILOT, OTHERS]);
    (id, some(&[DEFAULT, STRICT])).prop_map(|(id, profiles)| target(id, &profiles))
}

fn any_groups() -> impl Strategy<Value = Groups> {
    prop_oneof![
        Just(Groups::Unknown),
        some(&[PILOT, OTHERS]).prop_map(|ids| Groups::AtLeast(groups(&ids))),
        some(&[PILOT, OTHERS]).prop_map(|ids| Groups::Exactly(groups(&ids))),
    ]
}

fn any_access() -> impl Strategy<Value = Vec<Value>> {
    let combinations = some(&[
        "fido2",
        "windowsHelloForBusiness",
        "password, sms",
        "temporaryAccessPassOneTime",
    ]);
    let models = prop::option::of(some(&MODELS));
    let people = select(vec![json!(["All"]), json!([])]);
    let one = (
        combinations,
        models,
        people,
        some(&[PILOT, OTHERS]),
        any::<bool>(),
    );
    let one = one.prop_map(|(combinations, models, people, groups, on)| {
        let strength = strength(0, "Any", &combinations, models.as_deref());
        let mut policy = access(1, &[], &strength);
        policy["conditions"]["users"]["includeUsers"] = people;
        policy["conditions"]["users"]["includeGroups"] = json!(groups);
        policy["state"] = json!(if on { "enabled" } else { "disabled" });
        policy
    });
    prop::collection::vec(one, 0..4).prop_map(|mut policies| {
        for (index, policy) in policies.iter_mut().enumerate() {
            policy["id"] = json!(format!("policy {index}"));
            let id = format!("dd055c42-0000-0000-0000-00000000000{index}");
            policy["grantControls"]["authenticationStrength"]["id"] = json!(id);
        }
        policies
    })
}

/// Any tenant, person and passkey, of either generation.
pub fn any_scene() -> impl Strategy<Value = Scene> {
    let profiles = prop_oneof![
        1 => Just(json!([])),
        4 => (any_profile(DEFAULT), any_profile(STRICT)).prop_map(|(one, two)| json!([one, two])),
    ];
    let tenant = (
        profiles,
        prop::collection::vec(any_target(), 0..3),
        some(&[PILOT, OTHERS]),
    );
    let flat = (
        any::<bool>(),
        any::<bool>(),
        select(vec!["allow", "block"]),
        some(&MODELS),
    );
    let passkey = (
        prop::option::of(select(MODELS.to_vec())),
        prop::option::of(any::<bool>()),
        prop::option::of(select(vec![
            AttestationFacts::Missing,
            AttestationFacts::SelfSigned,
        ])),
    );
    let occasion = (
        select(vec![
            Occasion::BeforeRegistration,
            Occasion::Registration,
            Occasion::SignIn,
        ]),
        select(vec![Way::Qr, Way::VirtualKey, Way::SameDevice]),
        select(vec![Client::Unknown, Client::Chromium, Client::Firefox]),
        prop::option::of(select(vec![Conveyance::None, Conveyance::Wanted])),
    );
    (
        tenant,
        flat,
        passkey,
        occasion,
        any_groups(),
        any_access(),
        any::<[bool; 2]>(),
    )
        .prop_map(
            |(tenant, flat, passkey, occasion, groups, access, [enabled, self_service])| {
                let (profiles, targets, excluded) = tenant;
                let with_profiles = profiles != json!([]);
                let excluded: Vec<Value> = excluded
                    .iter()
                    .map(|id| json!({"targetType": "group", "id": id}))
                    .collect();
                let mut targets = targets;
                if !with_profiles {
                    for target in &mut targets {
                        target["allowedPasskeyProfiles"] = json!([]);
                    }
                }
                let default = if with_profiles {
                    json!(DEFAULT)
                } else {
                    Value::Null
                };
                modern()
                    .fido2(
                        "/state",
                        json!(if enabled { "enabled" } else { "disabled" }),
                    )
                    .fido2("/isSelfServiceRegistrationAllowed", json!(self_service))
                    .fido2("/passkeyProfiles", profiles)
                    .fido2("/defaultPasskeyProfile", default)
                    .fido2("/includeTargets", json!(targets))
                    .fido2("/excludeTargets", json!(excluded))
                    .fido2("/isAttestationEnforced", json!(flat.0))
                    .fido2("/keyRestrictions", keys(flat.1, flat.2, &flat.3))
                    .policies(&access)
                    .asked(|inquiry| {
                        inquiry.holder.groups = groups;
                        inquiry.passkey.aaguid = passkey.0.map(aaguid);
                        inquiry.passkey.synced = passkey.1;
                        inquiry.passkey.attestation = passkey.2;
                        (inquiry.occasion, inquiry.way, inquiry.client) =
                            (occasion.0, occasion.1, occasion.2);
                        inquiry.site.attestation = occasion.3;
                    })
            },
        )
}

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

    #[test]
    fn without_an_input_nothing_that_rests_on_it_is_certain(scene in any_scene()) {
        nothing_stays_certain(&scene)?;
    }

    #[test]
    fn an_open_answer_names_what_is_missing(scene in any_scene()) {
        let judgement = scene.judgement();
        if judgement.capability == Admission::Undetermined {
            prop_assert!(!judgement.missing().is_empty(), "{judgement}");
        }
    }
}

/// Takes each member away on which a certain ruling rests, one at a time: the ruling is gone, or
/// less sure, or rests on other places.
fn nothing_stays_certain(scene: &Scene) -> Result<(), TestCaseError> {
    let certain = |ruling: &&Ruling| ruling.confidence == Confidence::Certain;
    for ruling in scene.rulings().iter().filter(certain) {
        if ruling.code() == "PK002" {
            continue;
        }
        for place in &ruling.rests {
            let mut poorer = scene.clone();
            if place.path().is_empty() || !poorer.remove(place.file(), place.path()) {
                continue;
            }
            let after = poorer.rulings();
            let same = after
                .iter()
                .filter(certain)
                .find(|other| other.code() == ruling.code() && other.rests.contains(place));
            prop_assert!(
                same.is_none(),
                "without {place} still: {}",
                same.map(ToString::to_string).unwrap_or_default()
            );
        }
    }
    Ok(())
}

#[test]
fn without_an_input_no_case_of_a_code_stays_certain() {
    let mut looked_at = 0;
    for case in cases() {
        let certain =
            |ruling: &&Ruling| ruling.confidence == Confidence::Certain && ruling.code() != "PK002";
        for ruling in case.produced.rulings().iter().filter(certain) {
            for place in &ruling.rests {
                let mut poorer = case.produced.clone();
                if place.path().is_empty() || !poorer.remove(place.file(), place.path()) {
                    continue;
                }
                looked_at += 1;
                // In these tenants every reason stands once: without it nothing of the code is left.
                let after = poorer.rulings();
                let still = after
                    .iter()
                    .filter(certain)
                    .find(|other| other.code() == ruling.code() && other.saw == ruling.saw);
                assert!(still.is_none(), "without {place}: {}", still.unwrap());
            }
        }
    }
    assert!(looked_at > 60, "{looked_at}");
}

#[test]
fn without_any_single_member_the_answer_only_weakens() {
    for base in [
        modern(),
        modern().fido2("/state", json!("disabled")),
        modern().fido2(
            "/passkeyProfiles/0/keyRestrictions",
            keys(true, "allow", &[KEY]),
        ),
        modern().fido2("/passkeyProfiles/0/passkeyTypes", json!("deviceBound")),
        modern().fido2(
            "/excludeTargets",
            json!([{"targetType": "group", "id": "all_users"}]),
        ),
    ] {
        assert_eq!(base.asks, Asks::Check);
        let before = base.judgement().capability;
        for place in places(&base.files["methods.json"]) {
            let mut poorer = base.clone();
            if !place.starts_with(F) || place == F || !poorer.remove("methods.json", &place) {
                continue;
            }
            // Without its id the object is no configuration of passkeys.
            let after = poorer.judgement().capability;
            assert!(
                after == before || after == Admission::Undetermined,
                "{place}: {after:?}"
            );
        }
    }
}
