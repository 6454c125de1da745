//! Three-valued statements that know what they rest on and what they lack. What is absent is never
//! false.

use crate::export_kind::ExportKind;
use crate::fact::Fact;
use crate::guid::Guid;
use crate::pointer::Pointer;
use std::collections::BTreeSet;
use std::fmt;

/// Whether a condition holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Truth {
    /// It does not.
    No,
    /// An input is missing.
    Unknown,
    /// It does.
    Yes,
}

/// An input that is missing.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Lack {
    /// No file of this kind was given.
    Export(ExportKind),
    /// A member that the export does not have, or whose value cannot be read.
    Member(Pointer),
    /// Whether the user belongs to this group or role.
    Membership(Guid),
    /// Which role this object of an export is, or whether it is one.
    Role(Pointer),
    /// Something about the passkey, the person or the client.
    Fact(Fact),
    /// What was left out of a file after this place.
    Rest(Pointer),
    /// A condition that no export can decide.
    Circumstance(Pointer),
}

impl Lack {
    /// How a person gives it, when it is a fact.
    pub(crate) const fn given_by(&self) -> Option<&'static str> {
        match self {
            Self::Fact(fact) => Some(fact.given_by),
            Self::Export(_)
            | Self::Member(_)
            | Self::Membership(_)
            | Self::Role(_)
            | Self::Rest(_)
            | Self::Circumstance(_) => None,
        }
    }

    /// The file that would have to say more, when it is one.
    pub(crate) fn file(&self) -> Option<&str> {
        match self {
            Self::Member(place) | Self::Role(place) | Self::Rest(place) => Some(place.file()),
            Self::Export(_) | Self::Membership(_) | Self::Fact(_) | Self::Circumstance(_) => None,
        }
    }
}

/// A condition, whether it holds, and why that is known or not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Held {
    /// Whether it holds.
    pub truth: Truth,
    /// The places that decided it.
    pub rests: BTreeSet<Pointer>,
    /// What is missing, when it is unknown.
    pub lacks: BTreeSet<Lack>,
}

impl Held {
    /// Holds or not, because of this place.
    pub fn decided(holds: bool, place: &Pointer) -> Self {
        Self {
            truth: if holds { Truth::Yes } else { Truth::No },
            rests: BTreeSet::from([place.clone()]),
            lacks: BTreeSet::new(),
        }
    }

    /// Holds or not, whatever the exports say.
    pub const fn given(holds: bool) -> Self {
        Self {
            truth: if holds { Truth::Yes } else { Truth::No },
            rests: BTreeSet::new(),
            lacks: BTreeSet::new(),
        }
    }

    /// Cannot be said without this.
    pub fn unknown(lack: Lack) -> Self {
        Self {
            truth: Truth::Unknown,
            rests: BTreeSet::new(),
            lacks: BTreeSet::from([lack]),
        }
    }

    /// The same, also resting on this place.
    #[must_use]
    pub fn on(mut self, place: &Pointer) -> Self {
        self.rests.insert(place.clone());
        self
    }

    /// The contrary.
    #[must_use]
    pub fn negated(mut self) -> Self {
        self.truth = match self.truth {
            Truth::No => Truth::Yes,
            Truth::Unknown => Truth::Unknown,
            Truth::Yes => Truth::No,
        };
        self
    }

    /// Holds when all do. One that does not is reason enough; otherwise what is unknown counts.
    pub fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        joined(parts, Truth::No)
    }

    /// Holds when one does.
    pub fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        joined(parts, Truth::Yes)
    }

    /// Both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self::all([self, other])
    }

    /// Either.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self::any([self, other])
    }

    /// It does.
    pub fn yes(&self) -> bool {
        self.truth == Truth::Yes
    }

    /// It does not.
    pub fn no(&self) -> bool {
        self.truth == Truth::No
    }

    /// An input is missing.
    pub fn open(&self) -> bool {
        self.truth == Truth::Unknown
    }
}

/// One part with the decisive value decides alone (of several the one whose places come first);
/// otherwise one that is unknown leaves it unknown; otherwise all of them together.
fn joined(parts: impl IntoIterator<Item = Held>, decisive: Truth) -> Held {
    let mut decision: Option<Held> = None;
    let mut sum = Held::given(decisive == Truth::No);
    let mut open = Held::given(true);
    for part in parts {
        if part.truth == decisive {
            let first = decision
                .as_ref()
                .is_none_or(|other| part.rests < other.rests);
            if first {
                decision = Some(part);
            }
        } else if part.open() {
            open.truth = Truth::Unknown;
            open.rests.extend(part.rests);
            open.lacks.extend(part.lacks);
        } else {
            sum.rests.extend(part.rests);
        }
    }
    decision.unwrap_or(if open.open() { open } else { sum })
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Export(kind) => write!(f, "an export of {kind}"),
            Self::Member(place) => write!(f, "a readable value at {place}"),
            Self::Membership(group) => {
                write!(f, "whether the user belongs to the group or role {group}")
            }
            Self::Role(place) => write!(
                f,
                "{place}: a role without roleTemplateId; roles are unknown; export with Directory.Read.All or \
                 RoleManagement.Read.Directory"
            ),
            Self::Fact(fact) => f.write_str(fact.name),
            Self::Rest(place) => write!(f, "the rest of the list that begins at {place}"),
            Self::Circumstance(place) => write!(f, "the conditions at {place}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unknown_is_neither_true_nor_false() {
        let unknown = || Held::unknown(Lack::Fact(crate::fact::MODEL));
        let (yes, no) = (|| Held::given(true), || Held::given(false));
        assert!(unknown().and(no()).no());
        assert!(unknown().and(yes()).open());
        assert!(unknown().or(yes()).yes());
        assert!(unknown().or(no()).open());
        assert!(unknown().negated().open());
        assert!(Held::all([]).yes());
        assert!(Held::any([]).no());
    }

    #[test]
    fn a_decision_rests_on_what_decided_it_alone() {
        let file = Pointer::to_file("a");
        let (a, b) = (file.member("a"), file.member("b"));
        let both = Held::decided(false, &b).and(Held::decided(false, &a));
        assert_eq!(both.rests, BTreeSet::from([a.clone()]));
        let sum = Held::decided(true, &a).and(Held::decided(true, &b));
        assert_eq!(sum.rests, BTreeSet::from([a, b]));
    }
}
