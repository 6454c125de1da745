//! What a change of policy does: who can register or sign in with what, before and after, and who is
//! locked out.

mod access;
mod access_change;
mod asks;
mod cell;
mod change;
mod effect;
mod findings;
mod lockout;
mod methods;
mod models;
mod passkey;
mod population;
mod role;
mod scope;
mod setting;
mod smallest;
mod strength;
mod text;
mod told;

pub use access_change::AccessChange;
pub use change::Change;
pub use effect::PopulationChange;
pub use passkey::PasskeyChange;

use crate::exports::Exports;
use crate::holder::Holder;
use crate::moment::Moment;
use crate::ruling::Ruling;
use cell::Cell;
use population::Population;
use smallest::Settings;

/// The differences.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Difference {
    /// What passkeys can do after and could not before, or the contrary, each by itself.
    pub changes: Vec<Change>,
    /// The same for people, by population.
    pub populations: Vec<PopulationChange>,
    /// What becomes of each passkey of a user whose methods were exported.
    pub passkeys: Vec<PasskeyChange>,
    /// Policies and strengths that ask for something else, and other methods that are on or off.
    pub access: Vec<AccessChange>,
    /// Who is locked out.
    pub rulings: Vec<Ruling>,
    /// What is odd about the new state alone.
    pub appeared: Vec<Ruling>,
    /// What was odd about the old state alone.
    pub gone: Vec<Ruling>,
}

impl Difference {
    /// Nothing differs.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
            && self.access.is_empty()
            && self.rulings.is_empty()
            && self.appeared.is_empty()
            && self.gone.is_empty()
            && !self.passkeys.iter().any(PasskeyChange::is_changed)
    }
}

/// Compares two sets of exports for these people, or for everyone whom the exports name where
/// nobody is given.
pub fn diff(old: &Exports, new: &Exports, people: &[(&str, Holder)], now: Moment) -> Difference {
    let people: Vec<(String, Holder)> = { people.iter() }
        .map(|(name, holder)| ((*name).to_owned(), holder.clone()))
        .collect();
    let (appeared, gone) = findings::compared(old, new, now);
    let mut difference = Difference {
        passkeys: passkey::changes(old, new, &people, now),
        access: access::changes(old, new, &people),
        appeared,
        gone,
        ..Difference::default()
    };
    if let (Some(before), Some(after)) = (old.fido2(), new.fido2()) {
        let settings = Settings::differing(before, after, new);
        let populations = match people.is_empty() {
            true => population::named_by([old, new]),
            false => people.into_iter().map(Population::from).collect(),
        };
        let classes = population::classes([old, new]);
        for population in &populations {
            let (who, holder) = (&population.name, &population.holder);
            let cells = Cell::all(&classes, [old, new], holder, now);
            let changes = cells.iter().filter_map(|cell| Change::of(who, cell));
            let changes: Vec<Change> = changes.collect();
            let told = { population.within.as_ref() }.is_some_and(|wider| {
                changes.iter().all(|change| {
                    difference.changes.contains(&Change {
                        who: wider.clone(),
                        ..change.clone()
                    })
                })
            });
            if told {
                continue;
            }
            difference.changes.extend(changes);
            let effect = effect::effect(who, holder, &cells, &settings, [old, new]);
            difference.populations.extend(effect);
        }
    }
    let by_population = { difference.populations.iter() }.filter_map(|one| one.lockout.clone());
    let by_access = { difference.access.iter() }.filter_map(|change| change.lockout.clone());
    difference.rulings = by_population.chain(by_access).collect();
    difference.changes.sort();
    difference.populations.sort();
    difference.rulings.sort();
    difference
}
