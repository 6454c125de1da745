//! What is left to a user who loses a device, or who has nothing yet.

use crate::scene::{AUTHENTICATOR, KEY, PILOT, Scene, T, access, modern, strength};
use hybrid_policy::{Confidence, Effect, Groups, Ruling};
use serde_json::{Value, json};

fn method(kind: &str) -> Value {
    json!({"@odata.type": format!("#microsoft.graph.{kind}AuthenticationMethod"), "id": kind})
}

fn key(aaguid: &str) -> Value {
    json!({"@odata.type": "#microsoft.graph.fido2AuthenticationMethod", "id": "k",
        "displayName": "Key", "aaGuid": aaguid, "passkeyType": "deviceBound"})
}

/// A tenant without passes, with these other methods on.
fn tenant(on: &[&str]) -> Scene {
    let mut scene = modern();
    scene.set("methods.json", &format!("{T}/state"), json!("disabled"));
    let mut all = scene.files["methods.json"]["authenticationMethodConfigurations"].clone();
    let all = all.as_array_mut().unwrap();
    all.truncate(2);
    for id in [
        "Sms",
        "Voice",
        "MicrosoftAuthenticator",
        "SoftwareOath",
        "Email",
    ] {
        let state = if on.contains(&id) {
            "enabled"
        } else {
            "disabled"
        };
        all.push(json!({"id": id, "state": state, "excludeTargets": [],
            "includeTargets": [{"id": "all_users", "targetType": "group"}]}));
    }
    scene.set(
        "methods.json",
        "/authenticationMethodConfigurations",
        json!(all),
    );
    scene
}

fn find(scene: Scene, code: &str) -> Option<Ruling> {
    scene
        .linted()
        .rulings()
        .into_iter()
        .find(|ruling| ruling.code() == code)
}

fn passkeys_everywhere() -> Value {
    access(1, &[], &strength(1, "Passkeys", &["fido2"], None))
}

#[test]
fn a_user_with_another_method_that_is_enough_is_not_locked_out() {
    let mfa = || access(1, &["mfa"], &Value::Null);
    for (on, others, policies) in [
        (&["Sms"][..], &["password", "phone"][..], vec![mfa()]),
        (&["Voice"], &["password", "phone"], vec![]),
        (
            &["MicrosoftAuthenticator"],
            &["password", "microsoftAuthenticator"],
            vec![mfa()],
        ),
        (
            &["SoftwareOath"],
            &["password", "softwareOath"],
            vec![mfa()],
        ),
        // Windows Hello is no method of the policy, and as good as a passkey.
        (
            &[],
            &["password", "windowsHelloForBusiness"],
            vec![passkeys_everywhere()],
        ),
        (&[], &["platformCredential"], vec![passkeys_everywhere()]),
    ] {
        let mut methods = vec![key(KEY)];
        methods.extend(others.iter().map(|kind| method(kind)));
        let scene = tenant(on).user(&methods).policies(&policies);
        let found = find(scene, "PK220");
        assert!(found.is_none(), "{others:?}: {}", found.unwrap());
    }
}

#[test]
fn methods_that_the_policy_does_not_allow_or_that_do_not_get_in_do_not_count() {
    let sms = [key(KEY), method("password"), method("phone")];
    let off = find(tenant(&[]).user(&sms).policies(&[]), "PK220").unwrap();
    assert_eq!(
        off.confidence,
        Confidence::Likely,
        "a password is left: {off}"
    );
    assert!(off.saw.contains("password"), "{off}");

    // The user may be the one whom the policy excludes, unless the export says who it is.
    let strict = tenant(&["Sms"])
        .user(&sms)
        .policies(&[passkeys_everywhere()]);
    let open = find(strict.clone(), "PK220").unwrap();
    assert_eq!(open.confidence, Confidence::Possible);
    let mut strict = strict;
    let id = "99999999-9999-9999-9999-999999999999";
    let context =
        format!("https://graph.microsoft.com/v1.0/$metadata#users('{id}')/authentication/methods");
    strict.set("user.json", "/@odata.context", json!(context));
    let strict = find(strict, "PK220").unwrap();
    assert_eq!(strict.confidence, Confidence::Likely);
    assert!(
        strict.saw.contains("phone") && strict.saw.contains("\"Policy 1\""),
        "{strict}"
    );

    // Whether it gets in is not known without Conditional Access.
    let open = find(tenant(&["Sms"]).user(&sms), "PK220").unwrap();
    assert_eq!(open.confidence, Confidence::Possible);
    assert!(
        open.lacks
            .iter()
            .any(|lack| lack.to_string().contains("Conditional Access")),
        "{open}"
    );
    assert!(open.saw.contains("phone"), "{open}");

    // A push of the app that is lost with the passkey is lost, too.
    let app = [key(AUTHENTICATOR), method("microsoftAuthenticator")];
    let lost = find(
        tenant(&["MicrosoftAuthenticator"]).user(&app).policies(&[]),
        "PK220",
    );
    assert_eq!(lost.unwrap().confidence, Confidence::Certain);
    let alone = find(tenant(&["Sms"]).user(&[key(KEY), method("email")]), "PK220").unwrap();
    assert_eq!(alone.confidence, Confidence::Certain);
}

#[test]
fn whether_a_method_is_for_the_user_is_asked_of_its_targets() {
    let sms = [key(KEY), method("phone")];
    let mut scene = tenant(&["Sms"]).user(&sms).policies(&[]);
    scene.set(
        "methods.json",
        "/authenticationMethodConfigurations/2/includeTargets",
        json!([{"id": PILOT, "targetType": "group"}]),
    );
    let open = find(scene.clone(), "PK220").unwrap();
    assert_eq!(open.confidence, Confidence::Possible, "{open}");
    let member = |id: &str| json!({"value": [{"@odata.type": "#microsoft.graph.group", "id": id}]});
    let within = scene.clone().with("groups.json", member(PILOT));
    assert!(find(within, "PK220").is_none());
    let without = scene.with(
        "groups.json",
        member("22222222-2222-2222-2222-222222222222"),
    );
    assert_eq!(
        find(without, "PK220").unwrap().confidence,
        Confidence::Certain
    );
}

#[test]
fn nobody_is_said_to_have_no_method_without_an_export_of_the_user() {
    let ruling = find(tenant(&[]), "PK041").unwrap();
    assert!(
        ruling
            .means()
            .starts_with("A user without a method could not start"),
        "{ruling}"
    );
    for on in ["Sms", "MicrosoftAuthenticator"] {
        assert!(find(tenant(&[on]), "PK041").is_none(), "{on}");
    }
    // A code by mail is no second factor.
    assert!(find(tenant(&["Email"]), "PK041").is_some());

    let asked = |scene: Scene, capable: Option<bool>| {
        let scene = scene.asked(|inquiry| {
            inquiry.holder.mfa_capable = capable;
            inquiry.holder.groups = Groups::Exactly([].into());
        });
        scene.judgement().find("PK041").cloned()
    };
    let unknown = asked(tenant(&[]), None).unwrap();
    assert!(
        !unknown.to_string().contains("This user has none"),
        "{unknown}"
    );
    assert!(asked(tenant(&["Sms"]), None).is_none());
    let none = asked(tenant(&[]), Some(false)).unwrap();
    assert_eq!(
        (none.effect, none.confidence),
        (Effect::Refuses, Confidence::Certain)
    );
    assert!(none.means().contains("This user has none"), "{none}");
    // Another method can be registered first.
    let other = asked(tenant(&["Sms"]), Some(false)).unwrap();
    assert_eq!(other.effect, Effect::Notes);
    assert!(other.advice().contains("Sms"), "{other}");
}

#[test]
fn a_list_of_passkeys_alone_does_not_say_that_nothing_else_is_left() {
    let context =
        "https://graph.microsoft.com/v1.0/$metadata#users('u')/authentication/fido2Methods";
    let list = json!({"@odata.context": context, "value": [key(KEY)]});
    let ruling = find(tenant(&[]).with("user.json", list), "PK220").unwrap();
    assert_eq!(ruling.confidence, Confidence::Possible, "{ruling}");
}
