//! What to know of a passkey beside whether a profile accepts it.

use super::attested::attested;
use super::candidate::{Candidates, Fit};
use super::models::Models;
use crate::catalogue::{
    ATTESTATION_AGAINST_QR, ATTESTATION_AGAINST_QR_IN_PART, ATTESTATION_BAD, METADATA_STATUS,
    MODEL_ERASED, MODEL_IS_ZERO, MODEL_STRIPPED, Rule, TARGET_WITHOUT_PROFILE,
};
use crate::confidence::Confidence;
use crate::inquiry::{Inquiry, Occasion, Way};
use crate::model::AttestationRule;
use crate::model_name::named;
use crate::ruling::{Effect, Ruling};
use crate::truth::{Held, Truth};
use hybrid_protocol::ctap::Aaguid;
use std::collections::BTreeSet;

impl Candidates<'_> {
    pub(super) fn notes(&self, fit: &Held, inquiry: &Inquiry) -> Vec<Ruling> {
        let relevant = self.relevant();
        let mut rulings = Vec::new();
        for candidate in &relevant {
            let empty = candidate.target.profiles.lack();
            let Err(unknown) = &candidate.profile else {
                continue;
            };
            if unknown.lacks.contains(&empty) && candidate.target.profiles.value.is_some() {
                let saw = "a target that may contain the user names no profile";
                let rule = &TARGET_WITHOUT_PROFILE;
                let ruling = Ruling::new(rule, withholding(fit), rule.best, saw).because(unknown);
                rulings.push(ruling.on(&candidate.target.place));
            }
        }
        let fits = || relevant.iter().filter_map(|candidate| candidate.fit());
        let by_qr = inquiry.way == Way::Qr && inquiry.occasion == Occasion::BeforeRegistration;
        let (enforcing, free): (Vec<&Fit<'_>>, Vec<&Fit<'_>>) =
            fits().partition(|fit| fit.attestation.no());
        if inquiry.way == Way::VirtualKey {
            rulings.extend(behind_a_key(&fits().collect::<Vec<_>>(), fit, inquiry));
        }
        if by_qr && !enforcing.is_empty() && !free.is_empty() {
            let names: Vec<&str> = free.iter().map(|fit| fit.profile.name.as_str()).collect();
            let saw = format!(
                "these accept a passkey across devices: {}",
                names.join(", ")
            );
            let mut ruling = Ruling::notes(&ATTESTATION_AGAINST_QR_IN_PART, &saw);
            let mut places = BTreeSet::new();
            for fit in enforcing {
                ruling = ruling.because(&fit.attestation);
                places.insert(fit.profile.attestation.place.to_string());
            }
            let places: Vec<String> = places.into_iter().collect();
            let change = format!(
                "Set attestationEnforcement to disabled at {}. Enforced in every profile, it rules QR codes out for \
                 everyone.",
                places.join(" and ")
            );
            rulings.push(ruling.turned_by(&change));
        }
        rulings.extend(zero(&fits().collect::<Vec<_>>(), fit, inquiry));
        rulings.extend(about_attestation(inquiry));
        let passkey = &inquiry.passkey;
        if let (Some(phone), Some(site)) = (passkey.aaguid, passkey.aaguid_at_site)
            && phone != site
        {
            let saw = format!(
                "the phone reported {}, the site sees {}",
                named(&phone),
                named(&site)
            );
            rulings.push(Ruling::notes(&MODEL_STRIPPED, &saw));
        }
        rulings
    }
}

/// What is unknown keeps an answer open only when nothing else has decided it.
fn withholding(fit: &Held) -> Effect {
    match fit.truth {
        Truth::Unknown => Effect::Withholds,
        Truth::No | Truth::Yes => Effect::Notes,
    }
}

/// A phone that answers for a virtual key attests nothing as a rule, and an app that plays a key may.
fn behind_a_key(fits: &[&Fit<'_>], fit: &Held, inquiry: &Inquiry) -> Option<Ruling> {
    let first = fits.first()?;
    // What the phone will attest is not known yet, so that the profile's condition is open.
    let enforces =
        |fit: &&Fit<'_>| fit.profile.attestation.value == Some(AttestationRule::RegistrationOnly);
    if !fits.iter().all(enforces) {
        return None;
    }
    if inquiry.occasion != Occasion::BeforeRegistration || inquiry.passkey.attestation.is_some() {
        return None;
    }
    let saw =
        "every profile enforces attestation, and phones behind a virtual key usually have none";
    let rule = &ATTESTATION_AGAINST_QR;
    let ruling = Ruling::new(rule, withholding(fit), Confidence::Likely, saw);
    Some(ruling.on(&first.profile.attestation.place))
}

/// What a model of zeros means where it does not refuse.
fn zero(fits: &[&Fit<'_>], fit: &Held, inquiry: &Inquiry) -> Option<Ruling> {
    let models = Models::at_site(inquiry);
    if !models.possible.contains(&Aaguid::NONE) {
        return None;
    }
    let restricting = fits.iter().filter(|fit| {
        let keys = fit.profile.keys.value.as_ref();
        keys.is_some_and(|keys| keys.enforced.value != Some(false))
    });
    let restricted = restricting.min_by_key(|one| (one.profile.id, &one.profile.place))?;
    if fits.iter().all(|fit| fit.model.no()) {
        return None;
    }
    let rule: &Rule = if models.erased {
        &MODEL_ERASED
    } else {
        &MODEL_IS_ZERO
    };
    let sees = match models.possible.len() > 1 || models.open {
        true => "may see",
        false => "sees",
    };
    let (effect, end) = match restricted.model.truth {
        Truth::Unknown => (withholding(fit), "which the list treats otherwise"),
        Truth::Yes => (Effect::Notes, "which passes the list"),
        Truth::No => (Effect::Notes, "which one list refuses"),
    };
    let saw = format!("the site {sees} AAGUID zero, {end}");
    let ruling = Ruling::new(rule, effect, rule.best, &saw)
        .because(&restricted.model)
        .on(&restricted.profile.keys.place);
    Some(match restricted.model.open() {
        true => ruling.at_most(Confidence::Possible),
        false => ruling,
    })
}

/// What an attestation tells even where nobody asks for one.
fn about_attestation(inquiry: &Inquiry) -> Option<Ruling> {
    let attested = attested(inquiry);
    let rule = attested.rule.filter(|_| !inquiry.is_sign_in())?;
    let alarming = *rule == ATTESTATION_BAD || *rule == METADATA_STATUS;
    let open = attested.held.open();
    (alarming || open).then(|| Ruling::notes(rule, &attested.saw))
}
