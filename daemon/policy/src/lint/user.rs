//! What users have registered, against the policy of today.

use crate::capability;
use crate::catalogue::{SINGLE_PASSKEY, TOO_MANY_PASSKEYS};
use crate::exports::Exports;
use crate::inquiry::{Inquiry, Occasion, Way};
use crate::limits::{PASSKEYS_RECOMMENDED, PASSKEYS_THAT_SIGN_IN};
use crate::model::UserMethods;
use crate::moment::Moment;
use crate::ruling::{Effect, Ruling};

/// Each user by itself.
pub(super) fn lint(exports: &Exports, now: Moment) -> Vec<Ruling> {
    let mut rulings = Vec::new();
    for user in exports.users() {
        rulings.extend(stale(exports, user, now));
        rulings.extend(single(exports, user));
        rulings.extend(many(exports, user));
    }
    rulings
}

/// What the user is called in a sentence: by the file, where there are several.
fn who(exports: &Exports, user: &UserMethods) -> String {
    match exports.user() {
        Some(_) => "the user".to_owned(),
        None => format!("the user of {}", user.place.file()),
    }
}

fn many(exports: &Exports, user: &UserMethods) -> Option<Ruling> {
    let count = user.passkeys.len();
    if count <= PASSKEYS_THAT_SIGN_IN {
        return None;
    }
    let beyond = match count > PASSKEYS_RECOMMENDED {
        true => ", more than Microsoft recommends",
        false => "",
    };
    let who = who(exports, user);
    let saw = format!("{who} has {count} passkeys{beyond}");
    let ruling = Ruling::notes(&TOO_MANY_PASSKEYS, &saw);
    let places = user.passkeys.iter().map(|passkey| &passkey.place);
    Some(places.fold(ruling, Ruling::on))
}

fn single(exports: &Exports, user: &UserMethods) -> Option<Ruling> {
    let [passkey] = user.passkeys.as_slice() else {
        return None;
    };
    let bound = passkey.synced.held(|synced| !synced);
    let no_pass = exports.pass()?.enabled.held(|enabled| !enabled);
    let held = bound.and(no_pass);
    let who = who(exports, user);
    let saw = format!("{who} has one passkey, bound to its device, and passes are off");
    held.yes()
        .then(|| Ruling::notes(&SINGLE_PASSKEY, &saw).because(&held))
}

/// Passkeys that the policy no longer lets sign in.
fn stale(exports: &Exports, user: &UserMethods, now: Moment) -> Vec<Ruling> {
    let mut rulings = Vec::new();
    for passkey in &user.passkeys {
        let mut inquiry = Inquiry::new(Occasion::SignIn, Way::SameDevice, now);
        inquiry.passkey = passkey.facts();
        // Groups are one user's; whose of several, no export says.
        if exports.user().is_some() {
            inquiry.holder.groups = exports.groups.clone().unwrap_or_default();
        }
        let refusals = capability::judge(exports, &inquiry).into_iter();
        let refusals = refusals.filter(|ruling| ruling.effect == Effect::Refuses);
        rulings.extend(refusals.map(|mut ruling| {
            ruling.effect = Effect::Notes;
            let ruling = ruling.of(&passkey.label());
            ruling.on(&passkey.place).on(&passkey.aaguid.place)
        }));
    }
    rulings
}
