//! To which groups and roles a user belongs, as far as that is known.

use crate::doubt::{Doubt, Why};
use crate::guid::Guid;
use crate::json_node::{Doubts, JsonNode};
use crate::truth::{Held, Lack};
use std::collections::BTreeSet;

/// Groups and roles.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub enum Groups {
    /// Nothing is known.
    #[default]
    Unknown,
    /// These, and perhaps others.
    AtLeast(BTreeSet<Guid>),
    /// These and no others.
    Exactly(BTreeSet<Guid>),
}

impl Groups {
    pub(crate) fn read(nodes: &[JsonNode<'_>], incomplete: bool, doubts: &mut Doubts) -> Self {
        let mut ids = BTreeSet::new();
        let mut unread = incomplete;
        for node in nodes {
            let id = node.given_guid("id", doubts);
            if id.value.is_none() {
                unread = true;
                doubts.push(Doubt::new(id.place, Why::BadId));
            }
            ids.extend(id.value);
            // Policies name roles by their template, which `$select=id` leaves out.
            let template = node.text_of("roleTemplateId").and_then(Guid::parse);
            let kind = node.text_of("@odata.type").unwrap_or_default();
            unread |= template.is_none() && !kind.ends_with(".group");
            ids.extend(template);
        }
        if unread {
            Self::AtLeast(ids)
        } else {
            Self::Exactly(ids)
        }
    }

    /// What two sources know together.
    #[must_use]
    pub(crate) fn joined(self, other: Self) -> Self {
        let exact = matches!(self, Self::Exactly(_)) || matches!(other, Self::Exactly(_));
        let mut ids = BTreeSet::new();
        let unknown = self == Self::Unknown && other == Self::Unknown;
        for groups in [self, other] {
            match groups {
                Self::Unknown => {}
                Self::AtLeast(more) | Self::Exactly(more) => ids.extend(more),
            }
        }
        match (unknown, exact) {
            (true, _) => Self::Unknown,
            (_, true) => Self::Exactly(ids),
            (_, false) => Self::AtLeast(ids),
        }
    }

    /// Whether the user belongs to it.
    pub(crate) fn contains(&self, group: Guid) -> Held {
        match self {
            Self::Unknown => Held::unknown(Lack::Membership(group)),
            Self::AtLeast(ids) if !ids.contains(&group) => Held::unknown(Lack::Membership(group)),
            Self::AtLeast(ids) | Self::Exactly(ids) => Held::given(ids.contains(&group)),
        }
    }
}
