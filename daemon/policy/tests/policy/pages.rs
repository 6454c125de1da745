//! A part of an answer is never the whole of it.

use crate::scene::{
    DEFAULT, NOW, PILOT, STRICT, Scene, access, keys, modern, profile, strength, target,
};
use hybrid_policy::{
    Admission, Confidence, ExportFile, Groups, Judgement, Moment, Occasion, check_files,
};
use serde_json::{Value, json};

const OTHERS: &str = "22222222-2222-2222-2222-222222222222";
const THIRD: &str = "33333333-3333-3333-3333-333333333333";

/// Attestation for the pilot group, none for the others, and a third group excluded.
fn tenant() -> Scene {
    let free = keys(false, "allow", &[]);
    modern()
        .fido2(
            "/passkeyProfiles",
            json!([
                profile(DEFAULT, "deviceBound,synced", "registrationOnly", &free),
                profile(STRICT, "deviceBound,synced", "disabled", &free)
            ]),
        )
        .fido2(
            "/includeTargets",
            json!([target(PILOT, &[DEFAULT]), target(OTHERS, &[STRICT])]),
        )
        .fido2(
            "/excludeTargets",
            json!([{"targetType": "group", "id": THIRD}]),
        )
        .asked(|inquiry| inquiry.holder.groups = Groups::Unknown)
}

fn group_list(ids: &[&str]) -> Value {
    let groups: Vec<Value> = ids
        .iter()
        .map(|id| json!({"@odata.type": "#microsoft.graph.group", "id": id}))
        .collect();
    json!({"@odata.context": "https://graph.microsoft.com/v1.0/$metadata#directoryObjects",
        "value": groups})
}

fn surest_refusal(judgement: &Judgement) -> Option<Confidence> {
    let refusals = judgement.obstacles().chain(judgement.hints());
    refusals.map(|ruling| ruling.confidence).max()
}

#[test]
fn two_pages_of_groups_do_not_show_that_there_is_none_between_them() {
    let mut first = group_list(&["44444444-4444-4444-4444-444444444444"]);
    first["@odata.nextLink"] = json!("https://graph.microsoft.com/v1.0/x");
    let last = group_list(&["55555555-5555-5555-5555-555555555555"]);
    let scene = tenant()
        .with("groups1.json", first)
        .with("groups2.json", last);
    let judgement = scene.judgement();
    assert_eq!(judgement.outcome(), Admission::Undetermined, "{judgement}");
    assert!(judgement.find("PK003").is_some());
}

#[test]
fn what_old_groups_say_is_not_certain() {
    let methods = tenant().files["methods.json"].to_string();
    for (member, code) in [(THIRD, "PK011"), (PILOT, "PK110"), (DEFAULT, "PK012")] {
        let groups = group_list(&[member]).to_string();
        let file = |name, text: &'static str, written| ExportFile {
            name,
            bytes: text.as_bytes(),
            written: Some(written),
        };
        let (methods, groups) = (&*methods.clone().leak(), &*groups.leak());
        for (written, confidence) in [
            (NOW, Confidence::Certain),
            (Moment(NOW.0 - 30 * 86_400), Confidence::Likely),
        ] {
            let files = [
                file("methods.json", methods, NOW),
                file("groups.json", groups, written),
            ];
            let judgement = check_files(&files, &tenant().inquiry);
            let ruling = judgement.find(code).unwrap();
            assert_eq!(ruling.confidence, confidence, "{ruling}");
        }
    }
}

#[test]
fn a_link_inside_an_answer_makes_it_a_page_too() {
    for place in [
        "/authenticationMethodConfigurations@odata.nextLink",
        "/authenticationMethodConfigurations/0/includeTargets@odata.nextLink",
    ] {
        let mut scene = modern().fido2("/state", json!("disabled"));
        assert_eq!(
            surest_refusal(&scene.judgement()),
            Some(Confidence::Certain)
        );
        scene.set(
            "methods.json",
            place,
            json!("https://graph.microsoft.com/x"),
        );
        let judgement = scene.judgement();
        assert_eq!(judgement.outcome(), Admission::Undetermined, "{place}");
        assert_eq!(surest_refusal(&judgement), Some(Confidence::Possible));
    }
}

#[test]
fn fewer_entries_than_are_counted_and_one_entry_of_a_list_are_parts() {
    let passkeys = access(1, &[], &strength(1, "Passkeys", &["fido2"], None));
    let signing_in = |scene: Scene| scene.asked(|inquiry| inquiry.occasion = Occasion::SignIn);
    let mut counted = signing_in(modern().policies(&[passkeys]));
    counted.set("access.json", "/@odata.count", json!(1));
    assert_eq!(counted.judgement().enforcement, Some(Admission::Accepted));
    counted.set("access.json", "/@odata.count", json!(250));
    assert_eq!(
        counted.judgement().enforcement,
        Some(Admission::Undetermined)
    );

    let mut one = access(1, &["mfa"], &Value::Null);
    one["@odata.context"] = json!(
        "https://graph.microsoft.com/v1.0/$metadata#identity/conditionalAccess/policies/$entity"
    );
    let one = signing_in(modern().with("access.json", one));
    assert_eq!(one.judgement().enforcement, Some(Admission::Undetermined));
}
