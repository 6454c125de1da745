//! What the configuration of every method has: whether it is on, and for whom.

use super::target::PolicyTarget;
use crate::given::Given;
use crate::json_node::{Doubts, JsonNode};

/// `state: enabled|disabled`.
pub(super) fn enabled(node: &JsonNode<'_>, doubts: &mut Doubts) -> Given<bool> {
    node.given_word("state", doubts, |word| match word {
        "enabled" => Some(true),
        "disabled" => Some(false),
        _ => None,
    })
}

/// `includeTargets` and `excludeTargets`.
pub(super) fn targets(
    node: &JsonNode<'_>,
    doubts: &mut Doubts,
) -> (Given<Vec<PolicyTarget>>, Given<Vec<PolicyTarget>>) {
    (
        PolicyTarget::list(node, "includeTargets", doubts),
        PolicyTarget::list(node, "excludeTargets", doubts),
    )
}
