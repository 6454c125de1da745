//! Which models would be accepted and which well-known ones refused, before it is known which one the
//! person will use.

use crate::capability::{accepts, judge};
use crate::exports::Exports;
use crate::inquiry::Inquiry;
use crate::premise::completed;
use crate::ruling::{Effect, Ruling};
use hybrid_protocol::ctap::Aaguid;
use hybrid_protocol::ctap::aaguid::{
    APPLE_PASSWORDS, GOOGLE_PASSWORD_MANAGER, MICROSOFT_AUTHENTICATOR_ANDROID,
    MICROSOFT_AUTHENTICATOR_IOS,
};
use std::collections::BTreeSet;
use std::fmt;

/// What a choice of phone and app decides.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outlook {
    /// The models of the lists, when no other one is accepted.
    accepted: Option<BTreeSet<Aaguid>>,
    /// What people have on their phones and must not use, with the codes that say why.
    refused: Vec<(&'static str, BTreeSet<&'static str>)>,
    /// The exports are fresh and whole.
    sure: bool,
}

/// What is on phones without a person's doing, and what Microsoft offers; and whether it syncs.
const COMMON: [(Aaguid, bool); 4] = [
    (APPLE_PASSWORDS, true),
    (GOOGLE_PASSWORD_MANAGER, true),
    (MICROSOFT_AUTHENTICATOR_IOS, false),
    (MICROSOFT_AUTHENTICATOR_ANDROID, false),
];

/// Each is judged while a person waits for a code. Longer lists are not told one by one: the service
/// has a limit of 20 kB for the whole policy, which is some hundred models.
const ASKED_ABOUT: usize = 1000;

/// Of nobody: only a list of what is allowed refuses it.
const UNHEARD_OF: Aaguid = Aaguid([0xff; 16]);

/// What is known of models for a question that leaves the model open; `None` when it is not open, when
/// all is refused whatever it is, or when no model is refused.
pub fn outlook(exports: &Exports, inquiry: &Inquiry) -> Option<Outlook> {
    let inquiry = &completed(exports, inquiry).ok()?;
    if inquiry.passkey.aaguid.is_some() || inquiry.passkey.aaguid_at_site.is_some() {
        return None;
    }
    if !inquiry.site.is_entra() || accepts(exports, inquiry).no() {
        return None;
    }
    let with = |aaguid: Aaguid, synced: Option<bool>| {
        let mut inquiry = inquiry.clone();
        inquiry.passkey.aaguid = Some(aaguid);
        inquiry.passkey.synced = inquiry.passkey.synced.or(synced);
        inquiry
    };
    let refused = { COMMON.into_iter() }.filter_map(|(aaguid, synced)| {
        let rulings = judge(exports, &with(aaguid, Some(synced)));
        let refusals = rulings
            .iter()
            .filter(|ruling| ruling.effect == Effect::Refuses);
        let codes: BTreeSet<&str> = refusals.map(Ruling::code).collect();
        let name = aaguid.name().filter(|_| !codes.is_empty())?;
        Some((name, codes))
    });
    let listed_alone = accepts(exports, &with(UNHEARD_OF, None)).no();
    let listed = listed(exports);
    let accepted = (listed_alone && listed.len() <= ASKED_ABOUT).then(|| {
        let listed = listed.into_iter();
        listed
            .filter(|aaguid| !accepts(exports, &with(*aaguid, None)).no())
            .collect()
    });
    let outlook = Outlook {
        accepted,
        refused: refused.collect(),
        sure: { exports.doubts().iter() }.all(|doubt| doubt.cap().is_none()),
    };
    (outlook.accepted.is_some() || !outlook.refused.is_empty()).then_some(outlook)
}

/// Every model that a profile's list names.
fn listed(exports: &Exports) -> BTreeSet<Aaguid> {
    let Some(fido2) = exports.fido2() else {
        return BTreeSet::new();
    };
    let profiles = fido2.profiles.value.iter().flatten();
    let keys = { profiles.chain([&fido2.flat_profile]) }
        .filter_map(|profile| profile.keys.value.as_ref())
        .flat_map(|keys| keys.aaguids.known());
    keys.copied().collect()
}

impl fmt::Display for Outlook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// More than that nobody reads before a scan.
        const SHOWN: usize = 8;
        if let Some(accepted) = &self.accepted {
            let (named, bare): (Vec<&Aaguid>, Vec<&Aaguid>) =
                accepted.iter().partition(|aaguid| aaguid.name().is_some());
            let names: BTreeSet<String> = { named.into_iter() }
                .map(|aaguid| aaguid.name().unwrap_or_default().to_owned())
                .collect();
            let all: Vec<String> = { names.into_iter() }
                .chain(bare.into_iter().map(Aaguid::to_string))
                .collect();
            let shown: Vec<&str> = all.iter().take(SHOWN).map(String::as_str).collect();
            let others = match all.len().saturating_sub(SHOWN) {
                0 => String::new(),
                count => format!(", and {count} others"),
            };
            match shown.is_empty() {
                true => f.write_str("No model is accepted.")?,
                false => write!(
                    f,
                    "Only these models are accepted: {}{others}.",
                    shown.join(", ")
                )?,
            }
        }
        let mut reasons: Vec<&BTreeSet<&str>> = Vec::new();
        for (_, codes) in &self.refused {
            if !reasons.contains(&codes) {
                reasons.push(codes);
            }
        }
        for (place, codes) in reasons.into_iter().enumerate() {
            let alike = self.refused.iter().filter(|(_, others)| others == codes);
            let names: Vec<&str> = alike.map(|(name, _)| *name).collect();
            let space = match (place, &self.accepted) {
                (0, None) => "",
                _ => " ",
            };
            let codes: Vec<&str> = codes.iter().copied().collect();
            let verb = match self.sure {
                true => "will be",
                false => "is likely to be",
            };
            write!(
                f,
                "{space}A passkey in {} {verb} refused ({}).",
                either(&names),
                codes.join(", ")
            )?;
        }
        Ok(())
    }
}

/// `a, b or c`
fn either(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [before @ .., last] => format!("{} or {last}", before.join(", ")),
    }
}
