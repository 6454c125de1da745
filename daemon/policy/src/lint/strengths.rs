//! Strengths that list models which no profile lets register.

use crate::catalogue::{STRENGTH_MODEL, STRENGTH_UNREACHABLE};
use crate::exports::Exports;
use crate::model::{Fido2, Generation, PasskeyProfile, Strength};
use crate::model_name::named;
use crate::ruling::Ruling;
use crate::truth::Held;
use hybrid_protocol::ctap::Aaguid;

pub(super) fn lint(exports: &Exports, fido2: &Fido2) -> Vec<Ruling> {
    let Some(targets) = &fido2.include.value else {
        return Vec::new();
    };
    let profiles: Vec<_> = targets
        .iter()
        .flat_map(|target| {
            let place = &target.profiles.place;
            let profiles = fido2.profiles_of(target).into_iter();
            profiles.map(move |profile| (place, profile))
        })
        .collect();
    let by_profiles = fido2.generation() == Generation::Profiles;
    let strengths = exports.strengths().into_iter();
    let reachable = |aaguid: &Aaguid| -> Held {
        let each = profiles.iter().map(|(assigned, profile)| match profile {
            Ok(profile) if by_profiles => admits(profile, aaguid).on(assigned),
            Ok(profile) => admits(profile, aaguid),
            Err(unknown) => unknown.clone(),
        });
        Held::any(each)
            .on(&fido2.include.place)
            .on(&fido2.profiles.place)
    };
    strengths
        .filter_map(|strength| judge(strength, reachable))
        .collect()
}

fn admits(profile: &PasskeyProfile, aaguid: &Aaguid) -> Held {
    let kinds = profile
        .kinds
        .held(|kinds| kinds.device_bound || kinds.synced || kinds.others);
    profile.admits(aaguid).and(kinds)
}

fn judge(strength: &Strength, reachable: impl Fn(&Aaguid) -> Held) -> Option<Ruling> {
    let models = strength.models().filter(|models| !models.is_empty())?;
    let takes = strength.allows("fido2");
    let unread = strength.configurations.value.iter().flatten().any(|each| {
        let items = each.aaguids.value.as_ref();
        items.is_none_or(|items| items.iter().any(|item| item.value.is_none()))
    });
    if !takes.yes() {
        return None;
    }
    let each: Vec<(&Aaguid, Held)> = models
        .iter()
        .map(|model| (model, reachable(model)))
        .collect();
    let any = Held::any(each.iter().map(|(_, held)| held.clone()));
    let rest = |mut ruling: Ruling| {
        for configuration in strength.configurations.value.iter().flatten() {
            ruling = ruling.on(&configuration.aaguids.place);
        }
        ruling.because(&takes).on(&strength.configurations.place)
    };
    if any.no() && !unread {
        let saw = format!(
            "the strength \"{}\" lists {}",
            strength.name,
            match each.len() {
                1 => "one model, and no profile accepts it".to_owned(),
                models => format!("{models} models, and no profile accepts one"),
            }
        );
        return Some(rest(
            Ruling::notes(&STRENGTH_UNREACHABLE, &saw).because(&any),
        ));
    }
    let refused = each.iter().filter(|(_, held)| held.no());
    let names: Vec<String> = refused.clone().map(|(model, _)| named(model)).collect();
    if names.is_empty() {
        return None;
    }
    let saw = format!(
        "no profile accepts these of the strength \"{}\": {}",
        strength.name,
        names.join(", ")
    );
    let todo = "Align the strength and the profiles: each has its own list of AAGUIDs.";
    let change =
        "Add these AAGUIDs to aaGuids of an assigned profile, or remove them from the strength.";
    let mut ruling = Ruling::notes(&STRENGTH_MODEL, &saw)
        .meaning(
            "The strength accepts these models and no profile does, so nobody can register them.",
        )
        .advising(todo)
        .turned_by(change);
    for (_, held) in refused {
        ruling = ruling.because(held);
    }
    Some(rest(ruling))
}
