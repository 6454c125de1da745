//! What is missing makes nothing sure.

use crate::codes::cases;
use crate::scene::{Asks, F, KEY, Scene, keys, modern};
use crate::strategies::{any_scene, places};
use hybrid_policy::{Admission, Confidence, Ruling};
use proptest::prelude::*;
use serde_json::json;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

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
