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
    /// These groups and no others; perhaps other roles.
    AllButRoles(BTreeSet<Guid>),
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
        let groups = match (unread_groups, unread_roles.is_empty()) {
            (true, _) => Groups::AtLeast(ids),
            (false, false) => Groups::AllButRoles(ids),
            (false, true) => Groups::Exactly(ids),
        };
        Self {
            groups,
            unread_roles,
            names,
        }
    }
}

impl Groups {
    /// What several files know together: no page shows that there is none between it and the next.
    #[must_use]
    pub(crate) fn joined(self, other: Self) -> Self {
        let all = match (&self, &other) {
            (Self::Unknown, _) => return other,
            (_, Self::Unknown) => return self,
            (Self::AtLeast(_), _) | (_, Self::AtLeast(_)) => Self::AtLeast,
            (Self::AllButRoles(_), _) | (_, Self::AllButRoles(_)) => Self::AllButRoles,
            (Self::Exactly(_), Self::Exactly(_)) => Self::Exactly,
        };
        all(self.ids().union(other.ids()).copied().collect())
    }

    /// What is said of a person and what files tell; `None` when one of both is wrong.
    pub(crate) fn beside(&self, files: &Self) -> Option<Self> {
        let (said, told) = (self.ids(), files.ids());
        match (self, files) {
            (Self::Unknown, _) => Some(files.clone()),
            (_, Self::Unknown) => Some(self.clone()),
            (Self::Exactly(_), Self::Exactly(_)) => (said == told).then(|| self.clone()),
            (Self::Exactly(_), _) => told.is_subset(said).then(|| self.clone()),
            (Self::AllButRoles(_) | Self::AtLeast(_), Self::Exactly(_)) => {
                said.is_subset(told).then(|| files.clone())
            }
            (Self::AllButRoles(_) | Self::AtLeast(_), _) => {
                Some(self.clone().joined(files.clone()))
            }
        }
    }

    /// Whether the user belongs to a group.
    pub(crate) fn contains(&self, group: Guid) -> Held {
        match self {
            Self::AllButRoles(ids) | Self::Exactly(ids) => Held::given(ids.contains(&group)),
            Self::Unknown | Self::AtLeast(_) => self.has(group),
        }
    }

    /// Whether the user has a role, by its template.
    pub(crate) fn has_role(&self, template: Guid) -> Held {
        match self {
            Self::Exactly(ids) => Held::given(ids.contains(&template)),
            Self::Unknown | Self::AtLeast(_) | Self::AllButRoles(_) => self.has(template),
        }
    }

    /// Where more may be than is known.
    fn has(&self, id: Guid) -> Held {
        match self.ids().contains(&id) {
            true => Held::given(true),
            false => Held::unknown(Lack::Membership(id)),
        }
    }

    fn ids(&self) -> &BTreeSet<Guid> {
        static NONE: BTreeSet<Guid> = BTreeSet::new();
        match self {
            Self::Unknown => &NONE,
            Self::AtLeast(ids) | Self::AllButRoles(ids) | Self::Exactly(ids) => ids,
        }
    }
}
