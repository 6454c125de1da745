//! The configuration of passkeys by itself.

use crate::capability::WINDOWS_HELLO;
use crate::catalogue::{
    DANGLING_PROFILE, METHOD_DISABLED, SELF_SERVICE_OFF, SIZE_LIMIT, SPLIT_PROFILES,
    TARGET_WITHOUT_PROFILE, TWO_SOURCES_DISAGREE, WINDOWS_HELLO_ATTESTED,
};
use crate::limits::{MAX_POLICY_BYTES, MAX_PROFILES};
use crate::model::{
    AttestationRule, DEFAULT_PROFILE, Fido2, Generation, KeyRestrictions, ListKind, PasskeyProfile,
};
use crate::pointer::Pointer;
use crate::ruling::Ruling;
use crate::truth::Held;
use hybrid_protocol::ctap::Aaguid;
use std::collections::BTreeSet;

pub(super) fn lint(fido2: &Fido2) -> Vec<Ruling> {
    let mut rulings = Vec::new();
    let off = fido2.enabled.held(|enabled| !enabled);
    if off.yes() {
        let saw = "the method's state is disabled";
        rulings.push(Ruling::notes(&METHOD_DISABLED, saw).because(&off));
    }
    let closed = fido2.self_service.held(|allowed| !allowed);
    if closed.yes() {
        let saw = "isSelfServiceRegistrationAllowed is false";
        rulings.push(Ruling::notes(&SELF_SERVICE_OFF, saw).because(&closed));
    }
    rulings.extend(size(fido2));
    if fido2.generation() == Generation::Profiles {
        rulings.extend(two_sources(fido2));
        rulings.extend(assignments(fido2));
    }
    let profiles = fido2.profiles.value.iter().flatten();
    for profile in profiles {
        rulings.extend(windows_hello(profile));
        rulings.extend(unreachable(profile));
    }
    rulings
}

/// Conditions that no passkey meets together.
fn unreachable(profile: &PasskeyProfile) -> Option<Ruling> {
    let enforced = profile
        .attestation
        .held(|rule| *rule == AttestationRule::RegistrationOnly);
    let synced_alone = profile
        .kinds
        .held(|kinds| kinds.synced && !kinds.device_bound);
    let against_itself = enforced.and(synced_alone);
    let no_model = match &profile.keys.value {
        Some(keys) => Held::all([
            keys.enforced.held(|enforced| *enforced),
            keys.kind.held(|kind| *kind == ListKind::Allow),
            keys.aaguids.held(Vec::is_empty),
        ]),
        None => Held::given(false),
    };
    let name = &profile.name;
    let (held, saw, change) = match (against_itself.yes(), no_model.yes()) {
        (true, _) => (
            against_itself,
            format!(
                "\"{name}\" accepts synced passkeys alone and enforces attestation, which these do not have"
            ),
            format!(
                "Set attestationEnforcement to disabled at {}, or add deviceBound at {}.",
                profile.attestation.place, profile.kinds.place
            ),
        ),
        (false, true) => {
            let place = &profile.keys.place;
            (
                no_model,
                format!("\"{name}\" accepts only listed models, and lists none"),
                format!("Add AAGUIDs to aaGuids, or set isEnforced to false, at {place}."),
            )
        }
        (false, false) => return None,
    };
    let ruling = Ruling::notes(&SPLIT_PROFILES, &saw).because(&held);
    Some(
        ruling
            .meaning(
                "No passkey meets every condition of this profile, so nobody can register with it.",
            )
            .advising(&change)
            .turned_by(&change),
    )
}

fn two_sources(fido2: &Fido2) -> Vec<Ruling> {
    let id = fido2.default_profile.value.unwrap_or(DEFAULT_PROFILE);
    let Some(profile) = fido2.profile(id) else {
        return Vec::new();
    };
    let disagree = |what: &str, flat: &Pointer, own: &Pointer| {
        let saw = format!("{what} of \"{}\" and the flat setting differ", profile.name);
        Ruling::notes(&TWO_SOURCES_DISAGREE, &saw).on(flat).on(own)
    };
    let mut rulings = Vec::new();
    let flat = fido2.flat_profile.attestation.value;
    if let (Some(flat), Some(own)) = (flat, profile.attestation.value)
        && flat != own
    {
        let place = &fido2.flat_attestation.place;
        rulings.push(disagree("attestation", place, &profile.attestation.place));
    }
    if let (Some(flat), Some(own)) = (&fido2.flat_keys.value, &profile.keys.value)
        && let (Some(flat_says), Some(own_says)) = (meaning(flat), meaning(own))
        && flat_says != own_says
    {
        let place = &fido2.flat_keys.place;
        rulings.push(disagree("the list of models", place, &profile.keys.place));
    }
    rulings
}

/// What a list amounts to; `None` when something of it cannot be read.
fn meaning(keys: &KeyRestrictions) -> Option<Option<(ListKind, BTreeSet<Aaguid>)>> {
    if !keys.enforced.value? {
        return Some(None);
    }
    let each = keys.aaguids.value.as_ref()?.iter();
    let aaguids: Option<BTreeSet<Aaguid>> = each.map(|aaguid| aaguid.value).collect();
    Some(Some((keys.kind.value?, aaguids?)))
}

fn assignments(fido2: &Fido2) -> Vec<Ruling> {
    let mut rulings = Vec::new();
    for target in fido2.include.value.iter().flatten() {
        let Some(assigned) = &target.profiles.value else {
            continue;
        };
        if assigned.is_empty() {
            let saw = "a target has an empty list of profiles";
            rulings.push(Ruling::notes(&TARGET_WITHOUT_PROFILE, saw).on(&target.profiles.place));
        }
        for id in assigned {
            let missing = id.value.filter(|id| fido2.profile(*id).is_none());
            if let Some(missing) = missing.filter(|_| fido2.profiles.value.is_some()) {
                let saw = format!("no profile has the id {missing}");
                let ruling = Ruling::notes(&DANGLING_PROFILE, &saw);
                rulings.push(ruling.on(&id.place).on(&fido2.profiles.place));
            }
        }
    }
    rulings
}

fn windows_hello(profile: &PasskeyProfile) -> Option<Ruling> {
    let enforced = profile
        .attestation
        .held(|rule| *rule == AttestationRule::RegistrationOnly);
    let keys = profile.keys.value.as_ref()?;
    let listed = keys
        .aaguids
        .known()
        .any(|aaguid| WINDOWS_HELLO.contains(aaguid));
    let allows = keys.kind.value == Some(ListKind::Allow) && keys.enforced.value == Some(true);
    let saw = format!(
        "\"{}\" lists Windows Hello and enforces attestation",
        profile.name
    );
    (enforced.yes() && listed && allows).then(|| {
        Ruling::notes(&WINDOWS_HELLO_ATTESTED, &saw)
            .because(&enforced)
            .on(&keys.aaguids.place)
            .on(&keys.kind.place)
            .on(&keys.enforced.place)
    })
}

fn size(fido2: &Fido2) -> Option<Ruling> {
    let profiles = fido2.profiles.value.as_ref().map_or(0, Vec::len);
    let bytes = fido2.canonical.len();
    let near = MAX_POLICY_BYTES / 10 * 9;
    let saw = format!("{profiles} profiles, and about {bytes} bytes of configuration");
    let ruling = || Ruling::notes(&SIZE_LIMIT, &saw).on(&fido2.place);
    (profiles > MAX_PROFILES || bytes > near).then(ruling)
}
