//! What authenticator, client and phone did or cannot do.

use super::{Case, case};
use crate::scene::{AUTHENTICATOR, aaguid, modern};
use hybrid_policy::{Occasion, PhoneSystem, Transport, Way};
use serde_json::json;

pub fn cases() -> Vec<Case> {
    let phone = |version: u16| {
        modern().asked(|inquiry| {
            inquiry.passkey.aaguid = Some(aaguid(AUTHENTICATOR));
            inquiry.device.system = Some(PhoneSystem::Android);
            inquiry.device.version = Some(version);
        })
    };
    let sign_in = || modern().asked(|inquiry| inquiry.occasion = Occasion::SignIn);
    vec![
        case(
            "PK031",
            sign_in().asked(|inquiry| {
                inquiry.passkey.user_name = Some("old@example.com".to_owned());
                inquiry.holder.user_name = Some("new@example.com".to_owned());
            }),
            |scene| {
                scene
                    .asked(|inquiry| inquiry.passkey.user_name = Some("NEW@example.com".to_owned()))
            },
        ),
        case(
            "PK120",
            modern().asked(|inquiry| inquiry.passkey.user_verified = Some(false)),
            |scene| scene.asked(|inquiry| inquiry.passkey.user_verified = Some(true)),
        ),
        case(
            "PK121",
            modern().asked(|inquiry| inquiry.passkey.discoverable = Some(false)),
            |scene| scene.asked(|inquiry| inquiry.passkey.discoverable = None),
        ),
        case(
            "PK122",
            modern().asked(|inquiry| inquiry.passkey.already_registered = true),
            |scene| scene.asked(|inquiry| inquiry.passkey.already_registered = false),
        ),
        case(
            "PK122",
            modern()
                .user(&[
                    json!({"@odata.type": "#microsoft.graph.fido2AuthenticationMethod",
                    "id": "p", "aaGuid": AUTHENTICATOR, "passkeyType": "deviceBound"}),
                ])
                .asked(|inquiry| {
                    inquiry.occasion = Occasion::BeforeRegistration;
                    inquiry.passkey.aaguid = Some(aaguid(AUTHENTICATOR));
                }),
            |scene| {
                scene.asked(|inquiry| {
                    inquiry.passkey.aaguid = Some(aaguid(crate::scene::GPM));
                })
            },
        ),
        case(
            "PK123",
            modern().asked(|inquiry| inquiry.site.algorithms = Some(vec![-257])),
            |scene| scene.asked(|inquiry| inquiry.site.algorithms = Some(vec![-257, -7])),
        ),
        case(
            "PK124",
            modern().asked(|inquiry| inquiry.site.wants_platform = true),
            |scene| scene.asked(|inquiry| inquiry.way = Way::SameDevice),
        ),
        case(
            "PK124",
            sign_in().asked(|inquiry| inquiry.passkey.transports = vec![Transport::Usb]),
            |scene| {
                scene.asked(|inquiry| {
                    inquiry.passkey.transports = vec![Transport::Usb, Transport::Hybrid]
                })
            },
        ),
        case(
            "PK125",
            sign_in().asked(|inquiry| inquiry.passkey.synced_at_registration = Some(false)),
            |scene| scene.asked(|inquiry| inquiry.passkey.synced_at_registration = Some(true)),
        ),
        case("PK130", phone(13), |scene| {
            scene.asked(|inquiry| inquiry.device.version = Some(14))
        }),
        case(
            "PK130",
            phone(14).asked(|inquiry| inquiry.device.authenticator = Some((6, 2507, 4748))),
            |scene| scene.asked(|inquiry| inquiry.device.authenticator = Some((6, 2507, 4749))),
        ),
        case(
            "PK130",
            phone(14).asked(|inquiry| inquiry.device.authenticator = Some((6, 1, 0))),
            |scene| scene.fido2("/passkeyProfiles/0/passkeyTypes", json!("synced")),
        ),
    ]
}
