//! Which profile each target has, and what that accepts: for whoever asks which population is held
//! to what.

use crate::exports::Exports;
use crate::given::Given;
use crate::guid::Guid;
use crate::model::{
    AttestationRule, Fido2, KeyRestrictions, ListKind, PasskeyProfile, PolicyTarget, TargetId,
};
use crate::model_name::named;
use crate::pointer::Pointer;
use hybrid_protocol::ctap::Aaguid;
use hybrid_protocol::printable;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Stands where an export does not say.
const OPEN: &str = "not stated";

/// One profile of one target.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Assignment {
    /// Whom it is assigned to.
    pub who: String,
    /// Its name.
    pub profile: String,
    /// Which types it accepts.
    pub types: &'static str,
    /// Whether attestation is enforced.
    pub attestation: &'static str,
    /// Which models it accepts.
    pub models: String,
    /// Where the target stands.
    pub place: Pointer,
    /// The profile is there, so that its conditions are known.
    pub known: bool,
}

/// What else names a model, such as the FIDO Alliance's metadata.
pub type ModelNames<'a> = &'a dyn Fn(&Aaguid) -> Option<String>;

/// Every profile of every target, excluded targets last; `None` without an export of them.
pub fn assignments(exports: &Exports, names: ModelNames<'_>) -> Option<Vec<Assignment>> {
    let fido2 = exports.fido2()?;
    let mut all = Vec::new();
    for target in fido2.include.value.iter().flatten() {
        let ids = target.profiles.value.as_deref().unwrap_or_default();
        for (place, profile) in fido2.profiles_of(target).into_iter().enumerate() {
            all.push(match profile {
                Ok(profile) => Assignment::of(exports, target, profile, names),
                Err(_) => {
                    let why = why_none(fido2, target, ids.get(place));
                    Assignment::without(exports, target, &why)
                }
            });
        }
    }
    let excluded = fido2.exclude.value.iter().flatten();
    all.extend(excluded.map(|target| Assignment::without(exports, target, "excluded")));
    Some(all)
}

/// Why a target has no profile.
fn why_none(fido2: &Fido2, target: &PolicyTarget, id: Option<&Given<Guid>>) -> String {
    match (id.and_then(|id| id.value), &target.profiles.value) {
        (Some(id), _) if fido2.profiles.value.is_some() => {
            format!("profile {id} does not exist (PK014)")
        }
        (None, Some(assigned)) if assigned.is_empty() => "no profile (PK013)".to_owned(),
        _ => OPEN.to_owned(),
    }
}

impl Assignment {
    fn of(
        exports: &Exports,
        target: &PolicyTarget,
        profile: &PasskeyProfile,
        names: ModelNames<'_>,
    ) -> Self {
        let types = profile
            .kinds
            .value
            .filter(|kinds| !kinds.others)
            .map(|kinds| (kinds.device_bound, kinds.synced));
        Self {
            profile: profile.name.clone(),
            types: match types {
                Some((true, true)) => "device-bound and synced",
                Some((true, false)) => "device-bound",
                Some((false, true)) => "synced",
                Some((false, false)) => "none that is known",
                None => OPEN,
            },
            attestation: match profile.attestation.value {
                Some(AttestationRule::Disabled) => "not enforced",
                Some(AttestationRule::RegistrationOnly) => "enforced",
                None => OPEN,
            },
            models: match &profile.keys.value {
                Some(keys) => models(keys, names),
                None => OPEN.to_owned(),
            },
            known: true,
            ..Self::without(exports, target, OPEN)
        }
    }

    /// No profile is known, or none counts.
    fn without(exports: &Exports, target: &PolicyTarget, profile: &str) -> Self {
        let who = match target.id.value {
            Some(TargetId::Everyone) => "all users".to_owned(),
            Some(TargetId::Object(id)) => exports.called(id),
            None => OPEN.to_owned(),
        };
        Self {
            who,
            profile: profile.to_owned(),
            types: OPEN,
            attestation: OPEN,
            models: OPEN.to_owned(),
            place: target.place.clone(),
            known: false,
        }
    }

    /// For programs.
    pub fn to_json(&self) -> Value {
        json!({
            "who": self.who, "profile": self.profile, "types": self.types,
            "attestation": self.attestation, "models": self.models, "at": self.place.to_string(),
        })
    }
}

fn models(keys: &KeyRestrictions, names: ModelNames<'_>) -> String {
    let each = keys.aaguids.known().map(|aaguid| match names(aaguid) {
        Some(name) => format!("{aaguid} ({})", printable(&name)),
        None => named(aaguid),
    });
    let models: BTreeSet<String> = each.collect();
    let list = models.into_iter().collect::<Vec<_>>().join(", ");
    match (keys.enforced.value, keys.kind.value) {
        (Some(false), _) => "all".to_owned(),
        (Some(true), Some(ListKind::Allow)) if list.is_empty() => "none".to_owned(),
        (Some(true), Some(ListKind::Allow)) => format!("only {list}"),
        (Some(true), Some(ListKind::Block)) if list.is_empty() => "all".to_owned(),
        (Some(true), Some(ListKind::Block)) => format!("all but {list}"),
        (Some(true), None) | (None, _) => OPEN.to_owned(),
    }
}
