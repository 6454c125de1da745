//! Values and members that are newer than this program, named twice, or dangerous to show.

use crate::scene::{AUTHENTICATOR, DEFAULT, F, GPM, NOW, PILOT, Scene, T, access, modern, profile};
use crate::scene::{keys, strength, target};
use hybrid_policy::{
    Admission, Confidence, ExportFile, Groups, ImportFault, Occasion, assignments, check_files,
    diff, lint, read,
};
use serde_json::{Value, json};

fn signing_in(strength: &Value, change: impl FnOnce(&mut Value)) -> Option<Admission> {
    let mut policy = access(1, &[], strength);
    change(&mut policy);
    let scene = modern().policies(&[policy]);
    let scene = scene.asked(|inquiry| inquiry.occasion = Occasion::SignIn);
    scene.judgement().enforcement
}

fn fault_of(text: &'static str) -> ImportFault {
    let file = ExportFile {
        name: "given.json",
        bytes: text.as_bytes(),
        written: Some(NOW),
    };
    read(&[file], NOW).unwrap_err().remove(0).fault
}

#[test]
fn a_type_that_is_not_known_may_be_the_passkeys() {
    for kinds in [
        json!("unknownFutureValue"),
        json!("deviceBound,hardwareIsland"),
        json!("deviceBound synced"),
        json!(""),
        json!([]),
    ] {
        let scene = modern().fido2("/passkeyProfiles/0/passkeyTypes", kinds.clone());
        let judgement = scene.judgement();
        assert_eq!(judgement.outcome(), Admission::Undetermined, "{kinds}");
        let missing: Vec<String> = judgement
            .missing()
            .iter()
            .map(ToString::to_string)
            .collect();
        assert!(missing.iter().any(|lack| lack.contains("passkeyTypes")));
    }
    let scene = modern().fido2(
        "/passkeyProfiles/0/passkeyTypes",
        json!("synced,hardwareIsland"),
    );
    assert_eq!(scene.judgement().outcome(), Admission::Accepted);
}

#[test]
fn a_member_of_a_policy_that_is_not_known_may_narrow_it_or_ask_for_more() {
    let models = strength(1, "Models", &["fido2"], Some(&[AUTHENTICATOR]));
    let refused = signing_in(&models, |_| ());
    assert_eq!(refused, Some(Admission::Refused));
    for scope in ["users", "applications"] {
        let narrower = signing_in(&models, |policy| {
            policy["conditions"][scope]["excludeMoonPhases"] = json!(["full"]);
        });
        assert_eq!(narrower, Some(Admission::Undetermined), "{scope}");
    }
    let more = signing_in(&Value::Null, |policy| {
        policy["grantControls"] = json!({"operator": "AND", "builtInControls": ["mfa"],
            "verifiedId": {"type": "employee"}});
    });
    assert_eq!(more, Some(Admission::Undetermined));
}

#[test]
fn a_configuration_that_is_not_known_may_exclude_the_passkey() {
    let mut narrowed = strength(1, "Passkeys", &["fido2"], Some(&[GPM]));
    assert_eq!(signing_in(&narrowed, |_| ()), Some(Admission::Accepted));
    let configuration = &mut narrowed["combinationConfigurations"][0];
    *configuration = json!({"@odata.type": "#microsoft.graph.passkeyCombinationConfiguration",
        "appliesToCombinations": ["fido2"], "allowedPasskeyTypes": "deviceBound"});
    assert_eq!(signing_in(&narrowed, |_| ()), Some(Admission::Undetermined));
    narrowed["combinationConfigurations"][0] = json!({"appliesToCombinations":
        ["x509CertificateMultiFactor"], "allowedIssuerSkis": ["a"],
        "@odata.type": "#microsoft.graph.x509CertificateCombinationConfiguration"});
    assert_eq!(signing_in(&narrowed, |_| ()), Some(Admission::Accepted));
    let mut listed = strength(1, "Passkeys", &["fido2"], Some(&[GPM]));
    listed["combinationConfigurations"][0]["allowedTypes"] = json!("deviceBound");
    let scene = modern().policies(&[access(1, &[], &listed)]);
    let found = scene.exports();
    assert!(found.doubts()[0].place.path().ends_with("/allowedTypes"));
}

#[test]
fn a_profile_or_configuration_that_stands_twice_is_ambiguous_in_any_order() {
    let free = keys(false, "allow", &[]);
    let one = profile(DEFAULT, "deviceBound,synced", "disabled", &free);
    let other = profile(DEFAULT, "deviceBound", "disabled", &free);
    for profiles in [[&one, &other], [&other, &one]] {
        let judgement = modern()
            .fido2("/passkeyProfiles", json!(profiles))
            .judgement();
        assert_eq!(judgement.outcome(), Admission::Input, "{judgement}");
        assert!(matches!(
            judgement.errors[0].fault,
            ImportFault::Contradicts(_)
        ));
    }
    for place in [F, T, "/authenticationMethodConfigurations/2"] {
        let mut scene = modern();
        let mut second = scene.files["methods.json"].pointer(place).unwrap().clone();
        let state = if second["state"] == "enabled" {
            "disabled"
        } else {
            "enabled"
        };
        second["state"] = json!(state);
        let list = "/authenticationMethodConfigurations";
        let mut all = scene.files["methods.json"].pointer(list).unwrap().clone();
        all.as_array_mut().unwrap().push(second);
        scene.set("methods.json", list, all);
        assert_eq!(scene.judgement().outcome(), Admission::Input, "{place}");
    }
}

#[test]
fn configurations_without_the_policy_around_them_are_read() {
    let whole = modern().files["methods.json"].clone();
    let configurations = whole["authenticationMethodConfigurations"].clone();
    let mut typed = configurations.clone();
    typed[0].as_object_mut().unwrap().remove("id");
    for document in [
        configurations.clone(),
        json!({"value": configurations, "Count": 3}),
        json!({"authenticationMethodConfigurations": typed}),
    ] {
        let text = document.to_string();
        let file = ExportFile {
            name: "list.json",
            bytes: text.as_bytes(),
            written: Some(NOW),
        };
        let judgement = check_files(&[file], &modern().inquiry);
        assert_eq!(judgement.outcome(), Admission::Accepted, "{judgement}");
        assert!(read(&[file], NOW).unwrap().pass().is_some());
    }
}

#[test]
fn a_thousand_doubts_are_counted_and_not_told_one_by_one() {
    let wrong: Vec<String> = (0..1000).map(|number| format!("wrong {number}")).collect();
    let list = json!({"isEnforced": true, "enforcementType": "allow", "aaGuids": wrong});
    let scene = modern().fido2("/passkeyProfiles/0/keyRestrictions", list);
    let found = lint(&scene.exports(), NOW);
    assert!(found.len() < 100, "{}", found.len());
    assert!(found.iter().any(|ruling| ruling.saw.contains("950 more")));
    assert_eq!(scene.judgement().outcome(), Admission::Undetermined);
}

#[test]
fn names_steer_no_terminal_wherever_they_are_shown() {
    let evil = "\u{1b}[31mred\u{202e}\r\nPK000: forged\u{2028}\u{0}";
    let scene = |state: &str| {
        let mut policy = access(1, &[evil], &Value::Null);
        policy["displayName"] = json!(evil);
        policy["state"] = json!(state);
        let mut named = strength(1, "x", &["fido2"], None);
        named["displayName"] = json!(evil);
        modern()
            .fido2("/passkeyProfiles/0/name", json!(evil))
            .policies(&[policy])
            .strengths(&[named])
    };
    let exports = scene("enabled").exports();
    let mut shown: Vec<String> = assignments(&exports)
        .unwrap()
        .iter()
        .map(|one| format!("{one:?}{}", one.to_json()["profile"].as_str().unwrap()))
        .collect();
    let difference = diff(&exports, &scene("disabled").exports(), &[], NOW);
    shown.extend(difference.access.iter().map(ToString::to_string));
    assert!(shown.len() > 1);
    for text in shown {
        let hidden = |char: char| char.is_control() || "\u{202e}\u{2028}".contains(char);
        assert!(
            !text.contains(hidden) && !text.contains("\\u{1b}"),
            "{text:?}"
        );
    }
}

#[test]
fn what_is_around_json_or_too_deep_is_not_called_a_table() {
    assert_eq!(
        fault_of("> {\"a\": 1, \"b\": 2}"),
        ImportFault::NotJson { line: 1, column: 1 }
    );
    assert_eq!(
        fault_of("{\"a\":[".repeat(200).leak()),
        ImportFault::TooDeep { line: 1 }
    );
}

#[test]
fn a_loop_that_keeps_the_person_out_is_told_before_the_registration() {
    let passkeys = strength(1, "Passkeys", &["fido2"], None);
    let loops = |people: Value| {
        let mut policy = access(1, &[], &passkeys);
        policy["conditions"]["users"]["includeUsers"] = json!([]);
        policy["conditions"]["users"]["includeGroups"] = people;
        let scene: Scene = modern().policies(&[policy]).asked(|inquiry| {
            inquiry.occasion = Occasion::BeforeRegistration;
            inquiry.holder.groups = Groups::Exactly(crate::scene::groups(&[PILOT]));
        });
        scene
    };
    let judgement = loops(json!([PILOT])).judgement();
    let ruling = judgement.find("PK210").unwrap();
    assert_eq!(ruling.confidence, Confidence::Likely);
    assert_eq!(judgement.capability, Admission::Accepted);
    let mut action = loops(json!([PILOT]));
    let apps = "/value/0/conditions/applications";
    action.set(
        "access.json",
        &format!("{apps}/includeApplications"),
        json!([]),
    );
    let register = json!(["urn:user:registersecurityinfo"]);
    action.set(
        "access.json",
        &format!("{apps}/includeUserActions"),
        register,
    );
    let judgement = action.judgement();
    let ruling = judgement.find("PK210").unwrap();
    assert!(ruling.saw.contains("registering security info"), "{ruling}");
    let others = json!(["22222222-2222-2222-2222-222222222222"]);
    assert!(loops(others).judgement().find("PK210").is_none());
    let has_one = json!({"@odata.type": "#microsoft.graph.fido2AuthenticationMethod", "id": "a",
        "aaGuid": GPM, "passkeyType": "synced"});
    let not_the_first = loops(json!([PILOT])).user(&[has_one]).judgement();
    assert!(not_the_first.find("PK210").is_none());
    let targeted =
        loops(json!([PILOT])).fido2("/includeTargets", json!([target(PILOT, &[DEFAULT])]));
    let sign_in = targeted.asked(|inquiry| inquiry.occasion = Occasion::SignIn);
    assert!(sign_in.judgement().find("PK210").is_none());
}
