//! Whom a method is meant for: `authenticationMethodTarget`, `passkeyAuthenticationMethodTarget`,
//! `excludeTarget`.

use crate::given::Given;
use crate::guid::Guid;
use crate::json_node::{Doubts, JsonNode};
use crate::pointer::Pointer;

/// An included or excluded target.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PolicyTarget {
    /// Where it stands.
    pub place: Pointer,
    /// Whom it names.
    pub id: Given<TargetId>,
    /// Whether that is a group or a user.
    pub kind: Given<TargetKind>,
    /// `allowedPasskeyProfiles`, which only targets of passkeys have.
    pub profiles: Given<Vec<Given<Guid>>>,
}

/// Whom a target names.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum TargetId {
    /// `all_users`.
    Everyone,
    /// A group or user.
    Object(Guid),
}

/// `targetType`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum TargetKind {
    /// A group, or everyone.
    Group,
    /// One user.
    User,
}

impl PolicyTarget {
    pub(super) fn list(node: &JsonNode<'_>, name: &str, doubts: &mut Doubts) -> Given<Vec<Self>> {
        node.given_list(name, doubts).map(|items| {
            let items = items.iter();
            items.map(|item| Self::read(item, doubts)).collect()
        })
    }

    fn read(node: &JsonNode<'_>, doubts: &mut Doubts) -> Self {
        let id = node.given_word("id", doubts, |text| {
            if text.eq_ignore_ascii_case("all_users") {
                return Some(TargetId::Everyone);
            }
            Guid::parse(text).map(TargetId::Object)
        });
        Self {
            place: node.place.clone(),
            id,
            kind: node.given_word("targetType", doubts, |word| match word {
                "group" => Some(TargetKind::Group),
                "user" => Some(TargetKind::User),
                _ => None,
            }),
            profiles: node.given_items("allowedPasskeyProfiles", doubts, Guid::parse),
        }
    }
}
