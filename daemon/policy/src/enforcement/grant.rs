//! What a policy asks for, and whether a passkey gives it.

use crate::capability::Models;
use crate::exports::Exports;
use crate::given::Given;
use crate::model::{AccessPolicy, Control, Strength};
use crate::truth::{Held, Lack};
use hybrid_protocol::printable;

/// What a policy asks for.
pub(crate) struct Demand<'a> {
    /// Whether the passkey is enough.
    pub(crate) satisfied: Held,
    /// The strength that takes passkeys, but not of this model, when that is why.
    pub(crate) lists_others: Option<&'a Strength>,
    /// Only phishing-resistant methods are enough.
    pub(crate) passkey_like: bool,
    /// Strengths that must be satisfied.
    pub(crate) strengths: Vec<&'a Strength>,
    /// What is asked for, for a person.
    pub(crate) words: String,
}

/// What this policy asks of these models.
pub(crate) fn demand<'a>(
    exports: &'a Exports,
    policy: &'a AccessPolicy,
    models: &Models,
) -> Demand<'a> {
    let mut demand = Demand {
        satisfied: Held::given(true),
        lists_others: None,
        passkey_like: false,
        strengths: Vec::new(),
        words: String::new(),
    };
    let Some(grant) = &policy.grant.value else {
        demand.satisfied = Held::unknown(policy.grant.lack());
        return demand;
    };
    let Some(grant) = grant else {
        return demand;
    };
    let all = grant.all.value;
    let single = grant.controls.len() < 2;
    let mut parts = Vec::new();
    let mut words = Vec::new();
    let mut resistant = Vec::new();
    for control in &grant.controls {
        let (satisfied, strong, word) = match control {
            Control::BuiltIn(word) => {
                let text = word.value.as_deref().unwrap_or("something unreadable");
                (
                    built_in(word.value.as_deref(), word),
                    false,
                    printable(text),
                )
            }
            Control::Foreign(place) => {
                let lack = Lack::Circumstance(place.clone());
                (Held::unknown(lack), false, "something else".to_owned())
            }
            Control::Strength(strength) => {
                let strength = exports.whole(strength);
                let takes = strength.allows("fido2");
                let listed = models.satisfy(strength);
                if takes.yes() && listed.no() {
                    demand.lists_others = Some(strength);
                }
                demand.strengths.push(strength);
                let word = format!("the strength \"{}\"", strength.name);
                (takes.and(listed), strength.is_phishing_resistant(), word)
            }
        };
        parts.push(satisfied);
        resistant.push(strong);
        words.push(word);
    }
    let either = all == Some(false) && !single;
    demand.words = words.join(if either { " or " } else { " and " });
    demand.passkey_like = match either {
        true => resistant.iter().all(|strong| *strong),
        false => resistant.iter().any(|strong| *strong),
    };
    demand.satisfied = match all {
        _ if parts.is_empty() => Held::given(true),
        _ if single => Held::all(parts),
        Some(true) => Held::all(parts),
        Some(false) => Held::any(parts),
        None => Held::unknown(grant.all.lack()),
    };
    if either {
        demand.strengths.clear();
    }
    demand
}

/// `builtInControls`. A passkey is multi-factor authentication; devices and apps are another thing.
fn built_in(word: Option<&str>, given: &Given<String>) -> Held {
    match word {
        Some("mfa") => Held::decided(true, &given.place),
        Some("block") => Held::decided(false, &given.place),
        Some(_) => Held::unknown(Lack::Circumstance(given.place.clone())),
        None => Held::unknown(given.lack()),
    }
}
