//! How a user gets to the point of registering, and what happens when a device is lost.

use super::{Case, case};
use crate::scene::{KEY, NOW, Scene, T, access, modern, strength};
use hybrid_policy::{Moment, Occasion};
use serde_json::{Value, json};

pub fn pass(one_time: bool, start: Moment) -> Value {
    json!({"@odata.type": "#microsoft.graph.temporaryAccessPassAuthenticationMethod", "id": "t",
        "isUsableOnce": one_time, "isUsable": true, "lifetimeInMinutes": 60,
        "methodUsabilityReason": "EnabledByPolicy", "startDateTime": start.to_string()})
}

fn passes(mut scene: Scene, member: &str, value: Value) -> Scene {
    scene.set("methods.json", &format!("{T}/{member}"), value);
    scene
}

fn passkey(synced: bool) -> Value {
    passkey_with("p", synced)
}

fn passkey_with(id: &str, synced: bool) -> Value {
    json!({"@odata.type": "#microsoft.graph.fido2AuthenticationMethod", "id": id,
        "aaGuid": KEY, "passkeyType": if synced { "synced" } else { "deviceBound" }})
}

pub fn cases() -> Vec<Case> {
    let ago = |minutes: i64| NOW.plus_minutes(-minutes);
    let no_pass = || passes(modern(), "state", json!("disabled"));
    let one_time = || passes(modern(), "isUsableOnce", json!(true));
    let two_ways = strength(
        1,
        "Passkeys or passes",
        &["fido2", "temporaryAccessPassMultiUse"],
        None,
    );
    let strict = || strength(2, "Passkeys alone", &["fido2"], None);
    let some_app = || {
        let mut policy = access(1, &[], &strict());
        policy["conditions"]["applications"]["includeApplications"] =
            json!(["00000003-0000-0000-c000-000000000000"]);
        policy
    };
    vec![
        case(
            "PK040",
            modern().asked(|inquiry| inquiry.holder.last_mfa = Some(ago(6))),
            |scene| scene.asked(|inquiry| inquiry.holder.last_mfa = Some(ago(4))),
        ),
        case(
            "PK040",
            modern().asked(|inquiry| inquiry.holder.last_mfa = None),
            |scene| scene.asked(|inquiry| inquiry.occasion = Occasion::SignIn),
        ),
        case(
            "PK041",
            no_pass().asked(|inquiry| inquiry.holder.mfa_capable = Some(false)),
            |scene| passes(scene, "state", json!("enabled")),
        ),
        case(
            "PK041",
            no_pass().asked(|inquiry| inquiry.holder.mfa_capable = Some(false)),
            |scene| scene.asked(|inquiry| inquiry.holder.mfa_capable = Some(true)),
        ),
        case("PK041", no_pass().linted(), |scene| {
            passes(scene, "state", json!("enabled"))
        }),
        case(
            "PK042",
            modern().asked(|inquiry| inquiry.holder.one_time_pass_used = Some(ago(11))),
            |scene| scene.asked(|inquiry| inquiry.holder.one_time_pass_used = None),
        ),
        case("PK042", modern().user(&[pass(true, NOW)]), |scene| {
            scene.user(&[pass(false, NOW)])
        }),
        case("PK042", one_time().linted(), |scene| {
            passes(scene, "isUsableOnce", json!(false))
        }),
        case(
            "PK043",
            one_time().user(&[pass(false, NOW)]).linted(),
            |scene| scene.user(&[pass(true, NOW)]),
        ),
        case(
            "PK043",
            one_time().strengths(&[two_ways]).linted(),
            |scene| passes(scene, "isUsableOnce", json!(false)),
        ),
        case("PK044", modern().user(&[pass(true, ago(61))]), |scene| {
            scene.user(&[pass(true, ago(59))])
        }),
        case(
            "PK044",
            modern().user(&[pass(true, NOW.plus_minutes(1))]),
            |scene| scene.user(&[pass(true, NOW)]),
        ),
        case(
            "PK045",
            modern().policies(&[some_app()]).linted(),
            |mut scene| {
                scene.set(
                    "access.json",
                    "/value/0/grantControls/authenticationStrength/allowedCombinations",
                    json!(["fido2", "temporaryAccessPassOneTime"]),
                );
                scene
            },
        ),
        case(
            "PK220",
            no_pass().user(&[passkey(false)]).linted(),
            |scene| scene.user(&[passkey(true)]),
        ),
        case(
            "PK220",
            no_pass().user(&[passkey(false)]).linted(),
            |scene| passes(scene, "state", json!("enabled")),
        ),
        case(
            "PK221",
            modern()
                .fido2("/passkeyProfiles/0/passkeyTypes", json!("deviceBound"))
                .compared(),
            |scene| {
                scene.fido2(
                    "/passkeyProfiles/0/passkeyTypes",
                    json!("deviceBound,synced"),
                )
            },
        ),
        case(
            "PK131",
            modern()
                .user(&["a", "b", "c", "d"].map(|id| passkey_with(id, true)))
                .linted(),
            |scene| scene.user(&["a", "b", "c"].map(|id| passkey_with(id, true))),
        ),
    ]
}
