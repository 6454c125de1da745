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
    /// These groups and no others; perhaps other roles.
    AllButRoles(BTreeSet<Guid>),
    /// These and no others.
    Exactly(BTreeSet<Guid>),
}

impl Groups {
    pub(crate) fn read(nodes: &[JsonNode<'_>], incomplete: bool, doubts: &mut Doubts) -> Self {
        let mut ids = BTreeSet::new();
        let mut unread = incomplete;
        let mut roles_unread = false;
        for node in nodes {
            let id = node.given_guid("id", doubts);
            if id.value.is_none() {
                unread = true;
                doubts.push(Doubt::new(id.place, Why::BadId));
            }
            ids.extend(id.value);
            let template = node.text_of("roleTemplateId").and_then(Guid::parse);
            let kind = node.text_of("@odata.type").unwrap_or_default();
            match kind.rsplit('.').next().unwrap_or_default() {
                // No policy names administrative units.
                "group" | "administrativeUnit" => {}
                // Policies name roles by their template, which `$select=id` leaves out.
                "directoryRole" => roles_unread |= template.is_none(),
                _ => unread |= template.is_none(),
            }
            ids.extend(template);
        }
        match (unread, roles_unread) {
            (true, _) => Self::AtLeast(ids),
            (false, true) => Self::AllButRoles(ids),
            (false, false) => Self::Exactly(ids),
        }
    }

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
