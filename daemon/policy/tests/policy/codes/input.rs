//! What was given, and what is missing.

use super::{Case, case};
use crate::scene::{DEFAULT, PILOT, STRICT, keys, modern, profile, target};
use hybrid_policy::Groups;
use serde_json::json;

pub fn cases() -> Vec<Case> {
    let methods = modern().files["methods.json"].clone();
    vec![
        case(
            "PK001",
            {
                let mut scene = modern();
                scene.files.clear();
                scene
            },
            |scene| scene.with("methods.json", methods),
        ),
        case(
            "PK002",
            modern().fido2("/state", json!("unknownFutureValue")),
            |scene| scene.fido2("/state", json!("enabled")),
        ),
        case(
            "PK002",
            modern()
                .asked(|inquiry| inquiry.passkey.synced = None)
                .fido2("/passkeyProfiles/0/passkeyTypes", json!("deviceBound")),
            |scene| scene.asked(|inquiry| inquiry.passkey.synced = Some(false)),
        ),
        case(
            "PK003",
            modern()
                .fido2("/includeTargets", json!([target(PILOT, &[DEFAULT])]))
                .asked(|inquiry| inquiry.holder.groups = Groups::Unknown),
            |scene| {
                let groups = json!({"@odata.context": "https://graph.microsoft.com/v1.0/$metadata#directoryObjects(id)",
                    "value": [{"@odata.type": "#microsoft.graph.group", "id": PILOT}]});
                scene.with("groups.json", groups)
            },
        ),
        case(
            "PK004",
            modern()
                .fido2("/isAttestationEnforced", json!(true))
                .linted(),
            |scene| scene.fido2("/isAttestationEnforced", json!(false)),
        ),
        case(
            "PK004",
            modern()
                .fido2(
                    "/keyRestrictions",
                    keys(true, "block", &[super::super::scene::GPM]),
                )
                .linted(),
            |scene| {
                let own = keys(true, "block", &[super::super::scene::GPM]);
                scene.fido2("/passkeyProfiles/0/keyRestrictions", own)
            },
        ),
        case(
            "PK300",
            modern().asked(|inquiry| inquiry.site.rp_id = "example.com".to_owned()),
            |scene| {
                scene.asked(|inquiry| inquiry.site.rp_id = "login.microsoftonline.us".to_owned())
            },
        ),
        case(
            "PK014",
            modern()
                .fido2("/includeTargets/0/allowedPasskeyProfiles", json!([STRICT]))
                .linted(),
            |scene| {
                let both = json!([
                    profile(DEFAULT, "synced", "disabled", &keys(false, "allow", &[])),
                    profile(STRICT, "synced", "disabled", &keys(false, "allow", &[])),
                ]);
                scene.fido2("/passkeyProfiles", both)
            },
        ),
    ]
}
