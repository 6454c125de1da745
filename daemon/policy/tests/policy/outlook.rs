//! What is told of models before it is known which one a person will use.

use crate::scene::{AUTHENTICATOR, DEFAULT, F, GPM, KEY, Scene, keys, modern, profile};
use hybrid_policy::{Groups, Occasion, Way, outlook};
use serde_json::json;

fn before(kinds: &str, attestation: &str, restrictions: &serde_json::Value) -> Scene {
    let mut scene = modern();
    scene.inquiry.occasion = Occasion::BeforeRegistration;
    scene.inquiry.passkey = hybrid_policy::PasskeyFacts::default();
    scene.inquiry.holder.groups = Groups::Unknown;
    let profiles = json!([profile(DEFAULT, kinds, attestation, restrictions)]);
    scene.set("methods.json", &format!("{F}/passkeyProfiles"), profiles);
    scene
}

fn told(scene: &Scene) -> String {
    outlook(&scene.exports(), &scene.inquiry)
        .map_or_else(String::new, |outlook| outlook.to_string())
}

#[test]
fn an_allow_list_names_what_is_accepted_and_what_on_phones_is_not() {
    let scene = before(
        "deviceBound,synced",
        "disabled",
        &keys(true, "allow", &[AUTHENTICATOR, KEY]),
    );
    assert_eq!(
        told(&scene),
        format!(
            "Only these models are accepted: Microsoft Authenticator on Android, {KEY}. A passkey in Apple Passwords, \
             Google Password Manager or Microsoft Authenticator on iOS will be refused (PK102)."
        )
    );
    let empty = before("deviceBound,synced", "disabled", &keys(true, "allow", &[]));
    assert!(told(&empty).starts_with("No model is accepted. A passkey in "));
}

#[test]
fn of_a_list_that_no_tenant_can_have_only_the_refusals_are_told() {
    let ids: Vec<String> = { 0..1001 }
        .map(|one| format!("11111111-1111-1111-1111-{one:012}"))
        .collect();
    let long = |count: usize| {
        let ids: Vec<&str> = ids.iter().take(count).map(String::as_str).collect();
        told(&before(
            "deviceBound,synced",
            "disabled",
            &keys(true, "allow", &ids),
        ))
    };
    assert!(long(1000).contains(", and 992 others. A passkey in Apple Passwords"));
    assert!(long(1001).starts_with("A passkey in Apple Passwords"));
}

#[test]
fn a_block_list_and_a_type_name_what_is_refused_alone() {
    let blocked = before(
        "deviceBound,synced",
        "disabled",
        &keys(true, "block", &[GPM]),
    );
    assert_eq!(
        told(&blocked),
        "A passkey in Google Password Manager will be refused (PK103)."
    );
    let bound = before("deviceBound", "disabled", &keys(false, "allow", &[]));
    assert_eq!(
        told(&bound),
        "A passkey in Apple Passwords or Google Password Manager will be refused (PK100)."
    );
}

#[test]
fn nothing_is_told_where_no_choice_is_left_or_every_choice_is_free() {
    let free = before("deviceBound,synced", "disabled", &keys(false, "allow", &[]));
    assert_eq!(told(&free), "");
    // A QR code is refused whatever the model.
    let attested = before(
        "deviceBound",
        "registrationOnly",
        &keys(false, "allow", &[]),
    );
    assert_eq!(told(&attested), "");
    let mut known = before("deviceBound", "disabled", &keys(true, "allow", &[KEY]));
    known.inquiry.passkey.aaguid = Some(crate::scene::aaguid(GPM));
    assert_eq!(told(&known), "");
    let mut elsewhere = before("deviceBound", "disabled", &keys(true, "allow", &[KEY]));
    elsewhere.inquiry.site.rp_id = "example.org".to_owned();
    assert_eq!(told(&elsewhere), "");
}

#[test]
fn a_group_that_is_not_known_and_an_old_export_make_it_less_sure() {
    let restrictions = keys(true, "allow", &[AUTHENTICATOR]);
    let mut scene = before("deviceBound,synced", "disabled", &restrictions);
    // Others may have a profile that accepts all.
    let strict = crate::scene::STRICT;
    let free = profile(
        strict,
        "deviceBound,synced",
        "disabled",
        &keys(false, "allow", &[]),
    );
    let profiles = json!([
        profile(DEFAULT, "deviceBound,synced", "disabled", &restrictions),
        free
    ]);
    scene.set("methods.json", &format!("{F}/passkeyProfiles"), profiles);
    let targets = json!([
        crate::scene::target("all_users", &[DEFAULT]),
        crate::scene::target(crate::scene::PILOT, &[strict])
    ]);
    scene.set("methods.json", &format!("{F}/includeTargets"), targets);
    assert_eq!(told(&scene), "");
    scene.inquiry.holder.groups = Groups::Exactly(Default::default());
    assert!(told(&scene).starts_with("Only these models"));
    scene.inquiry.way = Way::VirtualKey;
    assert!(told(&scene).contains("Apple Passwords"), "{}", told(&scene));
    scene.set(
        "methods.json",
        "/@odata.nextLink",
        json!("https://graph.microsoft.com/v1.0/next"),
    );
    assert!(
        told(&scene).contains("is likely to be refused"),
        "{}",
        told(&scene)
    );
}
