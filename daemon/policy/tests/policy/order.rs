//! What a person reads first: what keeps users out, where a passkey is not enough, and no noise.

use crate::codes::pass;
use crate::scene::{AUTHENTICATOR, DEFAULT, PILOT, access, modern, strength, target};
use hybrid_policy::{Admission, Groups, Occasion, assignments};
use serde_json::{Value, json};

#[test]
fn a_lint_begins_with_what_keeps_users_out_and_ends_with_the_files() {
    let alone = strength(5, "Passkeys alone", &["fido2"], None);
    let mut reporting = access(2, &["mfa"], &Value::Null);
    reporting["state"] = json!("enabledForReportingButNotEnforced");
    let scene = modern()
        .fido2("/isAttestationEnforced", json!(true))
        .fido2(
            "/excludeTargets",
            json!([{"targetType": "newer", "id": PILOT}]),
        )
        .policies(&[access(1, &[], &alone), reporting])
        .linted();
    let rulings = scene.rulings();
    let codes: Vec<&str> = rulings.iter().map(|ruling| ruling.code()).collect();
    assert_eq!(codes, ["PK210", "PK004", "PK204", "PK002"]);
}

#[test]
fn the_summary_names_where_a_passkey_is_required_and_where_it_is_not_enough() {
    let app = "bbbbbbbb-0000-0000-0000-000000000001";
    let listed = strength(1, "Authenticator", &["fido2"], Some(&[AUTHENTICATOR]));
    let mut narrow = access(1, &[], &listed);
    narrow["conditions"]["applications"]["includeApplications"] = json!([app]);
    let wide = access(2, &[], &strength(2, "Passkeys", &["fido2"], None));
    let scene = modern()
        .policies(&[narrow, wide])
        .asked(|inquiry| inquiry.occasion = Occasion::SignIn);
    let judgement = scene.judgement();
    assert_eq!(judgement.enforcement, Some(Admission::Refused));
    let [_, line] = judgement.summary();
    assert_eq!(
        line,
        format!(
            "Where Conditional Access requires it: refused by 1 of 2: \"Policy 1\" (app {app}); accepted by \
             \"Policy 2\" (all resources)"
        )
    );
    let told = judgement.to_json();
    assert_eq!(told["required_by"][0]["policy"], "Policy 1");
    assert_eq!(told["required_by"][0]["outcome"], "refused");
    let nothing = modern().policies(&[]).judgement();
    let [_, line] = nothing.summary();
    assert!(
        line.ends_with(": accepted (no policy requires a passkey)"),
        "{line}"
    );
}

#[test]
fn of_a_pass_that_is_not_valid_only_that_is_told() {
    let ago = crate::scene::NOW.plus_minutes(-61);
    let mut old = modern().user(&[pass(true, ago)]);
    old.inquiry.holder.last_mfa = None;
    let judgement = old.judgement();
    assert!(judgement.find("PK044").is_some(), "{judgement}");
    for noise in ["PK042", "PK040"] {
        assert!(judgement.find(noise).is_none(), "{judgement}");
    }
}

#[test]
fn what_is_refused_for_certain_is_not_told_to_hurry() {
    let mut scene = modern().fido2("/state", json!("disabled"));
    scene.inquiry.holder.last_mfa = None;
    assert!(scene.judgement().find("PK040").is_none());
}

#[test]
fn a_group_is_called_by_its_name_where_an_export_tells_it() {
    let groups = json!({"value": [{"@odata.type": "#microsoft.graph.group", "id": PILOT,
        "displayName": "Pilot"}]});
    let scene = modern()
        .fido2(
            "/includeTargets",
            json!([target("all_users", &[DEFAULT]), target(PILOT, &[DEFAULT])]),
        )
        .fido2(
            "/excludeTargets",
            json!([{"targetType": "group", "id": PILOT}]),
        )
        .asked(|inquiry| inquiry.holder.groups = Groups::Unknown)
        .with("groups.json", groups);
    let judgement = scene.judgement();
    let ruling = judgement.find("PK011").unwrap();
    let called = format!("{PILOT} (Pilot)");
    assert!(ruling.saw.contains(&called), "{ruling}");
    let all = assignments(&scene.exports(), &|_| None).unwrap();
    assert!(all.iter().any(|one| one.who == called), "{all:?}");
}
