//! What was found in an input, and what of it was not looked at: nobody is to take a part for the whole.

use crate::material::Material;
use std::collections::BTreeSet;
use std::fmt;

/// Deeper than any server wraps.
pub(super) const MOST_LAYERS: usize = 24;
/// A tenant's list of one user's passkeys is shorter.
pub(super) const MOST_FOUND: usize = 500;
/// So many lines are looked at one by one.
pub(super) const MOST_LINES: usize = 2000;

/// What was found, in its order.
#[derive(Default, Debug)]
pub(crate) struct Found {
    pub(crate) materials: Vec<Material>,
    pub(crate) cut: BTreeSet<Cut>,
}

/// What was not looked at.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Cut {
    Depth,
    Count,
    Lines,
    /// What stands around it in other text.
    Around,
    /// So many lines that are neither a field nor bytes.
    Strange(usize),
}

impl Found {
    pub(super) fn one(material: Material) -> Self {
        Self {
            materials: vec![material],
            cut: BTreeSet::new(),
        }
    }

    /// Takes what was found elsewhere.
    pub(super) fn add(&mut self, other: Self) {
        { other.materials.into_iter() }.for_each(|material| self.push(material));
        self.cut.extend(other.cut);
    }

    pub(super) fn push(&mut self, material: Material) {
        if self.materials.len() < MOST_FOUND {
            self.materials.push(material);
        } else {
            self.cut.insert(Cut::Count);
        }
    }
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Depth => write!(f, "what is nested more than {MOST_LAYERS} layers deep"),
            Self::Count => write!(f, "what follows after the first {MOST_FOUND} objects"),
            Self::Lines => write!(f, "what follows after line {MOST_LINES}"),
            Self::Around => f.write_str("the text around what was found"),
            Self::Strange(1) => f.write_str("a line that is neither a field nor base64"),
            Self::Strange(lines) => write!(f, "{lines} lines that are neither a field nor base64"),
        }
    }
}
