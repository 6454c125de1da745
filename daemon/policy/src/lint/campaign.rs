//! A registration campaign that wants passkeys, and profiles that suppress it.

use crate::catalogue::CAMPAIGN_SUPPRESSED;
use crate::exports::Exports;
use crate::model::{AttestationRule, Fido2, PasskeyProfile};
use crate::ruling::Ruling;
use crate::truth::Held;

pub(super) fn lint(exports: &Exports, fido2: &Fido2) -> Option<Ruling> {
    let campaign = exports.campaigns.first()?;
    let runs = campaign.enabled.held(|enabled| *enabled);
    let wanted = campaign.wants_passkey.held(|wanted| *wanted);
    let wanted = runs.and(wanted);
    let targets = fido2.include.value.as_ref()?;
    let profiles = targets.iter().flat_map(|target| fido2.profiles_of(target));
    let each: Vec<Held> = profiles
        .map(|profile| match profile {
            Ok(profile) => suppresses(profile),
            Err(unknown) => unknown,
        })
        .collect();
    let suppressed = Held::all(each.iter().cloned());
    (wanted.yes() && suppressed.yes() && !each.is_empty()).then(|| {
        let saw =
            "the campaign is on for passkeys, and every assigned profile has such a condition";
        Ruling::notes(&CAMPAIGN_SUPPRESSED, saw)
            .because(&wanted)
            .because(&suppressed)
    })
}

fn suppresses(profile: &PasskeyProfile) -> Held {
    let one_kind = match profile.kinds.value {
        Some(kinds) if kinds.others => Held::unknown(profile.kinds.lack()),
        _ => profile
            .kinds
            .held(|kinds| kinds.device_bound != kinds.synced),
    };
    let attested = profile
        .attestation
        .held(|rule| *rule == AttestationRule::RegistrationOnly);
    let listed = match &profile.keys.value {
        Some(keys) => keys.enforced.held(|enforced| *enforced),
        None => Held::unknown(profile.keys.lack()),
    };
    Held::any([one_kind, attested, listed])
}
