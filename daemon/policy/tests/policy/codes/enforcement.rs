//! Where Conditional Access asks for a passkey.

use super::{Case, case};
use crate::scene::{AUTHENTICATOR, GPM, KEY, PILOT, Scene, access, keys, modern, strength};
use hybrid_policy::{Groups, Occasion};
use serde_json::{Value, json};

const PASSES: &[&str] = &["fido2", "temporaryAccessPassOneTime"];

pub fn cases() -> Vec<Case> {
    let mut cases = at_sign_in();
    cases.extend(lints());
    cases
}

fn sign_in(policies: &[Value]) -> Scene {
    modern()
        .policies(policies)
        .asked(|inquiry| inquiry.occasion = Occasion::SignIn)
}

fn any_passkey() -> Value {
    strength(1, "Passkeys", PASSES, None)
}

fn authenticator_only() -> Value {
    strength(2, "Authenticator", PASSES, Some(&[AUTHENTICATOR]))
}

fn weak() -> Value {
    strength(8, "Anything", &["fido2", "password, sms"], None)
}

fn set(mut scene: Scene, pointer: &str, value: Value) -> Scene {
    scene.set("access.json", pointer, value);
    scene
}

fn at_sign_in() -> Vec<Case> {
    let push = strength(3, "Push", &["password, microsoftAuthenticatorPush"], None);
    let hello = strength(4, "Hello", &["windowsHelloForBusiness"], None);
    let listed = |scene: Scene| {
        let place = "/value/0/grantControls/authenticationStrength/combinationConfigurations/0/allowedAAGUIDs";
        set(scene, place, json!([AUTHENTICATOR, GPM.to_uppercase()]))
    };
    vec![
        case("PK200", sign_in(&[access(1, &[], &weak())]), |scene| {
            set(
                scene,
                "/value/0/grantControls/authenticationStrength",
                any_passkey(),
            )
        }),
        case(
            "PK201",
            sign_in(&[access(1, &[], &any_passkey())]),
            |scene| set(scene, "/value/0/state", json!("disabled")),
        ),
        case(
            "PK202",
            sign_in(&[access(1, &[], &authenticator_only())]),
            listed,
        ),
        case(
            "PK202",
            modern().policies(&[access(1, &[], &authenticator_only())]),
            listed,
        ),
        case("PK203", sign_in(&[access(1, &[], &push)]), |scene| {
            let place = "/value/0/grantControls/authenticationStrength/allowedCombinations";
            set(
                scene,
                place,
                json!(["password, microsoftAuthenticatorPush", "fido2"]),
            )
        }),
        case(
            "PK203",
            sign_in(&[access(1, &["block"], &Value::Null)]),
            |scene| {
                set(
                    scene,
                    "/value/0/conditions/users/includeUsers",
                    json!(["None"]),
                )
            },
        ),
        case(
            "PK204",
            set(
                sign_in(&[access(1, &[], &any_passkey())]),
                "/value/0/state",
                json!("enabledForReportingButNotEnforced"),
            ),
            |scene| set(scene, "/value/0/state", json!("enabled")),
        ),
        case(
            "PK205",
            sign_in(&[access(1, &[], &any_passkey()), access(2, &[], &hello)]),
            |scene| {
                set(
                    scene,
                    "/value/1/conditions/users/includeUsers",
                    json!(["None"]),
                )
            },
        ),
        case(
            "PK206",
            set(
                sign_in(&[access(1, &[], &authenticator_only())]),
                "/value/0/conditions/signInRiskLevels",
                json!(["high"]),
            ),
            |scene| set(scene, "/value/0/conditions/signInRiskLevels", json!([])),
        ),
        case(
            "PK206",
            set(
                set(
                    sign_in(&[access(1, &[], &authenticator_only())]),
                    "/value/0/conditions/users/includeUsers",
                    json!([]),
                ),
                "/value/0/conditions/users/includeGroups",
                json!([PILOT]),
            )
            .asked(|inquiry| inquiry.holder.groups = Groups::Unknown),
            |scene| {
                scene.asked(|inquiry| {
                    let groups = crate::scene::groups(&[PILOT]);
                    inquiry.holder.groups = Groups::Exactly(groups);
                })
            },
        ),
        case(
            "PK206",
            {
                let mut policy = access(1, &[], &authenticator_only());
                policy["conditions"]["somethingNewer"] = json!({"x": ["y"]});
                sign_in(&[policy])
            },
            |scene| set(scene, "/value/0/conditions/somethingNewer", Value::Null),
        ),
    ]
}

fn lints() -> Vec<Case> {
    let strict = || strength(5, "Passkeys alone", &["fido2"], None);
    let lint = |policies: &[Value]| modern().policies(policies).linted();
    let for_action = || {
        let mut policy = access(2, &[], &any_passkey());
        policy["conditions"]["applications"]["includeApplications"] = json!([]);
        policy["conditions"]["applications"]["includeUserActions"] =
            json!(["urn:user:registersecurityinfo"]);
        policy
    };
    let allow = |aaguids: &[&str]| keys(true, "allow", aaguids);
    let restricted = |aaguids: &[&str]| {
        modern()
            .fido2("/passkeyProfiles/0/keyRestrictions", allow(aaguids))
            .strengths(&[authenticator_only()])
            .linted()
    };
    let two_models = strength(6, "Two", PASSES, Some(&[AUTHENTICATOR, KEY]));
    let reporting = |state: &str| {
        let mut policy = access(1, &[], &any_passkey());
        policy["state"] = json!(state);
        lint(&[policy])
    };
    let app_protection = access(1, &["compliantApplication"], &Value::Null);
    vec![
        case("PK200", lint(&[access(1, &[], &weak())]), |scene| {
            set(
                scene,
                "/value/0/grantControls/authenticationStrength",
                any_passkey(),
            )
        }),
        case(
            "PK202",
            restricted(&[AUTHENTICATOR]).strengths(&[two_models]),
            |scene| {
                scene.fido2(
                    "/passkeyProfiles/0/keyRestrictions",
                    allow(&[AUTHENTICATOR, KEY]),
                )
            },
        ),
        case(
            "PK203",
            lint(&[access(
                1,
                &[],
                &strength(7, "Hello", &["windowsHelloForBusiness"], None),
            )]),
            |scene| {
                let place = "/value/0/grantControls/authenticationStrength/allowedCombinations";
                set(scene, place, json!(["windowsHelloForBusiness", "fido2"]))
            },
        ),
        case(
            "PK204",
            reporting("enabledForReportingButNotEnforced"),
            |scene| set(scene, "/value/0/state", json!("enabled")),
        ),
        case(
            "PK205",
            lint(&[
                access(1, &[], &any_passkey()),
                access(
                    2,
                    &[],
                    &strength(7, "Hello", &["windowsHelloForBusiness"], None),
                ),
            ]),
            |scene| set(scene, "/value/1/state", json!("disabled")),
        ),
        case("PK210", lint(&[access(1, &[], &strict())]), |scene| {
            set(
                scene,
                "/value/0/conditions/applications/applicationFilter",
                json!({"mode": "exclude"}),
            )
        }),
        case("PK210", lint(&[access(1, &[], &strict())]), |scene| {
            scene.policies(&[access(1, &[], &strict()), for_action()])
        }),
        case("PK210", lint(&[access(1, &[], &strict())]), |scene| {
            let place = "/value/0/grantControls/authenticationStrength/allowedCombinations";
            set(scene, place, json!(PASSES))
        }),
        case(
            "PK210",
            {
                let mut scene = lint(&[access(1, &[], &any_passkey())]);
                scene.set(
                    "methods.json",
                    &format!("{}/state", crate::scene::T),
                    json!("disabled"),
                );
                scene
            },
            |mut scene| {
                scene.set(
                    "methods.json",
                    &format!("{}/state", crate::scene::T),
                    json!("enabled"),
                );
                scene
            },
        ),
        case(
            "PK211",
            lint(std::slice::from_ref(&app_protection)),
            |scene| {
                let app = json!(["6AA00308-EA33-4CAA-90D6-AE905D8CB51B"]);
                set(
                    scene,
                    "/value/0/conditions/applications/excludeApplications",
                    app,
                )
            },
        ),
        case("PK211", lint(&[app_protection]), |scene| {
            let either = json!(["compliantApplication", "compliantDevice"]);
            set(scene, "/value/0/grantControls/builtInControls", either)
        }),
        case("PK212", restricted(&[KEY]), |scene| {
            scene.fido2(
                "/passkeyProfiles/0/keyRestrictions",
                allow(&[KEY, AUTHENTICATOR]),
            )
        }),
        case("PK212", restricted(&[KEY]), |scene| {
            scene.strengths(&[strength(2, "Authenticator", PASSES, None)])
        }),
        case(
            "PK213",
            set(
                lint(&[access(1, &["mfa"], &Value::Null)]),
                "/value/0/conditions/users/excludeUsers",
                json!([]),
            ),
            |scene| {
                set(
                    scene,
                    "/value/0/conditions/users/excludeGroups",
                    json!([PILOT]),
                )
            },
        ),
        case(
            "PK206",
            set(
                lint(&[access(1, &[], &any_passkey())]),
                "/value/0/conditions/locations",
                json!({"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}),
            ),
            |scene| set(scene, "/value/0/conditions/locations", Value::Null),
        ),
    ]
}
