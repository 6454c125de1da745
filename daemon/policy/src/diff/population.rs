//! Whom two exports name, and which models they treat alike.

use crate::exports::Exports;
use crate::given::Given;
use crate::guid::Guid;
use crate::holder::Holder;
use crate::model::{Fido2, Groups, PasskeyProfile, PolicyTarget, TargetId, TargetKind};
use crate::model_name::named;
use crate::truth::Truth;
use hybrid_protocol::ctap::Aaguid;
use std::collections::{BTreeMap, BTreeSet};

/// An id that no tenant has: whoever is in a group is some user.
const SOMEONE: Guid = Guid::of(u128::MAX);
/// A model that no list names.
pub(super) const ANOTHER: Aaguid = Aaguid::of(u128::MAX);

/// Whom a target names: a group, or one user.
type Named = (TargetKind, Guid);

/// Some people, who are alike for a policy.
pub(super) struct Population {
    pub(super) name: String,
    pub(super) holder: Holder,
    /// A wider one: what is told of that is not told again.
    pub(super) within: Option<String>,
}

/// Everyone, the members of each group or the user that a target names, and whoever is included by
/// one target and by another is excluded on one side alone: exclusion wins over every inclusion, so
/// that it shows in nobody who has but one of both.
pub(super) fn named_by(exports: [&Exports; 2]) -> Vec<Population> {
    let [included, included_after] = targets(exports, |fido2| &fido2.include);
    let [excluded, excluded_after] = targets(exports, |fido2| &fido2.exclude);
    let included: BTreeSet<Named> = included.union(&included_after).copied().collect();
    let mut alone = included.clone();
    alone.extend(excluded.union(&excluded_after));
    let mut people = vec![Population::of(&[])];
    if alone.is_empty() {
        return people.into_iter().map(Population::of_all).collect();
    }
    people.extend(alone.iter().map(|one| Population::of(&[*one])));
    for out in excluded.symmetric_difference(&excluded_after) {
        let two_users = |one: &&Named| [one.0, out.0] == [TargetKind::User; 2];
        let others = included.iter().filter(|one| *one != out && !two_users(one));
        people.extend(others.map(|one| Population {
            within: Some(Population::of(&[*out]).name),
            ..Population::of(&[*one, *out])
        }));
    }
    people
}

/// Of both sides, without everyone.
fn targets(
    exports: [&Exports; 2],
    list: impl Fn(&Fido2) -> &Given<Vec<PolicyTarget>>,
) -> [BTreeSet<Named>; 2] {
    exports.map(|exports| {
        let list = exports.fido2().map(&list);
        let targets = list.and_then(|list| list.value.as_ref());
        let named = targets.into_iter().flatten().filter_map(|target| {
            let TargetId::Object(id) = target.id.value? else {
                return None;
            };
            Some((target.kind.value.unwrap_or(TargetKind::Group), id))
        });
        named.collect()
    })
}

impl From<(String, Holder)> for Population {
    fn from((name, holder): (String, Holder)) -> Self {
        Self {
            name,
            holder,
            within: None,
        }
    }
}

impl Population {
    /// The only one there is.
    fn of_all(self) -> Self {
        Self {
            name: "all users".to_owned(),
            ..self
        }
    }

    /// Whom these targets name, and no others.
    fn of(named: &[Named]) -> Self {
        let of = |wanted: TargetKind| {
            let ids = named.iter().filter(move |(kind, _)| *kind == wanted);
            ids.map(|(_, id)| *id)
        };
        let groups: BTreeSet<Guid> = of(TargetKind::Group).collect();
        let user = of(TargetKind::User).next();
        let words: Vec<String> = groups.iter().map(ToString::to_string).collect();
        let words = words.join(" and ");
        let name = match (user, groups.len()) {
            (None, 0) => "users in none of the named groups".to_owned(),
            (None, 1) => format!("a member of only the group {words}"),
            (None, _) => format!("a member of the groups {words}"),
            (Some(id), 0) => format!("the user {id}"),
            (Some(id), _) => format!("the user {id} in the group {words}"),
        };
        let holder = Holder {
            id: Some(user.unwrap_or(SOMEONE)),
            groups: Groups::Exactly(groups),
            ..Holder::default()
        };
        Self {
            name,
            holder,
            within: None,
        }
    }
}

/// Models that both exports treat alike.
pub(super) struct ModelClass {
    pub(super) models: Vec<Aaguid>,
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
            models,
        })
    });
    classes.collect()
}

fn name(models: &[Aaguid]) -> String {
    let word = |model: &Aaguid| match *model {
        ANOTHER => "all other models".to_owned(),
        Aaguid::NONE => "no stated model".to_owned(),
        _ => named(model),
    };
    models.iter().map(word).collect::<Vec<_>>().join(", ")
}
