//! What a change of policy does: who can register or sign in with what, before and after, and who is
//! locked out.

mod access;
mod population;

pub use access::AccessChange;

use crate::capability::accepts;
use crate::catalogue::LOCKED_OUT;
use crate::confidence::Confidence;
use crate::doubt::Doubt;
use crate::exports::Exports;
use crate::holder::Holder;
use crate::inquiry::{Inquiry, Occasion, Way};
use crate::moment::Moment;
use crate::passkey::{AttestationFacts, ChainFacts, MetadataFacts};
use crate::pointer::Pointer;
use crate::ruling::{Effect, Ruling};
use crate::truth::{Held, Truth};
use population::Population;
use std::fmt;

/// The differences.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Difference {
    /// What passkeys can do after and could not before, or the contrary.
    pub changes: Vec<Change>,
    /// Policies and strengths that ask for something else, and other methods that are on or off.
    pub access: Vec<AccessChange>,
    /// Who is locked out.
    pub rulings: Vec<Ruling>,
}

/// One population, one kind of passkeys, one occasion.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Change {
    /// Who.
    pub who: String,
    /// With which models.
    pub models: String,
    /// Whether these are synced.
    pub synced: bool,
    /// At which point.
    pub occasion: Occasion,
    /// Whether the passkey comes with an attestation that is enough.
    pub attested: bool,
    /// Accepted before.
    pub before: Truth,
    /// Accepted after.
    pub after: Truth,
}

impl Difference {
    /// Nothing differs.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.access.is_empty() && self.rulings.is_empty()
    }
}

/// Compares two sets of exports, for everyone whom they name and for these people.
pub fn diff(old: &Exports, new: &Exports, people: &[(&str, Holder)], now: Moment) -> Difference {
    let mut difference = Difference {
        access: access::changes(old, new),
        ..Difference::default()
    };
    let mut populations = population::named_by([old, new]);
    populations.extend(people.iter().map(|(name, holder)| Population {
        name: (*name).to_owned(),
        holder: holder.clone(),
        within: None,
    }));
    let classes = population::classes([old, new]);
    for population in &populations {
        for class in &classes {
            for (synced, occasion, attested) in kinds() {
                let mut inquiry = Inquiry::new(occasion, Way::SameDevice, now);
                inquiry.holder = population.holder.clone();
                inquiry.passkey.aaguid = Some(class.representative);
                inquiry.passkey.synced = Some(synced);
                inquiry.passkey.attestation = Some(attestation(attested));
                let (before, after) = (accepts(old, &inquiry), accepts(new, &inquiry));
                if before.truth == after.truth {
                    continue;
                }
                let change = Change {
                    who: population.name.clone(),
                    models: class.name.clone(),
                    synced,
                    occasion,
                    attested,
                    before: before.truth,
                    after: after.truth,
                };
                let wider = population.within.clone().map(|who| Change {
                    who,
                    ..change.clone()
                });
                if wider.is_some_and(|wider| difference.changes.contains(&wider)) {
                    continue;
                }
                difference.rulings.extend(
                    locked_out(&change, &after)
                        .map(|ruling| ruling.at_most(surest(&before, old.doubts()))),
                );
                difference.changes.push(change);
            }
        }
    }
    for ruling in &mut difference.rulings {
        ruling.cap(new.doubts());
    }
    difference.changes.sort();
    difference.rulings.sort();
    difference
}

/// Synced or not, at which point, attested or not. Attestation does not count at sign-in, and synced
/// passkeys have none.
fn kinds() -> [(bool, Occasion, bool); 5] {
    [
        (false, Occasion::Registration, false),
        (false, Occasion::Registration, true),
        (true, Occasion::Registration, false),
        (false, Occasion::SignIn, false),
        (true, Occasion::SignIn, false),
    ]
}

fn attestation(attested: bool) -> AttestationFacts {
    if !attested {
        return AttestationFacts::Missing;
    }
    AttestationFacts::Packed(ChainFacts::Trusted(MetadataFacts {
        number: 0,
        compromised: false,
        eligible: Some(true),
        changed: Some(Moment(0)),
    }))
}

/// How sure a statement can be, by the files that it rests on.
fn surest(held: &Held, doubts: &[Doubt]) -> Confidence {
    let files = || held.rests.iter().map(Pointer::file);
    let concerned = doubts
        .iter()
        .filter(|doubt| files().any(|file| file == doubt.place.file()));
    concerned
        .filter_map(Doubt::cap)
        .min()
        .unwrap_or(Confidence::Certain)
}

fn locked_out(change: &Change, after: &Held) -> Option<Ruling> {
    if change.occasion != Occasion::SignIn || change.before != Truth::Yes {
        return None;
    }
    let confidence = match change.after {
        Truth::No => Confidence::Certain,
        Truth::Unknown | Truth::Yes => Confidence::Possible,
    };
    let places: Vec<String> = after.rests.iter().map(ToString::to_string).collect();
    let saw = change.to_string();
    let ruling = Ruling::new(&LOCKED_OUT, Effect::Notes, confidence, &saw).because(after);
    Some(match places.is_empty() {
        true => ruling,
        false => ruling.turned_by(&format!("Leave out the change at {}.", places.join(" or "))),
    })
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = match self.occasion {
            Occasion::BeforeRegistration | Occasion::Registration => "register",
            Occasion::SignIn => "sign in with",
        };
        let kind = if self.synced {
            "synced"
        } else {
            "device-bound"
        };
        let attested = if self.attested { " attested" } else { "" };
        let could = |truth: Truth| match truth {
            Truth::Yes => "yes",
            Truth::No => "no",
            Truth::Unknown => "cannot be said",
        };
        let (before, after) = (could(self.before), could(self.after));
        write!(
            f,
            "{} can {verb}{attested} {kind} passkeys of {}: {before} before, {after} after",
            self.who, self.models
        )
    }
}
