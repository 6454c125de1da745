//! What a change does to the passkeys of a user whose methods were exported, each by its name.

use super::models::short;
use crate::capability::{Models, accepts};
use crate::enforcement::{demand, includes};
use crate::exports::Exports;
use crate::holder::Holder;
use crate::inquiry::{Inquiry, Occasion, Way};
use crate::model::{AccessPolicy, AccessState, Groups, RegisteredPasskey};
use crate::moment::Moment;
use crate::truth::Truth;
use hybrid_protocol::ctap::Aaguid;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// A passkey, before and after.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct PasskeyChange {
    /// As the user calls it.
    pub name: String,
    /// What it claims to be.
    pub model: Option<Aaguid>,
    /// Whether it is synced.
    pub synced: Option<bool>,
    /// Where it stands.
    pub place: String,
    /// Accepted at sign-in before.
    pub before: Truth,
    /// Accepted at sign-in after.
    pub after: Truth,
    /// What is missing for an answer.
    pub lacks: BTreeSet<String>,
    /// Names of the policies for which it was enough, and is not after.
    pub too_little_for: Vec<String>,
    /// The same, of policies of which it is not known whether they are for the user.
    pub perhaps_too_little_for: Vec<String>,
}

impl PasskeyChange {
    /// The change changes something for it.
    pub fn is_changed(&self) -> bool {
        let enough = self.too_little_for.is_empty() && self.perhaps_too_little_for.is_empty();
        self.before != self.after || !enough
    }
}

impl fmt::Display for PasskeyChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let model = self
            .model
            .as_ref()
            .map_or("model not stated".to_owned(), short);
        write!(f, "{} ({model}): ", self.name)?;
        f.write_str(match (self.before, self.after) {
            (Truth::Yes, Truth::Yes) => "still signs in",
            (Truth::Yes | Truth::Unknown, Truth::No) => "no longer signs in",
            (Truth::No, Truth::No) => "does not sign in, neither before nor after",
            (Truth::No | Truth::Unknown, Truth::Yes) => "signs in",
            (Truth::Yes, Truth::Unknown) => "may no longer sign in",
            (Truth::No | Truth::Unknown, Truth::Unknown) => "it cannot be said whether it signs in",
        })?;
        for (policies, reach) in [
            (&self.too_little_for, ""),
            (&self.perhaps_too_little_for, " if that is for the user"),
        ] {
            if !policies.is_empty() {
                let names: Vec<String> = { policies.iter() }
                    .map(|name| format!("\"{name}\""))
                    .collect();
                let names = names.join(", ");
                write!(f, ", but is no longer enough for {names}{reach}")?;
            }
        }
        if let Some(lack) = self.lacks.first() {
            write!(f, " (missing: {lack}")?;
            match self.lacks.len() {
                0 | 1 => f.write_str(")")?,
                count => write!(f, ", and {} more)", count - 1)?,
            }
        }
        Ok(())
    }
}

/// All that either side has, by name.
pub(super) fn changes(
    old: &Exports,
    new: &Exports,
    people: &[(String, Holder)],
    now: Moment,
) -> Vec<PasskeyChange> {
    let mut passkeys: BTreeMap<(&str, &str), &RegisteredPasskey> = BTreeMap::new();
    for user in [old, new].into_iter().flat_map(Exports::users) {
        for passkey in &user.passkeys {
            // Without an id, two of one name cannot be told apart but by their place.
            let key = passkey.id.as_deref().unwrap_or(passkey.place.path());
            passkeys.entry((name(passkey), key)).or_insert(passkey);
        }
    }
    let groups = || match new.groups == Groups::Unknown {
        true => old.groups.clone(),
        false => new.groups.clone(),
    };
    let holder = match people {
        [(_, named)] => named.clone(),
        _ => Holder {
            groups: groups(),
            ..Holder::default()
        },
    };
    let each = passkeys.into_values().map(|passkey| {
        let mut inquiry = Inquiry::new(Occasion::SignIn, Way::SameDevice, now);
        inquiry.passkey.aaguid = passkey.aaguid.value;
        inquiry.passkey.synced = passkey.synced.value;
        inquiry.holder = holder.clone();
        let (before, after) = (accepts(old, &inquiry), accepts(new, &inquiry));
        let enough = |reach: Truth| too_little_for(old, new, &inquiry, reach);
        PasskeyChange {
            name: name(passkey).to_owned(),
            model: passkey.aaguid.value,
            synced: passkey.synced.value,
            place: passkey.place.to_string(),
            before: before.truth,
            after: after.truth,
            lacks: after.lacks.iter().map(ToString::to_string).collect(),
            too_little_for: enough(Truth::Yes),
            perhaps_too_little_for: enough(Truth::Unknown),
        }
    });
    each.collect()
}

fn name(passkey: &RegisteredPasskey) -> &str {
    passkey
        .name
        .as_deref()
        .unwrap_or("a passkey without a name")
}

/// Policies that reach the user so surely, and for which it was enough.
fn too_little_for(old: &Exports, new: &Exports, inquiry: &Inquiry, reach: Truth) -> Vec<String> {
    let (Some(before), Some(after)) = (old.access(), new.access()) else {
        return Vec::new();
    };
    let models = Models::at_site(inquiry);
    let reached = |policy: &AccessPolicy| includes(&policy.users, &inquiry.holder).truth;
    let refuses = |exports: &Exports, policy: &AccessPolicy| {
        let on = policy.state.held(|state| *state == AccessState::Enabled);
        let enough = demand(exports, policy, &models).satisfied;
        on.and(enough.negated()).yes() && reached(policy) != Truth::No
    };
    let names = after.iter().filter_map(|policy| {
        let same = |other: &&AccessPolicy| other.id == policy.id;
        let refused = { before.iter().find(same) }.is_some_and(|before| refuses(old, before));
        let refuses = refuses(new, policy) && reached(policy) == reach;
        (refuses && !refused).then(|| policy.name.clone())
    });
    names.collect()
}
