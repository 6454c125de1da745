//! The smallest change that avoids a lockout: which of the settings that differ would have to stay
//! as they are.

use super::setting::{Setting, revert, said};
use crate::capability::accepts;
use crate::exports::Exports;
use crate::holder::Holder;
use crate::inquiry::Inquiry;
use crate::model::Fido2;
use crate::pointer::Pointer;
use std::cell::OnceCell;
use std::collections::BTreeSet;

/// All that differ.
pub(super) struct Settings<'a> {
    exports: &'a Exports,
    old: &'a Fido2,
    new: &'a Fido2,
    differing: Vec<Differing>,
}

/// A setting, where it stands, and the new state but for this one.
struct Differing {
    setting: Setting,
    place: Pointer,
    without: OnceCell<Exports>,
}

impl<'a> Settings<'a> {
    /// Those of what both sides have: a profile or a target that one side lacks differs as a whole,
    /// in the list of them.
    pub(super) fn differing(old: &'a Fido2, new: &'a Fido2, exports: &'a Exports) -> Self {
        let before = said(old);
        let after = said(new).into_iter();
        let differing = after.filter(|(setting, (_, value))| {
            let before = before.get(setting);
            before.is_some_and(|(_, before)| before != value)
        });
        let differing = differing.map(|(setting, (place, _))| Differing {
            setting,
            place,
            without: OnceCell::new(),
        });
        Self {
            exports,
            old,
            new,
            differing: differing.collect(),
        }
    }

    /// What would have to stay as it is for these questions to be answered as before: one of
    /// several places, or a few of them where no single one is enough.
    pub(super) fn smallest(&self, holder: &Holder, lost: &[Inquiry]) -> String {
        let answered = |without: &Exports| lost.iter().all(|one| accepts(without, one).yes());
        let mut candidates: Vec<&Differing> = { self.differing.iter() }
            .filter(|one| one.setting.concerns(holder))
            .collect();
        let enough = candidates.iter().filter(|one| {
            let without = one.without.get_or_init(|| self.without(&[one]));
            answered(without)
        });
        let enough = places(enough);
        if !enough.is_empty() {
            return format!("Leave out the change at {}.", enough.join(" or "));
        }
        for one in candidates.clone() {
            let mut fewer = candidates.clone();
            fewer.retain(|other| other.setting != one.setting);
            if answered(&self.without(&fewer)) {
                candidates = fewer;
            }
        }
        match candidates.is_empty() {
            true => format!("Leave out the change at {}.", self.new.place),
            false => {
                let places = places(candidates.iter());
                format!("Leave out the changes at {}.", places.join(" and "))
            }
        }
    }

    /// The new state, but for these settings.
    fn without(&self, settings: &[&Differing]) -> Exports {
        let mut mixed = self.new.clone();
        for one in settings {
            revert(&mut mixed, self.old, one.setting);
        }
        Exports {
            fido2: vec![mixed],
            cloud: self.exports.cloud,
            ..Exports::default()
        }
    }
}

fn places<'a>(settings: impl Iterator<Item = &'a &'a Differing>) -> Vec<String> {
    let places: BTreeSet<String> = settings.map(|one| one.place.to_string()).collect();
    places.into_iter().collect()
}
