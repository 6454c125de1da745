//! Who is locked out by a change, by the methods policy and by Conditional Access: told once for
//! each population, no surer than it is known, and with the smallest change that avoids it.

use crate::scene::{
    AUTHENTICATOR, DEFAULT, F, GPM, KEY, NOW, PILOT, STRICT, Scene, access, groups, guid, keys,
    modern, profile, strength, target,
};
use hybrid_policy::{Confidence, Difference, ExportFile, Groups, Holder, Moment, Ruling, diff};
use serde_json::{Value, json};

const APPLE: &str = "fbfc3007-154e-4ecc-8c0b-6e020557d7bd";
const RESISTANT: [&str; 3] = [
    "windowsHelloForBusiness",
    "fido2",
    "x509CertificateMultiFactor",
];

fn between(old: &Scene, new: &Scene) -> Difference {
    diff(&old.exports(), &new.exports(), &[], NOW)
}

fn lockouts(difference: &Difference) -> Vec<&Ruling> {
    let rulings = difference.rulings.iter();
    rulings.filter(|ruling| ruling.code() == "PK221").collect()
}

fn resistant() -> Value {
    strength(4, "Phishing-resistant MFA", &RESISTANT, None)
}

/// For all users and all resources, with nobody left out.
fn for_everyone(strength: &Value) -> Value {
    let mut policy = access(1, &[], strength);
    policy["conditions"]["users"]["excludeUsers"] = json!([]);
    policy
}

fn flat(enforced: bool) -> Scene {
    modern()
        .fido2("/passkeyProfiles", json!([]))
        .fido2("/defaultPasskeyProfile", Value::Null)
        .fido2("/includeTargets", json!([target("all_users", &[])]))
        .fido2("/isAttestationEnforced", json!(enforced))
}

fn listed(models: &[&str]) -> Scene {
    modern().fido2(
        "/passkeyProfiles/0/keyRestrictions",
        keys(true, "allow", models),
    )
}

#[test]
fn a_new_policy_for_everyone_says_who_is_locked_out_and_that_nobody_can_begin() {
    let old = modern().policies(&[]);
    let difference = between(&old, &modern().policies(&[for_everyone(&resistant())]));
    let lockouts = lockouts(&difference);
    let [ruling] = lockouts.as_slice() else {
        panic!("{difference:?}");
    };
    for part in [
        "all users",
        "nobody excluded",
        "all apps",
        "everyone without a passkey, Windows Hello for Business or a certificate is locked out",
    ] {
        assert!(ruling.saw.contains(part), "{part}: {}", ruling.saw);
    }
    assert_eq!(ruling.confidence, Confidence::Likely);
    assert!(
        ruling.flip.contains("access.json#/value/0"),
        "{}",
        ruling.flip
    );
    let text = difference.to_string();
    for code in ["PK210", "PK213", "PK221"] {
        assert!(text.contains(code), "{code}: {text}");
    }
    let appeared: Vec<&str> = difference.appeared.iter().map(Ruling::code).collect();
    assert!(appeared.contains(&"PK210"), "{appeared:?}");
    let back = between(&modern().policies(&[for_everyone(&resistant())]), &old);
    assert!(back.rulings.is_empty());
    assert!(back.gone.iter().any(|ruling| ruling.code() == "PK210"));
}

#[test]
fn an_administrators_policy_that_is_switched_on_names_roles_apps_and_exclusions() {
    let with = |state: &str| {
        let mut policy = access(1, &[], &resistant());
        policy["state"] = json!(state);
        let conditions = &mut policy["conditions"];
        conditions["users"]["includeUsers"] = json!([]);
        conditions["users"]["includeRoles"] =
            json!(["62e90394-69f5-4237-9190-012177145e10", PILOT]);
        conditions["users"]["excludeGroups"] = json!([STRICT]);
        conditions["applications"]["includeApplications"] = json!(["MicrosoftAdminPortals"]);
        modern().policies(&[policy])
    };
    let difference = between(&with("enabledForReportingButNotEnforced"), &with("enabled"));
    let lockouts = lockouts(&difference);
    let [ruling] = lockouts.as_slice() else {
        panic!("{difference:?}");
    };
    for part in [
        "Global Administrator",
        PILOT,
        "excluding",
        STRICT,
        "MicrosoftAdminPortals",
    ] {
        let told = difference.to_string();
        let lines = told.lines().filter(|line| line.contains(part)).count();
        assert!(lines > 0, "{part}: {told}");
        assert!(ruling.saw.contains(part), "{part}: {}", ruling.saw);
    }
    assert!(ruling.flip.contains("/state"), "{}", ruling.flip);
    assert!(!ruling.flip.contains("includeRoles"), "{}", ruling.flip);
}

#[test]
fn a_policy_that_reaches_more_people_locks_these_out() {
    let for_groups = |groups: &[&str]| {
        let mut policy = access(1, &[], &resistant());
        policy["conditions"]["users"]["includeUsers"] = json!([]);
        policy["conditions"]["users"]["includeGroups"] = json!(groups);
        modern().policies(&[policy])
    };
    let (few, more) = (for_groups(&[PILOT]), for_groups(&[PILOT, STRICT]));
    let difference = between(&few, &more);
    let lockouts_now = lockouts(&difference);
    assert_eq!(lockouts_now.len(), 1, "{difference:?}");
    let flip = &lockouts_now[0].flip;
    assert!(
        flip.contains("includeGroups") && !flip.contains("grantControls"),
        "{flip}"
    );
    assert!(lockouts(&between(&more, &few)).is_empty());
}

#[test]
fn a_policy_that_asks_for_what_everyone_can_register_on_the_spot_locks_nobody_out() {
    let old = modern().policies(&[]);
    let new = modern().policies(&[access(1, &["mfa"], &Value::Null)]);
    let difference = between(&old, &new);
    assert!(lockouts(&difference).is_empty(), "{difference:?}");
    assert_eq!(difference.access.len(), 1);
}

#[test]
fn a_policy_that_depends_on_conditions_locks_out_possibly() {
    let mut policy = for_everyone(&resistant());
    policy["conditions"]["signInRiskLevels"] = json!(["high"]);
    let difference = between(&modern().policies(&[]), &modern().policies(&[policy]));
    let lockouts = lockouts(&difference);
    assert_eq!(lockouts[0].confidence, Confidence::Possible);
    assert!(
        lockouts[0].saw.contains("signInRiskLevels"),
        "{}",
        lockouts[0].saw
    );
}

#[test]
fn a_model_that_is_swapped_in_a_strength_is_all_that_is_told() {
    let with = |model: &str| {
        let strength = strength(1, "One model", &["fido2"], Some(&[model]));
        modern()
            .policies(&[access(1, &[], &strength)])
            .strengths(&[strength])
    };
    let difference = between(&with(KEY), &with(AUTHENTICATOR));
    let text = difference.to_string();
    assert!(
        text.contains(&format!("no longer takes passkeys of {KEY}")),
        "{text}"
    );
    assert!(
        text.contains("takes passkeys of Microsoft Authenticator on Android"),
        "{text}"
    );
    for misleading in ["other users", "0 other", "and on"] {
        assert!(!text.contains(misleading), "{misleading}: {text}");
    }
    let lockouts = lockouts(&difference);
    assert_eq!(lockouts.len(), 1, "{text}");
    assert!(
        lockouts[0]
            .saw
            .contains("Microsoft Authenticator on Android")
    );
    assert!(
        lockouts[0].flip.contains("allowedAAGUIDs"),
        "{}",
        lockouts[0].flip
    );
}

#[test]
fn one_list_is_one_population_two_lines_and_one_code() {
    let difference = between(&modern(), &listed(&[KEY, AUTHENTICATOR]));
    let text = difference.to_string();
    assert_eq!(
        text.matches("PK221").count(),
        2,
        "heading and legend: {text}"
    );
    assert!(
        text.starts_with("All users:\n  - no longer sign in: passkeys of every model except"),
        "{text}"
    );
    for part in [
        KEY,
        "also those without a model",
        "e.g. Apple Passwords, Google Password Manager, Windows Hello",
        "no longer register: the same",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(text.lines().count() < 16, "{text}");
    assert_eq!(lockouts(&difference).len(), 1);
    assert!(!text.contains("none of the named groups"), "{text}");
}

#[test]
fn only_values_that_differ_are_named_as_what_would_change_it() {
    let difference = between(&modern(), &listed(&[KEY]));
    let flip = &lockouts(&difference)[0].flip;
    assert!(flip.contains("keyRestrictions/isEnforced"), "{flip}");
    for same in [
        "enforcementType",
        "includeTargets",
        "allowedPasskeyProfiles",
    ] {
        assert!(!flip.contains(same), "{same}: {flip}");
    }
    let difference = between(&listed(&[KEY, GPM]), &listed(&[KEY]));
    let flip = &lockouts(&difference)[0].flip;
    assert_eq!(
        *flip,
        format!(
            "Leave out the change at methods.json#{F}/passkeyProfiles/0/keyRestrictions/aaGuids."
        )
    );
}

#[test]
fn a_target_that_goes_is_what_would_change_it() {
    let new = modern().fido2("/includeTargets", json!([target(PILOT, &[DEFAULT])]));
    let difference = between(&modern(), &new);
    let flips: Vec<&str> = lockouts(&difference)
        .iter()
        .map(|ruling| ruling.flip.as_str())
        .collect();
    assert_eq!(
        flips,
        [format!(
            "Leave out the change at methods.json#{F}/includeTargets."
        )]
    );
}

#[test]
fn attestation_without_profiles_stops_synced_passkeys_possibly_and_check_agrees() {
    let difference = between(&flat(false), &flat(true));
    let lockouts = lockouts(&difference);
    let [ruling] = lockouts.as_slice() else {
        panic!("{difference:?}");
    };
    assert_eq!(ruling.confidence, Confidence::Possible);
    let text = difference.to_string();
    assert!(
        text.contains("may no longer sign in: synced passkeys"),
        "{text}"
    );
    assert!(text.contains("without profiles"), "{text}");
    let sign_in = flat(true).asked(|inquiry| inquiry.occasion = hybrid_policy::Occasion::SignIn);
    let judgement = sign_in.judgement();
    let ruling = judgement.find("PK100").unwrap();
    assert_eq!(ruling.confidence, Confidence::Possible);
    assert!(ruling.to_string().contains("without profiles"), "{ruling}");
    assert_eq!(judgement.outcome(), hybrid_policy::Admission::Undetermined);
}

fn registered(id: &str, name: &str, model: &str, synced: bool) -> Value {
    json!({"@odata.type": "#microsoft.graph.fido2AuthenticationMethod", "id": id,
        "displayName": name, "aaGuid": model,
        "passkeyType": if synced { "synced" } else { "deviceBound" }})
}

#[test]
fn each_passkey_of_a_user_is_told_by_its_name() {
    let methods = [
        registered("a", "iPhone von Anna", APPLE, true),
        registered("b", "YubiKey", KEY, false),
    ];
    let (old, new) = (modern().user(&methods), listed(&[KEY]).user(&methods));
    let difference = between(&old, &new);
    let text = difference.to_string();
    for part in [
        "iPhone von Anna (Apple Passwords): no longer signs in",
        "YubiKey (2fc0579f-8113-47ea-b116-bb5a8db9202a): still signs in",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(between(&new, &new).is_empty());
    let reversed: Vec<Value> = methods.iter().rev().cloned().collect();
    assert_eq!(
        between(&modern().user(&reversed), &listed(&[KEY]).user(&reversed)).to_string(),
        text
    );
}

#[test]
fn a_passkey_that_a_policy_no_longer_takes_is_told_by_its_name() {
    let with = |policies: &[Value]| {
        modern()
            .user(&[registered("a", "Annas phone", GPM, true)])
            .policies(policies)
    };
    let only = strength(1, "Keys", &["fido2"], Some(&[KEY]));
    let difference = between(&with(&[]), &with(&[access(1, &[], &only)]));
    let text = difference.to_string();
    assert!(
        text.contains("Annas phone (Google Password Manager): still signs in, but is no longer enough for \"Policy 1\" if that is for the user"),
        "{text}"
    );
}

#[test]
fn populations_with_the_same_change_are_told_together() {
    let of = |strict: &Value| {
        modern()
            .fido2(
                "/includeTargets",
                json!([target(PILOT, &[STRICT]), target(KEY, &[STRICT])]),
            )
            .fido2(
                "/passkeyProfiles",
                json!([
                    profile(
                        DEFAULT,
                        "deviceBound,synced",
                        "disabled",
                        &keys(false, "allow", &[])
                    ),
                    profile(STRICT, "deviceBound,synced", "disabled", strict),
                ]),
            )
    };
    let difference = between(
        &of(&keys(false, "allow", &[])),
        &of(&keys(true, "block", &[GPM])),
    );
    assert_eq!(lockouts(&difference).len(), 2, "one for each population");
    let text = difference.to_string();
    assert_eq!(
        text.matches("no longer sign in: passkeys of Google Password Manager")
            .count(),
        1,
        "{text}"
    );
    assert!(text.contains(PILOT) && text.contains(KEY), "{text}");
}

#[test]
fn microsofts_own_strength_is_known_by_its_id() {
    let by_id = json!({"id": "00000000-0000-0000-0000-000000000004"});
    let difference = between(
        &modern().policies(&[]),
        &modern().policies(&[for_everyone(&by_id)]),
    );
    let lockouts = lockouts(&difference);
    assert!(
        lockouts[0]
            .saw
            .contains("everyone without a passkey, Windows Hello for Business or a"),
        "{difference}"
    );
    assert!(
        difference
            .appeared
            .iter()
            .any(|ruling| ruling.code() == "PK210")
    );
}

#[test]
fn a_strength_of_which_only_the_name_is_known_locks_out_possibly() {
    let unknown = json!({"id": "dd055c42-0000-0000-0000-000000000001", "displayName": "Ours"});
    let difference = between(
        &modern().policies(&[]),
        &modern().policies(&[for_everyone(&unknown)]),
    );
    let lockouts = lockouts(&difference);
    assert_eq!(lockouts[0].confidence, Confidence::Possible);
    assert!(
        lockouts[0].saw.contains("what the strength \"Ours\" takes"),
        "{difference}"
    );
    assert!(!lockouts[0].lacks.is_empty());
}

#[test]
fn a_person_who_is_named_is_the_only_one_who_is_told_of() {
    let new = modern()
        .fido2("/includeTargets", json!([target(PILOT, &[DEFAULT])]))
        .policies(&[]);
    let of_group = |group: &str| {
        let mut policy = access(1, &[], &resistant());
        policy["conditions"]["users"]["includeUsers"] = json!([]);
        policy["conditions"]["users"]["includeGroups"] = json!([group]);
        modern().policies(&[policy])
    };
    let bob = Holder {
        id: Some(guid("99999999-9999-9999-9999-999999999999")),
        groups: Groups::Exactly(groups(&[PILOT])),
        ..Holder::default()
    };
    let old = modern().policies(&[]).exports();
    let named = [("bob", bob)];
    assert!(diff(&old, &new.exports(), &named, NOW).is_empty());
    let other = diff(&old, &of_group(STRICT).exports(), &named, NOW);
    assert!(
        other.access.is_empty() && other.rulings.is_empty(),
        "{other}"
    );
    let own = diff(&old, &of_group(PILOT).exports(), &named, NOW);
    assert_eq!(own.rulings.len(), 1, "{own}");
}

#[test]
fn an_export_that_one_side_lacks_is_compared_with_nothing() {
    let all = modern().policies(&[for_everyone(&resistant())]);
    let mut none = all.clone();
    none.files.remove("methods.json");
    none.files
        .insert("strengths.json".to_owned(), json!({"value": [resistant()]}));
    for difference in [between(&all, &none), between(&none, &all)] {
        assert!(difference.is_empty(), "{difference}");
    }
}

#[test]
fn an_old_export_of_the_state_before_makes_no_lockout_certain() {
    let old = modern();
    let text = old.files["methods.json"].to_string();
    let file = ExportFile {
        name: "before.json",
        bytes: text.as_bytes(),
        written: Some(Moment(NOW.0 - 30 * 86_400)),
    };
    let old = hybrid_policy::read(&[file], NOW).unwrap();
    let difference = diff(&old, &listed(&[KEY]).exports(), &[], NOW);
    assert_eq!(lockouts(&difference)[0].confidence, Confidence::Likely);
}
