//! Which model the site gets to see: what the passkey claims, or zero when a client erases it.

use crate::fact;
use crate::given::Given;
use crate::inquiry::{Client, Conveyance, Inquiry, Way};
use crate::model::{PasskeyProfile, Strength};
use crate::model_name::named;
use crate::truth::{Held, Lack};
use hybrid_protocol::ctap::Aaguid;
use std::collections::BTreeSet;

/// The models that it may be.
pub(crate) struct Models {
    /// One, when it is known.
    pub(crate) possible: BTreeSet<Aaguid>,
    /// It may be yet another one.
    pub(crate) open: bool,
    /// A client erases, or may erase, what a virtual key says.
    pub(crate) erased: bool,
}

impl Models {
    /// As the site sees it in this inquiry.
    pub(crate) fn at_site(inquiry: &Inquiry) -> Self {
        let passkey = &inquiry.passkey;
        let claimed = || Self {
            possible: passkey.aaguid.into_iter().collect(),
            open: passkey.aaguid.is_none(),
            erased: false,
        };
        if let Some(seen) = passkey.aaguid_at_site {
            return Self {
                possible: BTreeSet::from([seen]),
                open: false,
                erased: false,
            };
        }
        let wanted = inquiry.site.attestation == Some(Conveyance::Wanted);
        if inquiry.is_sign_in() || inquiry.way != Way::VirtualKey || wanted {
            return claimed();
        }
        let mut models = claimed();
        match (inquiry.client, inquiry.site.attestation) {
            (Client::Firefox, _) => return models,
            (Client::Chromium | Client::OldFirefox, Some(_)) => {
                models.possible.clear();
                models.open = false;
            }
            (Client::Chromium | Client::OldFirefox | Client::Unknown, _) => {}
        }
        models.possible.insert(Aaguid::NONE);
        models.erased = true;
        models
    }

    /// Any model whatever.
    pub(crate) const fn any() -> Self {
        Self {
            possible: BTreeSet::new(),
            open: true,
            erased: false,
        }
    }

    /// Whether a profile accepts it, whichever it is.
    pub(crate) fn pass(&self, profile: &PasskeyProfile) -> Held {
        let unrestricted = match &profile.keys.value {
            Some(keys) => keys.enforced.held(|enforced| !enforced),
            None => Held::unknown(profile.keys.lack()),
        };
        self.whichever(|aaguid| profile.admits(aaguid), &unrestricted)
    }

    /// Whether a strength accepts it, whichever it is.
    pub(crate) fn satisfy(&self, strength: &Strength) -> Held {
        let unrestricted = match &strength.configurations.value {
            Some(each) if each.is_empty() => Held::decided(true, &strength.configurations.place),
            None if strength.built_in => Held::given(true),
            _ => Held::given(false),
        };
        self.whichever(|aaguid| strength.lists(aaguid), &unrestricted)
    }

    fn whichever(&self, admits: impl Fn(&Aaguid) -> Held, unrestricted: &Held) -> Held {
        if unrestricted.yes() {
            return unrestricted.clone();
        }
        let mut answers: Vec<Held> = self.possible.iter().map(admits).collect();
        if self.open {
            answers.push(Held::unknown(Lack::Fact(fact::MODEL)));
        }
        let differ = answers.iter().any(Held::yes) && answers.iter().any(Held::no);
        if differ {
            return Held::unknown(Lack::Fact(fact::BROWSER));
        }
        // Alike, or unknown in part: what is unknown decides, for any of them may be the one.
        let open: Vec<Held> = answers
            .iter()
            .filter(|answer| answer.open())
            .cloned()
            .collect();
        Held::all(if open.is_empty() { answers } else { open })
    }
}

/// What a list is called in a sentence.
pub(super) fn listed(list: &Given<Vec<Given<Aaguid>>>) -> String {
    let names: BTreeSet<String> = list.known().map(named).collect();
    match names.len() {
        0 => "no model".to_owned(),
        1..=6 => names.into_iter().collect::<Vec<_>>().join(", "),
        many => format!("{many} models"),
    }
}
