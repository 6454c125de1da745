//! Every profile that may be the user's, and how it stands to the passkey.

use super::attested::attested;
use super::models::Models;
use crate::confidence::Confidence;
use crate::exports::Cloud;
use crate::fact;
use crate::inquiry::{Inquiry, Occasion, Way};
use crate::model::{AttestationRule, Fido2, Generation, PasskeyProfile, PolicyTarget};
use crate::truth::{Held, Lack};
use std::ptr;
use std::rc::Rc;

/// All of them.
pub(super) struct Candidates<'a> {
    pub(super) fido2: &'a Fido2,
    /// `None` when the list of targets is absent.
    pub(super) all: Option<Vec<Candidate<'a>>>,
    /// Exports without profiles are not sure in clouds that have them.
    flat_is_sure: bool,
}

/// One profile of one target.
pub(super) struct Candidate<'a> {
    pub(super) target: &'a PolicyTarget,
    pub(super) member: Held,
    /// The profile and what it says, or why it is not known.
    pub(super) profile: Result<Rc<Fit<'a>>, Held>,
}

/// A profile's three conditions.
pub(super) struct Fit<'a> {
    pub(super) profile: &'a PasskeyProfile,
    pub(super) kind: Held,
    pub(super) attestation: Held,
    pub(super) model: Held,
}

impl<'a> Candidates<'a> {
    pub(super) fn of(fido2: &'a Fido2, cloud: Option<Cloud>, inquiry: &Inquiry) -> Self {
        let models = Models::at_site(inquiry);
        let targets = fido2.include.value.as_ref();
        // Many targets share few profiles: each is judged once.
        let mut judged: Vec<Rc<Fit<'a>>> = Vec::new();
        let mut judge = |profile: &'a PasskeyProfile| {
            let known = judged.iter().find(|fit| ptr::eq(fit.profile, profile));
            if let Some(known) = known {
                return Rc::clone(known);
            }
            let fit = Rc::new(Fit::of(profile, &models, inquiry));
            judged.push(Rc::clone(&fit));
            fit
        };
        let all = targets.map(|targets| {
            let mut all = Vec::new();
            for target in targets {
                let member = inquiry.holder.is_in(target);
                let profiles = fido2.profiles_of(target).into_iter();
                all.extend(profiles.map(|profile| Candidate {
                    target,
                    member: member.clone(),
                    profile: profile.map(&mut judge),
                }));
            }
            all
        });
        let flat_is_sure = cloud.is_some_and(|cloud| !cloud.has_profiles());
        Self {
            fido2,
            all,
            flat_is_sure,
        }
    }

    /// Whether one of them accepts it whole.
    pub(super) fn fit(&self) -> Held {
        match &self.all {
            Some(all) => Held::any(all.iter().map(Candidate::fits))
                .on(&self.fido2.include.place)
                .on(&self.fido2.profiles.place),
            None => Held::unknown(self.fido2.include.lack()),
        }
    }

    /// What keeps the user out of every target.
    pub(super) fn nobody(&self) -> Held {
        let members = self
            .all
            .iter()
            .flatten()
            .map(|candidate| candidate.member.clone());
        Held::any(members).on(&self.fido2.include.place)
    }

    /// How sure anything about profiles can be.
    pub(super) fn best(&self) -> Confidence {
        match self.fido2.generation() {
            Generation::Profiles | Generation::Flat => Confidence::Certain,
            Generation::FlatByAbsence if self.flat_is_sure => Confidence::Certain,
            Generation::FlatByAbsence => Confidence::Likely,
        }
    }

    /// Those whose target may have the user.
    pub(super) fn relevant(&self) -> Vec<&Candidate<'a>> {
        let all = self.all.iter().flatten();
        all.filter(|candidate| !candidate.member.no()).collect()
    }

    /// Names of the profiles that accept it.
    pub(super) fn fitting(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .accepting()
            .map(|fit| fit.profile.name.clone())
            .collect();
        names.sort();
        names.dedup();
        names
    }

    /// Where the targets stand by which they come to the user.
    pub(super) fn fitting_places(&self) -> Vec<String> {
        let all = self
            .all
            .iter()
            .flatten()
            .filter(|candidate| candidate.fits().yes());
        all.map(|candidate| candidate.target.place.to_string())
            .collect()
    }

    fn accepting(&self) -> impl Iterator<Item = &Fit<'a>> {
        let all = self
            .all
            .iter()
            .flatten()
            .filter(|candidate| candidate.fits().yes());
        all.filter_map(Candidate::fit)
    }
}

impl<'a> Candidate<'a> {
    /// What its profile says, when that is known.
    pub(super) fn fit(&self) -> Option<&Fit<'a>> {
        self.profile.as_ref().ok().map(Rc::as_ref)
    }

    /// The user has it, and it accepts the passkey.
    pub(super) fn fits(&self) -> Held {
        if self.member.no() {
            return self.member.clone();
        }
        let profile = match &self.profile {
            Ok(fit) => fit.whole(),
            Err(unknown) => unknown.clone(),
        };
        self.member.clone().and(profile)
    }
}

impl<'a> Fit<'a> {
    fn of(profile: &'a PasskeyProfile, models: &Models, inquiry: &Inquiry) -> Self {
        Self {
            profile,
            kind: kind(profile, inquiry),
            attestation: attestation(profile, inquiry),
            model: models.pass(profile),
        }
    }

    fn whole(&self) -> Held {
        Held::all([&self.kind, &self.attestation, &self.model].map(Held::clone))
    }

    /// How many of its conditions are against the passkey.
    pub(super) fn against(&self) -> usize {
        let parts = [&self.kind, &self.attestation, &self.model];
        parts.iter().filter(|part| part.no()).count()
    }
}

fn kind(profile: &PasskeyProfile, inquiry: &Inquiry) -> Held {
    let Some(kinds) = profile.kinds.value else {
        return Held::unknown(profile.kinds.lack());
    };
    let either = [false, true].map(|synced| kinds.take(synced));
    let accepted = match (inquiry.passkey.synced, either) {
        (Some(synced), _) => kinds.take(synced),
        (None, [Some(one), Some(other)]) if one == other => Some(one),
        (None, [Some(_), Some(_)]) => {
            return Held::unknown(Lack::Fact(fact::TYPE));
        }
        (None, _) => None,
    };
    match accepted {
        Some(false) if inquiry.is_sign_in() && profile.id.is_none() => {
            Held::unknown(Lack::Fact(fact::SYNCED_WITHOUT_PROFILES)).on(&profile.kinds.place)
        }
        Some(accepted) => Held::decided(accepted, &profile.kinds.place),
        None => Held::unknown(profile.kinds.lack()),
    }
}

/// Counts at registration alone.
fn attestation(profile: &PasskeyProfile, inquiry: &Inquiry) -> Held {
    let enforced = profile
        .attestation
        .held(|rule| *rule == AttestationRule::RegistrationOnly);
    let attested = match (inquiry.occasion, inquiry.way) {
        (Occasion::SignIn, _) => return Held::given(true),
        (Occasion::BeforeRegistration, Way::Qr) => Held::given(false),
        (Occasion::BeforeRegistration, Way::VirtualKey | Way::SameDevice)
        | (Occasion::Registration, _) => attested(inquiry).held,
    };
    if attested.no() && enforced.yes() {
        return attested.on(&profile.attestation.place);
    }
    enforced.negated().or(attested)
}
