//! Capability and enforcement are told apart, a refusal is explained by the one profile that is
//! nearest, and a virtual key's erased model is judged as the list has it.

use crate::scene::{
    AUTHENTICATOR, DEFAULT, GPM, KEY, PILOT, STRICT, Scene, access, groups, keys, modern, profile,
    strength, target,
};
use hybrid_policy::catalogue::Layer;
use hybrid_policy::{
    Admission, Client, Confidence, Conveyance, Effect, Groups, Inquiry, Moment, Occasion, Way,
};
use serde_json::json;

fn strict_access() -> serde_json::Value {
    let passes = ["fido2", "temporaryAccessPassOneTime"];
    access(
        1,
        &[],
        &strength(1, "Authenticator", &passes, Some(&[AUTHENTICATOR])),
    )
}

#[test]
fn what_registers_and_then_fails_at_an_app_is_told_as_two_answers() {
    let judgement = modern().policies(&[strict_access()]).judgement();
    assert_eq!(judgement.capability, Admission::Accepted);
    assert_eq!(judgement.enforcement, Some(Admission::Refused));
    assert_eq!(
        judgement.outcome(),
        Admission::Accepted,
        "registration itself succeeds"
    );
    let ruling = judgement.find("PK202").unwrap();
    assert_eq!(ruling.layer(), Layer::Enforcement);
    assert_eq!(ruling.confidence, Confidence::Likely);

    let sign_in = modern()
        .policies(&[strict_access()])
        .asked(|inquiry| inquiry.occasion = Occasion::SignIn);
    let judgement = sign_in.judgement();
    assert_eq!(judgement.capability, Admission::Accepted);
    assert_eq!(judgement.outcome().exit_status(), 1);
    let text = judgement.to_string();
    assert!(
        text.contains("authentication methods policy: accepted"),
        "{text}"
    );
    assert!(
        text.contains("Conditional Access requires it: refused"),
        "{text}"
    );
}

#[test]
fn without_an_export_of_conditional_access_nothing_is_said_of_it() {
    let judgement = modern().judgement();
    assert_eq!(judgement.enforcement, None);
    assert!(
        judgement
            .rulings
            .iter()
            .all(|ruling| ruling.layer() != Layer::Enforcement)
    );
}

#[test]
fn a_page_of_policies_decides_nothing_and_the_rest_is_named() {
    for policies in [
        vec![],
        vec![access(1, &[], &strength(1, "Passkeys", &["fido2"], None))],
    ] {
        let mut scene = modern()
            .policies(&policies)
            .asked(|inquiry| inquiry.occasion = Occasion::SignIn);
        assert_eq!(scene.judgement().enforcement, Some(Admission::Accepted));
        scene.set(
            "access.json",
            "/@odata.nextLink",
            json!("https://graph.microsoft.com/x"),
        );
        let judgement = scene.judgement();
        assert_eq!(
            judgement.enforcement,
            Some(Admission::Undetermined),
            "{judgement}"
        );
        let missing = judgement.missing();
        assert!(
            missing
                .iter()
                .any(|lack| lack.to_string().contains("access.json")),
            "{missing:?}"
        );
    }
}

#[test]
fn roles_without_their_template_are_not_taken_for_no_roles() {
    let mut policy = strict_access();
    policy["conditions"]["users"]["includeUsers"] = json!([]);
    policy["conditions"]["users"]["includeRoles"] = json!([PILOT]);
    let member = |kind: &str| json!({"value": [{"@odata.type": kind, "id": "33333333-3333-3333-3333-333333333333"}]});
    let scene = modern().policies(&[policy]).asked(|inquiry| {
        inquiry.occasion = Occasion::SignIn;
        inquiry.holder.groups = Groups::Unknown;
    });
    let in_group = scene
        .clone()
        .with("groups.json", member("#microsoft.graph.group"));
    assert_eq!(in_group.judgement().enforcement, Some(Admission::Accepted));
    let in_role = scene
        .clone()
        .with("groups.json", member("#microsoft.graph.directoryRole"));
    assert_eq!(
        in_role.judgement().enforcement,
        Some(Admission::Undetermined)
    );
    let mut template = member("#microsoft.graph.directoryRole");
    template["value"][0]["roleTemplateId"] = json!(PILOT);
    let named = scene.with("groups.json", template);
    assert_eq!(named.judgement().enforcement, Some(Admission::Refused));
}

#[test]
fn the_four_outcomes_have_their_exit_statuses() {
    let refused = modern().fido2("/state", json!("disabled"));
    let mut undetermined = modern();
    undetermined.files.clear();
    for (scene, outcome, status) in [
        (modern(), Admission::Accepted, 0),
        (refused, Admission::Refused, 1),
        (undetermined, Admission::Undetermined, 3),
    ] {
        let judgement = scene.judgement();
        assert_eq!(judgement.outcome(), outcome);
        assert_eq!(judgement.outcome().exit_status(), status);
    }
    let broken = modern().with("broken.json", json!({"a": 1})).judgement();
    assert_eq!(broken.outcome().exit_status(), 2);
    assert_eq!(broken.to_json()["errors"][0], broken.errors[0].to_string());
}

#[test]
fn exclusion_wins_over_every_inclusion_at_both_occasions() {
    for occasion in [Occasion::Registration, Occasion::SignIn] {
        let scene = modern()
            .fido2(
                "/includeTargets",
                json!([target("all_users", &[DEFAULT]), target(PILOT, &[DEFAULT])]),
            )
            .fido2(
                "/excludeTargets",
                json!([{"targetType": "group", "id": PILOT}]),
            )
            .asked(|inquiry| {
                inquiry.holder.groups = Groups::AtLeast(groups(&[PILOT]));
                inquiry.occasion = occasion;
            });
        let judgement = scene.judgement();
        assert_eq!(judgement.outcome(), Admission::Refused);
        let ruling = judgement.find("PK011").unwrap();
        assert_eq!(ruling.confidence, Confidence::Certain);
        assert!(
            ruling
                .rests
                .iter()
                .any(|place| place.path().ends_with("/excludeTargets/0/id"))
        );
    }
}

#[test]
fn the_smallest_change_is_named_in_the_profile_that_is_nearest() {
    let profiles = json!([
        profile(
            DEFAULT,
            "deviceBound",
            "registrationOnly",
            &keys(true, "allow", &[KEY])
        ),
        profile(
            STRICT,
            "deviceBound,synced",
            "disabled",
            &keys(true, "allow", &[KEY])
        ),
    ]);
    let scene = modern().fido2("/passkeyProfiles", profiles).fido2(
        "/includeTargets/0/allowedPasskeyProfiles",
        json!([DEFAULT, STRICT]),
    );
    let ruling = scene.judgement().find("PK102").unwrap().clone();
    let place = "/passkeyProfiles/1/keyRestrictions/aaGuids";
    assert!(
        ruling.flip.contains(GPM) && ruling.flip.contains(place),
        "{}",
        ruling.flip
    );
    // And it is true: with that change it is accepted.
    let changed = scene.fido2(place, json!([KEY, GPM]));
    assert_eq!(changed.judgement().outcome(), Admission::Accepted);
}

/// A registration through the virtual key, of a site that wants no attestation.
fn virtual_key(list: &serde_json::Value) -> Scene {
    modern()
        .fido2("/passkeyProfiles/0/keyRestrictions", list.clone())
        .asked(|inquiry| {
            inquiry.way = Way::VirtualKey;
            inquiry.client = Client::Chromium;
            inquiry.site.attestation = Some(Conveyance::None);
        })
}

#[test]
fn an_allow_list_refuses_a_virtual_key_and_a_block_list_lets_it_pass() {
    let allow = virtual_key(&keys(true, "allow", &[GPM])).judgement();
    let ruling = allow.find("PK118").unwrap();
    assert_eq!(
        (allow.outcome(), ruling.effect),
        (Admission::Refused, Effect::Refuses)
    );
    assert_eq!(
        (ruling.layer(), ruling.confidence),
        (Layer::Capability, Confidence::Certain)
    );

    let block = virtual_key(&keys(true, "block", &[GPM])).judgement();
    let ruling = block.find("PK118").unwrap();
    assert_eq!(
        (block.outcome(), ruling.effect),
        (Admission::Accepted, Effect::Notes)
    );

    let none = virtual_key(&keys(false, "allow", &[GPM])).judgement();
    assert_eq!(
        (none.outcome(), none.find("PK118")),
        (Admission::Accepted, None)
    );

    let unknown = virtual_key(&keys(true, "allow", &[GPM]))
        .asked(|inquiry| inquiry.client = Client::Unknown)
        .judgement();
    assert_eq!(unknown.outcome(), Admission::Undetermined);
    assert!(
        unknown
            .missing()
            .iter()
            .any(|lack| lack.to_string().contains("browser"))
    );

    let neither = virtual_key(&keys(true, "allow", &[KEY]))
        .asked(|inquiry| inquiry.client = Client::Unknown)
        .judgement();
    assert_eq!(
        neither.outcome(),
        Admission::Refused,
        "whatever the browser does"
    );
}

#[test]
fn before_the_scan_a_virtual_key_is_judged_without_a_passkey() {
    let mut scene = virtual_key(&keys(true, "allow", &[GPM]));
    let (holder, client, site) = (
        scene.inquiry.holder.clone(),
        scene.inquiry.client,
        scene.inquiry.site.clone(),
    );
    scene.inquiry = Inquiry::new(
        Occasion::BeforeRegistration,
        Way::VirtualKey,
        Moment(1_795_800_000),
    );
    (
        scene.inquiry.holder,
        scene.inquiry.client,
        scene.inquiry.site,
    ) = (holder, client, site);
    let judgement = scene.judgement();
    assert_eq!(judgement.outcome(), Admission::Refused);
    assert!(judgement.find("PK118").is_some());
}

#[test]
fn attestation_that_the_site_asks_for_is_no_evidence_that_it_is_enforced() {
    let mut scene = modern().asked(|inquiry| {
        inquiry.occasion = Occasion::BeforeRegistration;
        inquiry.site.attestation = Some(Conveyance::Wanted);
    });
    assert_eq!(scene.judgement().outcome(), Admission::Accepted);
    scene.files.clear();
    let judgement = scene.judgement();
    assert_eq!(judgement.outcome(), Admission::Undetermined);
    assert!(judgement.find("PK050").is_none());
}

#[test]
fn an_accepted_model_without_attestation_is_called_claimed() {
    let judgement = modern().judgement();
    let ruling = judgement.find("PK000").unwrap();
    assert_eq!(ruling.confidence, Confidence::Likely);
    assert!(ruling.saw.contains("claimed"), "{}", ruling.saw);
    let attested = modern().asked(|inquiry| {
        inquiry.passkey.attestation = Some(crate::codes::trusted());
    });
    assert_eq!(
        attested.judgement().find("PK000").unwrap().confidence,
        Confidence::Certain
    );
}

#[test]
fn a_smaller_app_that_is_asked_about_leaves_policies_of_other_apps_out() {
    let app = "00000003-0000-0ff1-ce00-000000000000";
    let mut policy = strict_access();
    policy["conditions"]["applications"]["includeApplications"] = json!([app]);
    let scene = modern().policies(&[policy]).asked(|inquiry| {
        inquiry.occasion = Occasion::SignIn;
        inquiry.app = Some(crate::scene::guid(app));
    });
    assert_eq!(scene.judgement().enforcement, Some(Admission::Refused));
    let other = scene.asked(|inquiry| inquiry.app = Some(crate::scene::guid(PILOT)));
    assert_eq!(other.judgement().enforcement, Some(Admission::Accepted));
}

#[test]
fn a_policy_for_older_clients_is_nothing_to_a_passkey_and_all_of_a_kind_narrows_nothing() {
    let with = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut policy = access(1, &["block"], &serde_json::Value::Null);
        change(&mut policy["conditions"]);
        modern()
            .policies(&[policy])
            .asked(|inquiry| inquiry.occasion = Occasion::SignIn)
            .judgement()
    };
    // Microsoft's own template, which most tenants have.
    let legacy = with(&|conditions| {
        conditions["clientAppTypes"] = json!(["exchangeActiveSync", "other"]);
    });
    assert_eq!(legacy.enforcement, Some(Admission::Accepted), "{legacy}");
    assert!(legacy.find("PK206").is_none(), "{legacy}");
    for change in [
        json!({"clientAppTypes": ["browser", "mobileAppsAndDesktopClients"]}),
        json!({"platforms": {"includePlatforms": ["all"], "excludePlatforms": []}}),
        json!({"locations": {"includeLocations": ["All"], "excludeLocations": []}}),
    ] {
        let told = with(&|conditions| {
            for (name, value) in change.as_object().unwrap() {
                conditions[name] = value.clone();
            }
        });
        assert_eq!(told.enforcement, Some(Admission::Refused), "{change}{told}");
    }
    for change in [
        json!({"clientAppTypes": ["browser"]}),
        json!({"platforms": {"includePlatforms": ["all"], "excludePlatforms": ["linux"]}}),
        json!({"locations": {"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}}),
        json!({"authenticationFlows": {"transferMethods": "deviceCodeFlow"}}),
    ] {
        let told = with(&|conditions| {
            for (name, value) in change.as_object().unwrap() {
                conditions[name] = value.clone();
            }
        });
        assert_eq!(
            told.enforcement,
            Some(Admission::Undetermined),
            "{change}{told}"
        );
    }
}

#[test]
fn a_word_for_many_apps_may_mean_the_app_that_is_asked_for() {
    let app = "00000002-0000-0ff1-ce00-000000000000";
    let with = |include: serde_json::Value, exclude: serde_json::Value| {
        let mut policy = access(1, &["block"], &serde_json::Value::Null);
        policy["conditions"]["applications"]["includeApplications"] = include;
        policy["conditions"]["applications"]["excludeApplications"] = exclude;
        let scene = modern().policies(&[policy]).asked(|inquiry| {
            inquiry.occasion = Occasion::SignIn;
            inquiry.app = Some(crate::scene::guid(app));
        });
        scene.judgement().enforcement.unwrap()
    };
    let open = Admission::Undetermined;
    assert_eq!(with(json!(["Office365"]), json!([])), open);
    assert_eq!(with(json!(["All"]), json!(["MicrosoftAdminPortals"])), open);
    assert_eq!(
        with(json!(["Office365", app]), json!([])),
        Admission::Refused
    );
    assert_eq!(
        with(json!(["All"]), json!(["Office365", app])),
        Admission::Accepted
    );
    assert_eq!(with(json!(["None"]), json!([])), Admission::Accepted);
}

#[test]
fn an_app_is_found_in_every_spelling_of_its_id_and_by_a_filter() {
    const APP: &str = "bbbbbbbb-0000-0000-0000-000000000001";
    let scene = |apps: serde_json::Value, app: Option<&str>| {
        let mut policy = strict_access();
        let members = policy["conditions"]["applications"].as_object_mut();
        members.unwrap().extend(apps.as_object().unwrap().clone());
        modern().policies(&[policy]).asked(|inquiry| {
            inquiry.occasion = Occasion::SignIn;
            inquiry.app = app.map(crate::scene::guid);
        })
    };
    for id in [
        APP.to_uppercase(),
        format!("{{{APP}}}"),
        APP.replace('-', ""),
    ] {
        let judgement = scene(json!({"includeApplications": [id]}), Some(APP)).judgement();
        assert_eq!(judgement.enforcement, Some(Admission::Refused), "{id}");
        let apps = json!({"excludeApplications": [id]});
        let judgement = scene(apps, Some(APP)).judgement();
        assert_eq!(judgement.enforcement, Some(Admission::Accepted), "{id}");
    }
    let filter = json!({"includeApplications": [],
        "applicationFilter": {"mode": "include", "rule": "CustomSecurityAttribute.a_b -eq \"c\""}});
    let judgement = scene(filter.clone(), None).judgement();
    assert_eq!(
        judgement.enforcement,
        Some(Admission::Refused),
        "{judgement}"
    );
    let judgement = scene(filter, Some(APP)).judgement();
    assert_eq!(judgement.enforcement, Some(Admission::Undetermined));
}
