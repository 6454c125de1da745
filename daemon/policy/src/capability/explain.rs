//! Why no profile accepts a passkey, and what to know when one does.

use super::attested::attested;
use super::candidate::{Candidate, Candidates, Fit};
use super::models::{Models, listed};
use crate::catalogue::{
    ATTESTATION_AGAINST_QR, ATTESTATION_MISSING, DEVICE_BOUND_REFUSED, MODEL_BLOCKED, MODEL_ERASED,
    MODEL_IS_ZERO, MODEL_NOT_ALLOWED, NOT_TARGETED, Rule, SPLIT_PROFILES, SYNCED_REFUSED,
};
use crate::confidence::Confidence;
use crate::fact;
use crate::inquiry::{Inquiry, Occasion, Way};
use crate::model::{Fido2, Generation, ListKind};
use crate::model_name::named;
use crate::ruling::Ruling;
use crate::truth::{Held, Lack};
use hybrid_protocol::ctap::Aaguid;

type Condition = for<'a, 'b> fn(&'a Fit<'b>) -> &'a Held;

impl Candidates<'_> {
    /// The rulings about profiles.
    pub(super) fn explain(&self, fit: &Held, inquiry: &Inquiry) -> Vec<Ruling> {
        let mut rulings = self.notes(fit, inquiry);
        if fit.no() {
            rulings.extend(self.refusals(fit, inquiry));
        }
        if fit
            .lacks
            .contains(&Lack::Fact(fact::SYNCED_WITHOUT_PROFILES))
        {
            rulings.push(synced_without_profiles(self.fido2, fit));
        }
        rulings
    }

    fn refusals(&self, fit: &Held, inquiry: &Inquiry) -> Vec<Ruling> {
        let relevant = self.relevant();
        if relevant.is_empty() {
            let place = &self.fido2.include.place;
            let change = format!("Add a target that contains the user, at {place}.");
            let ruling = Ruling::refuses(&NOT_TARGETED, "no included target contains the user");
            return vec![ruling.because(&self.nobody()).turned_by(&change)];
        }
        let mut nearest: Vec<&Fit<'_>> = relevant
            .iter()
            .filter_map(|candidate| candidate.fit())
            .collect();
        nearest.sort_by_key(|fit| (fit.against(), fit.profile.id, &fit.profile.place));
        let Some(nearest) = nearest.first() else {
            return Vec::new();
        };
        let fails_everywhere =
            |condition: Condition| relevant.iter().all(|candidate| fails(candidate, condition));
        let mut rulings = Vec::new();
        if fails_everywhere(|fit| &fit.kind) {
            rulings.push(self.resting(kind(nearest, inquiry), |fit| &fit.kind));
        }
        if fails_everywhere(|fit| &fit.attestation) {
            let ruling = attestation(nearest, inquiry);
            rulings.push(self.resting(ruling, |fit| &fit.attestation));
        }
        if fails_everywhere(|fit| &fit.model) {
            rulings.push(self.resting(model(nearest, inquiry), |fit| &fit.model));
        }
        if rulings.is_empty() {
            rulings.push(split(nearest, relevant.len()).because(fit));
        }
        let best = self.best();
        let finish = |ruling: Ruling| ruling.at_most(best);
        rulings.into_iter().map(finish).collect()
    }

    /// On that condition in every profile of the user, and on everything that keeps other profiles
    /// from being the user's.
    fn resting(&self, ruling: Ruling, condition: Condition) -> Ruling {
        let mut ruling = ruling
            .on(&self.fido2.include.place)
            .on(&self.fido2.profiles.place);
        for candidate in self.all.iter().flatten() {
            ruling = match &candidate.profile {
                Ok(fit) if !candidate.member.no() => {
                    let ruling = ruling.because(condition(fit));
                    match self.fido2.generation() {
                        Generation::Profiles => ruling.on(&candidate.target.profiles.place),
                        Generation::Flat | Generation::FlatByAbsence => ruling,
                    }
                }
                Ok(_) | Err(_) => ruling.because(&candidate.member),
            };
        }
        ruling
    }
}

/// A refusal that is possible only, as long as nobody has measured which of two statements holds.
fn synced_without_profiles(fido2: &Fido2, fit: &Held) -> Ruling {
    let place = &fido2.flat_profile.kinds.place;
    let saw = "a tenant without profiles enforces attestation, which excludes new synced passkeys and may stop those \
         that exist";
    let change = format!("Set isAttestationEnforced to false at {place}.");
    Ruling::refuses(&SYNCED_REFUSED, saw)
        .at_most(Confidence::Possible)
        .because(fit)
        .turned_by(&change)
}

fn fails(candidate: &Candidate<'_>, condition: Condition) -> bool {
    let fit = candidate.fit();
    fit.is_some_and(|fit| condition(fit).no())
}

fn kind(fit: &Fit<'_>, inquiry: &Inquiry) -> Ruling {
    let place = &fit.profile.kinds.place;
    let (rule, word): (&Rule, _) = match inquiry.passkey.synced {
        Some(true) => (&SYNCED_REFUSED, "synced"),
        Some(false) | None => (&DEVICE_BOUND_REFUSED, "deviceBound"),
    };
    let change = match fit.profile.id {
        Some(_) => format!("Add {word} to passkeyTypes at {place}."),
        None => format!("Set isAttestationEnforced to false at {place}."),
    };
    let saw = format!("\"{}\" does not accept {word} passkeys", fit.profile.name);
    Ruling::refuses(rule, &saw).turned_by(&change)
}

fn attestation(fit: &Fit<'_>, inquiry: &Inquiry) -> Ruling {
    let place = &fit.profile.attestation.place;
    let change = match fit.profile.id {
        Some(_) => format!("Set attestationEnforcement to disabled at {place}."),
        None => format!("Set isAttestationEnforced to false at {place}."),
    };
    let name = &fit.profile.name;
    let ruling = match inquiry.occasion {
        Occasion::BeforeRegistration if inquiry.way == Way::Qr => Ruling::refuses(
            &ATTESTATION_AGAINST_QR,
            &format!("\"{name}\" enforces attestation, as every profile of the user does"),
        ),
        Occasion::BeforeRegistration | Occasion::Registration | Occasion::SignIn => {
            let attested = attested(inquiry);
            let rule = attested.rule.unwrap_or(&ATTESTATION_MISSING);
            let saw = format!("{}, and \"{name}\" enforces attestation", attested.saw);
            Ruling::refuses(rule, &saw).at_most(attested.best)
        }
    };
    ruling.turned_by(&change)
}

fn model(fit: &Fit<'_>, inquiry: &Inquiry) -> Ruling {
    let models = Models::at_site(inquiry);
    let aaguid = models.possible.first().copied().unwrap_or(Aaguid::NONE);
    let name = &fit.profile.name;
    let Some(keys) = &fit.profile.keys.value else {
        return Ruling::refuses(&MODEL_NOT_ALLOWED, "the model is not accepted");
    };
    let place = &keys.aaguids.place;
    let (list, shown) = (listed(&keys.aaguids), named(&aaguid));
    let blocked = keys.kind.value == Some(ListKind::Block);
    if blocked {
        let change = format!("Remove {aaguid} from the list at {place}.");
        let saw = format!("\"{name}\" blocks {shown}, which the passkey claims");
        return Ruling::refuses(&MODEL_BLOCKED, &saw).turned_by(&change);
    }
    let change = format!("Add {aaguid} to the list at {place}.");
    let saw = format!("\"{name}\" allows {list}; the site sees {shown}, which is claimed");
    let rule: &Rule = match (aaguid == Aaguid::NONE, models.erased) {
        (true, true) => &MODEL_ERASED,
        (true, false) => &MODEL_IS_ZERO,
        (false, _) => &MODEL_NOT_ALLOWED,
    };
    Ruling::refuses(rule, &saw).turned_by(&change)
}

fn split(fit: &Fit<'_>, profiles: usize) -> Ruling {
    let parts = [
        (&fit.kind, "the type", &fit.profile.kinds.place),
        (
            &fit.attestation,
            "attestation",
            &fit.profile.attestation.place,
        ),
        (&fit.model, "the model", &fit.profile.keys.place),
    ];
    let against: Vec<_> = parts.iter().filter(|(held, ..)| held.no()).collect();
    let words: Vec<&str> = against.iter().map(|(_, word, _)| *word).collect();
    let places: Vec<String> = against
        .iter()
        .map(|(.., place)| place.to_string())
        .collect();
    let name = &fit.profile.name;
    let saw = format!(
        "none of {profiles} profiles meets every condition; \"{name}\" is closest and fails by {}",
        words.join(" and ")
    );
    let change = format!("Change the value at {}.", places.join(" and "));
    Ruling::refuses(&SPLIT_PROFILES, &saw).turned_by(&change)
}
