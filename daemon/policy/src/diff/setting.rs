//! The settings of a configuration of passkeys, whatever the order in which they stand.

use crate::given::Given;
use crate::guid::Guid;
use crate::holder::Holder;
use crate::model::{Fido2, Generation, KeyRestrictions, PasskeyProfile, PolicyTarget, TargetId};
use crate::pointer::Pointer;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

/// One setting. A profile is named by its id; the flat settings have none.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Setting {
    State,
    SelfService,
    Include,
    Exclude,
    Profiles,
    ProfilesOf(TargetId),
    Attestation(Option<Guid>),
    Kinds(Option<Guid>),
    Enforced(Option<Guid>),
    ListKind(Option<Guid>),
    Models(Option<Guid>),
}

impl Setting {
    /// Profiles of another target are none of this person's.
    pub(super) fn concerns(self, holder: &Holder) -> bool {
        let member = |id: Guid| !holder.groups.contains(id).no() || holder.id == Some(id);
        match self {
            Self::ProfilesOf(TargetId::Object(id)) => member(id),
            Self::ProfilesOf(TargetId::Everyone)
            | Self::State
            | Self::SelfService
            | Self::Include
            | Self::Exclude
            | Self::Profiles
            | Self::Attestation(_)
            | Self::Kinds(_)
            | Self::Enforced(_)
            | Self::ListKind(_)
            | Self::Models(_) => true,
        }
    }
}

/// Every setting with its place and what it says.
pub(super) fn said(fido2: &Fido2) -> BTreeMap<Setting, (Pointer, String)> {
    let mut said = BTreeMap::new();
    said.insert(Setting::State, plain(&fido2.enabled));
    said.insert(Setting::SelfService, plain(&fido2.self_service));
    for (setting, targets) in [
        (Setting::Include, &fido2.include),
        (Setting::Exclude, &fido2.exclude),
    ] {
        let each = targets.value.iter().flatten();
        let ids = each.map(|target| (target.id.value, target.kind.value));
        said.insert(setting, set(targets, ids));
    }
    let profiles = fido2.profiles.value.iter().flatten();
    let ids = profiles.clone().map(|profile| profile.id);
    said.insert(Setting::Profiles, set(&fido2.profiles, ids));
    if fido2.generation() != Generation::Profiles {
        profile(&fido2.flat_profile, &mut said);
        said.remove(&Setting::Kinds(None));
        return said;
    }
    let mut assigned: BTreeMap<TargetId, (Pointer, BTreeSet<Option<Guid>>)> = BTreeMap::new();
    for target in fido2.include.value.iter().flatten() {
        let Some(id) = target.id.value else { continue };
        let place = target.profiles.place.clone();
        let (_, ids) = assigned.entry(id).or_insert((place, BTreeSet::new()));
        ids.extend(target.profiles.value.iter().flatten().map(|id| id.value));
    }
    for (id, (place, profiles)) in assigned {
        said.insert(Setting::ProfilesOf(id), (place, format!("{profiles:?}")));
    }
    profiles.for_each(|one| profile(one, &mut said));
    said
}

fn profile(profile: &PasskeyProfile, said: &mut BTreeMap<Setting, (Pointer, String)>) {
    let id = profile.id;
    said.insert(Setting::Attestation(id), plain(&profile.attestation));
    said.insert(Setting::Kinds(id), plain(&profile.kinds));
    let Some(keys) = &profile.keys.value else {
        let place = profile.keys.place.clone();
        said.insert(Setting::Enforced(id), (place, String::new()));
        return;
    };
    said.insert(Setting::Enforced(id), plain(&keys.enforced));
    said.insert(Setting::ListKind(id), plain(&keys.kind));
    let models = keys.aaguids.value.iter().flatten().map(|one| one.value);
    said.insert(Setting::Models(id), set(&keys.aaguids, models));
}

fn plain<T: Debug>(given: &Given<T>) -> (Pointer, String) {
    (given.place.clone(), format!("{:?}", given.value))
}

fn set<T, I: Ord + Debug>(list: &Given<T>, items: impl Iterator<Item = I>) -> (Pointer, String) {
    let items = list.value.is_some().then(|| items.collect::<BTreeSet<I>>());
    (list.place.clone(), format!("{items:?}"))
}

/// Takes one setting back to what it was.
pub(super) fn revert(mixed: &mut Fido2, old: &Fido2, setting: Setting) {
    match setting {
        Setting::State => mixed.enabled = old.enabled.clone(),
        Setting::SelfService => mixed.self_service = old.self_service.clone(),
        Setting::Include => mixed.include = old.include.clone(),
        Setting::Exclude => mixed.exclude = old.exclude.clone(),
        Setting::Profiles => mixed.profiles = old.profiles.clone(),
        Setting::ProfilesOf(id) => {
            let is_it = |target: &&PolicyTarget| target.id.value == Some(id);
            let before = old.include.value.iter().flatten().find(is_it);
            for target in mixed.include.value.iter_mut().flatten() {
                if let Some(before) = before.filter(|_| target.id.value == Some(id)) {
                    target.profiles = before.profiles.clone();
                }
            }
        }
        Setting::Attestation(id) => both(mixed, old, id, |profile, before| {
            profile.attestation = before.attestation.clone();
            if before.id.is_none() {
                profile.kinds = before.kinds.clone();
            }
        }),
        Setting::Kinds(id) => both(mixed, old, id, |profile, before| {
            profile.kinds = before.kinds.clone();
        }),
        Setting::Enforced(id) => lists(mixed, old, id, |keys, before| {
            keys.enforced = before.enforced.clone();
        }),
        Setting::ListKind(id) => lists(mixed, old, id, |keys, before| {
            keys.kind = before.kind.clone();
        }),
        Setting::Models(id) => lists(mixed, old, id, |keys, before| {
            keys.aaguids = before.aaguids.clone();
        }),
    }
}

/// A profile of the new configuration beside that of the old one.
fn both(
    mixed: &mut Fido2,
    old: &Fido2,
    id: Option<Guid>,
    revert: impl Fn(&mut PasskeyProfile, &PasskeyProfile),
) {
    let Some(id) = id else {
        revert(&mut mixed.flat_profile, &old.flat_profile);
        return;
    };
    let Some(before) = old.profile(id) else {
        return;
    };
    for profile in mixed.profiles.value.iter_mut().flatten() {
        if profile.id == Some(id) {
            revert(profile, before);
        }
    }
}

fn lists(
    mixed: &mut Fido2,
    old: &Fido2,
    id: Option<Guid>,
    revert: impl Fn(&mut KeyRestrictions, &KeyRestrictions),
) {
    both(mixed, old, id, |profile, before| {
        match (&mut profile.keys.value, &before.keys.value) {
            (Some(keys), Some(before)) => revert(keys, before),
            (None, _) | (_, None) => profile.keys = before.keys.clone(),
        }
    });
}
