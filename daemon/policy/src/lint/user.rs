//! What users have registered, against the policy of today.

use super::recovery;
use crate::capability;
use crate::catalogue::TOO_MANY_PASSKEYS;
use crate::exports::Exports;
use crate::inquiry::{Inquiry, Occasion, Way};
use crate::limits::{PASSKEYS_RECOMMENDED, PASSKEYS_THAT_SIGN_IN};
use crate::model::UserMethods;
use crate::moment::Moment;
use crate::premise::completed;
use crate::ruling::{Effect, Ruling};

/// Each user by itself.
pub(super) fn lint(exports: &Exports, now: Moment) -> Vec<Ruling> {
    let mut rulings = Vec::new();
    for user in exports.users() {
        let who = who(exports, user);
        let inquiry = sign_in(exports, now);
        rulings.extend(stale(exports, user, &inquiry));
        rulings.extend(recovery::lint(exports, user, &who, &inquiry));
        rulings.extend(many(user, &who));
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

/// A sign-in of the user. Groups are one user's; whose of several, no export says.
fn sign_in(exports: &Exports, now: Moment) -> Inquiry {
    let inquiry = Inquiry::new(Occasion::SignIn, Way::SameDevice, now);
    match exports.user() {
        Some(_) => completed(exports, &inquiry).unwrap_or(inquiry),
        None => inquiry,
    }
}

fn many(user: &UserMethods, who: &str) -> Option<Ruling> {
    let count = user.passkeys.len();
    if count <= PASSKEYS_THAT_SIGN_IN {
        return None;
    }
    let beyond = match count > PASSKEYS_RECOMMENDED {
        true => ", more than Microsoft recommends",
        false => "",
    };
    let saw = format!("{who} has {count} passkeys{beyond}");
    let ruling = Ruling::notes(&TOO_MANY_PASSKEYS, &saw);
    let places = user.passkeys.iter().map(|passkey| &passkey.place);
    Some(places.fold(ruling, Ruling::on))
}

/// Passkeys that the policy no longer lets sign in.
fn stale(exports: &Exports, user: &UserMethods, inquiry: &Inquiry) -> Vec<Ruling> {
    let mut rulings = Vec::new();
    for passkey in &user.passkeys {
        let mut inquiry = inquiry.clone();
        inquiry.passkey = passkey.facts();
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
