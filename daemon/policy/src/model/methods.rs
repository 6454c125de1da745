//! `authenticationMethodsPolicy`: the wrapper of all methods, and the registration campaign.

use super::canonical::canonical;
use super::fido2::Fido2;
use super::method::{MethodKind, enabled, targets};
use super::pass::PassPolicy;
use super::target::PolicyTarget;
use crate::given::Given;
use crate::json_node::{Doubts, JsonNode};
use crate::pointer::Pointer;
use hybrid_protocol::printable;

/// The policy of all methods.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MethodsPolicy {
    /// Where it stands.
    pub place: Pointer,
    /// Passkeys.
    pub fido2: Vec<Fido2>,
    /// Temporary Access Passes.
    pub pass: Vec<PassPolicy>,
    /// The registration campaign.
    pub campaign: Option<Campaign>,
    /// All other methods.
    pub others: Vec<OtherMethod>,
}

/// A method of which only that matters whether it is on, and for whom.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OtherMethod {
    /// `Sms`, `MicrosoftAuthenticator` and so on, as Graph spells it.
    pub id: String,
    /// `state`.
    pub enabled: Given<bool>,
    /// `includeTargets`.
    pub include: Given<Vec<PolicyTarget>>,
    /// `excludeTargets`.
    pub exclude: Given<Vec<PolicyTarget>>,
}

/// `authenticationMethodsRegistrationCampaign`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Campaign {
    /// Where it stands.
    pub place: Pointer,
    /// `state`; `default` is unknown, because Microsoft decides.
    pub enabled: Given<bool>,
    /// Whether one of its targets is nudged to a passkey.
    pub wants_passkey: Given<bool>,
    /// One spelling of the whole.
    pub(crate) canonical: String,
}

impl MethodsPolicy {
    pub(crate) fn read(node: &JsonNode<'_>, doubts: &mut Doubts) -> Self {
        let mut policy = Self {
            place: node.place.clone(),
            fido2: Vec::new(),
            pass: Vec::new(),
            campaign: Campaign::read(node, doubts),
            others: Vec::new(),
        };
        // A list of configurations without the policy around them is one as well.
        let configurations = match MethodKind::of(node) {
            Some(_) => vec![node.clone()],
            None => {
                let list = node.given_list("authenticationMethodConfigurations", doubts);
                list.value.unwrap_or_default()
            }
        };
        for configuration in &configurations {
            match MethodKind::of(configuration) {
                Some(MethodKind::Fido2) => policy.fido2.push(Fido2::read(configuration, doubts)),
                Some(MethodKind::Pass) => policy.pass.push(PassPolicy::read(configuration, doubts)),
                Some(MethodKind::Other) | None => {
                    let id = configuration.text_of("id").unwrap_or_default();
                    let (include, exclude) = targets(configuration, doubts);
                    policy.others.push(OtherMethod {
                        id: printable(id).chars().take(60).collect(),
                        enabled: enabled(configuration, doubts),
                        include,
                        exclude,
                    });
                }
            }
        }
        policy
    }
}

impl Campaign {
    fn read(node: &JsonNode<'_>, doubts: &mut Doubts) -> Option<Self> {
        let campaign = node
            .filled("registrationEnforcement")?
            .filled("authenticationMethodsRegistrationCampaign")?;
        let enabled = campaign.given_word("state", doubts, |word| match word {
            "enabled" => Some(Some(true)),
            "disabled" => Some(Some(false)),
            "default" => Some(None),
            _ => None,
        });
        let targets = campaign.given_list("includeTargets", doubts);
        let wants_passkey = targets.map(|targets| {
            targets.iter().any(|target| {
                let method = target.text_of("targetedAuthenticationMethod");
                method.is_some_and(|method| method.eq_ignore_ascii_case("fido2"))
            })
        });
        Some(Self {
            canonical: canonical(campaign.value),
            place: campaign.place,
            enabled: Given {
                value: enabled.value.flatten(),
                place: enabled.place,
            },
            wants_passkey,
        })
    }
}
