//! What an export of transitiveMemberOf says: groups by their ids, roles by their templates, and
//! everything else is neither.

use crate::scene::{DEFAULT, PILOT, Scene, access, groups, modern, strength, target};
use hybrid_policy::{Admission, Groups, Occasion};
use serde_json::{Value, json};

const OTHERS: &str = "22222222-2222-2222-2222-222222222222";
const ROLE: &str = "62e90394-69f5-4237-9190-012177145e10";

/// A tenant whose passkeys are for one group, and the user's memberships as exported.
fn member_of(objects: &Value) -> Scene {
    let context = "https://graph.microsoft.com/v1.0/$metadata#directoryObjects";
    modern()
        .fido2("/includeTargets", json!([target(PILOT, &[DEFAULT])]))
        .asked(|inquiry| inquiry.holder.groups = Groups::Unknown)
        .with(
            "groups.json",
            json!({"@odata.context": context, "value": objects}),
        )
}

fn object(kind: &str, id: &str) -> Value {
    json!({"@odata.type": format!("#microsoft.graph.{kind}"), "id": id})
}

#[test]
fn objects_of_other_types_are_no_groups_and_leave_no_group_open() {
    for other in ["administrativeUnit", "somethingNewer"] {
        let without = member_of(&json!([object("group", OTHERS), object(other, PILOT)]));
        let judgement = without.judgement();
        assert_eq!(
            judgement.capability,
            Admission::Refused,
            "{other}{judgement}"
        );
        let within = member_of(&json!([object(other, OTHERS), object("group", PILOT)]));
        let judgement = within.judgement();
        assert_eq!(
            judgement.capability,
            Admission::Accepted,
            "{other}{judgement}"
        );
    }
}

#[test]
fn a_role_without_its_template_leaves_roles_open_by_its_place_and_no_group() {
    for template in [Value::Null, json!("")] {
        let mut role = object("directoryRole", OTHERS);
        role["roleTemplateId"] = template;
        let mut policy = access(
            1,
            &[],
            &strength(1, "Hello", &["windowsHelloForBusiness"], None),
        );
        policy["conditions"]["users"]["includeUsers"] = json!([]);
        policy["conditions"]["users"]["includeRoles"] = json!([ROLE]);
        let scene = member_of(&json!([
            object("group", PILOT),
            object("group", OTHERS),
            role
        ]))
        .policies(&[policy])
        .asked(|inquiry| inquiry.occasion = Occasion::SignIn);
        let judgement = scene.judgement();
        assert_eq!(judgement.capability, Admission::Accepted, "{judgement}");
        assert_eq!(
            judgement.enforcement,
            Some(Admission::Undetermined),
            "{judgement}"
        );
        let missing: Vec<String> = judgement
            .missing()
            .iter()
            .map(ToString::to_string)
            .collect();
        assert!(
            missing.iter().any(|lack| lack
                .starts_with("groups.json#/value/2: a role without roleTemplateId")
                && lack.contains("RoleManagement.Read.Directory")),
            "{missing:?}"
        );

        // Whoever says which groups and roles there are has said it.
        let told = scene
            .asked(|inquiry| inquiry.holder.groups = Groups::Exactly(groups(&[PILOT, OTHERS])));
        assert_eq!(told.judgement().enforcement, Some(Admission::Accepted));
    }
}

#[test]
fn an_id_without_a_type_is_a_group_or_a_role() {
    let scene = member_of(&json!([{"id": PILOT}]));
    assert_eq!(scene.judgement().capability, Admission::Accepted);
    let scene = member_of(&json!([{"id": OTHERS}]));
    assert_eq!(scene.judgement().capability, Admission::Refused);
}

#[test]
fn a_role_on_one_page_stays_open_beside_the_other_pages() {
    let mut policy = access(1, &["block"], &Value::Null);
    policy["conditions"]["users"]["includeUsers"] = json!([]);
    policy["conditions"]["users"]["includeRoles"] = json!([ROLE]);
    let scene = member_of(&json!([
        object("group", PILOT),
        object("directoryRole", OTHERS)
    ]))
    .with("more.json", json!({"value": [object("group", OTHERS)]}))
    .policies(&[policy])
    .asked(|inquiry| inquiry.occasion = Occasion::SignIn);
    let judgement = scene.judgement();
    assert_eq!(
        judgement.enforcement,
        Some(Admission::Undetermined),
        "{judgement}"
    );
}
