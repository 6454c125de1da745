//! All exports of a tenant together.

use crate::doubt::Doubt;
use crate::export_kind::ExportKind;
use crate::guid::Guid;
use crate::model::{
    AccessPolicy, Campaign, Control, Fido2, Groups, OtherMethod, PassPolicy, Strength, UserMethods,
};
use crate::pointer::Pointer;
use std::collections::{BTreeMap, BTreeSet};

/// What the files say.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Exports {
    /// The configuration of passkeys; one after [`import`](crate::import).
    pub(crate) fido2: Vec<Fido2>,
    /// The configuration of passes; one after import.
    pub(crate) pass: Vec<PassPolicy>,
    pub(crate) campaigns: Vec<Campaign>,
    pub(crate) others: Vec<OtherMethod>,
    /// Where Conditional Access was exported to.
    pub(crate) access_places: Vec<Pointer>,
    pub(crate) strengths: Option<Vec<Strength>>,
    pub(crate) access: Option<Vec<AccessPolicy>>,
    pub(crate) users: Vec<UserMethods>,
    pub(crate) groups: Groups,
    /// Where groups were exported to.
    pub(crate) group_places: BTreeSet<Pointer>,
    /// Roles of the user of which an export does not say which they are.
    pub(crate) unread_roles: BTreeSet<Pointer>,
    /// What groups and roles are called, by the ids that policies name.
    pub(crate) names: BTreeMap<Guid, String>,
    pub(crate) cloud: Option<Cloud>,
    pub(crate) doubts: Vec<Doubt>,
}

/// The clouds of Microsoft that an export can name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Cloud {
    /// Everywhere else.
    Public,
    /// The United States' government.
    UsGovernment,
    /// China, by 21Vianet.
    China,
}

impl Cloud {
    pub(crate) fn of_host(host: &str) -> Option<Self> {
        match host {
            "graph.microsoft.com" => Some(Self::Public),
            "graph.microsoft.us" | "dod-graph.microsoft.us" => Some(Self::UsGovernment),
            "microsoftgraph.chinacloudapi.cn" => Some(Self::China),
            _ => None,
        }
    }

    /// Whether Graph's schema of this cloud has passkey profiles (msgraph-metadata, 2026-08-20).
    pub const fn has_profiles(self) -> bool {
        match self {
            Self::Public | Self::UsGovernment => true,
            Self::China => false,
        }
    }
}

impl Exports {
    /// The configuration of passkeys.
    pub fn fido2(&self) -> Option<&Fido2> {
        self.fido2.first()
    }

    /// The configuration of passes.
    pub fn pass(&self) -> Option<&PassPolicy> {
        self.pass.first()
    }

    /// The kinds that speak of one user, of those that were given.
    pub fn personal(&self) -> Vec<ExportKind> {
        let user = (!self.users.is_empty()).then_some(ExportKind::UserMethods);
        let groups = (!self.group_places.is_empty()).then_some(ExportKind::Groups);
        user.into_iter().chain(groups).collect()
    }

    /// The same without what speaks of one user, for questions about anybody.
    #[must_use]
    pub fn for_everybody(self) -> Self {
        Self {
            users: Vec::new(),
            groups: Groups::Unknown,
            group_places: BTreeSet::new(),
            ..self
        }
    }

    /// What keeps rulings from being certain.
    pub fn doubts(&self) -> &[Doubt] {
        &self.doubts
    }

    /// A group or role for a person: its id, and its name where an export tells it.
    pub fn called(&self, id: Guid) -> String {
        match self.names.get(&id) {
            Some(name) => format!("{id} ({name})"),
            None => id.to_string(),
        }
    }

    /// Conditional Access policies, when they were given.
    pub fn access(&self) -> Option<&[AccessPolicy]> {
        self.access.as_deref()
    }

    /// What users have registered, each user once.
    pub fn users(&self) -> &[UserMethods] {
        &self.users
    }

    /// What the one user has registered of whom there is an export.
    pub fn user(&self) -> Option<&UserMethods> {
        match self.users.as_slice() {
            [user] => Some(user),
            _ => None,
        }
    }

    /// Whether a list of strengths was given, be it empty.
    pub const fn has_strengths(&self) -> bool {
        self.strengths.is_some()
    }

    /// Strengths of the list and those inside policies, each id once; the list's come first.
    pub fn strengths(&self) -> Vec<&Strength> {
        let listed = self.strengths.iter().flatten();
        let mut strengths: Vec<&Strength> = Vec::new();
        for strength in listed.chain(self.embedded_strengths()) {
            let same = |other: &&Strength| {
                strength.id.value.is_some() && other.id.value == strength.id.value
            };
            if strength.combinations.value.is_some() && !strengths.iter().any(same) {
                strengths.push(strength);
            }
        }
        strengths
    }

    /// The strength that a policy names, whole: embedded, or from the list.
    pub(crate) fn whole<'a>(&'a self, strength: &'a Strength) -> &'a Strength {
        if strength.combinations.value.is_some() {
            return strength;
        }
        let mut listed = self.strengths.iter().flatten();
        listed
            .find(|other| strength.id.value.is_some() && other.id.value == strength.id.value)
            .unwrap_or(strength)
    }

    /// The strengths that a policy asks for, whole.
    pub(crate) fn strengths_of<'a>(&'a self, policy: &'a AccessPolicy) -> Vec<&'a Strength> {
        let grant = policy.grant.value.as_ref().and_then(Option::as_ref);
        let controls = grant.into_iter().flat_map(|grant| &grant.controls);
        controls
            .filter_map(|control| match control {
                Control::Strength(strength) => Some(self.whole(strength)),
                Control::BuiltIn(_) | Control::Foreign(_) => None,
            })
            .collect()
    }

    fn embedded_strengths(&self) -> impl Iterator<Item = &Strength> {
        let policies = self.access.iter().flatten();
        let grants = policies.filter_map(|policy| policy.grant.value.as_ref()?.as_ref());
        grants
            .flat_map(|grant| &grant.controls)
            .filter_map(|control| match control {
                Control::Strength(strength) => Some(strength),
                Control::BuiltIn(_) | Control::Foreign(_) => None,
            })
    }

    /// Pairs of places that say different things of the same object, the later file first.
    pub(crate) fn contradictions(&self) -> impl Iterator<Item = (Pointer, Pointer)> {
        let mut pairs = Vec::new();
        let mut said = BTreeMap::new();
        let mut say = |what: String, meaning: String, place: &Pointer| {
            let (first, before) = said
                .entry(what)
                .or_insert_with(|| (place.clone(), meaning.clone()));
            if *before != meaning {
                pairs.push((place.clone(), first.clone()));
            }
        };
        for fido2 in &self.fido2 {
            say("fido2".to_owned(), fido2.canonical.clone(), &fido2.place);
            for profile in fido2.profiles.value.iter().flatten() {
                if let Some(id) = profile.id {
                    let what = format!("profile {id}");
                    say(what, profile.canonical.clone(), &profile.place);
                }
            }
        }
        for pass in &self.pass {
            say("pass".to_owned(), pass.canonical.clone(), &pass.place);
        }
        for campaign in &self.campaigns {
            let meaning = campaign.canonical.clone();
            say("campaign".to_owned(), meaning, &campaign.place);
        }
        for method in &self.others {
            let what = format!("method {}", method.id);
            say(
                what,
                format!("{:?}", method.enabled.value),
                &method.enabled.place,
            );
        }
        let policies = self.access.iter().flatten();
        for policy in policies.filter(|policy| !policy.id.is_empty()) {
            say(
                format!("policy {}", policy.id),
                policy.canonical.clone(),
                &policy.place,
            );
        }
        let listed = self.strengths.iter().flatten();
        for strength in listed.chain(self.embedded_strengths()) {
            if let (Some(id), Some(meaning)) = (strength.id.value, strength.meaning()) {
                say(
                    format!("strength {id}"),
                    format!("{meaning:?}"),
                    &strength.place,
                );
            }
        }
        pairs.into_iter()
    }

    /// Brings everything into one order, whatever the order of files, and keeps one of what two
    /// files say alike.
    pub(crate) fn settle(&mut self) {
        self.fido2.sort_by(|one, other| one.place.cmp(&other.place));
        self.fido2.truncate(1);
        self.pass.sort_by(|one, other| one.place.cmp(&other.place));
        self.pass.truncate(1);
        self.access_places.sort();
        self.doubts.sort();
        self.doubts.dedup();
        self.fill_strengths_of_microsoft();
        if let Some(policies) = &mut self.access {
            policies.sort_by(|one, other| (&one.id, &one.place).cmp(&(&other.id, &other.place)));
            policies.dedup_by(|one, other| one.canonical == other.canonical);
        }
    }

    /// Those that policies name by id, and that the list of strengths does not have.
    fn fill_strengths_of_microsoft(&mut self) {
        let listed = self.strengths.iter().flatten();
        let listed: BTreeSet<Guid> = listed.filter_map(|strength| strength.id.value).collect();
        let policies = self.access.iter_mut().flatten();
        let grants = policies.filter_map(|policy| policy.grant.value.as_mut()?.as_mut());
        for control in grants.flat_map(|grant| &mut grant.controls) {
            match control {
                Control::Strength(strength) => {
                    if !{ strength.id.value }.is_some_and(|id| listed.contains(&id)) {
                        strength.fill_from_its_id();
                    }
                }
                Control::BuiltIn(_) | Control::Foreign(_) => {}
            }
        }
    }
}
