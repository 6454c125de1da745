//! What one user has registered: passkeys, passes, and the names of all other methods.

use super::pass::UserPass;
use crate::given::Given;
use crate::guid::parse_aaguid;
use crate::json_node::{Doubts, JsonNode};
use crate::pointer::Pointer;
use hybrid_protocol::ctap::Aaguid;

/// A user's methods.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct UserMethods {
    /// `fido2AuthenticationMethod`.
    pub passkeys: Vec<RegisteredPasskey>,
    /// `temporaryAccessPassAuthenticationMethod`.
    pub passes: Vec<UserPass>,
    /// Other methods that can be a second factor, by their type.
    pub second_factors: Vec<String>,
    /// Where the files stand.
    pub places: Vec<Pointer>,
}

/// `fido2AuthenticationMethod`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RegisteredPasskey {
    /// Where it stands.
    pub place: Pointer,
    /// `aaGuid`.
    pub aaguid: Given<Aaguid>,
    /// `passkeyType` is `synced`.
    pub synced: Given<bool>,
}

impl UserMethods {
    pub(crate) fn read(nodes: &[JsonNode<'_>], doubts: &mut Doubts) -> Self {
        let mut methods = Self::default();
        methods
            .places
            .extend(nodes.first().map(|node| node.place.clone()));
        for node in nodes {
            let kind = node.text_of("@odata.type").unwrap_or_default();
            let kind = kind.rsplit('.').next().unwrap_or_default();
            if kind.starts_with("fido2") || (kind.is_empty() && node.get("aaGuid").is_some()) {
                methods.passkeys.push(RegisteredPasskey {
                    place: node.place.clone(),
                    aaguid: node.given_word("aaGuid", doubts, parse_aaguid),
                    synced: node.given_word("passkeyType", doubts, |word| match word {
                        "deviceBound" => Some(false),
                        "synced" => Some(true),
                        _ => None,
                    }),
                });
            } else if kind.starts_with("temporaryAccessPass")
                || node.get("methodUsabilityReason").is_some()
            {
                methods.passes.push(UserPass::read(node, doubts));
            } else if !kind.starts_with("password") && !kind.starts_with("email") {
                methods.second_factors.push(kind.chars().take(60).collect());
            }
        }
        methods
    }

    pub(crate) fn join(&mut self, other: Self) {
        self.passkeys.extend(other.passkeys);
        self.passes.extend(other.passes);
        self.second_factors.extend(other.second_factors);
        self.places.extend(other.places);
    }
}
