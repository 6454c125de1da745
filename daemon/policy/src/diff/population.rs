//! Whom two exports name, and which models they treat alike.

use crate::capability::named;
use crate::exports::Exports;
use crate::guid::Guid;
use crate::holder::Holder;
use crate::model::{Groups, PasskeyProfile, TargetId, TargetKind};
use crate::truth::Truth;
use hybrid_protocol::ctap::Aaguid;
use std::collections::{BTreeMap, BTreeSet};

/// An id that no tenant has: whoever is in a group is some user.
const SOMEONE: Guid = Guid::of(u128::MAX);
/// A model that no list names.
const ANOTHER: Aaguid = Aaguid::of(u128::MAX);

/// Everyone, and the members of each group or the user that a target names.
pub(super) fn named_by(exports: [&Exports; 2]) -> Vec<(String, Holder)> {
    let someone = |groups: BTreeSet<Guid>, id: Guid| Holder {
        id: Some(id),
        groups: Groups::Exactly(groups),
        ..Holder::default()
    };
    let mut people = BTreeMap::new();
    let everyone = "users in none of the named groups".to_owned();
    people.insert(everyone, someone(BTreeSet::new(), SOMEONE));
    let configurations = exports.into_iter().filter_map(Exports::fido2);
    let lists = configurations.flat_map(|fido2| [&fido2.include, &fido2.exclude]);
    for target in lists.flat_map(|list| list.value.iter().flatten()) {
        let Some(TargetId::Object(id)) = target.id.value else {
            continue;
        };
        let (name, holder) = match target.kind.value {
            Some(TargetKind::User) => (format!("the user {id}"), someone(BTreeSet::new(), id)),
            Some(TargetKind::Group) | None => (
                format!("a member of only the group {id}"),
                someone(BTreeSet::from([id]), SOMEONE),
            ),
        };
        people.insert(name, holder);
    }
    people.into_iter().collect()
}

/// Models that both exports treat alike.
pub(super) struct ModelClass {
    pub(super) representative: Aaguid,
    pub(super) name: String,
}

/// Every model that a profile names is in one of them, and so is one that none names.
pub(super) fn classes(exports: [&Exports; 2]) -> Vec<ModelClass> {
    let profiles: Vec<&PasskeyProfile> = exports
        .into_iter()
        .filter_map(Exports::fido2)
        .flat_map(|fido2| {
            let profiles = fido2.profiles.value.iter().flatten();
            profiles.chain([&fido2.flat_profile])
        })
        .collect();
    let mut models = BTreeSet::from([Aaguid::NONE, ANOTHER]);
    for profile in &profiles {
        let keys = profile.keys.value.iter();
        models.extend(keys.flat_map(|keys| keys.aaguids.known().copied()));
    }
    let mut classes: BTreeMap<Vec<Truth>, Vec<Aaguid>> = BTreeMap::new();
    for model in models {
        let each = profiles.iter().map(|profile| profile.admits(&model).truth);
        classes.entry(each.collect()).or_default().push(model);
    }
    let classes = classes.into_values().filter_map(|models| {
        Some(ModelClass {
            representative: *models.first()?,
            name: name(&models),
        })
    });
    classes.collect()
}

fn name(models: &[Aaguid]) -> String {
    const SHOWN: usize = 6;
    let word = |model: &Aaguid| match *model {
        ANOTHER => "all other models".to_owned(),
        Aaguid::NONE => "no stated model".to_owned(),
        _ => named(model),
    };
    let mut words: Vec<String> = models.iter().take(SHOWN).map(word).collect();
    if let Some(more) = models.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        words.push(format!("{more} more"));
    }
    words.join(", ")
}
