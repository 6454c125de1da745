//! To which groups and roles a user belongs, as far as that is known.

use crate::doubt::{Doubt, Why};
use crate::guid::Guid;
use crate::json_node::{Doubts, JsonNode};
use crate::pointer::Pointer;
use crate::truth::{Held, Lack};
use hybrid_protocol::printable;
use std::collections::{BTreeMap, BTreeSet};

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

/// An export of memberships.
pub(crate) struct Memberships {
    pub(crate) groups: Groups,
    /// Roles of which it does not say which they are: any role may be the user's.
    pub(crate) unread_roles: BTreeSet<Pointer>,
    /// `displayName`, where it is there.
    pub(crate) names: BTreeMap<Guid, String>,
}

impl Memberships {
    /// Groups are named by their ids, roles by their templates. Objects of other types, such as
    /// administrative units, are neither.
    pub(crate) fn read(nodes: &[JsonNode<'_>], incomplete: bool, doubts: &mut Doubts) -> Self {
        let mut ids = BTreeSet::new();
        let mut unread_groups = incomplete;
        let mut unread_roles = BTreeSet::new();
        let mut names = BTreeMap::new();
        for node in nodes {
            let kind = node.text_of("@odata.type").unwrap_or_default();
            let kind = kind.rsplit('.').next().unwrap_or_default();
            let may_be = |wanted: &str| kind.is_empty() || kind == wanted;
            let template = node.text_of("roleTemplateId").and_then(Guid::parse);
            let named = template.or_else(|| node.text_of("id").and_then(Guid::parse));
            if let (Some(id), Some(name)) = (named, node.text_of("displayName")) {
                names.insert(id, printable(name).chars().take(80).collect());
            }
            if may_be("group") && template.is_none() {
                let id = node.given_guid("id", doubts);
                if id.value.is_none() {
                    unread_groups = true;
                    doubts.push(Doubt::new(id.place, Why::BadId));
                }
                ids.extend(id.value);
            }
            // Of ids without a type one is enough to say so.
            let said = kind.is_empty() && !unread_roles.is_empty();
            if may_be("directoryRole") && template.is_none() && !said {
                unread_roles.insert(node.place.clone());
            }
            ids.extend(template);
        }
        let groups = match unread_groups {
            true => Groups::AtLeast(ids),
            false => Groups::Exactly(ids),
        };
        Self {
            groups,
            unread_roles,
            names,
        }
    }
}

impl Groups {
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
