//! What is odd about a tenant's exports, without a question about a passkey.

mod access;
mod campaign;
mod passes;
mod profiles;
mod recovery;
mod strengths;
mod user;

use crate::check::doubts;
use crate::exports::Exports;
use crate::moment::Moment;
use crate::ruling::Ruling;

/// Everything odd, by layer and code.
pub fn lint(exports: &Exports, now: Moment) -> Vec<Ruling> {
    let mut rulings = Vec::new();
    if let Some(fido2) = exports.fido2() {
        rulings.extend(profiles::lint(fido2));
        rulings.extend(campaign::lint(exports, fido2));
        rulings.extend(strengths::lint(exports, fido2));
    }
    rulings.extend(passes::lint(exports));
    rulings.extend(access::lint(exports));
    rulings.extend(user::lint(exports, now));
    for ruling in &mut rulings {
        ruling.cap(exports.doubts());
    }
    rulings.extend(doubts(exports));
    rulings.sort();
    rulings.dedup();
    rulings
}
