//! `passkeyProfile`: what a passkey must be. A tenant without profiles has one in effect, made of
//! its flat settings.

use super::canonical::canonical;
use crate::doubt::{Doubt, Why};
use crate::given::Given;
use crate::guid::{Guid, parse_aaguid};
use crate::json_node::{Doubts, JsonNode, unfamiliar, words};
use crate::pointer::Pointer;
use crate::truth::Held;
use hybrid_protocol::ctap::Aaguid;

/// A profile.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PasskeyProfile {
    /// Where it stands.
    pub place: Pointer,
    /// `None` for the one that is made of flat settings.
    pub id: Option<Guid>,
    /// As the tenant calls it.
    pub name: String,
    /// `attestationEnforcement`.
    pub attestation: Given<AttestationRule>,
    /// `passkeyTypes`.
    pub kinds: Given<PasskeyKinds>,
    /// `keyRestrictions`.
    pub keys: Given<KeyRestrictions>,
    /// One spelling of the whole.
    pub(crate) canonical: String,
}

/// `attestationEnforcement`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum AttestationRule {
    /// Anything is accepted.
    Disabled,
    /// A verified attestation is needed at registration.
    RegistrationOnly,
}

/// `passkeyTypes`, a set of flags.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct PasskeyKinds {
    /// Passkeys that stay on their device.
    pub device_bound: bool,
    /// Passkeys that a provider copies.
    pub synced: bool,
    /// A type that is newer than this program: any passkey may be of it.
    pub others: bool,
}

/// `fido2KeyRestrictions`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyRestrictions {
    /// `isEnforced`.
    pub enforced: Given<bool>,
    /// `enforcementType`.
    pub kind: Given<ListKind>,
    /// `aaGuids`.
    pub aaguids: Given<Vec<Given<Aaguid>>>,
}

/// `enforcementType`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ListKind {
    /// Only what is listed.
    Allow,
    /// All but what is listed.
    Block,
}

impl PasskeyProfile {
    pub(super) fn read(node: &JsonNode<'_>, doubts: &mut Doubts) -> Self {
        const KNOWN: [&str; 5] = [
            "id",
            "name",
            "attestationEnforcement",
            "passkeyTypes",
            "keyRestrictions",
        ];
        unfamiliar(node, &KNOWN, doubts);
        let name = node
            .name_of("name")
            .unwrap_or_else(|| "without a name".to_owned());
        Self {
            place: node.place.clone(),
            id: node.given_guid("id", doubts).value,
            name,
            attestation: node.given_word("attestationEnforcement", doubts, |word| match word {
                "disabled" => Some(AttestationRule::Disabled),
                "registrationOnly" => Some(AttestationRule::RegistrationOnly),
                _ => None,
            }),
            kinds: PasskeyKinds::read(node, doubts),
            keys: KeyRestrictions::read(node, doubts),
            canonical: canonical(node.value),
        }
    }

    /// What the flat settings amount to: attestation excludes synced passkeys.
    pub(super) fn of_flat_settings(
        place: &Pointer,
        attestation: &Given<bool>,
        keys: &Given<KeyRestrictions>,
    ) -> Self {
        let rule = |enforced| match enforced {
            true => AttestationRule::RegistrationOnly,
            false => AttestationRule::Disabled,
        };
        Self {
            place: place.clone(),
            id: None,
            name: "the settings of the whole tenant".to_owned(),
            attestation: attestation.clone().map(rule),
            kinds: attestation.clone().map(|enforced| PasskeyKinds {
                device_bound: true,
                synced: !enforced,
                others: false,
            }),
            keys: keys.clone(),
            canonical: String::new(),
        }
    }

    /// Whether a model passes the profile's list.
    pub(crate) fn admits(&self, aaguid: &Aaguid) -> Held {
        match &self.keys.value {
            Some(keys) => keys.admit(aaguid),
            None => Held::unknown(self.keys.lack()),
        }
    }
}

impl PasskeyKinds {
    /// Whether a passkey of this type is accepted; `None` when a type that is not known may be it.
    pub(crate) fn take(self, synced: bool) -> Option<bool> {
        let taken = match synced {
            true => self.synced,
            false => self.device_bound,
        };
        (taken || !self.others).then_some(taken)
    }

    fn read(node: &JsonNode<'_>, doubts: &mut Doubts) -> Given<Self> {
        let Some(list) = node.filled("passkeyTypes") else {
            return Given::absent(node.place_of("passkeyTypes"));
        };
        let Some(words) = words(&list).filter(|words| !words.is_empty()) else {
            doubts.push(Doubt::new(list.place.clone(), Why::WrongType("a word")));
            return Given::absent(list.place);
        };
        let mut kinds = Self {
            device_bound: false,
            synced: false,
            others: false,
        };
        for word in words {
            match word.as_str() {
                "deviceBound" => kinds.device_bound = true,
                "synced" => kinds.synced = true,
                _ => {
                    kinds.others = true;
                    doubts.push(Doubt::new(list.place.clone(), Why::UnknownValue(word)));
                }
            }
        }
        Given {
            value: Some(kinds),
            place: list.place,
        }
    }
}

impl KeyRestrictions {
    pub(super) fn read(node: &JsonNode<'_>, doubts: &mut Doubts) -> Given<Self> {
        let Some(node) = node.filled("keyRestrictions") else {
            return Given::absent(node.place_of("keyRestrictions"));
        };
        unfamiliar(&node, &["isEnforced", "enforcementType", "aaGuids"], doubts);
        if !node.value.is_object() {
            doubts.push(Doubt::new(node.place.clone(), Why::CutOff));
            return Given::absent(node.place);
        }
        Given {
            value: Some(Self {
                enforced: node.given_bool("isEnforced", doubts),
                kind: node.given_word("enforcementType", doubts, |word| match word {
                    "allow" => Some(ListKind::Allow),
                    "block" => Some(ListKind::Block),
                    _ => None,
                }),
                aaguids: node.given_items("aaGuids", doubts, parse_aaguid),
            }),
            place: node.place,
        }
    }

    fn admit(&self, aaguid: &Aaguid) -> Held {
        let listed = self.aaguids.contains(aaguid);
        let by_list = match self.kind.value {
            Some(ListKind::Allow) => listed.and(Held::given(true).on(&self.kind.place)),
            Some(ListKind::Block) => listed.negated().and(Held::given(true).on(&self.kind.place)),
            None => Held::unknown(self.kind.lack()),
        };
        let by_list = match by_list.no() {
            true => by_list.on(&self.kind.place).on(&self.enforced.place),
            false => by_list,
        };
        self.enforced.held(|enforced| !enforced).or(by_list)
    }
}
