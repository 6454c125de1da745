//! What a Conditional Access policy asks for, as conditions that must all be met, each by one of
//! several ways.

use super::models;
use crate::exports::Exports;
use crate::guid::parse_aaguid;
use crate::model::{AccessPolicy, Control, Strength};
use crate::truth::Lack;
use hybrid_protocol::ctap::Aaguid;
use std::collections::BTreeSet;

/// Everything that must be met.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Asks {
    clauses: Vec<Clause>,
    pub(super) words: String,
    /// What of it cannot be read.
    pub(super) lack: Option<Lack>,
}

/// Any of these ways is enough.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Clause {
    ways: BTreeSet<String>,
}

/// Ways that a user cannot open on the spot, with what one needs for it. Before a passkey of a
/// listed model its id follows.
const HARD: [(&str, &str); 13] = [
    ("fido2", "a passkey"),
    ("windowsHelloForBusiness", "Windows Hello for Business"),
    ("x509CertificateMultiFactor", "a certificate"),
    ("x509CertificateSingleFactor", "a certificate"),
    ("temporaryAccessPassOneTime", "a Temporary Access Pass"),
    ("temporaryAccessPassMultiUse", "a Temporary Access Pass"),
    (
        "deviceBasedPush",
        "phone sign-in in Microsoft Authenticator",
    ),
    (
        "federatedMultiFactor",
        "multi-factor authentication by a federated provider",
    ),
    ("compliantdevice", "a compliant device"),
    ("domainjoineddevice", "a joined device"),
    ("approvedapplication", "an approved app"),
    ("compliantapplication", "an app with app protection"),
    (BLOCK, "an exception"),
];

const BLOCK: &str = "block";

/// A strength of which the exports tell only the name, so that it may ask for anything.
const UNREAD: &str = "what the strength";

impl Asks {
    pub(super) fn of(exports: &Exports, policy: &AccessPolicy) -> Self {
        let Some(grant) = &policy.grant.value else {
            return Self {
                clauses: Vec::new(),
                words: "something that cannot be read".to_owned(),
                lack: Some(policy.grant.lack()),
            };
        };
        let Some(grant) = grant else {
            return Self {
                clauses: Vec::new(),
                words: "nothing".to_owned(),
                lack: None,
            };
        };
        let mut clauses: Vec<Clause> = Vec::new();
        let mut words = Vec::new();
        let mut lack = None;
        for control in &grant.controls {
            let (ways, word) = match control {
                Control::BuiltIn(word) => {
                    let word = word.value.as_deref().unwrap_or("something unreadable");
                    (BTreeSet::from([word.to_owned()]), word.to_owned())
                }
                Control::Foreign(_) => {
                    let word = "terms of use or a factor of others".to_owned();
                    (BTreeSet::from([word.clone()]), word)
                }
                Control::Strength(strength) => {
                    let strength = exports.whole(strength);
                    if strength.combinations.value.is_none() {
                        lack = Some(strength.combinations.lack());
                    }
                    let clause = Clause {
                        ways: ways(strength),
                    };
                    let taken = match clause.is_hard() {
                        true => format!(" ({})", clause.words()),
                        false => String::new(),
                    };
                    (
                        clause.ways,
                        format!("the strength \"{}\"{taken}", strength.name),
                    )
                }
            };
            clauses.push(Clause { ways });
            words.push(word);
        }
        let either = grant.all.value == Some(false) && clauses.len() > 1;
        if either {
            let ways = clauses.into_iter().flat_map(|clause| clause.ways).collect();
            clauses = vec![Clause { ways }];
        }
        let words = match words.is_empty() {
            true => "nothing".to_owned(),
            false => words.join(if either { " or " } else { " and " }),
        };
        Self {
            clauses,
            words,
            lack,
        }
    }

    /// Conditions that nobody can come to meet on the spot.
    pub(super) fn hard(&self) -> Vec<&Clause> {
        let hard = self.clauses.iter();
        hard.filter(|clause| clause.is_hard()).collect()
    }

    /// Those of them that did not have to be met before.
    pub(super) fn harder_than(&self, other: &Self) -> Vec<&Clause> {
        let met = |clause: &&Clause| other.clauses.iter().any(|before| before.implies(clause));
        let hard = self.hard().into_iter();
        hard.filter(|clause| !met(clause)).collect()
    }
}

impl Clause {
    fn is_hard(&self) -> bool {
        self.ways.iter().all(|way| is_hard(way))
    }

    /// Whoever meets this one meets the other.
    fn implies(&self, other: &Self) -> bool {
        let taken = |way: &String| {
            let any_model = way.starts_with("fido2 ") && other.ways.contains("fido2");
            any_model || other.ways.contains(way)
        };
        self.ways.iter().all(taken)
    }

    /// Who does not meet it.
    pub(super) fn whom(&self) -> String {
        // An empty list of models or of combinations takes nobody.
        match self.ways.iter().all(|way| way == BLOCK) {
            true => "everyone".to_owned(),
            false => format!("everyone without {}", self.words()),
        }
    }

    fn words(&self) -> String {
        let listed = self.ways.iter().filter_map(|way| model(way));
        let listed: BTreeSet<Aaguid> = listed.collect();
        let mut words: Vec<String> = Vec::new();
        if !listed.is_empty() {
            words.push(format!("a passkey{}", models::of(&listed)));
        }
        for (way, word) in HARD {
            let word = word.to_owned();
            if self.ways.contains(way) && !words.contains(&word) {
                words.push(word);
            }
        }
        let unread = self.ways.iter().filter(|way| way.starts_with(UNREAD));
        words.extend(unread.cloned());
        match words.split_last() {
            Some((last, [])) => last.clone(),
            Some((last, others)) => format!("{} or {last}", others.join(", ")),
            None => "nothing that exists".to_owned(),
        }
    }
}

/// What a strength takes; a passkey of a listed model is a way by itself.
fn ways(strength: &Strength) -> BTreeSet<String> {
    let mut ways = strength.other_combinations();
    if strength.combinations.value.is_none() {
        ways.insert(format!("{UNREAD} \"{}\" takes", strength.name));
    }
    if strength.allows("fido2").yes() {
        match strength.models() {
            Some(models) => ways.extend(models.iter().map(|model| format!("fido2 {model}"))),
            None => drop(ways.insert("fido2".to_owned())),
        }
    }
    ways
}

fn is_hard(way: &str) -> bool {
    let listed = HARD.iter().any(|(known, _)| *known == way);
    listed || model(way).is_some() || way.starts_with(UNREAD)
}

fn model(way: &str) -> Option<Aaguid> {
    parse_aaguid(way.strip_prefix("fido2 ")?)
}
