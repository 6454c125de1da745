//! What one user has registered, against the policy of today.

use crate::capability;
use crate::catalogue::{SINGLE_PASSKEY, TOO_MANY_PASSKEYS};
use crate::exports::Exports;
use crate::inquiry::{Inquiry, Occasion, Way};
use crate::limits::{PASSKEYS_RECOMMENDED, PASSKEYS_THAT_SIGN_IN};
use crate::model::UserMethods;
use crate::moment::Moment;
use crate::ruling::{Effect, Ruling};

pub(super) fn lint(exports: &Exports, now: Moment) -> Vec<Ruling> {
    let Some(user) = &exports.user else {
        return Vec::new();
    };
    let mut rulings = stale(exports, user, now);
    rulings.extend(single(exports, user));
    let count = user.passkeys.len();
    if count > PASSKEYS_THAT_SIGN_IN {
        let beyond = match count > PASSKEYS_RECOMMENDED {
            true => ", more than Microsoft recommends",
            false => "",
        };
        let saw = format!("the user has {count} passkeys{beyond}");
        let mut ruling = Ruling::notes(&TOO_MANY_PASSKEYS, &saw);
        for place in &user.places {
            ruling = ruling.on(place);
        }
        rulings.push(ruling);
    }
    rulings
}

fn single(exports: &Exports, user: &UserMethods) -> Option<Ruling> {
    let [passkey] = user.passkeys.as_slice() else {
        return None;
    };
    let bound = passkey.synced.held(|synced| !synced);
    let no_pass = exports.pass()?.enabled.held(|enabled| !enabled);
    let held = bound.and(no_pass);
    let saw = "the user has one passkey, bound to its device, and passes are off";
    held.yes()
        .then(|| Ruling::notes(&SINGLE_PASSKEY, saw).because(&held))
}

/// Passkeys that the policy no longer lets sign in.
fn stale(exports: &Exports, user: &UserMethods, now: Moment) -> Vec<Ruling> {
    let mut rulings = Vec::new();
    for passkey in &user.passkeys {
        let mut inquiry = Inquiry::new(Occasion::SignIn, Way::SameDevice, now);
        inquiry.passkey.aaguid = passkey.aaguid.value;
        inquiry.passkey.synced = passkey.synced.value;
        inquiry.holder.groups = exports.groups.clone();
        inquiry.holder.groups_from = exports.group_places.clone();
        let refusals = capability::judge(exports, &inquiry).into_iter();
        let refusals = refusals.filter(|ruling| ruling.effect == Effect::Refuses);
        rulings.extend(refusals.map(|mut ruling| {
            ruling.effect = Effect::Notes;
            ruling.on(&passkey.place).on(&passkey.aaguid.place)
        }));
    }
    rulings
}
