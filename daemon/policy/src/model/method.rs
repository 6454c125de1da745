//! What the configuration of every method has: whether it is on, and for whom.

use super::target::PolicyTarget;
use crate::given::Given;
use crate::json_node::{Doubts, JsonNode};

/// What a configuration is of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum MethodKind {
    /// Passkeys.
    Fido2,
    /// Temporary Access Passes.
    Pass,
    /// Another method.
    Other,
}

impl MethodKind {
    /// By its id, or by its type where the id is left out.
    pub(crate) fn of(node: &JsonNode<'_>) -> Option<Self> {
        const SUFFIX: &str = "authenticationmethodconfiguration";
        const OTHERS: [&str; 7] = [
            "MicrosoftAuthenticator",
            "Sms",
            "Voice",
            "SoftwareOath",
            "HardwareOath",
            "Email",
            "X509Certificate",
        ];
        let kind = node.text_of("@odata.type").unwrap_or_default();
        let kind = kind.rsplit('.').next().unwrap_or_default();
        let kind = kind.to_ascii_lowercase();
        // A user's method has another type, whatever its id is.
        let kind = match kind.is_empty() {
            true => None,
            false => Some(kind.strip_suffix(SUFFIX)?),
        };
        let id = node.text_of("id").unwrap_or_default();
        let is = |name: &str| id.eq_ignore_ascii_case(name) || kind == Some(name);
        let other = kind.is_some() || OTHERS.iter().any(|name| id.eq_ignore_ascii_case(name));
        match (is("fido2"), is("temporaryaccesspass"), other) {
            (true, ..) => Some(Self::Fido2),
            (_, true, _) => Some(Self::Pass),
            (_, _, true) => Some(Self::Other),
            (_, _, false) => None,
        }
    }
}

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
