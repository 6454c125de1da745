//! Sets of models in a few words.

use super::cell::{Cell, Direction};
use super::population::ANOTHER;
use hybrid_protocol::ctap::Aaguid;
use hybrid_protocol::ctap::aaguid::{APPLE_PASSWORDS, GOOGLE_PASSWORD_MANAGER};
use std::collections::BTreeSet;

/// What people know, for those whom "every other model" tells nothing.
const WINDOWS_HELLO: Aaguid = Aaguid::of(0x08987058_cadc_4b81_b6e1_30de50dcbe96);

/// Models, as a sentence names them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum ModelSet {
    /// These alone.
    Only(BTreeSet<Aaguid>),
    /// All but these.
    AllBut(BTreeSet<Aaguid>),
}

impl ModelSet {
    /// Those of these cells, all of one kind and occasion, that go this way.
    pub(super) fn going(cells: &[&Cell<'_>], direction: Direction) -> Option<Self> {
        let models = |wanted: &dyn Fn(&Cell<'_>) -> bool| -> BTreeSet<Aaguid> {
            let wanted = cells.iter().filter(|cell| wanted(cell));
            wanted
                .flat_map(|cell| cell.class.models.iter().copied())
                .collect()
        };
        let going = models(&|cell| cell.direction() == Some(direction));
        if going.contains(&ANOTHER) {
            // What was so before is among "every model" and no exception.
            return Some(Self::AllBut(models(&|cell| {
                cell.after.truth != direction.after()
            })));
        }
        (!going.is_empty()).then_some(Self::Only(going))
    }

    /// The models, where all are listed.
    pub(super) const fn listed(&self) -> Option<&BTreeSet<Aaguid>> {
        match self {
            Self::Only(models) => Some(models),
            Self::AllBut(_) => None,
        }
    }

    /// What follows "passkeys".
    pub(super) fn words(&self) -> String {
        match self {
            Self::Only(models) => of(models),
            Self::AllBut(models) if models.is_empty() => String::new(),
            Self::AllBut(models) if models.contains(&Aaguid::NONE) && models.len() == 1 => {
                " that state a model".to_owned()
            }
            Self::AllBut(models) => {
                let none = match models.contains(&Aaguid::NONE) {
                    true => "but not those without a model",
                    false => "also those without a model",
                };
                format!(" of every model except {} ({none})", list(models))
            }
        }
    }

    /// Known ones among "every other model".
    pub(super) fn examples(&self, bound: bool, synced: bool) -> Vec<&'static str> {
        let Self::AllBut(models) = self else {
            return Vec::new();
        };
        let examples = [
            (APPLE_PASSWORDS, synced, "Apple Passwords"),
            (GOOGLE_PASSWORD_MANAGER, synced, "Google Password Manager"),
            (WINDOWS_HELLO, bound, "Windows Hello"),
        ];
        let among =
            { examples.iter() }.filter(|(model, of_kind, _)| *of_kind && !models.contains(model));
        among.map(|(.., name)| *name).collect()
    }
}

/// "of A, B" and "without a model".
pub(super) fn of(models: &BTreeSet<Aaguid>) -> String {
    let stated = models.iter().any(|model| *model != Aaguid::NONE);
    match (stated, models.contains(&Aaguid::NONE)) {
        (true, false) => format!(" of {}", list(models)),
        (true, true) => format!(" of {} and those without a model", list(models)),
        (false, _) => " without a model".to_owned(),
    }
}

/// Names and ids, the first of them.
fn list(models: &BTreeSet<Aaguid>) -> String {
    const SHOWN: usize = 6;
    let stated = models.iter().filter(|model| **model != Aaguid::NONE);
    let names: BTreeSet<String> = stated.map(short).collect();
    let mut words: Vec<String> = names.iter().take(SHOWN).cloned().collect();
    if let Some(more) = names.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        words.push(format!("{more} more"));
    }
    words.join(", ")
}

/// A model by its name and its id.
pub(super) fn whole(model: &Aaguid) -> String {
    match model.name() {
        Some(name) => format!("{name} ({model})"),
        None => model.to_string(),
    }
}

/// A model by its name, and by its id where it has none or shares it with others.
pub(super) fn short(model: &Aaguid) -> String {
    match model.name() {
        Some(name) if name.starts_with("Windows Hello") => format!("{name} ({model})"),
        Some(name) => name.to_owned(),
        None => model.to_string(),
    }
}
