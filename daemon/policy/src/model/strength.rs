//! `authenticationStrengthPolicy`: combinations of methods that satisfy, and for passkeys the models.

use crate::given::Given;
use crate::guid::{Guid, parse_aaguid};
use crate::json_node::{Doubts, JsonNode, unfamiliar, words};
use crate::pointer::Pointer;
use crate::truth::Held;
use hybrid_protocol::ctap::Aaguid;
use std::collections::BTreeSet;

/// A strength.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Strength {
    /// Where it stands.
    pub place: Pointer,
    /// Its id.
    pub id: Given<Guid>,
    /// As the tenant calls it.
    pub name: String,
    /// `allowedCombinations`, each a set of methods.
    pub combinations: Given<Vec<Given<BTreeSet<String>>>>,
    /// `combinationConfigurations` of passkeys.
    pub configurations: Given<Vec<FidoConfiguration>>,
    /// `policyType` is `builtIn`: there are no configurations.
    pub built_in: bool,
}

/// `fido2CombinationConfiguration`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FidoConfiguration {
    /// Where it stands.
    pub place: Pointer,
    /// `allowedAAGUIDs`.
    pub aaguids: Given<Vec<Given<Aaguid>>>,
}

/// Microsoft's strength "Phishing-resistant MFA" has this id in every tenant.
const PHISHING_RESISTANT: Guid = Guid::of(4);

/// Combinations, and the models of passkeys when they are listed.
type Meaning = (BTreeSet<BTreeSet<String>>, Option<BTreeSet<Aaguid>>);

impl Strength {
    pub(crate) fn read(node: &JsonNode<'_>, doubts: &mut Doubts) -> Self {
        let name = node.name_of("displayName");
        let combinations = node.given_list("allowedCombinations", doubts).map(|items| {
            let items = items.into_iter();
            let read = items.map(|item| Given {
                value: words(&item).map(|words| words.into_iter().collect()),
                place: item.place,
            });
            read.collect()
        });
        let configurations = node.given_list("combinationConfigurations", doubts);
        let configurations = configurations.map(|items| {
            let of_passkeys = items.iter().filter(|item| !is_of_others(item));
            let read = of_passkeys.map(|item| {
                unfamiliar(item, &CONFIGURATION, doubts);
                FidoConfiguration {
                    place: item.place.clone(),
                    aaguids: item.given_items("allowedAAGUIDs", doubts, parse_aaguid),
                }
            });
            read.collect()
        });
        Self {
            place: node.place.clone(),
            id: node.given_guid("id", doubts),
            name: name.unwrap_or_else(|| "without a name".to_owned()),
            combinations,
            configurations,
            built_in: node.text_of("policyType") == Some("builtIn"),
        }
    }

    /// Takes what Microsoft documents of its own strength, where a policy names that by its id alone.
    pub(crate) fn fill_from_its_id(&mut self) {
        const TAKEN: [&str; 3] = [
            "fido2",
            "windowsHelloForBusiness",
            "x509CertificateMultiFactor",
        ];
        if self.id.value != Some(PHISHING_RESISTANT) || self.combinations.value.is_some() {
            return;
        }
        let place = &self.id.place;
        let taken = TAKEN.map(|method| Given {
            value: Some(BTreeSet::from([method.to_owned()])),
            place: place.clone(),
        });
        self.combinations.value = Some(taken.to_vec());
        "Phishing-resistant MFA".clone_into(&mut self.name);
        self.built_in = true;
    }

    /// Microsoft's own, the same in every tenant: nobody can change it.
    pub(crate) fn is_fixed(&self) -> bool {
        const FIXED: [Guid; 3] = [Guid::of(2), Guid::of(3), Guid::of(4)];
        self.built_in || self.id.value.is_some_and(|id| FIXED.contains(&id))
    }

    /// Whether this combination of one method is allowed.
    pub(crate) fn allows(&self, method: &str) -> Held {
        let alone = BTreeSet::from([method.to_owned()]);
        self.combinations.contains(&alone)
    }

    /// Whether the model passes the strength's list, if it has one.
    pub(crate) fn lists(&self, aaguid: &Aaguid) -> Held {
        match &self.configurations.value {
            Some(each) => Held::all(each.iter().map(|each| each.aaguids.contains(aaguid))),
            None if self.built_in => Held::given(true),
            None => Held::unknown(self.configurations.lack()),
        }
    }

    /// The models that it names; `None` when it names none.
    pub(crate) fn models(&self) -> Option<BTreeSet<Aaguid>> {
        let each = self.configurations.value.as_ref()?;
        let mut listed = each.iter().filter(|each| each.aaguids.value.is_some());
        let first = listed.next()?;
        let mut models: BTreeSet<Aaguid> = first.aaguids.known().copied().collect();
        for other in listed {
            models.retain(|model| other.aaguids.known().any(|known| known == model));
        }
        Some(models)
    }

    /// Combinations without a passkey, as they are written.
    pub(crate) fn other_combinations(&self) -> BTreeSet<String> {
        let others = self
            .combinations
            .known()
            .filter(|words| !words.contains("fido2"));
        others
            .map(|words| words.iter().cloned().collect::<Vec<_>>().join(" + "))
            .collect()
    }

    /// Nothing that is weaker than a passkey satisfies it; passes are for the beginning.
    pub(crate) fn is_phishing_resistant(&self) -> bool {
        const STRONG: [&str; 5] = [
            "fido2",
            "windowsHelloForBusiness",
            "x509CertificateMultiFactor",
            "temporaryAccessPassOneTime",
            "temporaryAccessPassMultiUse",
        ];
        let mut combinations = self.combinations.value.iter().flatten().peekable();
        combinations.peek().is_some()
            && combinations.all(|words| {
                let words = words.value.as_ref();
                words.is_some_and(|words| words.iter().all(|word| STRONG.contains(&word.as_str())))
            })
    }

    /// What it says, without places, to compare two exports of it.
    pub(crate) fn meaning(&self) -> Option<Meaning> {
        self.combinations.value.as_ref()?;
        Some((self.combinations.known().cloned().collect(), self.models()))
    }
}

/// Members of a configuration of passkeys.
const CONFIGURATION: [&str; 3] = ["id", "appliesToCombinations", "allowedAAGUIDs"];

/// Whether a configuration is certainly not about passkeys. One of a type that is not known may be.
fn is_of_others(node: &JsonNode<'_>) -> bool {
    let kind = node.text_of("@odata.type").unwrap_or_default();
    if kind.ends_with("fido2CombinationConfiguration") || node.get("allowedAAGUIDs").is_some() {
        return false;
    }
    let applies = node.filled("appliesToCombinations");
    let methods = applies.and_then(|applies| words(&applies));
    kind.ends_with("x509CertificateCombinationConfiguration")
        || methods.is_some_and(|methods| {
            !methods.is_empty() && methods.iter().all(|method| method != "fido2")
        })
}
