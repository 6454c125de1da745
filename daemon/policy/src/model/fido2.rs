//! `fido2AuthenticationMethodConfiguration` in both generations: profiles, and the flat settings
//! that end on 2027-10-15.

use super::canonical::canonical;
use super::method::enabled;
use super::profile::{KeyRestrictions, PasskeyProfile};
use super::target::PolicyTarget;
use crate::given::Given;
use crate::guid::Guid;
use crate::json_node::{Doubts, JsonNode};
use crate::pointer::Pointer;
use crate::truth::{Held, Lack};

/// The profile that every tenant with profiles has.
pub(crate) const DEFAULT_PROFILE: Guid = Guid::of(1);

/// The configuration of passkeys.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fido2 {
    /// Where it stands.
    pub place: Pointer,
    /// `state`.
    pub enabled: Given<bool>,
    /// `isSelfServiceRegistrationAllowed`.
    pub self_service: Given<bool>,
    /// `isAttestationEnforced`, deprecated.
    pub flat_attestation: Given<bool>,
    /// `keyRestrictions`, deprecated.
    pub flat_keys: Given<KeyRestrictions>,
    /// `defaultPasskeyProfile`.
    pub default_profile: Given<Guid>,
    /// `includeTargets`.
    pub include: Given<Vec<PolicyTarget>>,
    /// `excludeTargets`.
    pub exclude: Given<Vec<PolicyTarget>>,
    /// `passkeyProfiles`.
    pub profiles: Given<Vec<PasskeyProfile>>,
    /// What the flat settings amount to.
    pub(crate) flat_profile: PasskeyProfile,
    /// One spelling of the whole.
    pub(crate) canonical: String,
}

/// Which of the two forms decides.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Generation {
    /// Profiles are there: flat settings decide nothing.
    Profiles,
    /// `passkeyProfiles` is there and empty: flat settings decide.
    Flat,
    /// Nothing tells of profiles, which some clouds do not have.
    FlatByAbsence,
}

impl Fido2 {
    pub(crate) fn read(node: &JsonNode<'_>, doubts: &mut Doubts) -> Self {
        let flat_attestation = node.given_bool("isAttestationEnforced", doubts);
        let flat_keys = KeyRestrictions::read(node, doubts);
        Self {
            place: node.place.clone(),
            enabled: enabled(node, doubts),
            self_service: node.given_bool("isSelfServiceRegistrationAllowed", doubts),
            flat_profile: PasskeyProfile::of_flat_settings(
                &node.place,
                &flat_attestation,
                &flat_keys,
            ),
            flat_attestation,
            flat_keys,
            default_profile: node.given_guid("defaultPasskeyProfile", doubts),
            include: PolicyTarget::list(node, "includeTargets", doubts),
            exclude: PolicyTarget::list(node, "excludeTargets", doubts),
            profiles: node.given_list("passkeyProfiles", doubts).map(|items| {
                let items = items.iter();
                items
                    .map(|item| PasskeyProfile::read(item, doubts))
                    .collect()
            }),
            canonical: canonical(node.value),
        }
    }

    /// Which form decides.
    pub fn generation(&self) -> Generation {
        let profiles = self.profiles.value.as_ref();
        let listed = self.include.value.iter().flatten().any(|target| {
            let profiles = target.profiles.value.as_ref();
            profiles.is_some_and(|profiles| !profiles.is_empty())
        });
        let any = profiles.is_some_and(|profiles| !profiles.is_empty());
        if any || listed || self.default_profile.value.is_some() {
            return Generation::Profiles;
        }
        match profiles {
            Some(_) => Generation::Flat,
            None => Generation::FlatByAbsence,
        }
    }

    /// The profiles that are assigned to a target, or why that cannot be said.
    pub(crate) fn profiles_of(&self, target: &PolicyTarget) -> Vec<Result<&PasskeyProfile, Held>> {
        if self.generation() != Generation::Profiles {
            return vec![Ok(&self.flat_profile)];
        }
        let Some(assigned) = &target.profiles.value else {
            return vec![Err(Held::unknown(target.profiles.lack()))];
        };
        if assigned.is_empty() {
            // Whether the default profile then applies is not documented.
            let place = target.profiles.place.clone();
            return vec![Err(Held::unknown(Lack::Member(place)))];
        }
        let assigned = assigned.iter().map(|id| {
            let wanted = id.value.ok_or_else(|| Held::unknown(id.lack()))?;
            self.profile(wanted)
                .ok_or_else(|| Held::unknown(self.profiles.lack()))
        });
        assigned.collect()
    }

    /// A profile by its id.
    pub fn profile(&self, id: Guid) -> Option<&PasskeyProfile> {
        let mut profiles = self.profiles.value.iter().flatten();
        profiles.find(|profile| profile.id == Some(id))
    }
}
