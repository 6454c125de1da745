//! What a change does: who gains, who loses, and who is locked out.

use crate::scene::{
    AUTHENTICATOR, DEFAULT, F, GPM, KEY, NOW, PILOT, Scene, access, groups, guid, keys, modern,
    strength, target,
};
use hybrid_policy::{Confidence, Difference, Groups, Holder, Occasion, Truth, diff};
use serde_json::{Value, json};

fn between(old: &Scene, new: &Scene) -> Difference {
    diff(&old.exports(), &new.exports(), &[], NOW)
}

fn lockouts(difference: &Difference) -> Vec<&hybrid_policy::Ruling> {
    let rulings = difference.rulings.iter();
    rulings.filter(|ruling| ruling.code() == "PK221").collect()
}

#[test]
fn taking_synced_away_locks_synced_passkeys_out_and_no_others() {
    let new = modern().fido2("/passkeyProfiles/0/passkeyTypes", json!("deviceBound"));
    let difference = between(&modern(), &new);
    assert!(!difference.changes.is_empty());
    assert!(difference.changes.iter().all(|change| change.synced));
    let occasions: Vec<Occasion> = difference
        .changes
        .iter()
        .map(|change| change.occasion)
        .collect();
    assert!(occasions.contains(&Occasion::SignIn) && occasions.contains(&Occasion::Registration));
    let lockouts = lockouts(&difference);
    assert!(!lockouts.is_empty());
    assert!(
        lockouts
            .iter()
            .all(|ruling| ruling.confidence == Confidence::Certain)
    );
    assert!(
        lockouts[0].flip.contains("passkeyTypes"),
        "{}",
        lockouts[0].flip
    );
}

#[test]
fn a_model_that_leaves_the_list_is_named_and_the_one_that_stays_is_not() {
    let list = |aaguids: &[&str]| {
        modern().fido2(
            "/passkeyProfiles/0/keyRestrictions",
            keys(true, "allow", aaguids),
        )
    };
    let difference = between(&list(&[GPM, KEY]), &list(&[KEY]));
    let text: String = difference
        .changes
        .iter()
        .map(|change| format!("{change}\n"))
        .collect();
    assert!(text.contains(GPM) && !text.contains(KEY), "{text}");
    assert_eq!(
        lockouts(&difference).len(),
        2,
        "synced and device-bound, of one population"
    );
    let back = between(&list(&[KEY]), &list(&[GPM, KEY]));
    assert!(lockouts(&back).is_empty() && !back.is_empty());
}

#[test]
fn attestation_that_is_switched_on_stops_registrations_and_locks_nobody_out() {
    let new = modern().fido2(
        "/passkeyProfiles/0/attestationEnforcement",
        json!("registrationOnly"),
    );
    let difference = between(&modern(), &new);
    assert!(lockouts(&difference).is_empty());
    assert!(!difference.changes.is_empty());
    for change in &difference.changes {
        assert_eq!(
            (change.occasion, change.attested),
            (Occasion::Registration, false)
        );
    }
}

#[test]
fn an_excluded_group_loses_everything_and_others_nothing() {
    let new = modern().fido2(
        "/excludeTargets",
        json!([{"targetType": "group", "id": PILOT}]),
    );
    let difference = between(&modern(), &new);
    assert!(
        difference
            .changes
            .iter()
            .all(|change| change.who.contains(PILOT))
    );
    assert!(
        difference
            .changes
            .iter()
            .all(|change| change.after == Truth::No)
    );
    assert!(!lockouts(&difference).is_empty());
}

#[test]
fn people_who_are_named_are_judged_by_their_own_groups() {
    let new = modern().fido2("/includeTargets", json!([target(PILOT, &[DEFAULT])]));
    let alice = Holder {
        id: Some(guid("99999999-9999-9999-9999-999999999999")),
        groups: Groups::Exactly(groups(&[PILOT])),
        ..Holder::default()
    };
    let bob = Holder {
        groups: Groups::Exactly(groups(&[])),
        ..alice.clone()
    };
    let people = [("alice", alice), ("bob", bob)];
    let difference = diff(&modern().exports(), &new.exports(), &people, NOW);
    assert!(difference.changes.iter().any(|change| change.who == "bob"));
    assert!(
        difference
            .changes
            .iter()
            .all(|change| change.who != "alice")
    );
}

#[test]
fn what_the_new_export_leaves_out_is_no_certain_lockout() {
    let mut new = modern();
    assert!(new.remove("methods.json", &format!("{F}/passkeyProfiles")));
    let difference = between(&modern(), &new);
    assert!(
        difference
            .changes
            .iter()
            .all(|change| change.after == Truth::Unknown)
    );
    assert!(
        lockouts(&difference)
            .iter()
            .all(|ruling| ruling.confidence == Confidence::Possible)
    );
}

#[test]
fn policies_and_strengths_that_ask_for_something_else_are_told() {
    let any = strength(1, "Passkeys", &["fido2"], None);
    let narrow = strength(1, "Passkeys", &["fido2"], Some(&[AUTHENTICATOR]));
    let with = |strength: &Value, state: &str| {
        let mut policy = access(1, &[], strength);
        policy["state"] = json!(state);
        modern()
            .policies(&[policy])
            .strengths(std::slice::from_ref(strength))
    };
    let old = with(&any, "enabledForReportingButNotEnforced");
    let difference = between(&old, &with(&any, "enabled"));
    let [change] = difference.access.as_slice() else {
        panic!("{difference:?}");
    };
    assert!(
        change.before.starts_with("reporting") && change.after.starts_with("on"),
        "{change}"
    );
    let difference = between(&with(&any, "enabled"), &with(&narrow, "enabled"));
    let told: Vec<String> = difference.access.iter().map(ToString::to_string).collect();
    assert!(
        told.iter().any(|line| line.contains(AUTHENTICATOR)),
        "{told:?}"
    );
    assert!(between(&old, &old).is_empty());
}
