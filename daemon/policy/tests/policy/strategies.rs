//! Any tenant, person and passkey, and every place of an export.

use crate::scene::{
    AUTHENTICATOR, DEFAULT, GPM, KEY, PILOT, STRICT, Scene, aaguid, access, groups, keys, modern,
    profile, strength, target,
};
use hybrid_policy::{AttestationFacts, Client, Conveyance, Groups, Occasion, Way};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};

pub const OTHERS: &str = "22222222-2222-2222-2222-222222222222";
const ZERO: &str = "00000000-0000-0000-0000-000000000000";
pub const MODELS: [&str; 4] = [GPM, AUTHENTICATOR, KEY, ZERO];

pub fn some(words: &'static [&'static str]) -> impl Strategy<Value = Vec<&'static str>> {
    subsequence(words, 0..=words.len())
}

fn any_profile(id: &'static str) -> impl Strategy<Value = Value> {
    let kinds = select(vec!["deviceBound", "synced", "deviceBound,synced"]);
    let attestation = select(vec!["disabled", "registrationOnly"]);
    let list = (any::<bool>(), select(vec!["allow", "block"]), some(&MODELS));
    (kinds, attestation, list).prop_map(move |(kinds, attestation, (enforced, kind, models))| {
        profile(id, kinds, attestation, &keys(enforced, kind, &models))
    })
}

fn any_target() -> impl Strategy<Value = Value> {
    let id = select(vec!["all_users", PILOT, OTHERS]);
    (id, some(&[DEFAULT, STRICT])).prop_map(|(id, profiles)| target(id, &profiles))
}

fn any_groups() -> impl Strategy<Value = Groups> {
    prop_oneof![
        Just(Groups::Unknown),
        some(&[PILOT, OTHERS]).prop_map(|ids| Groups::AtLeast(groups(&ids))),
        some(&[PILOT, OTHERS]).prop_map(|ids| Groups::Exactly(groups(&ids))),
    ]
}

fn any_access() -> impl Strategy<Value = Vec<Value>> {
    let combinations = some(&[
        "fido2",
        "windowsHelloForBusiness",
        "password, sms",
        "temporaryAccessPassOneTime",
    ]);
    let models = prop::option::of(some(&MODELS));
    let people = select(vec![json!(["All"]), json!([])]);
    let one = (
        combinations,
        models,
        people,
        some(&[PILOT, OTHERS]),
        any::<bool>(),
    );
    let one = one.prop_map(|(combinations, models, people, groups, on)| {
        let strength = strength(0, "Any", &combinations, models.as_deref());
        let mut policy = access(1, &[], &strength);
        policy["conditions"]["users"]["includeUsers"] = people;
        policy["conditions"]["users"]["includeGroups"] = json!(groups);
        policy["state"] = json!(if on { "enabled" } else { "disabled" });
        policy
    });
    prop::collection::vec(one, 0..4).prop_map(|mut policies| {
        for (index, policy) in policies.iter_mut().enumerate() {
            policy["id"] = json!(format!("policy {index}"));
            let id = format!("dd055c42-0000-0000-0000-00000000000{index}");
            policy["grantControls"]["authenticationStrength"]["id"] = json!(id);
        }
        policies
    })
}

/// Any tenant, person and passkey, of either generation.
pub fn any_scene() -> impl Strategy<Value = Scene> {
    let profiles = prop_oneof![
        1 => Just(json!([])),
        4 => (any_profile(DEFAULT), any_profile(STRICT)).prop_map(|(one, two)| json!([one, two])),
    ];
    let tenant = (
        profiles,
        prop::collection::vec(any_target(), 0..3),
        some(&[PILOT, OTHERS]),
    );
    let flat = (
        any::<bool>(),
        any::<bool>(),
        select(vec!["allow", "block"]),
        some(&MODELS),
    );
    let passkey = (
        prop::option::of(select(MODELS.to_vec())),
        prop::option::of(any::<bool>()),
        prop::option::of(select(vec![
            AttestationFacts::Missing,
            AttestationFacts::SelfSigned,
        ])),
    );
    let occasion = (
        select(vec![
            Occasion::BeforeRegistration,
            Occasion::Registration,
            Occasion::SignIn,
        ]),
        select(vec![Way::Qr, Way::VirtualKey, Way::SameDevice]),
        select(vec![Client::Unknown, Client::Chromium, Client::Firefox]),
        prop::option::of(select(vec![Conveyance::None, Conveyance::Wanted])),
    );
    (
        tenant,
        flat,
        passkey,
        occasion,
        any_groups(),
        any_access(),
        any::<[bool; 2]>(),
    )
        .prop_map(
            |(tenant, flat, passkey, occasion, groups, access, [enabled, self_service])| {
                let (profiles, targets, excluded) = tenant;
                let with_profiles = profiles != json!([]);
                let excluded: Vec<Value> = excluded
                    .iter()
                    .map(|id| json!({"targetType": "group", "id": id}))
                    .collect();
                let mut targets = targets;
                if !with_profiles {
                    for target in &mut targets {
                        target["allowedPasskeyProfiles"] = json!([]);
                    }
                }
                let default = if with_profiles {
                    json!(DEFAULT)
                } else {
                    Value::Null
                };
                modern()
                    .fido2(
                        "/state",
                        json!(if enabled { "enabled" } else { "disabled" }),
                    )
                    .fido2("/isSelfServiceRegistrationAllowed", json!(self_service))
                    .fido2("/passkeyProfiles", profiles)
                    .fido2("/defaultPasskeyProfile", default)
                    .fido2("/includeTargets", json!(targets))
                    .fido2("/excludeTargets", json!(excluded))
                    .fido2("/isAttestationEnforced", json!(flat.0))
                    .fido2("/keyRestrictions", keys(flat.1, flat.2, &flat.3))
                    .policies(&access)
                    .asked(|inquiry| {
                        inquiry.holder.groups = groups;
                        inquiry.passkey.aaguid = passkey.0.map(aaguid);
                        inquiry.passkey.synced = passkey.1;
                        inquiry.passkey.attestation = passkey.2;
                        (inquiry.occasion, inquiry.way, inquiry.client) =
                            (occasion.0, occasion.1, occasion.2);
                        inquiry.site.attestation = occasion.3;
                    })
            },
        )
}

/// Every place of a document.
pub fn places(document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    collect(document, String::new(), &mut found);
    found
}

fn collect(value: &Value, at: String, found: &mut Vec<String>) {
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        collect(item, format!("{at}/{index}"), found);
    }
    for (name, member) in value.as_object().into_iter().flatten() {
        let name = name.replace('~', "~0").replace('/', "~1");
        collect(member, format!("{at}/{name}"), found);
    }
    found.push(at);
}
