//! What PowerShell's objects and `ConvertTo-Json` make of an export: lists that became text, objects
//! of nulls, members below `AdditionalProperties`. What is lost is unknown.

use crate::scene::{AUTHENTICATOR, GPM, PILOT, Scene, access, groups, modern, strength};
use hybrid_policy::{Admission, Doubt, Groups, Occasion, Why};
use serde_json::{Value, json};

const OTHERS: &str = "22222222-2222-2222-2222-222222222222";
const APP: &str = "bbbbbbbb-0000-0000-0000-000000000001";

/// A sign-in of somebody in the pilot group, where one policy asks for another model.
fn signing_in(change: impl FnOnce(&mut Value)) -> Scene {
    let mut policy = access(
        1,
        &[],
        &strength(1, "Models", &["fido2"], Some(&[AUTHENTICATOR])),
    );
    change(&mut policy);
    modern().policies(&[policy]).asked(|inquiry| {
        inquiry.occasion = Occasion::SignIn;
        inquiry.holder.groups = Groups::Exactly(groups(&[PILOT]));
    })
}

fn enforcement(scene: &Scene) -> Admission {
    let judgement = scene.judgement();
    assert!(judgement.errors.is_empty(), "{judgement}");
    judgement.enforcement.unwrap()
}

fn is_told_as_cut_off(scene: &Scene, path: &str) -> bool {
    let exports = scene.exports();
    let at = |doubt: &Doubt| doubt.why == Why::CutOff && doubt.place.path().ends_with(path);
    exports.doubts().iter().any(at)
}

#[test]
fn a_list_of_groups_that_became_text_neither_spares_nor_binds_anybody() {
    let both = format!("{PILOT} {OTHERS}");
    for (member, text) in [
        ("includeGroups", both.as_str()),
        ("includeRoles", both.as_str()),
        ("excludeGroups", both.as_str()),
        ("excludeUsers", both.as_str()),
        ("includeGroups", ""),
    ] {
        let scene = signing_in(|policy| {
            let users = &mut policy["conditions"]["users"];
            if member.starts_with("include") {
                users["includeUsers"] = json!([]);
            }
            users[member] = json!(text);
        });
        assert_eq!(enforcement(&scene), Admission::Undetermined, "{member}");
        assert!(is_told_as_cut_off(&scene, member), "{member}");
    }
}

#[test]
fn combinations_and_configurations_that_became_text_decide_nothing() {
    for (member, text) in [
        ("allowedCombinations", "fido2 windowsHelloForBusiness"),
        ("allowedCombinations", "password, sms fido2"),
        ("combinationConfigurations", ""),
        (
            "combinationConfigurations",
            "System.Collections.Hashtable System.Collections.Hashtable",
        ),
    ] {
        let scene = signing_in(|policy| {
            policy["grantControls"]["authenticationStrength"][member] = json!(text);
        });
        assert_eq!(enforcement(&scene), Admission::Undetermined, "{text}");
        assert!(is_told_as_cut_off(&scene, member), "{text}");
    }
}

#[test]
fn a_list_of_one_combination_keeps_its_comma() {
    let scene = signing_in(|policy| {
        policy["grantControls"]["authenticationStrength"]["allowedCombinations"] =
            json!("password, sms");
    });
    assert_eq!(enforcement(&scene), Admission::Refused);
    assert!(scene.exports().doubts().is_empty());
}

#[test]
fn targets_and_lists_of_the_methods_policy_that_became_text_are_told() {
    let hashtables = "System.Collections.Hashtable System.Collections.Hashtable";
    for (member, text) in [
        ("/includeTargets", hashtables),
        ("/passkeyProfiles", hashtables),
        ("/excludeTargets", ""),
        (
            "/passkeyProfiles/0/keyRestrictions",
            "System.Collections.Hashtable",
        ),
    ] {
        let scene = modern().fido2(member, json!(text));
        let judgement = scene.judgement();
        assert_eq!(judgement.outcome(), Admission::Undetermined, "{member}");
        assert!(is_told_as_cut_off(&scene, member), "{member}");
    }
    let models = format!("{GPM} {AUTHENTICATOR}");
    let list = json!({"isEnforced": true, "enforcementType": "allow", "aaGuids": models});
    let scene = modern().fido2("/passkeyProfiles/0/keyRestrictions", list);
    assert_eq!(scene.judgement().outcome(), Admission::Undetermined);
    assert!(is_told_as_cut_off(&scene, "aaGuids"));
}

#[test]
fn an_object_of_nulls_is_an_object_that_is_not_there() {
    let nothing = json!({"AllowedCombinations": null, "CombinationConfigurations": null,
        "DisplayName": null, "Id": null, "PolicyType": null, "AdditionalProperties": {}});
    let blocks = signing_in(|policy| {
        policy["grantControls"] = json!({"AuthenticationStrength": nothing, "Operator": "OR",
            "BuiltInControls": ["block"], "CustomAuthenticationFactors": [], "TermsOfUse": []});
    });
    assert_eq!(enforcement(&blocks), Admission::Refused);
    let wants_mfa = signing_in(|policy| {
        policy["grantControls"] = json!({"AuthenticationStrength": nothing, "Operator": "AND",
            "BuiltInControls": ["mfa"], "CustomAuthenticationFactors": [], "TermsOfUse": []});
    });
    assert_eq!(enforcement(&wants_mfa), Admission::Accepted);
    let session = signing_in(|policy| {
        policy["grantControls"] = json!({"AuthenticationStrength": nothing, "Operator": null,
            "BuiltInControls": null, "CustomAuthenticationFactors": null, "TermsOfUse": null});
    });
    assert_eq!(enforcement(&session), Admission::Accepted);
    let refused = signing_in(|policy| {
        let guests = json!({"ExternalTenants": {"MembershipKind": null},
            "GuestOrExternalUserTypes": null});
        let conditions = &mut policy["conditions"];
        conditions["users"]["includeGuestsOrExternalUsers"] = guests.clone();
        conditions["users"]["excludeGuestsOrExternalUsers"] = guests;
        conditions["applications"]["applicationFilter"] = json!({"Mode": null, "Rule": null});
    });
    let refused = refused.asked(|inquiry| {
        inquiry.holder.guest = None;
        inquiry.app = hybrid_policy::Guid::parse(APP);
    });
    assert_eq!(enforcement(&refused), Admission::Refused);
}

#[test]
fn controls_that_are_left_out_are_not_controls_that_are_not_there() {
    let empty = signing_in(|policy| policy["grantControls"] = json!({}));
    assert_eq!(enforcement(&empty), Admission::Undetermined);
}

#[test]
fn a_condition_below_additional_properties_narrows_the_policy() {
    let scene = signing_in(|policy| {
        policy["conditions"]["AdditionalProperties"] = json!({"agentRisk": ["high"]});
    });
    assert_eq!(enforcement(&scene), Admission::Undetermined);
}
