//! Temporary Access Passes: the tenant's policy, and a user's pass (never its value).

use super::canonical::canonical;
use super::method::{enabled, targets};
use super::target::PolicyTarget;
use crate::given::Given;
use crate::json_node::{Doubts, JsonNode};
use crate::moment::Moment;
use crate::pointer::Pointer;

/// `temporaryAccessPassAuthenticationMethodConfiguration`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PassPolicy {
    /// Where it stands.
    pub place: Pointer,
    /// `state`.
    pub enabled: Given<bool>,
    /// `includeTargets`.
    pub include: Given<Vec<PolicyTarget>>,
    /// `excludeTargets`.
    pub exclude: Given<Vec<PolicyTarget>>,
    /// `isUsableOnce`: true for one-time passes alone, false for both kinds.
    pub one_time_only: Given<bool>,
    /// One spelling of the whole.
    pub(crate) canonical: String,
}

/// `temporaryAccessPassAuthenticationMethod`, a pass that a user has.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UserPass {
    /// Where it stands.
    pub place: Pointer,
    /// Its id in the directory; empty when there is none.
    pub id: String,
    /// `isUsableOnce`.
    pub one_time: Given<bool>,
    /// `startDateTime`.
    pub start: Given<Moment>,
    /// `lifetimeInMinutes`.
    pub lifetime: Given<i64>,
    /// `isUsable`.
    pub usable: Given<bool>,
}

impl PassPolicy {
    pub(crate) fn read(node: &JsonNode<'_>, doubts: &mut Doubts) -> Self {
        let (include, exclude) = targets(node, doubts);
        Self {
            place: node.place.clone(),
            enabled: enabled(node, doubts),
            include,
            exclude,
            one_time_only: node.given_bool("isUsableOnce", doubts),
            canonical: canonical(node.value),
        }
    }
}

impl UserPass {
    pub(super) fn read(node: &JsonNode<'_>, doubts: &mut Doubts) -> Self {
        Self {
            place: node.place.clone(),
            id: node.text_of("id").unwrap_or_default().to_owned(),
            one_time: node.given_bool("isUsableOnce", doubts),
            start: node.given_moment("startDateTime", doubts),
            lifetime: node.given_number("lifetimeInMinutes", doubts),
            usable: node.given_bool("isUsable", doubts),
        }
    }
}
