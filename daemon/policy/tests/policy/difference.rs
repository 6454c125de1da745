//! What a change does: who gains, who loses, and who is locked out.

use crate::scene::{
    AUTHENTICATOR, DEFAULT, F, GPM, KEY, NOW, PILOT, Scene, T, access, groups, guid, keys, modern,
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

#[test]
fn whoever_is_included_by_one_group_and_excluded_by_another_is_locked_out() {
    const OUT: &str = "22222222-2222-2222-2222-222222222222";
    for kind in ["group", "user"] {
        let included = || modern().fido2("/includeTargets", json!([target(PILOT, &[DEFAULT])]));
        let new = included().fido2("/excludeTargets", json!([{"targetType": kind, "id": OUT}]));
        let difference = between(&included(), &new);
        let who: Vec<&str> = { difference.changes.iter() }
            .map(|change| change.who.as_str())
            .collect();
        assert!(!who.is_empty(), "{kind}");
        for who in who {
            assert!(who.contains(PILOT) && who.contains(OUT), "{who}");
        }
        assert!(!lockouts(&difference).is_empty(), "{kind}");
    }
}

#[test]
fn what_is_told_of_an_excluded_group_is_not_told_again_of_its_members() {
    let everyone = || {
        let targets = json!([target("all_users", &[DEFAULT]), target(PILOT, &[DEFAULT])]);
        modern().fido2("/includeTargets", targets)
    };
    let out = "22222222-2222-2222-2222-222222222222";
    let new = everyone().fido2(
        "/excludeTargets",
        json!([{"targetType": "group", "id": out}]),
    );
    let difference = between(&everyone(), &new);
    assert!(!difference.changes.is_empty());
    assert!(
        difference
            .changes
            .iter()
            .all(|change| !change.who.contains(PILOT))
    );
}

#[test]
fn a_doubtful_export_before_makes_no_lockout_certain() {
    let mut old = modern();
    let new = modern().fido2("/passkeyProfiles/0/passkeyTypes", json!("deviceBound"));
    // Doubts are of a file: the two states have files of different names.
    let text = old.files.remove("methods.json").unwrap();
    old.files.insert("before.json".to_owned(), text);
    let surest = |difference: &Difference| {
        let rulings = lockouts(difference).into_iter();
        rulings.map(|ruling| ruling.confidence).max()
    };
    assert_eq!(surest(&between(&old, &new)), Some(Confidence::Certain));
    old.set(
        "before.json",
        "/@odata.nextLink",
        json!("https://graph.microsoft.com/x"),
    );
    assert_eq!(surest(&between(&old, &new)), Some(Confidence::Possible));
}

#[test]
fn passes_and_other_methods_that_are_switched_off_are_told() {
    let mut new = modern();
    new.set("methods.json", &format!("{T}/state"), json!("disabled"));
    let difference = between(&modern(), &new);
    let told: Vec<String> = difference.access.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        ["Temporary Access Passes: on, one-time and multi-use before, off after"]
    );
    let mut new = modern();
    new.set(
        "methods.json",
        "/authenticationMethodConfigurations/2/state",
        json!("enabled"),
    );
    let difference = between(&modern(), &new);
    assert_eq!(difference.access.len(), 1);
    assert!(difference.access[0].what.contains("Sms"));
    let passkeys_alone = {
        let fido2 = modern().files["methods.json"].pointer(F).unwrap().clone();
        let mut scene = modern();
        scene.files.insert("methods.json".to_owned(), fido2);
        scene
    };
    assert!(between(&modern(), &passkeys_alone).is_empty());
}

#[test]
fn names_dates_and_spellings_are_no_difference() {
    let policy = |id: &str, name: &str, day: u8| {
        let mut policy = access(1, &["mfa"], &Value::Null);
        policy["id"] = json!(id);
        policy["displayName"] = json!(name);
        policy["modifiedDateTime"] = json!(format!("2026-11-{day:02}T00:00:00Z"));
        modern().policies(&[policy])
    };
    let id = "AAAAAAAA-0000-0000-0000-00000000000B";
    let old = policy(id, "Old name", 1);
    let new = policy(&id.to_lowercase(), "New name", 2);
    let difference = between(&old, &new);
    assert!(difference.is_empty(), "{difference:?}");
}

#[test]
fn policies_without_ids_are_told_apart_by_their_names() {
    let policy = |id: u8, models: &[&str]| {
        let mut policy = access(id, &[], &strength(id, "Models", &["fido2"], Some(models)));
        policy.as_object_mut().unwrap().remove("id");
        policy
    };
    let old = modern().policies(&[policy(1, &[GPM]), policy(2, &[GPM])]);
    let new = modern().policies(&[policy(1, &[KEY]), policy(2, &[GPM])]);
    let difference = between(&old, &new);
    assert_eq!(difference.access.len(), 1, "{difference:?}");
    assert!(difference.access[0].what.contains("Policy 1"));
}
