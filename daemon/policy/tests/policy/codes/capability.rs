//! What the authentication methods policy accepts.

use super::{Case, case};
use crate::scene::{
    AUTHENTICATOR, DEFAULT, F, GPM, KEY, NOW, PILOT, STRICT, Scene, aaguid, groups, keys, modern,
    profile, target,
};
use hybrid_policy::{
    Aaguid, AttestationFacts, ChainFacts, Client, Conveyance, Groups, MetadataFacts, Moment,
    Occasion, Way,
};
use serde_json::{Value, json};

const HELLO: &str = "08987058-cadc-4b81-b6e1-30de50dcbe96";

pub fn cases() -> Vec<Case> {
    let mut cases = who();
    cases.extend(what());
    cases.extend(attestation());
    cases.extend(lints());
    cases
}

fn rule(scene: Scene, member: &str, value: Value) -> Scene {
    scene.fido2(&format!("/passkeyProfiles/0/{member}"), value)
}

fn who() -> Vec<Case> {
    vec![
        case("PK000", modern(), |scene| {
            scene.fido2("/state", json!("disabled"))
        }),
        case(
            "PK010",
            modern().fido2("/state", json!("disabled")),
            |scene| scene.fido2("/state", json!("enabled")),
        ),
        case(
            "PK010",
            modern().fido2("/state", json!("disabled")).linted(),
            |scene| scene.fido2("/state", json!("enabled")),
        ),
        case(
            "PK011",
            modern()
                .fido2(
                    "/excludeTargets",
                    json!([{"targetType": "group", "id": PILOT}]),
                )
                .asked(|inquiry| inquiry.holder.groups = Groups::Exactly(groups(&[PILOT]))),
            |scene| scene.asked(|inquiry| inquiry.holder.groups = Groups::Exactly(groups(&[]))),
        ),
        case(
            "PK011",
            modern().fido2(
                "/excludeTargets",
                json!([{"targetType": "user", "id": "99999999-9999-9999-9999-999999999999"}]),
            ),
            |scene| scene.fido2("/excludeTargets/0/id", json!(PILOT)),
        ),
        case(
            "PK012",
            modern().fido2("/includeTargets/0/id", json!(PILOT)),
            |scene| scene.fido2("/includeTargets/0/id", json!("all_users")),
        ),
        case(
            "PK013",
            modern().fido2("/includeTargets/0/allowedPasskeyProfiles", json!([])),
            |scene| scene.fido2("/includeTargets/0/allowedPasskeyProfiles", json!([DEFAULT])),
        ),
        case(
            "PK020",
            modern().fido2("/isSelfServiceRegistrationAllowed", json!(false)),
            |scene| scene.asked(|inquiry| inquiry.occasion = Occasion::SignIn),
        ),
        case(
            "PK030",
            modern().asked(|inquiry| inquiry.holder.guest = Some(true)),
            |scene| scene.asked(|inquiry| inquiry.holder.guest = Some(false)),
        ),
    ]
}

fn what() -> Vec<Case> {
    let split = json!([
        profile(
            DEFAULT,
            "deviceBound,synced",
            "disabled",
            &keys(true, "allow", &[KEY])
        ),
        profile(
            STRICT,
            "deviceBound",
            "disabled",
            &keys(true, "allow", &[GPM])
        ),
    ]);
    let virtual_key = || {
        rule(modern(), "keyRestrictions", keys(true, "allow", &[GPM])).asked(|inquiry| {
            inquiry.way = Way::VirtualKey;
            inquiry.client = Client::Chromium;
            inquiry.site.attestation = Some(Conveyance::None);
        })
    };
    vec![
        case(
            "PK100",
            rule(modern(), "passkeyTypes", json!("deviceBound")),
            |scene| scene.asked(|inquiry| inquiry.passkey.synced = Some(false)),
        ),
        case(
            "PK100",
            rule(modern(), "passkeyTypes", json!("deviceBound"))
                .asked(|inquiry| inquiry.occasion = Occasion::SignIn),
            |scene| rule(scene, "passkeyTypes", json!("deviceBound, synced")),
        ),
        case(
            "PK101",
            rule(modern(), "passkeyTypes", json!("synced"))
                .asked(|inquiry| inquiry.passkey.synced = Some(false)),
            |scene| scene.asked(|inquiry| inquiry.passkey.synced = Some(true)),
        ),
        case(
            "PK102",
            rule(modern(), "keyRestrictions", keys(true, "allow", &[KEY])),
            |scene| rule(scene, "keyRestrictions", keys(true, "allow", &[KEY, GPM])),
        ),
        case(
            "PK102",
            rule(modern(), "keyRestrictions", keys(true, "allow", &[KEY])),
            |scene| rule(scene, "keyRestrictions", keys(false, "allow", &[KEY])),
        ),
        case(
            "PK103",
            rule(modern(), "keyRestrictions", keys(true, "block", &[GPM])),
            |scene| rule(scene, "keyRestrictions", keys(true, "block", &[KEY])),
        ),
        case(
            "PK104",
            rule(modern(), "keyRestrictions", keys(true, "allow", &[KEY]))
                .asked(|inquiry| inquiry.passkey.aaguid = Some(Aaguid::NONE)),
            |scene| scene.asked(|inquiry| inquiry.passkey.aaguid = Some(aaguid(KEY))),
        ),
        case(
            "PK104",
            rule(modern(), "keyRestrictions", keys(true, "block", &[KEY]))
                .asked(|inquiry| inquiry.passkey.aaguid = Some(Aaguid::NONE)),
            |scene| rule(scene, "keyRestrictions", keys(false, "block", &[KEY])),
        ),
        case(
            "PK105",
            modern().asked(|inquiry| inquiry.passkey.aaguid_at_site = Some(Aaguid::NONE)),
            |scene| scene.asked(|inquiry| inquiry.passkey.aaguid_at_site = Some(aaguid(GPM))),
        ),
        case(
            "PK106",
            modern().fido2("/passkeyProfiles", split).fido2(
                "/includeTargets/0/allowedPasskeyProfiles",
                json!([DEFAULT, STRICT]),
            ),
            |scene| {
                scene.fido2(
                    "/passkeyProfiles/1/passkeyTypes",
                    json!("deviceBound,synced"),
                )
            },
        ),
        case("PK118", virtual_key(), |scene| {
            scene.asked(|inquiry| inquiry.client = Client::Firefox)
        }),
        case("PK118", virtual_key(), |scene| {
            scene.asked(|inquiry| inquiry.way = Way::Qr)
        }),
        case("PK118", virtual_key(), |scene| {
            scene.asked(|inquiry| inquiry.site.attestation = Some(Conveyance::Wanted))
        }),
        case("PK118", virtual_key(), |scene| {
            rule(scene, "keyRestrictions", keys(false, "allow", &[GPM]))
        }),
        case(
            "PK118",
            virtual_key().asked(|inquiry| inquiry.occasion = Occasion::BeforeRegistration),
            |scene| scene.asked(|inquiry| inquiry.client = Client::Firefox),
        ),
    ]
}

fn attested(facts: AttestationFacts) -> Scene {
    rule(
        modern(),
        "attestationEnforcement",
        json!("registrationOnly"),
    )
    .asked(|inquiry| inquiry.passkey.attestation = Some(facts))
}

pub fn metadata(change: impl FnOnce(&mut MetadataFacts)) -> AttestationFacts {
    let mut metadata = MetadataFacts {
        number: 291,
        compromised: false,
        eligible: Some(true),
        changed: Some(Moment(0)),
    };
    change(&mut metadata);
    AttestationFacts::Packed(ChainFacts::Trusted(metadata))
}

fn attestation() -> Vec<Case> {
    let fine =
        |scene: Scene| scene.asked(|inquiry| inquiry.passkey.attestation = Some(metadata(|_| {})));
    let packed = |chain| attested(AttestationFacts::Packed(chain));
    let two = json!([
        profile(
            DEFAULT,
            "deviceBound,synced",
            "registrationOnly",
            &keys(false, "allow", &[])
        ),
        profile(
            STRICT,
            "deviceBound,synced",
            "disabled",
            &keys(false, "allow", &[])
        ),
    ]);
    let before = |scene: Scene| {
        scene.asked(|inquiry| {
            inquiry.occasion = Occasion::BeforeRegistration;
            inquiry.passkey = hybrid_policy::PasskeyFacts::default();
        })
    };
    vec![
        case(
            "PK050",
            before(attested(AttestationFacts::Missing)),
            |scene| rule(scene, "attestationEnforcement", json!("disabled")),
        ),
        case(
            "PK050",
            before(attested(AttestationFacts::Missing)),
            |scene| scene.asked(|inquiry| inquiry.way = Way::SameDevice),
        ),
        case(
            "PK051",
            before(modern()).fido2("/passkeyProfiles", two).fido2(
                "/includeTargets/0/allowedPasskeyProfiles",
                json!([DEFAULT, STRICT]),
            ),
            |scene| scene.fido2("/includeTargets/0/allowedPasskeyProfiles", json!([STRICT])),
        ),
        case("PK110", attested(AttestationFacts::Missing), fine),
        case("PK110", attested(AttestationFacts::Missing), |scene| {
            scene.asked(|inquiry| inquiry.occasion = Occasion::SignIn)
        }),
        case("PK111", attested(AttestationFacts::SelfSigned), fine),
        case(
            "PK112",
            attested(AttestationFacts::OtherFormat("apple".to_owned())),
            fine,
        ),
        case("PK113", packed(ChainFacts::UnknownRoot(291)), fine),
        case("PK114", packed(ChainFacts::Bad), fine),
        case(
            "PK114",
            rule(
                packed(ChainFacts::Bad),
                "attestationEnforcement",
                json!("disabled"),
            ),
            fine,
        ),
        case(
            "PK115",
            attested(metadata(|metadata| metadata.compromised = true)),
            fine,
        ),
        case(
            "PK116",
            attested(metadata(|metadata| metadata.eligible = Some(false))),
            fine,
        ),
        case(
            "PK117",
            attested(metadata(|metadata| metadata.changed = Some(NOW))),
            fine,
        ),
    ]
}

fn lints() -> Vec<Case> {
    let hello = keys(true, "allow", &[HELLO]);
    let many: Vec<Value> = (1..=4)
        .map(|number| {
            let id = format!("00000000-0000-0000-0000-00000000000{number}");
            profile(&id, "synced", "disabled", &keys(false, "allow", &[]))
        })
        .collect();
    let three = many[..3].to_vec();
    let long: Vec<String> = (0..600_u128)
        .map(|number| Aaguid::of(number).to_string())
        .collect();
    let campaign = "/registrationEnforcement/authenticationMethodsRegistrationCampaign/state";
    let mut nudged = rule(modern(), "passkeyTypes", json!("synced")).linted();
    nudged.set("methods.json", campaign, json!("enabled"));
    vec![
        case(
            "PK013",
            modern()
                .fido2("/includeTargets/0/allowedPasskeyProfiles", json!([]))
                .linted(),
            |scene| scene.fido2("/includeTargets/0/allowedPasskeyProfiles", json!([DEFAULT])),
        ),
        case(
            "PK020",
            modern()
                .fido2("/isSelfServiceRegistrationAllowed", json!(false))
                .linted(),
            |scene| scene.fido2("/isSelfServiceRegistrationAllowed", json!(true)),
        ),
        case(
            "PK052",
            rule(
                rule(modern(), "keyRestrictions", hello),
                "attestationEnforcement",
                json!("registrationOnly"),
            )
            .linted(),
            |scene| rule(scene, "attestationEnforcement", json!("disabled")),
        ),
        case(
            "PK230",
            modern().fido2("/passkeyProfiles", json!(many)).linted(),
            |scene| scene.fido2("/passkeyProfiles", json!(three)),
        ),
        case(
            "PK230",
            rule(modern(), "keyRestrictions/aaGuids", json!(long)).linted(),
            |scene| rule(scene, "keyRestrictions/aaGuids", json!([AUTHENTICATOR])),
        ),
        case("PK231", nudged.clone(), |scene| {
            rule(scene, "passkeyTypes", json!("deviceBound,synced"))
        }),
        case("PK231", nudged, |mut scene| {
            scene.set("methods.json", campaign, json!("default"));
            scene
        }),
        case(
            "PK010",
            modern().fido2("/state", json!("disabled")).linted(),
            |mut scene| {
                assert!(scene.remove("methods.json", &format!("{F}/state")));
                scene
            },
        ),
        case(
            "PK102",
            rule(modern(), "keyRestrictions", keys(true, "allow", &[KEY]))
                .user(&[
                    json!({"@odata.type": "#microsoft.graph.fido2AuthenticationMethod",
                    "id": "x", "aaGuid": GPM, "passkeyType": "synced"}),
                ])
                .linted(),
            |scene| rule(scene, "keyRestrictions", keys(true, "allow", &[GPM])),
        ),
        case(
            "PK012",
            modern().fido2("/includeTargets", json!([target(PILOT, &[DEFAULT])])),
            |scene| scene.asked(|inquiry| inquiry.holder.groups = Groups::Unknown),
        ),
    ]
}
